"""Accompany a crawl beside its main line: state, monitoring, run journal, progress, early end."""
