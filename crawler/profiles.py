"""Site profiles: what is known of an outlet, read from `sites/<id>.toml` and checked before it is believed."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cleaners.blocks import Kind
from cleaners.page import PhraseRule, SiteRules, StripRule

SITES = Path(__file__).parent / "sites"

# A line that any outlet may write: a phrase pattern that matches it would empty every article.
_HONEST_LINE = "The company said on Tuesday that its revenue grew by 12 % in the third quarter."

# What pydantic says in Python's words.
_EXPECTED: dict[tuple[int | str, ...], str] = {
    ("language",): "not a language code; write two small letters, such as en",
    ("render",): "neither true nor false; write one of the two, without quotes",
    ("delay",): "not a number of seconds from 0 to 60; write one such as 2.0",
}
_IN_TOML = {
    "missing": "missing; write it",
    "string_type": "not a text; put it in quotes",
    "tuple_type": "not a list; put it in [ ]",
    "model_type": "not a table; give it keys of its own",
}


class ProfileError(ValueError):
    """A profile that cannot be used. The message is one line: the file, the key, what is wrong and what to do."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return pattern


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"\s", url):
        raise ValueError(f"{url!r} is not a web address; write it whole, as in https://www.example.com/feed")
    return url


def _host_name(host: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", host):
        raise ValueError(f"{host!r} is not a host name; write it in small letters, without https:// and path")
    return host


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"{name!r} is not an IANA time zone; write one such as Europe/Berlin") from None
    return name


def _selects_elements(xpath: str) -> str:
    from lxml import etree  # few profiles strip anything: lxml is not worth its start-up time for the rest

    try:
        found = etree.XPath(xpath)(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f"{xpath!r} is not an XPath: {error}") from None
    if not isinstance(found, list):
        raise ValueError(f"{xpath!r} selects no elements; write an XPath such as //div[@class='promo']")
    return xpath


