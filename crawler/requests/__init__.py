"""Describe a request: what it is for, and why it was rejected."""
