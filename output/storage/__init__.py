"""Bytes on the disk: durable writes and compression."""
