"""Turn a request into a response: connections, TLS, limits, addresses."""
