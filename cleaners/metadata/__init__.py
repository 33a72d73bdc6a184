"""Read what a page says about its article: title, authors, dates, section, rights. Start at `read_metadata`."""
