"""A small made-up outlet, served on loopback: what `scrapy demo` crawls and what the tests measure by."""
