"""Process each request and response on its way through Scrapy, one concern per module."""
