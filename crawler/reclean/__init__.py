"""Make records again from the archive, with today's cleaners."""
