"""Find candidate URLs in feeds, sitemaps and section pages."""
