"""Provide the commands, one a file, of `winnow` and of `scrapy` in this project."""
