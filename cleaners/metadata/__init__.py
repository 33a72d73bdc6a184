"""What a page says about its article: `read` puts together what the other modules find."""
