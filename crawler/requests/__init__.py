"""What travels with a request, and how a request is refused."""
