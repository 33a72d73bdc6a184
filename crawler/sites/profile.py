"""A site profile: what is known of an outlet, checked before it is believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cleaners.document import Kind
from cleaners.page import PhraseRule, SiteRules, StripRule
from crawler.discovery.source_kinds import source_kinds

# A line that any outlet may write: a phrase pattern that matches it would empty every article.
_HONEST_LINE = "The company said on Tuesday that its revenue grew by 12 % in the third quarter."


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


NonEmptyText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
RegexText = Annotated[NonEmptyText, AfterValidator(_compiles)]
ProfileUrl = Annotated[NonEmptyText, AfterValidator(_web_address)]
HostName = Annotated[NonEmptyText, AfterValidator(_host_name)]
TimeZoneName = Annotated[NonEmptyText, AfterValidator(_time_zone)]
ShareBound = Annotated[float, Field(ge=0, le=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class ProfileTable(BaseModel):
    """Read a table of a profile: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileStrip(ProfileTable):
    """Elements that are clutter at this outlet."""

    xpath: Annotated[NonEmptyText, AfterValidator(_selects_elements)]
    kind: Kind


class ProfilePhrase(ProfileTable):
    """A whole line that is clutter at this outlet."""

    pattern: Annotated[RegexText, AfterValidator(_spares_honest_lines)]
    kind: Kind


class ProfileClean(ProfileTable):
    """The `[clean]` table: permanent facts about the outlet's pages."""

    strip: tuple[ProfileStrip, ...] = ()
    phrases: tuple[ProfilePhrase, ...] = ()


class ProfileExpect(ProfileTable):
    """The `[expect]` table: bounds for the watch, in place of those that it learns from earlier runs. An alarm rises
    beyond them.

    The least: `articles` a day, `pages` (share of article pages that give one), `text` (median length in characters),
    `title`, `date`, `author` (shares of articles that have one). The most: `silence` (days without anything new) and
    `dropped` (kind of clutter = share of all blocks).
    """

    articles: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    silence: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    pages: ShareBound | None = None
    text: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    title: ShareBound | None = None
    date: ShareBound | None = None
    author: ShareBound | None = None
    dropped: dict[Kind, ShareBound] = {}


class ProfileExamples(ProfileTable):
    """The `[test]` table: addresses that the article pattern must accept, and others it must not."""

    articles: Annotated[tuple[ProfileUrl, ...], Field(min_length=3)]
    others: Annotated[tuple[ProfileUrl, ...], Field(min_length=2)]


class _Outlet(ProfileTable):
    """The first part of a profile: which outlet it is, and how often it may be asked."""

    id: str
    name: NonEmptyText
    domains: Annotated[tuple[HostName, ...], Field(min_length=1)]
    language: Language
    timezone: TimeZoneName
    delay: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 2.0


# A type checker does not see the keys of source kinds: read them by `SiteProfile.sources_by_key`.
if TYPE_CHECKING:
    _WithSources = _Outlet
else:
    _WithSources = create_model(
        "_WithSources", __base__=_Outlet, **{kind.key: (tuple[ProfileUrl, ...], ()) for kind in source_kinds()}
    )


class SiteProfile(_WithSources):
    """One outlet. `delay` is in seconds between two requests to a host; `timezone` is an IANA name, for dates without
    an offset. Each source kind has a key (`feeds`, `sitemaps`, `sections`). `article` is a regular expression searched
    in the canonical URL. `render`: its articles are built by scripts, which Chromium has to run.
    """

    article: RegexText
    render: StrictBool = False
    clean: ProfileClean = ProfileClean()
    expect: ProfileExpect = ProfileExpect()
    test: ProfileExamples

    @property
    def sources(self) -> tuple[str, ...]:
        """Every address where new articles are looked for, in the order in which they are asked."""
        return tuple(url for urls in self.sources_by_key.values() for url in urls)

    @property
    def sources_by_key(self) -> dict[str, tuple[str, ...]]:
        """Return the addresses by source kind's key, in the order in which kinds are asked."""
        return {kind.key: getattr(self, kind.key) for kind in source_kinds()}

    @property
    def home(self) -> str:
        """The start page of the host that articles are on, with a final slash."""
        return urljoin(self.test.articles[0], "/")

    def owns(self, url: str) -> bool:
        """Whether the URL's host is one of `domains`, or a subdomain of one."""
        host = host_of(url)
        return any(_is_under(host, domain) for domain in self.domains)

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


def host_of(url: str) -> str:
    """The host of a URL; "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_under(host: str, domain: str) -> bool:
    return host.endswith(domain) and (len(host) == len(domain) or host[-len(domain) - 1] == ".")


def _fault(key: str, text: str) -> PydanticCustomError:
    """A failed check of the whole profile, with the key that is at fault."""
    return PydanticCustomError("fault", "{text}", {"key": key, "text": text})
