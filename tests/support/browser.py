"""Open HTML files in headless Chromium, and record what a page logs and requests."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None, reason="needs Chromium and playwright"
)
PHONE, DESK = 390, 1440
_WAIT = 60_000  # milliseconds: generous, for a busy machine
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Opened:
    """Hold a page and its noise: messages, errors, dialogs, and requests for anything but itself."""

    page: Page
    noise: list[str] = field(default_factory=list)

    def dismiss(self, dialog: Dialog) -> None:
        self.noise.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def add_request(self, url: str, own: str) -> None:
        if url.partition("#")[0] != own:
            self.noise.append(f"request: {url}")

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium with an empty profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS), timeout=_WAIT)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def opened(
    chromium: Browser, file: Path, width: int = DESK, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Opened]:
    """Open a file from disk."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page.set_default_timeout(_WAIT)
    found = Opened(page)
    page.on("console", lambda message: found.noise.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: found.noise.append(f"error: {error}"))
    page.on("dialog", found.dismiss)
    page.on("request", lambda request: found.add_request(request.url, file.as_uri()))
    try:
        page.goto(file.as_uri())
        yield found
    finally:
        page.close()


# List small and pale texts, each with the problem. A canvas converts colours from any notation.
ILLEGIBLE = """
(least) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colour, under) => {
    canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/^(rgba\\(0, 0, 0, 0\\)|transparent)$/.test(colour)) return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style, option, title")) continue;
    const style = getComputedStyle(element), under = ground(element);
    const words = walker.currentNode.data.trim().slice(0, 40);
    if (parseFloat(style.fontSize) < 12) found.push(`${style.fontSize}: ${words}`);
    const ratio = contrast(pixel(style.color, under), pixel(under, "white"));
    if (ratio < least) found.push(`${ratio.toFixed(2)}, ${style.color} on ${under}: ${words}`);
  }
  for (const block of document.querySelectorAll(".swatch")) {
    const style = getComputedStyle(block);
    const ratio = contrast(pixel(style.backgroundColor, "white"), pixel(getComputedStyle(document.body).backgroundColor, "white"));
    if (block.checkVisibility() && ratio < 3) found.push(`${ratio.toFixed(2)}: the colour of ${block.className}`);
  }
  return found;
}
"""
