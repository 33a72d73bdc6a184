"""Do what Scrapy calls around each request and response, one concern a module."""
