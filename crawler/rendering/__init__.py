"""Pages that scripts build: run in Chromium, which fetches nothing by itself; the crawler fetches for it, by its rules."""
