"""Clean pages that are already here: files, folders, WARC files, stdin."""
