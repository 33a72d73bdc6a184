"""Which segments are the article: the extractors' signals, aligned and weighed."""
