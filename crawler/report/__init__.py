"""Show what crawls did, and what became of a page, in self-contained HTML files."""
