"""Parse HTML: bytes to a tree, a tree to segments, and what the markup says about each of them."""
