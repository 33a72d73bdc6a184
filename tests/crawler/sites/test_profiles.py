"""Check the shipped site profiles, and that an invalid one is reported in one line."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest

from cleaners.page import PhraseRule, StripRule
from crawler.discovery.urls import canonicalize, registered_domain
from crawler.sites.hostile_runs import slow_run
from crawler.sites.profile_loader import SHIPPED_PROFILES, ProfileError, load_profile, load_profiles, profile_for

if TYPE_CHECKING:
    from crawler.sites.profile import SiteProfile

CORPUS = Path(__file__).resolve().parents[3] / ".." / "shared" / "corpus" / "news"
SHIPPED = load_profiles()

PROFILE = r"""
name = "The Example"
domains = ["example.com"]
language = "en"
timezone = "Europe/London"
delay = 2.0
feeds = ["https://www.example.com/feed"]
article = '^https://www\.example\.com/\d{4}/[^/?#]+'

[clean]
strip = [{ xpath = "//div[@class='promo']", kind = "promotion" }]
phrases = [{ pattern = 'The Example is read by millions\.', kind = "promotion" }]

[test]
articles = ["https://www.example.com/2024/a", "https://www.example.com/2024/b", "https://www.example.com/2023/c"]
others = ["https://www.example.com/tech/", "https://www.example.com/about"]
"""


def write(folder: Path, text: str = PROFILE, name: str = "example.com") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


# --- shipped profiles


def test_sites_of_five_languages_english_first() -> None:
    languages = [profile.language for profile in SHIPPED]
    assert len(SHIPPED) >= 50
    assert {"en", "de", "fr", "es", "ja"} <= set(languages)
    assert max(set(languages), key=languages.count) == "en"


def test_no_shipped_pattern_is_slow_on_any_url() -> None:
    patterns = {profile.id: [profile.article, *(rule.pattern for rule in profile.clean.phrases)] for profile in SHIPPED}
    slow = {name: [text for text in texts if slow_run(re.compile(text))] for name, texts in patterns.items()}
    assert {name: texts for name, texts in slow.items() if texts} == {}


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda profile: profile.id)
def test_shipped_profile(profile: SiteProfile) -> None:
    assert profile.article.startswith("^https://"), "anchored with the host"
    assert 1 <= profile.delay <= 10
    assert len(set(profile.test.articles)) >= 3
    assert len(set(profile.test.others)) >= 2
    for url in profile.test.articles:
        assert profile.is_article(canonicalize(url)), "also as the crawler compares it"
        assert profile.is_article(canonicalize(url + "?utm_source=rss&utm_medium=feed#comments"))
        assert not re.search(profile.article, url.replace(urlsplit(url).netloc, "www.elsewhere.example"))
        assert profile_for(url, SHIPPED) is profile
    for url in (*profile.sources, profile.home, "https://www.elsewhere.example/"):
        assert not profile.is_article(url), f"{url} is no article"
    assert any(profile.id == domain.removeprefix("www.") for domain in profile.domains), "named after its main domain"


def test_no_two_profiles_share_a_domain() -> None:
    domains = [domain for profile in SHIPPED for domain in profile.domains]
    assert sorted(domains) == sorted(set(domains))


def test_profiles_stay_short() -> None:
    assert median(len(file.read_text(encoding="utf-8").splitlines()) for file in SHIPPED_PROFILES.glob("*.toml")) < 25


# --- what recorded pages say


def corpus_pages() -> list[tuple[SiteProfile, str, str]]:
    """Profile, URL and page id of each recorded page whose site has a profile."""
    index = CORPUS / "index.jsonl"
    if not index.is_file():
        pytest.skip("the corpus ../shared/corpus is not here")
    pages = map(json.loads, index.read_text(encoding="utf-8").splitlines())
    return [(owner, page["url"], page["id"]) for page in pages if (owner := profile_for(page["url"], SHIPPED))]


def test_recorded_urls_fit_their_profile() -> None:
    pages = corpus_pages()
    assert len({profile.id for profile, _, _ in pages}) >= 35
    assert [url for profile, url, _ in pages if not profile.is_article(canonicalize(url))] == []


def test_recorded_pages_name_feeds_where_the_profile_has_them() -> None:
    hosts: dict[str, set[str]] = {}
    for profile, url, name in corpus_pages():
        page = gzip.decompress((CORPUS / "html" / f"{name}.html.gz").read_bytes()).decode("utf-8", "replace")
        for link in re.findall(r"<link\b[^>]*application/(?:rss|atom)\+xml[^>]*>", page):
            if href := re.search(r"""\bhref\s*=\s*["']?([^"'\s>]+)""", link):
                hosts.setdefault(profile.id, set()).add(urlsplit(urljoin(url, href[1])).netloc)
    checked = [profile for profile in SHIPPED if profile.sources_by_key["feeds"] and profile.id in hosts]
    assert len(checked) >= 15
    for profile in checked:
        ours = {urlsplit(feed).netloc for feed in profile.sources_by_key["feeds"]}
        assert ours & hosts[profile.id], f"{profile.id}: its pages name feeds on {hosts[profile.id]}, not on {ours}"


# --- loading


def test_a_profile_as_it_is_written(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path))
    assert (profile.id, profile.name, profile.delay) == ("example.com", "The Example", 2.0)
    assert profile.sources == ("https://www.example.com/feed",)
    assert profile.home == "https://www.example.com/"
    rules = profile.rules()
    assert (rules.name, rules.language, rules.timezone) == ("The Example", "en", "Europe/London")
    assert rules.strip == (StripRule("//div[@class='promo']", "promotion"),)
    assert rules.phrases == (PhraseRule(r"The Example is read by millions\.", "promotion"),)