def _spares_honest_lines(pattern: str) -> str:
    if re.fullmatch(pattern, _HONEST_LINE):
        raise ValueError(f"{pattern!r} matches ordinary sentences; write out the words that are boilerplate")
    return pattern


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Pattern = Annotated[Text, AfterValidator(_compiles)]
Url = Annotated[Text, AfterValidator(_web_address)]
Host = Annotated[Text, AfterValidator(_host_name)]
TimeZone = Annotated[Text, AfterValidator(_time_zone)]
Share = Annotated[float, Field(ge=0, le=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Strip(_Table):
    """Elements that are clutter at this outlet."""

    xpath: Annotated[Text, AfterValidator(_selects_elements)]
    kind: Kind


class Phrase(_Table):
    """A whole line that is clutter at this outlet."""

    pattern: Annotated[Pattern, AfterValidator(_spares_honest_lines)]
    kind: Kind


class Clean(_Table):
    """The `[clean]` table: permanent facts about the outlet's pages."""

    strip: tuple[Strip, ...] = ()
    phrases: tuple[Phrase, ...] = ()


class Expect(_Table):
    """The `[expect]` table: bounds for the watch, in place of those that it learns from earlier runs. An alarm rises
    beyond them.

    The least: `articles` a day, `pages` (share of article pages that give one), `text` (median length in characters),
    `title`, `date`, `author` (shares of articles that have one). The most: `silence` (days without anything new) and
    `dropped` (kind of clutter = share of all blocks).
    """

    articles: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    silence: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    pages: Share | None = None
    text: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    title: Share | None = None
    date: Share | None = None
    author: Share | None = None
    dropped: dict[Kind, Share] = {}


class Examples(_Table):
    """The `[test]` table: addresses that the article pattern must accept, and others it must not."""

    articles: Annotated[tuple[Url, ...], Field(min_length=3)]
    others: Annotated[tuple[Url, ...], Field(min_length=2)]


class SiteProfile(_Table):
    """One outlet. `delay` is in seconds between two requests to a host; `timezone` is an IANA name, for dates without
    an offset; `article` is a regular expression searched in the canonical URL. `render`: its articles are built by
    scripts, which Chromium has to run."""

    id: str
    name: Text
    domains: Annotated[tuple[Host, ...], Field(min_length=1)]
    language: Language
    timezone: TimeZone
    delay: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 2.0
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    sections: tuple[Url, ...] = ()
    article: Pattern
    render: StrictBool = False
    clean: Clean = Clean()
    expect: Expect = Expect()
    test: Examples

    @property
    def sources(self) -> tuple[str, ...]:
        """Every address where new articles are looked for: feeds, then sitemaps, then section pages."""
        return self.feeds + self.sitemaps + self.sections

    @property
    def home(self) -> str:
        """The start page of the host that articles are on, with a final slash."""
        return urljoin(self.test.articles[0], "/")

    def owns(self, url: str) -> bool:
        """Whether the URL's host is one of `domains`, or a subdomain of one."""
        return _specificity(self, _host_of(url)) > 0

    def is_article(self, url: str) -> bool:
        """Whether a canonical URL is one of this outlet's articles, by its shape; http counts as https."""
        return self.owns(url) and re.search(self.article, re.sub("^http:", "https:", url)) is not None

    def rules(self) -> SiteRules:
        """What the cleaners need to know of this outlet."""
        return SiteRules(
            name=self.name,
            language=self.language,
            timezone=self.timezone,
            strip=tuple(StripRule(rule.xpath, rule.kind.value) for rule in self.clean.strip),
            phrases=tuple(PhraseRule(rule.pattern, rule.kind.value) for rule in self.clean.phrases),
        )

    @model_validator(mode="after")
    def _tells_articles_from_other_pages(self) -> Self:
        homes = [f"https://{www}{host}{path}" for host in self.domains for www in ("", "www.") for path in ("", "/")]
        for url in filter(self.is_article, homes):
            raise _fault("article", f"accepts the home page {url}; write what only articles have in their address")
        for url in self.test.articles:
            if not self.owns(url):
                raise _fault("test.articles", f"{url} is on none of {', '.join(self.domains)}; add its host to domains")
            if not self.is_article(url):
                raise _fault("test.articles", f"{url} does not match the article pattern; correct one of the two")
        for url in filter(self.is_article, self.test.others):
            raise _fault("test.others", f"{url} matches the article pattern; make the pattern narrower")
        return self


def load_profiles(ids: Sequence[str] | None = None, folder: Path | None = None) -> list[SiteProfile]:
    """The profiles of a folder: all by name, or those of `ids` in that order.

    The folder is by default the one that WINNOW_SITES_DIR names, else the one that comes with Winnow. Raises
    ProfileError for a folder without profiles, an unknown id, and a file that is not a valid profile.
    """
    folder = folder or profiles_folder()
    files = _files(folder)
    if not files:
        raise ProfileError(
            f"{folder}: no site profiles here; WINNOW_SITES_DIR names a folder that holds <domain>.toml files"
        )
    return [load_profile(_named(name, files, folder)) for name in (files if ids is None else dict.fromkeys(ids))]


def profile_ids() -> frozenset[str]:
    """The ids of all profiles, valid or not, in the folder that `load_profiles` reads."""
    return frozenset(_files(profiles_folder()))


def profiles_folder() -> Path:
    """The folder that WINNOW_SITES_DIR names, else the one that comes with Winnow."""
    return Path(os.environ.get("WINNOW_SITES_DIR") or SITES)


def _files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_profile(file: Path) -> SiteProfile:
    """One profile from its TOML file. Raises ProfileError."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: is not TOML: {error}") from None
    if "id" in table:
        raise ProfileError(f"{file}: id: is the file's name already; take this line out")
    try:
        return SiteProfile.model_validate({"id": file.stem, **table})
    except ValidationError as error:
        raise ProfileError(f"{file}: {_in_one_line(error)}") from None


def profile_for(url: str, profiles: Iterable[SiteProfile]) -> SiteProfile | None:
    """The profile that owns a URL, the one with the most specific domain first; None where none does."""
    host = _host_of(url)
    best = max(profiles, key=lambda profile: _specificity(profile, host), default=None)
    return best if best and _specificity(best, host) else None


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _specificity(profile: SiteProfile, host: str) -> int:
    """The length of the longest domain of the profile that the host falls under; 0 for none."""
    return max((len(domain) for domain in profile.domains if _is_under(host, domain)), default=0)


def _is_under(host: str, domain: str) -> bool:
    return host.endswith(domain) and (len(host) == len(domain) or host[-len(domain) - 1] == ".")


def _named(name: str, files: dict[str, Path], folder: Path) -> Path:
    if name in files:
        return files[name]
    near = [known for known in files if name and name.lower() in known][:3] or get_close_matches(name.lower(), files)
    hint = f"did you mean {' or '.join(near)}?" if near else "`scrapy sites` lists those there are"
    raise ProfileError(f"{name!r}: no such site in {folder}; {hint}")


def _fault(key: str, text: str) -> PydanticCustomError:
    """A failed check of the whole profile, with the key that is at fault."""
    return PydanticCustomError("fault", "{text}", {"key": key, "text": text})


def _in_one_line(error: ValidationError) -> str:
    # A misspelt key is also a missing one: the misspelling is what to tell.
    first, *more = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    path, about = first["loc"], first.get("ctx", {})
    key = about["key"] if first["type"] == "fault" else _dotted(path)
    text = _advice(first["type"], path, str(about.get("error", first["msg"])))
    rest = f" (and {len(more)} more)" if more else ""
    return " ".join(f"{key}: {text}{rest}".split())


def _dotted(path: tuple[int | str, ...]) -> str:
    parts = [part for part in path if part != "[key]"]  # pydantic's word for a wrong key of a free table
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


def _advice(error: str, path: tuple[int | str, ...], message: str) -> str:
    if error == "extra_forbidden":
        known = _keys_beside(path)
        near = get_close_matches(str(path[-1]), known, n=1)
        return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; the keys here are {', '.join(known)}"
    if path in _EXPECTED:
        return _EXPECTED[path]
    return _IN_TOML.get(error) or message.replace("Tuple", "The list").replace(" after validation", "")


def _keys_beside(path: tuple[int | str, ...]) -> list[str]:
    """The keys that the table knows in which the last key of `path` stands."""
    tables: dict[Any, type[_Table]] = {
        "clean": Clean,
        "expect": Expect,
        "test": Examples,
        "strip": Strip,
        "phrases": Phrase,
    }
    above = [part for part in path[:-1] if isinstance(part, str)]
    return [key for key in (tables[above[-1]] if above else SiteProfile).model_fields if key != "id"]
