"""A page that takes too much memory, in whatever form, is rejected by name; the others are rendered."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

from crawler.rendering.requirements import CHROMIUM_NAMES
from tests.support.crawling import LOOPBACK, Answer, Hosts, crawl

pytestmark = pytest.mark.skipif(
    find_spec("scrapy_playwright") is None or not any(map(shutil.which, CHROMIUM_NAMES)),
    reason="needs the extra [js] and a Chromium",
)

# Each takes some 100 MB four times a second, and never settles.
FILL = "const kept = []; const fill = n => new Uint8Array(n).fill(7); setInterval(() => document.title += '.', 100); "
WAYS = {
    "/buffers": "setInterval(() => kept.push(fill(100_000_000)), 250)",
    "/wasm": "setInterval(() => { const memory = new WebAssembly.Memory({initial: 1600});"
    " new Uint8Array(memory.buffer).fill(7); kept.push(memory) }, 250)",
    "/worker": "const code = 'const kept = []; setInterval(() => kept.push(new Uint8Array(100000000).fill(7)), 250)';"
    " kept.push(new Worker(URL.createObjectURL(new Blob([code]))))",
    "/canvas": "setInterval(() => { const canvas = new OffscreenCanvas(5000, 5000); const brush = canvas.getContext('2d');"
    " brush.fillRect(0, 0, 5000, 5000); kept.push(canvas, brush.getImageData(0, 0, 5000, 5000)) }, 250)",
    "/blobs": "setInterval(() => kept.push(new Blob([fill(100_000_000)])), 250)",
    "/frames": "setInterval(() => { const frame = document.createElement('iframe'); document.body.append(frame);"
    " frame.contentWindow.kept = new frame.contentWindow.Uint8Array(100_000_000).fill(7) }, 250)",
}
# One page at a time: what is in the browser's own process, as blobs are, belongs to all pages that are being rendered.
SETTINGS = {
    "RENDER_PAGES": 1,
    "CHROMIUM_FLAGS": ["--no-sandbox"],
    "RETRY_TIMES": 0,
    "DOWNLOAD_TIMEOUT": 60,
    "RENDER_MEMORY_MB": 900,
}


def page(script: str) -> Answer:
    return Answer(f"<!doctype html><title>A story</title><body><script>{script}</script>".encode())


@pytest.mark.slow
def test_a_page_that_takes_too_much_is_rejected_and_others_are_rendered() -> None:
    answers = {path: page(FILL + script) for path, script in WAYS.items()}
    answers["/fine"] = page("document.body.append('built ' + 'well')")
    with Hosts(answers) as hosts:
        hostile = [hosts.url(path, host) for path, host in zip(WAYS, LOOPBACK, strict=False)]
        fine = [hosts.url("/fine", host) for host in LOOPBACK[6:]]
        info = {"kind": "article", "render": True}
        outcome = crawl([{"url": url, "info": info} for url in [*hostile, *fine]], SETTINGS)
    for url in hostile:
        assert outcome.reason(url) == "download_failed", url
        assert "more than RENDER_MEMORY_MB (900)" in outcome.results[url]["detail"], url
    for url in fine:
        assert "built well" in outcome.results[url].get("text", ""), outcome.results[url]
    assert "Traceback" not in outcome.log