def test_profiles_in_the_requested_order_and_each_once(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        write(tmp_path, name=name)
    assert [profile.id for profile in load_profiles(folder=tmp_path)] == ["a", "b", "c"]
    assert [profile.id for profile in load_profiles(["c", "a", "c"], tmp_path)] == ["c", "a"]


def test_a_broken_profile_does_not_affect_others(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "not = [toml", "broken")
    assert len(load_profiles(["example.com"], tmp_path)) == 1


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("https://example.com/", True),
        ("https://www.example.com/2024/a", True),
        ("http://EXAMPLE.com:8080/x", True),
        ("https://badexample.com/2024/a", False),
        ("https://example.com.evil.example/2024/a", False),
        ("https://evil.example/?u=https://www.example.com/2024/a", False),
        ("mailto:desk@example.com", False),
        ("https://[broken/", False),
    ],
)
def test_owns_its_domain_and_subdomains_only(tmp_path: Path, url: str, owned: bool) -> None:
    assert load_profile(write(tmp_path)).owns(url) is owned


def test_an_article_over_http_is_an_article(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path))
    assert profile.is_article("http://www.example.com/2024/a")
    assert not profile.is_article("https://evil.example/https://www.example.com/2024/a")


def test_the_most_specific_profile_owns_a_url() -> None:
    owner = {url: profile_for(url, SHIPPED) for url in ("https://cincodias.elpais.com/x", "https://elpais.com/x")}
    assert [profile and profile.id for profile in owner.values()] == ["cincodias.elpais.com", "elpais.com"]
    assert profile_for("https://nobody.example/", SHIPPED) is None
    assert profile_for("https://nobody.example/", []) is None


def test_two_sites_of_one_registered_domain_are_two_profiles() -> None:
    twins = [profile.id for profile in SHIPPED if registered_domain(profile.home) == "indiatimes.com"]
    assert twins == ["economictimes.indiatimes.com", "timesofindia.indiatimes.com"]


