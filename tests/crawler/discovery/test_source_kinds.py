"""A source kind is one file: CONTRIBUTING's example, put into a copy of the tree, crawls a small web and is checked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.base import Fetched
from crawler.discovery.source_kinds import find_source_kind, source_kinds
from crawler.newsroom.fixture_site import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
CHAPTER = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a source kind")[2]
EXAMPLE = re.findall(r"^```python\n(.*?)^```", CHAPTER, re.M | re.S)[0]
HOST = "http://api.example"
TITLES = ("Chip makers unite", "Who owns the cables")
LISTED = [
    {"url": f"{HOST}/2026/story-{n}", "title": title, "date": "2026-11-20T08:00:00Z"} for n, title in enumerate(TITLES)
]
PROFILE = f"""
name = "The API"
domains = ["api.example"]
language = "en"
timezone = "UTC"
delay = 0
apis = ["{HOST}/latest", "{HOST}/page", "{HOST}/large", "{HOST}/broken"]
article = '^https://api\\.example/\\d{{4}}/'
[test]
articles = ["{HOST}/2026/a", "{HOST}/2026/b", "{HOST}/2026/c"]
others = ["{HOST}/latest", "{HOST}/about"]
"""


def story(number: int) -> bytes:
    """A page with the paragraphs of one of the newsroom's stories."""
    told = sorted((HERE / "stories").glob("*.md"))[number].read_text(encoding="utf-8")
    text = "".join(f"<p>{part}</p>" for part in told.split("\n\n") if len(part) > 100 and part[0].isalpha())
    title = TITLES[number]
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>".encode()


PAGES = {
    "/robots.txt": ("text/plain", b"User-agent: *"),
    "/latest": ("application/json", json.dumps(LISTED).encode()),
    "/page": ("text/html", json.dumps(LISTED).encode()),
    "/large": ("application/json", json.dumps(LISTED).encode() + b" " * (1024 * 1024)),
    "/broken": ("application/json", b'[{"url": 3}]'),
    **{f"/2026/story-{n}": ("text/html", story(n)) for n in range(len(TITLES))},
}


class Tree:
    """A copy of the tree with one more file, and a web behind a proxy; `accepted` are the Accept headers by path."""

    def __init__(self, folder: Path, proxy: str, accepted: dict[str, str]):
        self.folder, self.proxy, self.accepted = folder, proxy, accepted

    def scrapy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        environment |= {"http_proxy": self.proxy, "WINNOW_CONTACT": "desk@example.org", "PYTHONPATH": str(self.folder)}
        environment["WINNOW_SITES_DIR"] = str(self.folder / "profiles")
        command = [sys.executable, "-m", "scrapy", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=90, check=False
        )


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    accepted: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.removeprefix(HOST)
            accepted[path] = self.headers.get("Accept", "")
            media_type, body = PAGES.get(path, ("text/html", b""))
            self.send_response(200 if path in PAGES else 404)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    shutil.copytree(ROOT / "crawler", tmp_path / "crawler", ignore=shutil.ignore_patterns("__pycache__", "fixtures"))
    for name in ("cleaners", "output", "scrapy.cfg"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "crawler/discovery/source_kinds/api_kind.py").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/api.example.toml").write_text(PROFILE, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Tree(tmp_path, f"http://127.0.0.1:{server.server_port}", accepted)
    server.shutdown()
    server.server_close()


def test_a_new_kind_is_crawled(tree: Tree) -> None:
    data = tree.folder / "data"
    run = tree.scrapy("crawl", "news", "-a", "sites=api.example", "-s", f"DATA_DIR={data}", "-s", "DOWNLOAD_DELAY=0")
    log = "".join(file.read_text(encoding="utf-8") for file in data.rglob("*.log"))
    assert {"/2026/story-0", "/2026/story-1"} <= tree.accepted.keys(), (run.stderr, log)
    assert tree.accepted["/latest"] == "application/json"
    for why in ("is text/html", "more than 1,048,576", "API cannot be read"):
        assert why in log, [line for line in log.splitlines() if "api.example" in line]
    files = [*data.glob("articles/**/*.jsonl")]
    records = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    rejects = [file.read_text(encoding="utf-8")[:900] for file in data.glob("rejects/**/*.jsonl")]
    assert sorted(record["title"] for record in records) == sorted(TITLES), rejects
    assert {record["published"][:10] for record in records} == {"2026-11-20"}, "the API's date"


def test_a_new_kind_is_listed_and_checked(tree: Tree) -> None:
    assert f"{HOST}/latest {HOST}/page" in tree.scrapy("sites").stdout
    run = tree.scrapy("sites", "check")
    rows = {
        cells[-1].removeprefix(HOST): cells[1:-1] for cells in (line.split("\t") for line in run.stdout.splitlines())
    }
    assert rows["/latest"] == ["api", "ok", "2 of 2 entries are articles, newest 2026-11-20"]
    assert rows["/page"] == ["api", "refused", "is text/html"]
    assert rows["/large"][:2] == ["api", "refused"]
    assert rows["/broken"][:2] == ["api", "not an api"]
    assert run.returncode == 3


def test_kinds_come_in_their_order() -> None:
    assert [kind.key for kind in source_kinds()] == ["feeds", "sitemaps", "sections"]
    assert [kind.request_kind for kind in source_kinds()] == ["feed", "sitemap", "page"]
    assert find_source_kind("article") is None


def test_a_start_page_is_recognized_by_one_kind_only() -> None:
    pages = {b"<rss>": "feed", b"<?xml version='1.0'?><urlset>": "sitemap", b"\x1f\x8b": "sitemap", b"<html>": None}
    for body, name in pages.items():
        found = [kind.name for kind in source_kinds() if kind.recognizes(Fetched(HOST, body))]
        assert found == ([name] if name else []), body
