"""Select the article's segments: collect the extractors' signals, align them with the page, and choose."""