# --- errors


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("feeds =", "feedz =", "feedz", "did you mean feeds?"),
        ("feeds =", "colour =", "colour", "the keys here are name, domains"),
        ("name =", "nmae =", "nmae", "did you mean name?"),
        ('name = "The Example"', "", "name", "missing"),
        ("others", "other", "test.other", "did you mean others?"),
        ("xpath", "xpaht", "clean.strip[0].xpaht", "did you mean xpath?"),
        ("[clean]", "[expect]\nauthors = 0.5\n[clean]", "expect.authors", "did you mean author?"),
        ("[clean]", "[expect]\ndate = 50\n[clean]", "expect.date", "less than or equal to 1"),
        ("[clean]", "[expect.dropped]\npromo = 0.2\n[clean]", "expect.dropped.promo", "'promotion'"),
        ('"en"', '"english"', "language", "two lower-case letters"),
        ("Europe/London", "Europe/Londres", "timezone", "'Europe/Londres' is not an IANA time zone"),
        ("Europe/London", "../../etc/passwd", "timezone", "not an IANA time zone"),
        ('"The Example"', "7", "name", "not a text; put it in quotes"),
        ("[clean]", "[[clean]]", "clean", "not a table"),
        ("2.0", "-1", "delay", "from 0 to 60"),
        ("2.0", "nan", "delay", "from 0 to 60"),
        ("2.0", '"soon"', "delay", "from 0 to 60"),
        ('["example.com"]', "[]", "domains", "at least 1"),
        ('["example.com"]', '["https://example.com/"]', "domains[0]", "is not a host name"),
        ('["https://www.example.com/feed"]', '["/feed"]', "feeds[0]", "'/feed' is not a web address"),
        ('["https://www.example.com/feed"]', '["https://[::1"]', "feeds[0]", "is not a web address"),
        ('["https://www.example.com/feed"]', '"https://www.example.com/feed"', "feeds", "not a list; put it in [ ]"),
        ("'^https", "'(^https", "article", "is not a regular expression"),
        (
            r"'^https://www\.example\.com/\d{4}/[^/?#]+'",
            "'" + "(" * 3_000 + ")" * 3_000 + "'",
            "article",
            "is not a regular",
        ),
        (r"/[^/?#]+'", "/(?:[a-z]+-?)+/x'", "article", "takes too long on texts like 'https://www.example.com/0000/"),
        (r"/[^/?#]+'", "/(?!tag)(?:[a-z]+|[a-z0-9]+)+[.]html'", "article", "takes too long on texts like"),
        (r"/[^/?#]+'", "/(?:a.*)(?:.*-)(?:.*-)(?:.*-).*=1'", "article", "takes too long on texts like"),
        (r"'^https://www\.example\.com/\d{4}/[^/?#]+'", "'.*'", "article", "accepts the home page"),
        (r"'^https://www\.example\.com/\d{4}/[^/?#]+'", "''", "article", "at least 1 character"),
        (r"/\d{4}/[^/?#]+'", "/[^?#]+'", "test.others", "https://www.example.com/tech/ matches the article pattern"),
        (r"\d{4}/", r"\d{5}/", "test.articles", "https://www.example.com/2024/a does not match"),
        ('["example.com"]', '["example.org"]', "test.articles", "is on none of example.org"),
        (', "https://www.example.com/2023/c"', "", "test.articles", "at least 3"),
        (', "https://www.example.com/about"', "", "test.others", "at least 2"),
        ("//div[@class='promo']", "//div[", "clean.strip[0].xpath", "is not an XPath"),
        ("//div[@class='promo']", "//no:div", "clean.strip[0].xpath", "is not an XPath"),
        ("//div[@class='promo']", "count(//div)", "clean.strip[0].xpath", "selects no elements"),
        ('promo\']", kind = "promotion"', 'promo\']", kind = "spam"', "clean.strip[0].kind", "'related_link'"),
        (r"The Example is read by millions\.", ".*", "clean.phrases[0].pattern", "matches ordinary sentences"),
        (r"The Example is read by millions\.", "(", "clean.phrases[0].pattern", "is not a regular expression"),
        (r"The Example is read by millions\.", r"(?:\w+,? ?)+[.]", "clean.phrases[0].pattern", "takes too long"),
        (
            r"The Example is read by millions\.",
            r"Read (?:more|more|it )*",
            "clean.phrases[0].pattern",
            "takes too long",
        ),
        ("[clean]", 'id = "x"\n[clean]', "id", "comes from the file's name"),
        ("[clean]", "[clean", "is not TOML", "line"),
    ],
)
def test_a_wrong_profile_is_one_line_with_file_and_key(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    assert old in PROFILE
    file = write(tmp_path, PROFILE.replace(old, new))
    with pytest.raises(ProfileError) as error:
        load_profile(file)
    message = str(error.value)
    assert message.startswith(f"{file}: {key}: ")
    assert says in message
    assert "\n" not in message
    assert "validation error" not in message


def test_a_profile_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "example.com.toml"
    file.write_bytes(PROFILE.replace("The Example", "Das Beispiel für").encode("latin-1"))
    with pytest.raises(ProfileError, match=r"example\.com\.toml: is not UTF-8 .* save it as UTF-8"):
        load_profile(file)


def test_a_profile_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "example.com.toml").mkdir()
    with pytest.raises(ProfileError, match=r"example\.com\.toml: cannot be read: a folder, not a regular file"):
        load_profiles(folder=tmp_path)


