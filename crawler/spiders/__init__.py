"""Crawl news: the spider `news`, and what it is made of."""
