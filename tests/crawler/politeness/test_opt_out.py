"""Parse opt-out signals in robots.txt and tdmrep.json, and check that a crawl records or obeys them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from crawler.politeness.robots_rules import read_robots
from crawler.politeness.tdmrep import NO_TDM_RULES, read_tdmrep, tdm_rights
from tests.support.crawling import Answer, Hosts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
URL = "https://news.example/2026/03/04/harbour-plan"


def robots(text: str, url: str = URL) -> dict[str, Any]:
    return {signal: places["robots.txt"] for signal, places in read_robots(200, text.encode()).rights(url).items()}


@pytest.mark.parametrize(
    ("text", "agents"),
    [
        ("User-agent: GPTBot\nDisallow: /", ["GPTBot"]),
        ("User-agent: ccbot\nUser-agent: Google-Extended\nUser-agent: Bingbot\nDisallow: /2026/", ["CCBot", "Google-Extended"]),
        ("User-agent: GPTBot\nDisallow: /2025/\n\nUser-agent: ClaudeBot\nDisallow:", None),  # named, but allowed here
        ("User-agent: GPTBot\nDisallow: /\nAllow: /2026/", None),
        ("User-agent: GPTBot/1.2\nSitemap: /s.xml\nUser-agent: anthropic-ai*\nDisallow: /", ["GPTBot", "anthropic-ai"]),
        ("User-agent: *\nDisallow: /private/", None),
        ("User-agent: NotGPTBot\nDisallow: /", None),
        ("\0\ufeffUser-agent GPTBot\n::::\nDisallow", None),
    ],
)  # fmt: skip
def test_ai_agents_that_robots_txt_excludes_from_a_page(text: str, agents: list[str] | None) -> None:
    assert robots(text).get("robots_ai") == agents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User-agent: *\nContent-Usage: train-ai=n", {"content_usage": "train-ai=n"}),
        ("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /2026/ train-ai=y", {"content_usage": "train-ai=y"}),
        ("User-agent: *\nContent-Usage: /*/03/\ttrain-ai=n\nContent-Usage: /2025 search=n", {"content_usage": "train-ai=n"}),
        ("User-agent: *\nContent-Usage: /a ai=n\nContent-Usage: / tdm=n\nContent-Usage: / ai=y", {"content_usage": "tdm=n, ai=y"}),
        ("User-Agent: *\nContent-signal: search=yes,ai-train=no # ours", {"content_signal": "search=yes,ai-train=no"}),
        ("Content-Signal: ai-train=no\nUser-agent: *\nAllow: /", {"content_signal": "ai-train=no"}),
        ("User-agent: GPTBot\nContent-Usage: train-ai=n\n", {}),  # for another agent
        ("User-agent: *\nContent-Usage: train-ai=n\n\nUser-agent: Winnow\nAllow: /", {}),  # only our own group counts
        ("User-agent: Winnow\nUser-agent: x\nContent-Usage: bots=n\n", {"content_usage": "bots=n"}),
        ("User-agent: *\nContent-Usage:\nContent-Signal\n", {}),
    ],
)  # fmt: skip
def test_usage_signals_of_robots_txt(text: str, expected: dict[str, str]) -> None:
    assert robots(text) == expected


def test_thousands_of_usage_lines_are_read_up_to_a_limit() -> None:
    lines = "".join(f"Content-Usage: /p{n} train-ai=n\n" for n in range(15_000))
    assert robots("User-agent: *\nContent-Usage: ai=n\n" + lines) == {"content_usage": "ai=n"}


@pytest.mark.parametrize(
    ("body", "reservation", "policy"),
    [
        ([{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://news.example/p.json"}], "1", "https://news.example/p.json"),
        ([{"location": "/2026/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}], "0", None),  # the first rule counts
        ([{"location": "/*.pdf$", "tdm-reservation": 1}], None, None),
        ([{"location": "2026/*/04", "tdm-reservation": "1"}], "1", None),
        ({"location": "/", "tdm-reservation": 1}, "1", None),
        ([{"location": "/", "tdm-reservation": 2}, 7, None, {"location": 3}, {"tdm-reservation": 1}], None, None),
        ([{"location": "/x\nDisallow: /", "tdm-reservation": 1}], None, None),
        ("nonsense", None, None),
    ],
)  # fmt: skip
def test_tdmrep_json(body: Any, reservation: str | None, policy: str | None) -> None:
    rights = tdm_rights(read_tdmrep(200, json.dumps(body).encode()), URL)
    assert rights.get("tdm_reservation", {}).get("tdmrep.json") == reservation
    assert rights.get("tdm_policy", {}).get("tdmrep.json") == policy


@pytest.mark.parametrize(("status", "body"), [(404, b"[]"), (200, b"<!doctype html>"), (200, b""), (200, b"\xff\xfe[")])
def test_no_tdmrep_json(status: int, body: bytes) -> None:
    assert read_tdmrep(status, body) == NO_TDM_RULES


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 400_000,
        b'[{"location": "/", "tdm-reservation": ' + b"[" * 900 + b"]" * 900 + b"}]",
        b'[{"location": "/", "tdm-reservation": ' + b"9" * 100_000 + b"}]",
        b'[{"location": "/", "tdm-reservation": true}, {"location": "/", "tdm-reservation": 1.0}]',
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"\0" * 1000,
        b'[{"location": "\\ud800", "tdm-reservation": 1}]',
    ],
)
def test_hostile_tdmrep_json_reserves_nothing(body: bytes) -> None:
    assert tdm_rights(read_tdmrep(200, body), URL) == {}


def test_thousands_of_tdm_rules_are_read_up_to_a_limit() -> None:
    rules = [{"location": f"/*/{number}/", "tdm-reservation": 1} for number in range(7000)]
    read = read_tdmrep(200, json.dumps(rules).encode())
    assert tdm_rights(read, "https://news.example/x/999/") == {"tdm_reservation": {"tdmrep.json": "1"}}
    assert tdm_rights(read, "https://news.example/x/1000/") == {}


OPEN, BLOCKING, RESERVING, HEADED = (f"127.0.0.{n}" for n in range(1, 5))
STORIES = ("/2026/03/04/harbour-plan", "/2026/03/05/station-plan")


def page(title: str, head: str = "", **headers: str) -> Answer:
    text = "".join(f"<p>The council met on Tuesday and agreed on part {n} of the {title}.</p>" for n in range(8))
    body = f"<body><article><h1>{title}</h1>{text}</article></body>"
    head += "<meta name=author content='Ida Berg'><meta property=article:published_time content=2026-03-04T05:06:07Z>"
    html = f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>{body}</html>"
    return Answer(
        html.encode(), headers={"Content-Type": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


def answers() -> dict[str, Answer]:
    plain = {"Content-Type": "text/plain"}
    pages = {
        f"{host}{path}": page(f"{host} {path}") for host in (OPEN, BLOCKING, RESERVING) for path in STORIES
    }  # fmt: skip
    return pages | {
        f"{BLOCKING}/robots.txt": Answer(
            b"User-agent: *\nContent-Signal: search=yes, ai-train=no\n\nUser-agent: GPTBot\nUser-agent: CCBot\nDisallow: /2026/03/04/",
            headers=plain,
        ),
        f"{OPEN}/.well-known/tdmrep.json": Answer(b"none", 404),
        f"{RESERVING}/.well-known/tdmrep.json": Answer(
            b'[{"location": "/2026/03/05/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p"}]',
            headers={"Content-Type": "application/json"},
        ),
        f"{HEADED}{STORIES[0]}": page("header", tdm_reservation="1", X_Robots_Tag="noai", Content_Usage="train-ai=n"),
        f"{HEADED}{STORIES[1]}": page("meta", '<meta name="robots" content="noimageai">'),
    }


def crawl(data: Path, hosts: Hosts, *options: str) -> subprocess.CompletedProcess[str]:
    urls = data.with_suffix(".urls")
    urls.write_text(
        "".join(hosts.url(path, host) + "\n" for path in STORIES for host in (OPEN, BLOCKING, RESERVING, HEADED))
    )
    allowed = ",".join((OPEN, BLOCKING, RESERVING, HEADED))
    settings = (f"DATA_DIR={data}", "DOWNLOAD_DELAY=0", f"WINNOW_ALLOW_PRIVATE_HOSTS={allowed}", *options)
    command = [str(Path(sys.executable).with_name("scrapy")), "crawl", "news", "-a", f"urls={urls}"]
    for setting in settings:
        command += ["-s", setting]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def records(data: Path, folder: str) -> dict[str, dict[str, Any]]:
    """Return the records of a run by host and path."""
    rows = [json.loads(line) for file in (data / folder).rglob("*.jsonl") for line in file.read_text().splitlines()]
    return {f"{urlsplit(row['url']).hostname}{urlsplit(row['url']).path}": row for row in rows}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hosts, dict[str, dict[str, Any]]]]:
    data = tmp_path_factory.mktemp("recorded") / "data"
    with Hosts(answers()) as hosts:
        done = crawl(data, hosts, "TDMREP=True")
        assert done.returncode == 0, done.stderr
        yield hosts, records(data, "articles")


def test_a_record_says_where_each_signal_was_found(recorded: tuple[Hosts, dict[str, dict[str, Any]]]) -> None:
    rights = {url: record["rights"] for url, record in recorded[1].items()}
    usage = {"content_signal": {"robots.txt": "search=yes, ai-train=no"}}
    assert rights == {
        f"{OPEN}{STORIES[0]}": {},
        f"{OPEN}{STORIES[1]}": {},
        f"{BLOCKING}{STORIES[0]}": usage | {"robots_ai": {"robots.txt": ["GPTBot", "CCBot"]}},
        f"{BLOCKING}{STORIES[1]}": usage,
        f"{RESERVING}{STORIES[0]}": {},
        f"{RESERVING}{STORIES[1]}": {
            "tdm_reservation": {"tdmrep.json": "1"},
            "tdm_policy": {"tdmrep.json": "https://a.example/p"},
        },
        f"{HEADED}{STORIES[0]}": {
            "robots": {"header": "noai"},
            "noai": {"header": "true"},
            "tdm_reservation": {"header": "1"},
            "content_usage": {"header": "train-ai=n"},
        },
        f"{HEADED}{STORIES[1]}": {"robots": {"meta": "noimageai"}, "noimageai": {"meta": "true"}},
    }


def test_robots_txt_and_tdmrep_json_are_fetched_once_per_host(
    recorded: tuple[Hosts, dict[str, dict[str, Any]]],
) -> None:
    for host in (OPEN, BLOCKING, RESERVING, HEADED):
        paths = recorded[0].paths(host)
        assert paths[:2] == ["/robots.txt", "/.well-known/tdmrep.json"]
        assert sorted(paths[2:]) == sorted(STORIES)


def test_reserved_articles_are_skipped_if_the_settings_say_so(tmp_path: Path) -> None:
    with Hosts(answers()) as hosts:
        done = crawl(tmp_path / "data", hosts, "OPT_OUT=skip")
        assert done.returncode == 0, done.stderr
        articles, rejects = records(tmp_path / "data", "articles"), records(tmp_path / "data", "rejects")
        assert hosts.paths(BLOCKING) == ["/robots.txt"]  # reserved pages are not even fetched
        assert not any("tdmrep" in path for path in hosts.paths(RESERVING))  # off by default
    kept = {f"{host}{path}" for host in (OPEN, RESERVING) for path in STORIES} | {f"{HEADED}{STORIES[1]}"}
    assert set(articles) == kept
    assert {reject["reason"] for reject in rejects.values()} == {"opted_out"}
    signal = "content_signal in robots.txt: search=yes, ai-train=no"
    assert rejects[f"{BLOCKING}{STORIES[1]}"]["detail"] == signal
    assert rejects[f"{BLOCKING}{STORIES[0]}"]["detail"] == f"robots_ai in robots.txt: GPTBot, CCBot; {signal}"
    assert rejects[f"{HEADED}{STORIES[0]}"]["detail"] == (
        "tdm_reservation in header: 1; content_usage in header: train-ai=n; noai in header: true"
    )


def test_an_invalid_choice_is_an_error_of_one_line(tmp_path: Path) -> None:
    with Hosts({}) as hosts:
        done = crawl(tmp_path / "data", hosts, "OPT_OUT=maybe")
    assert (done.returncode, done.stderr) == (1, "scrapy crawl: OPT_OUT=maybe: write record or skip\n")
