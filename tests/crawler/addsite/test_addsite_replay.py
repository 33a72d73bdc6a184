"""Run `scrapy addsite` on recorded sites: each gets a profile that accepts its articles and no other page.

Prints its figures host by host: pytest tests/crawler/addsite/test_addsite_replay.py -n0 -s
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.discovery.links import page_links, parse_page
from crawler.discovery.urls import canonicalize, comparison_key
from crawler.sites.profile_loader import load_profiles
from output import read
from tests.crawls.test_replay import SHARED, replaying

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SHARED / "replay" / "replay.py").exists(), reason="../shared/replay is not there"),
]
# Pages that each site of the proxy serves besides its articles, and that may link to them.
FRONT = ("/", "/category/tech/", "/category/business/", "/about-us", "/author/jane-doe/")
SETTINGS = ("-s", "DOWNLOAD_DELAY=0", "-s", "DOWNLOAD_VERIFY_CERTIFICATES=False", "-L", "CRITICAL")


def recorded() -> dict[str, list[str]]:
    """Return the article URLs of each host with at least two."""
    rows = map(json.loads, (SHARED / "corpus" / "news" / "index.jsonl").read_text(encoding="utf-8").splitlines())
    hosts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.get("url"):
            hosts[urlsplit(row["url"]).hostname or ""].append(row["url"])
    return {host: urls for host, urls in sorted(hosts.items()) if len(urls) >= 2}


def scrapy(proxy: str, sites: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {
        "http_proxy": proxy,
        "https_proxy": proxy,
        "WINNOW_CONTACT": "a@b.example",
        "WINNOW_SITES_DIR": str(sites),
    }
    command = [sys.executable, "-m", "scrapy", *arguments, *SETTINGS]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def linked(proxy: str, host: str) -> set[str]:
    """Return the URLs of the front pages and all that they link to."""
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    web = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": proxy}), urllib.request.HTTPSHandler(context=unverified)
    )
    found: set[str] = set()
    for path in FRONT:
        url = f"https://{host}{path}"
        found.add(url)
        try:
            tree = parse_page(web.open(url).read())
        except OSError:  # a 404: this site has no such page
            continue
        found |= {link.url for link in page_links(tree, url)} if tree is not None else set()
    return found


def test_each_recorded_site_gets_a_profile_that_finds_its_articles_and_nothing_else(tmp_path: Path) -> None:
    hosts, sites, data = recorded(), tmp_path / "sites", tmp_path / "data"
    assert len(hosts) >= 40
    with replaying(tmp_path / "log", "--shape", "mixed") as proxy:
        with ThreadPoolExecutor(2) as two:
            runs = dict(
                zip(
                    hosts,
                    two.map(lambda host: scrapy(proxy, sites, "addsite", f"https://{host}/"), hosts),
                    strict=True,
                )
            )
        assert {host: run.stderr for host, run in runs.items() if run.returncode} == {}
        profiles = load_profiles(folder=sites)
        crawl = scrapy(proxy, sites, "crawl", "news", "-s", f"DATA_DIR={data}")
        links = {host: linked(proxy, host) for host in hosts}
    assert crawl.returncode == 0, crawl.stderr
    rejects = [json.loads(line) for file in data.glob("rejects/*/*.jsonl") for line in file.read_bytes().splitlines()]
    requested = {comparison_key(record["requested_url"]) for record in read(data)} | {
        comparison_key(row["url"]) for row in rejects
    }
    missed: list[str] = []
    wrong: list[str] = []
    for host, urls in hosts.items():
        articles = {comparison_key(url) for url in urls}
        profile = next(one for one in profiles if any(one.is_article(canonicalize(url)) for url in urls))
        others = {url for url in links[host] if comparison_key(url) not in articles}
        assert len(others) >= 7, host
        accepted = [url for url in others if profile.is_article(canonicalize(url))]
        reached = f"articles {len(articles & requested)} of {len(articles)}"
        print(host, reached, f"other links taken {len(accepted)} of {len(others)}", profile.article, sep="\t")
        missed += articles - requested
        wrong += accepted
    assert len(profiles) == len(hosts)
    assert missed == []
    assert wrong == []
