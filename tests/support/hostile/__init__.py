"""Outlets that attack the crawler, a server that plays them on loopback, and crawls of one good outlet beside them."""
