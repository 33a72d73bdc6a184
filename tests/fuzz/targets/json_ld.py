"""Read a page's JSON-LD: bounded nodes, and metadata of text alone."""

from __future__ import annotations

from cleaners.html.json_ld import MAX_NODES, plain_text, read_jsonld
from cleaners.html.parse import parse
from cleaners.metadata.read_metadata import read_metadata
from tests.fuzz.expectations import expect_line, expect_text
from tests.fuzz.targets.page import NOW, URL

_HEAD = b"<!doctype html><html><head><title>Quay to be repaired</title><script type='application/ld+json'>"
_BODY = b"</script></head><body><h1>Quay to be repaired</h1><p>The council met on Tuesday.</p></body></html>"


def check(data: bytes) -> None:
    tree = parse(_HEAD + data + _BODY)
    jsonld = read_jsonld(tree, URL)
    assert len(jsonld.nodes) <= MAX_NODES
    expect_text(jsonld.article_body, *(plain_text(node.get("headline")) for node in jsonld.nodes))
    metadata = read_metadata(tree, URL, jsonld, fetched_at=NOW)
    expect_text(metadata.description, metadata.section, metadata.source_name, metadata.canonical_url)
    for value in (metadata.title, *metadata.authors, *metadata.tags, metadata.image):
        if value:
            expect_line(value)
