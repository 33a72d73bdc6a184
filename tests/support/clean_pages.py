"""Pages for tests of how cleaning is run, where what is cleaned matters little."""

from __future__ import annotations


def story(name: str) -> bytes:
    """An article's page, with `name` in its headline and in each of its paragraphs."""
    paragraphs = "".join(
        f"<p>In part {number} of {name}, the council spoke of the harbour, the ferry and the price of both.</p>"
        for number in range(5)
    )
    return (
        f"<!doctype html><html lang=en><head><title>Story {name}</title>"
        f"<meta property=article:published_time content=2026-03-04T05:06:07Z><meta name=author content='Ida Berg'></head>"
        f"<body><article><h1>Story {name}</h1>{paragraphs}</article></body></html>"
    ).encode()
