"""One run of a crawl: what it was told, and how it ended."""
