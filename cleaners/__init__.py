"""Winnow's cleaners: a page's bytes in, a document out; no network, no files, no clock."""
