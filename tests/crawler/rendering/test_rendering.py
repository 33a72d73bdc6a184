"""Render pages in a real Chromium, and check that every rule of a crawl applies to them."""

from __future__ import annotations

import gzip
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from crawler.rendering.requirements import CHROMIUM_NAMES
from crawler.rendering.subresources import MAX_PAGE_REQUESTS
from tests.support.crawling import LOOPBACK, Answer, Hosts, Outcome, crawl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    find_spec("scrapy_playwright") is None or not any(map(shutil.which, CHROMIUM_NAMES)),
    reason="needs the extra [js] and a Chromium",
)

SITE, OTHER, SLOW, INSIDE = LOOPBACK[0], LOOPBACK[1], LOOPBACK[2], LOOPBACK[6]
HTML = {"Content-Type": "text/html; charset=utf-8"}
JS = {"Content-Type": "text/javascript"}
JSON = {"Content-Type": "application/json"}
NAMED = {"cdn.example": ["127.0.0.1"], "www.google-analytics.com": ["127.0.0.1"], "inside.example": ["10.0.0.7"]}
SETTINGS = {
    "CHROMIUM_FLAGS": ["--no-sandbox"],
    "WINNOW_ALLOW_PRIVATE_HOSTS": [SITE, OTHER, SLOW, "cdn.example", "www.google-analytics.com"],
    "WINNOW_CONTACT": "desk@example.org",
    "RETRY_TIMES": 0,
    "DOWNLOAD_TIMEOUT": 120,  # enough on a busy machine
    "NAMES": NAMED,
}


def page(script: str, head: str = "", body: str = "") -> Answer:
    html = f"<!doctype html><html><head><title>A story</title>{head}</head><body>{body}<script>{script}</script></body></html>"
    return Answer(html.encode(), headers=HTML)


def rendered(url: str, **meta: Any) -> dict[str, Any]:
    return {"url": url, "meta": meta, "info": {"kind": "article", "render": True}}


# Requests all that a page can request, and writes the responses into the page.
BUSY = """
const write = text => document.body.append(Object.assign(document.createElement("p"), {textContent: text}));
const get = (name, url, options) => fetch(url, options).then(a => a.text(), () => "nothing").then(t => write(name + ": " + t));
write("agent: " + navigator.userAgent);
get("own", "/own.json");
get("forbidden", "/forbidden/data.json");
get("private", "http://INSIDE:{port}/secret");
get("redirected", "/to-inside");
get("moved", "/to-other");
get("packed", "/packed.json");
get("overloaded", "/overloaded.json");
get("fragment", "/fragment");
get("large", "/large.json");
get("named", "http://inside.example/secret");
get("posted away", "http://OTHER:{port}/collect", {method: "POST", body: "seen"});
navigator.sendBeacon("/beacon", "seen");
const socket = new WebSocket("ws://INSIDE:{port}/socket");
const peer = self.RTCPeerConnection ? "a way out" : "none";
write("peer: " + peer);
document.cookie = "seen=1";
""".replace("INSIDE", INSIDE).replace("OTHER", OTHER)

BUSY_HEAD = """
<link rel="stylesheet" href="/style.css"><link rel="preload" as="font" href="/font.woff2" crossorigin>
<link rel="icon" href="/icon.png"><link rel="prefetch" href="http://INSIDE:{port}/prefetched">
<script src="http://cdn.example:{port}/library.js"></script>
<script src="http://www.google-analytics.com:{port}/analytics.js"></script>
<script src="http://INSIDE:{port}/evil.js"></script>
""".replace("INSIDE", INSIDE)

BUSY_BODY = """
<noscript><p>Please turn on JavaScript.</p></noscript>
<img src="/picture.jpg"><video src="/film.mp4" autoplay></video><iframe src="http://INSIDE:{port}/frame"></iframe>
<iframe src="/frame"></iframe><object data="/object.swf"></object>
""".replace("INSIDE", INSIDE)

# What it may fetch from its own host.
OF_BUSY = {
    "/own.json", "/to-inside", "/to-other", "/style.css", "/packed.json", "/overloaded.json", "/fragment", "/large.json",
}  # fmt: skip