def test_a_profile_that_is_no_file_or_too_large_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "example.com.toml"
    for make, said in (
        (lambda: os.mkfifo(file), "a named pipe, not a regular file"),
        (lambda: file.symlink_to("/dev/zero"), "a device, not a regular file"),
        (lambda: file.write_bytes(b"#" * (1 << 18) + b"\n"), "more than 262,144 bytes"),
    ):
        make()
        with pytest.raises(ProfileError, match=rf"example\.com\.toml: cannot be read: {said}$"):
            load_profile(file)
        file.unlink()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("delay = " + "[" * 100_000, "too deeply nested"),
        ("delay = " + "{a=" * 50_000, "too deeply nested"),
        ("delay = " + "9" * 5000, "is not TOML: "),
        ("clean" + ".clean" * 30_000 + " = 1", "too deeply nested"),
        ("clean" + ' . "clean"' * 20_000 + " = 1", "too deeply nested"),
        ("article = '" + "(" * 100_000 + "'", "is not a regular expression|is too large"),
        ("article = 'a{9999999999999}'", "is not a regular expression|is too large"),
        (f"article = '/{'(?:a' * 5000}{')' * 5000}'", "is not a regular expression|is too large"),
        (f"article = '[{'a' * 9000}'", "article: .* is not a regular expression"),
    ],
)
def test_a_profile_that_no_parser_can_take_is_one_short_line(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "example.com.toml"
    kept = [other for other in PROFILE.splitlines() if not other.startswith(line.partition(" ")[0])]
    file.write_text("\n".join([line, *kept]))
    with pytest.raises(ProfileError, match=said) as raised:
        load_profile(file)
    message = str(raised.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    assert len(message) < len(str(file)) + 1000


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("techcrunsh.com", "did you mean techcrunch.com"),
        ("TechCrunch", "did you mean techcrunch.com"),
        ("heise", "did you mean heise.de?"),
        ("../settings", "`scrapy sites` lists"),
        ("", "`scrapy sites` lists"),
        ("qqqqqqqq", "`scrapy sites` lists"),
    ],
)
def test_an_unknown_site_names_near_ones(asked: str, says: str) -> None:
    with pytest.raises(ProfileError) as error:
        load_profiles([asked])
    assert f"{asked!r}: no such site" in str(error.value)
    assert says in str(error.value)


def test_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setenv("WINNOW_SITES_DIR", str(tmp_path))
    assert [profile.id for profile in load_profiles()] == ["example.com"]


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_without_profiles(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "sites"
    if make:
        folder.mkdir()
    with pytest.raises(ProfileError, match="sites: no site profiles here; set WINNOW_SITES_DIR to a folder"):
        load_profiles(folder=folder)
