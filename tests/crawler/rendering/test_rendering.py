"""Pages that scripts build, in a real Chromium: what comes of them, and that every rule of a crawl holds for them."""

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

OUTLET, OTHER, SLOW, INSIDE = LOOPBACK[0], LOOPBACK[1], LOOPBACK[2], LOOPBACK[6]
HTML = {"Content-Type": "text/html; charset=utf-8"}
JS = {"Content-Type": "text/javascript"}
JSON = {"Content-Type": "application/json"}
NAMED = {"cdn.example": ["127.0.0.1"], "www.google-analytics.com": ["127.0.0.1"], "inside.example": ["10.0.0.7"]}
SETTINGS = {
    "CHROMIUM_FLAGS": ["--no-sandbox"],
    "WINNOW_ALLOW_PRIVATE_HOSTS": [OUTLET, OTHER, SLOW, "cdn.example", "www.google-analytics.com"],
    "WINNOW_CONTACT": "desk@example.org",
    "RETRY_TIMES": 0,
    "DOWNLOAD_TIMEOUT": 120,  # a busy machine's
    "NAMES": NAMED,
}


def page(script: str, head: str = "", body: str = "") -> Answer:
    html = f"<!doctype html><html><head><title>A story</title>{head}</head><body>{body}<script>{script}</script></body></html>"
    return Answer(html.encode(), headers=HTML)


def asked(url: str, **meta: Any) -> dict[str, Any]:
    return {"url": url, "meta": meta, "info": {"kind": "article", "render": True}}