LATIN = "<!doctype html><meta charset=iso-8859-1><p>Café<script>document.body.append(' \\u20ac')</script>"


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    """Crawl pages that try everything."""
    answers: dict[str, Any] = {}
    with Hosts(answers) as hosts:
        filled: Callable[[str], str] = lambda text: text.replace("{port}", str(hosts.port))  # noqa: E731
        answers |= {
            f"{SITE}/robots.txt": Answer(b"User-agent: *\nDisallow: /forbidden/\n", headers={}),
            "/busy": page(filled(BUSY), filled(BUSY_HEAD), filled(BUSY_BODY)),
            "/second": page("", '<script src="/shared.js"></script>', "<p>Second."),
            "/third": page("", '<script src="/shared.js"></script>', "<p>Third."),
            "/shared.js": Answer(b"document.title = 'shared'", headers=JS),
            "/own.json": Answer(b"of the site", headers=JSON),
            "/to-inside": Answer(b"", 302, {"Location": f"http://{INSIDE}:{{port}}/secret"}),
            "/to-other": Answer(b"", 302, {"Location": f"http://{OTHER}:{{port}}/other.json"}),
            "/packed.json": Answer(gzip.compress(b"unpacked"), headers=JSON | {"Content-Encoding": "gzip"}),
            "/overloaded.json": Answer(b"come back", 503, JSON | {"Retry-After": "60"}),
            "/fragment": Answer(b"<p><meta http-equiv=refresh content='0;url=/elsewhere'>piece", headers=HTML),
            "/large.json": Answer(gzip.compress(bytes(11 * 1024 * 1024)), headers=JSON | {"Content-Encoding": "gzip"}),
            "/other.json": Answer(b"of another host", headers=JSON | {"Access-Control-Allow-Origin": "*"}),
            "/goes-on": page("location.href = '/second?from=script'"),
            "/second?from=script": page("", "", "<p>Where the script led."),
            "/goes-inside": page(f"location.replace('http://{INSIDE}:{hosts.port}/secret')"),
            "/hangs": page("while (true) {}"),
            "/grows": page("document.body.append('x'.repeat(300_000))"),
            "/latin": Answer(LATIN.encode("latin-1"), headers={"Content-Type": "text/html"}),
            "/gone": Answer(b"<p>Gone.", 404, HTML),
            "/paper.pdf": Answer(b"%PDF-1.4 paper", headers={"Content-Type": "application/pdf"}),
        }  # fmt: skip
        plain = [
            "/busy",
            "/second",
            "/third",
            "/goes-on",
            "/goes-inside",
            "/latin",
            "/gone",
            "/paper.pdf",
            "/forbidden/x",
        ]
        requests = [rendered(hosts.url(path)) for path in plain]
        requests += [
            rendered(hosts.url("/hangs", SLOW), download_timeout=5),
            rendered(hosts.url("/grows"), download_maxsize=200_000),
        ]
        yield hosts, crawl(requests, SETTINGS)


def text(crawled: tuple[Hosts, Outcome], path: str) -> str:
    hosts, outcome = crawled
    result = outcome.results[hosts.url(path)]
    assert "text" in result, result
    return str(result["text"])


def test_a_rendered_page_is_what_its_scripts_built(crawled: tuple[Hosts, Outcome]) -> None:
    built = text(crawled, "/busy")
    assert "<p>own: of the site</p>" in built
    assert "<p>moved: of another host</p>" in built
    assert "turn on JavaScript" not in built
    assert "<p>Café" in text(crawled, "/latin")
    assert "</script></p> €</body>" in text(crawled, "/latin")


