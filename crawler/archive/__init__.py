"""Pages as they were fetched, kept in WARC files (ISO 28500, WARC/1.1), so that they can be cleaned again."""
