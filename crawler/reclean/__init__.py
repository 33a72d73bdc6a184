"""Records made anew from the archive, with today's cleaners."""