def test_scripts_and_data_are_fetched_and_nothing_else(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    first = {"/robots.txt", "/busy", *OF_BUSY}
    others = {"/second", "/third", "/shared.js", "/goes-on", "/second?from=script", "/goes-inside", "/latin", "/gone",
              "/paper.pdf", "/grows"}  # fmt: skip
    assert set(hosts.paths(SITE)) == first | others
    assert set(hosts.paths(OTHER)) == {"/robots.txt", "/other.json"}
    assert set(hosts.paths("cdn.example")) == {"/robots.txt", "/library.js"}


def test_resources_that_pages_share_are_fetched_once(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<title>shared</title>" in text(crawled, "/second")
    assert "<title>shared</title>" in text(crawled, "/third")
    assert crawled[0].paths(SITE).count("/shared.js") == 1


def test_the_browser_gets_responses_decompressed_and_within_limits(crawled: tuple[Hosts, Outcome]) -> None:
    built = text(crawled, "/busy")
    assert "<p>packed: unpacked</p>" in built
    assert "<p>overloaded: come back</p>" in built  # neither retried nor a pause for the host
    assert "piece</p>" in built
    assert "<p>large: nothing</p>" in built
    assert crawled[1].stats["rendering/blocked/too_large"] == 1
    assert "throttle/pauses" not in crawled[1].stats


def test_nothing_is_fetched_from_trackers(crawled: tuple[Hosts, Outcome]) -> None:
    assert crawled[0].paths("www.google-analytics.com") == []
    assert crawled[1].stats["rendering/blocked/tracker"] == 1


def test_no_way_leads_to_a_private_address(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert hosts.paths(INSIDE) == []
    built = text(crawled, "/busy")
    for way in ("private", "redirected", "named"):
        assert f"<p>{way}: nothing</p>" in built
    assert "<p>peer: none</p>" in built
    assert outcome.stats["rendering/blocked/private_address"] == 4
    assert outcome.reason(hosts.url("/goes-inside")) == "private_address"


def test_robots_txt_applies_to_what_pages_request(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<p>forbidden: nothing</p>" in text(crawled, "/busy")
    assert crawled[1].reason(crawled[0].url("/forbidden/x")) == "robots"


def test_nothing_is_posted_to_other_sites(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<p>posted away: nothing</p>" in text(crawled, "/busy")


def test_the_browser_sends_the_crawlers_user_agent(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    agents = {request.agent for request in hosts.received}
    assert len(agents) == 1
    agent = agents.pop()
    assert "desk@example.org" in agent
    assert f"<p>agent: {agent}</p>" in text(crawled, "/busy")


def test_a_page_is_rendered_before_the_next_one_of_its_host_is_fetched(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    paths = [path for path in hosts.paths(SITE) if path != "/robots.txt"]
    begin = paths.index("/busy")
    assert sorted(paths[begin + 1 : begin + 1 + len(OF_BUSY)]) == sorted(OF_BUSY)  # each once


def test_a_script_that_leaves_for_another_page_is_a_redirect(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.results[hosts.url("/goes-on")]["url"] == hosts.url("/second?from=script")
    assert "Where the script led." in text(crawled, "/goes-on")


def test_a_page_whose_script_never_ends_is_rejected(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/hangs", SLOW)) == "download_failed"
    assert outcome.results[hosts.url("/hangs", SLOW)]["detail"] == "is not rendered after 5 s"


def test_the_limits_of_any_page_apply(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/grows")) == "too_large"
    assert outcome.results[hosts.url("/gone")]["status"] == 404
    assert outcome.reason(hosts.url("/paper.pdf")) == "not_html"


def test_nothing_alarming_is_logged(crawled: tuple[Hosts, Outcome]) -> None:
    log = crawled[1].log
    assert "Traceback" not in log
    assert "ERROR" not in log


def browsers() -> list[psutil.Process]:
    """Return Chromium's main processes among this test's descendants."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if any("--host-resolver-rules" in part for part in line) and not any(
            part.startswith("--type=") for part in line
        ):
            found.append(process)
    return found


@pytest.mark.slow
def test_a_browser_crash_fails_its_page_and_not_the_run() -> None:
    def crash(_count: int) -> Answer:
        for process in browsers():
            process.kill()
        return Answer(b"{}", headers=JSON)

    answers: dict[str, Answer | Callable[[int], Answer]] = {
        "/crashes": page("fetch('/kill.json')"),
        "/kill.json": crash,
        "/after": page("document.body.append('built' + ' after')"),
    }
    with Hosts(answers) as hosts:
        outcome = crawl(
            [rendered(hosts.url("/crashes")), rendered(hosts.url("/after"))], SETTINGS | {"DOWNLOAD_DELAY": 1}
        )
        assert outcome.reason(hosts.url("/crashes")) == "download_failed"
        assert "cannot be rendered" in outcome.results[hosts.url("/crashes")]["detail"]
        assert "built after" in outcome.results[hosts.url("/after")]["text"]
        times = {request.path: request.at for request in hosts.received}
        assert times["/after"] - times["/kill.json"] >= 1  # the delay, from the end of the rendering
    assert browsers() == []


def test_a_browser_that_does_not_start_is_reported_once_and_its_pages_are_left_for_later(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho '[7:7:1121/142559.05:FATAL:host.cc(101)] No usable sandbox!' >&2\nexit 1\n")
    broken.chmod(0o755)
    with Hosts({}) as hosts:
        requests = [rendered(hosts.url("/one")), rendered(hosts.url("/two"))]
        outcome = crawl(requests, SETTINGS | {"CHROMIUM": str(broken)})
        assert {outcome.reason(request["url"]) for request in requests} == {"download_failed"}
        assert "/two" not in hosts.paths(SITE)
    assert outcome.log.count("does not start") == 1
    assert f"{broken} does not start: No usable sandbox!" in outcome.log
    assert "-s CHROMIUM_FLAGS=--no-sandbox" in outcome.log
    assert "Traceback" not in outcome.log


@pytest.mark.slow
def test_no_browser_runs_where_no_page_needs_one() -> None:
    with Hosts({}) as hosts:
        outcome = crawl([hosts.url("/plain")], SETTINGS | {"CHROMIUM": "/bin/false"})
    assert outcome.reason(hosts.url("/plain")) is None
    assert not any(name.startswith(("playwright/", "rendering/")) for name in outcome.stats)


@pytest.mark.slow
def test_a_page_that_never_settles_is_taken_as_it_is() -> None:
    ticking = (
        "const p = document.createElement('p'); document.body.append(p); setInterval(() => p.textContent += '!', 50)"
    )
    polling = "setInterval(() => fetch('/news.json'), 100)"
    with Hosts({"/ticks": page(ticking), "/polls": page(polling, body="<p>Ready.")}) as hosts:
        requests = [
            rendered(hosts.url("/ticks"), download_timeout=60),
            rendered(hosts.url("/polls", OTHER), download_timeout=60),
        ]
        outcome = crawl(requests, SETTINGS)
    assert "!!!" in outcome.results[hosts.url("/ticks")]["text"]
    assert "<p>Ready." in outcome.results[hosts.url("/polls", OTHER)]["text"]
    assert 1 < hosts.paths(OTHER).count("/news.json") <= MAX_PAGE_REQUESTS