# Asks for all that a page can ask for, and writes down what it got.
BUSY = """
const said = text => document.body.append(Object.assign(document.createElement("p"), {textContent: text}));
const ask = (name, url, how) => fetch(url, how).then(a => a.text(), () => "nothing").then(t => said(name + ": " + t));
said("agent: " + navigator.userAgent);
ask("own", "/own.json");
ask("forbidden", "/forbidden/data.json");
ask("private", "http://INSIDE:{port}/secret");
ask("redirected", "/to-inside");
ask("moved", "/to-other");
ask("packed", "/packed.json");
ask("overloaded", "/overloaded.json");
ask("fragment", "/fragment");
ask("large", "/large.json");
ask("named", "http://inside.example/secret");
ask("posted away", "http://OTHER:{port}/collect", {method: "POST", body: "seen"});
navigator.sendBeacon("/beacon", "seen");
const socket = new WebSocket("ws://INSIDE:{port}/socket");
const peer = self.RTCPeerConnection ? "a way out" : "none";
said("peer: " + peer);
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

# What it may have of its own host.
OF_BUSY = {
    "/own.json", "/to-inside", "/to-other", "/style.css", "/packed.json", "/overloaded.json", "/fragment", "/large.json",
}  # fmt: skip

LATIN = "<!doctype html><meta charset=iso-8859-1><p>Café<script>document.body.append(' \\u20ac')</script>"


@pytest.fixture(scope="module")
def crawled() -> Iterator[tuple[Hosts, Outcome]]:
    """One crawl of pages that do all they can."""
    answers: dict[str, Any] = {}
    with Hosts(answers) as hosts:
        filled: Callable[[str], str] = lambda text: text.replace("{port}", str(hosts.port))  # noqa: E731
        answers |= {
            f"{OUTLET}/robots.txt": Answer(b"User-agent: *\nDisallow: /forbidden/\n", headers={}),
            "/busy": page(filled(BUSY), filled(BUSY_HEAD), filled(BUSY_BODY)),
            "/second": page("", '<script src="/shared.js"></script>', "<p>Second."),
            "/third": page("", '<script src="/shared.js"></script>', "<p>Third."),
            "/shared.js": Answer(b"document.title = 'shared'", headers=JS),
            "/own.json": Answer(b"of the outlet", headers=JSON),
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
        requests = [asked(hosts.url(path)) for path in plain]
        requests += [
            asked(hosts.url("/hangs", SLOW), download_timeout=5),
            asked(hosts.url("/grows"), download_maxsize=200_000),
        ]
        yield hosts, crawl(requests, SETTINGS)


def text(crawled: tuple[Hosts, Outcome], path: str) -> str:
    hosts, outcome = crawled
    result = outcome.results[hosts.url(path)]
    assert "text" in result, result
    return str(result["text"])


def test_the_page_is_what_its_scripts_made_of_it(crawled: tuple[Hosts, Outcome]) -> None:
    built = text(crawled, "/busy")
    assert "<p>own: of the outlet</p>" in built
    assert "<p>moved: of another host</p>" in built
    assert "turn on JavaScript" not in built
    assert "<p>Café" in text(crawled, "/latin")
    assert "</script></p> €</body>" in text(crawled, "/latin")


def test_scripts_and_data_are_fetched_and_nothing_else(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    first = {"/robots.txt", "/busy", *OF_BUSY}
    others = {"/second", "/third", "/shared.js", "/goes-on", "/second?from=script", "/goes-inside", "/latin", "/gone",
              "/paper.pdf", "/grows"}  # fmt: skip
    assert set(hosts.paths(OUTLET)) == first | others
    assert set(hosts.paths(OTHER)) == {"/robots.txt", "/other.json"}
    assert set(hosts.paths("cdn.example")) == {"/robots.txt", "/library.js"}


def test_what_pages_share_is_fetched_once(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<title>shared</title>" in text(crawled, "/second")
    assert "<title>shared</title>" in text(crawled, "/third")
    assert crawled[0].paths(OUTLET).count("/shared.js") == 1


def test_it_gets_answers_as_they_come_but_unpacked_and_within_limits(crawled: tuple[Hosts, Outcome]) -> None:
    built = text(crawled, "/busy")
    assert "<p>packed: unpacked</p>" in built
    assert "<p>overloaded: come back</p>" in built  # neither tried again nor the end of the host's pages
    assert "piece</p>" in built
    assert "<p>large: nothing</p>" in built
    assert crawled[1].stats["rendering/blocked/too_large"] == 1
    assert "throttle/pauses" not in crawled[1].stats


def test_trackers_are_not_asked(crawled: tuple[Hosts, Outcome]) -> None:
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


def test_robots_txt_holds_for_what_pages_ask_for(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<p>forbidden: nothing</p>" in text(crawled, "/busy")
    assert crawled[1].reason(crawled[0].url("/forbidden/x")) == "robots"


def test_nothing_is_posted_to_other_sites(crawled: tuple[Hosts, Outcome]) -> None:
    assert "<p>posted away: nothing</p>" in text(crawled, "/busy")


def test_the_browser_says_who_it_is(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    agents = {seen.agent for seen in hosts.seen}
    assert len(agents) == 1
    agent = agents.pop()
    assert "desk@example.org" in agent
    assert f"<p>agent: {agent}</p>" in text(crawled, "/busy")


def test_a_host_is_asked_for_one_page_at_a_time(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, _ = crawled
    paths = [path for path in hosts.paths(OUTLET) if path != "/robots.txt"]
    begin = paths.index("/busy")
    assert sorted(paths[begin + 1 : begin + 1 + len(OF_BUSY)]) == sorted(OF_BUSY)  # each once


def test_a_script_that_goes_on_is_a_redirect(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.results[hosts.url("/goes-on")]["url"] == hosts.url("/second?from=script")
    assert "Where the script led." in text(crawled, "/goes-on")


def test_a_page_that_never_ends_is_a_reject(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/hangs", SLOW)) == "download_failed"
    assert outcome.results[hosts.url("/hangs", SLOW)]["detail"] == "is not rendered after 5 s"


def test_the_limits_of_any_page_hold(crawled: tuple[Hosts, Outcome]) -> None:
    hosts, outcome = crawled
    assert outcome.reason(hosts.url("/grows")) == "too_large"
    assert outcome.results[hosts.url("/gone")]["status"] == 404
    assert outcome.reason(hosts.url("/paper.pdf")) == "not_html"


def test_nothing_alarming_is_logged(crawled: tuple[Hosts, Outcome]) -> None:
    log = crawled[1].log
    assert "Traceback" not in log
    assert "ERROR" not in log


def browsers() -> list[psutil.Process]:
    """Chromium's first processes among this test's descendants."""
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
def test_a_browser_that_crashes_costs_its_page_and_not_the_run() -> None:
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
        outcome = crawl([asked(hosts.url("/crashes")), asked(hosts.url("/after"))], SETTINGS | {"DOWNLOAD_DELAY": 1})
        assert outcome.reason(hosts.url("/crashes")) == "download_failed"
        assert "cannot be rendered" in outcome.results[hosts.url("/crashes")]["detail"]
        assert "built after" in outcome.results[hosts.url("/after")]["text"]
        begun = {seen.path: seen.at for seen in hosts.seen}
        assert begun["/after"] - begun["/kill.json"] >= 1  # the delay, from the end of all that the page asked for
    assert browsers() == []


def test_a_browser_that_does_not_start_is_told_once_and_its_pages_are_left_for_later(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho '[7:7:1121/142559.05:FATAL:host.cc(101)] No usable sandbox!' >&2\nexit 1\n")
    broken.chmod(0o755)
    with Hosts({}) as hosts:
        requests = [asked(hosts.url("/one")), asked(hosts.url("/two"))]
        outcome = crawl(requests, SETTINGS | {"CHROMIUM": str(broken)})
        assert {outcome.reason(request["url"]) for request in requests} == {"download_failed"}
        assert "/two" not in hosts.paths(OUTLET)
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
@pytest.mark.slow
def test_a_page_that_never_comes_to_rest_is_taken_as_it_is() -> None:
    ticking = (
        "const p = document.createElement('p'); document.body.append(p); setInterval(() => p.textContent += '!', 50)"
    )
    polling = "setInterval(() => fetch('/news.json'), 100)"
    with Hosts({"/ticks": page(ticking), "/polls": page(polling, body="<p>Told.")}) as hosts:
        requests = [
            asked(hosts.url("/ticks"), download_timeout=60),
            asked(hosts.url("/polls", OTHER), download_timeout=60),
        ]
        outcome = crawl(requests, SETTINGS)
    assert "!!!" in outcome.results[hosts.url("/ticks")]["text"]
    assert "<p>Told." in outcome.results[hosts.url("/polls", OTHER)]["text"]
    assert 1 < hosts.paths(OTHER).count("/news.json") <= MAX_PAGE_REQUESTS
