"""What goes along with a crawl beside its main line."""
