"""Provide a small made-up news site on loopback: what `demo` crawls and what the tests measure against."""
