"""Make pages for tests of how cleaning is run, for which the content does not matter."""

from __future__ import annotations


def story(name: str) -> bytes:
    """Return the page of an article with `name` in its headline and in each paragraph."""
    paragraphs = "".join(
        f"<p>In part {number} of {name}, the council spoke of the harbour, the ferry and the price of both.</p>"
        for number in range(5)
    )
    return (
        f"<!doctype html><html lang=en><head><title>Story {name}</title>"
        f"<meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'></head>"
        f"<body><article><h1>Story {name}</h1>{paragraphs}</article></body></html>"
    ).encode()
