"""Bytes to a tree, a tree to segments, and what markup says of them."""
