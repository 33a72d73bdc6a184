"""Keep pages as they were fetched in WARC files (ISO 28500, WARC/1.1), to clean them again later."""
