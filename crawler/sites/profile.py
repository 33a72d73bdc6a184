"""Define the site profile and check its values when it is loaded."""

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
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cleaners.document import Kind
from cleaners.page import PhraseRule, SiteRules, StripRule
from crawler.discovery.source_kinds import source_kinds
from crawler.sites.hostile_runs import slow_run

# The context of validation for profiles that the tests have checked: trying their patterns on hostile texts takes a while.
CHECKED = "checked"
# A sentence that any site may write: a phrase pattern that matches it would empty every article.
_ORDINARY_SENTENCE = "The company said on Tuesday that its revenue grew by 12 % in the third quarter."


def _check_regex(pattern: str, info: ValidationInfo) -> str:
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    if info.context is not CHECKED and (run := slow_run(compiled)):
        shown = run.of(20).strip()
        raise ValueError(
            f"{pattern!r} takes too long on texts like {shown!r}; let no part match what the next can match"
        )
    return pattern


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or re.search(r"\s", url):
        raise ValueError(f"{url!r} is not a web address; write the whole URL, such as https://www.example.com/feed")
    return url


def _check_host(host: str) -> str:
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", host):
        raise ValueError(f"{host!r} is not a host name; write it in lower case, without https:// and path")
    return host


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError(f"{name!r} is not an IANA time zone; write one such as Europe/Berlin") from None
    return name


def _check_xpath(xpath: str) -> str:
    from lxml import etree  # few profiles strip anything: spare the others the import

    try:
        found = etree.XPath(xpath)(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f"{xpath!r} is not an XPath: {error}") from None
    if not isinstance(found, list):
        raise ValueError(f"{xpath!r} selects no elements; write an XPath such as //div[@class='promo']")
    return xpath


def _check_phrase(pattern: str) -> str:
    if re.fullmatch(pattern, _ORDINARY_SENTENCE):
        raise ValueError(f"{pattern!r} matches ordinary sentences; spell out the words of the boilerplate")
    return pattern


NonEmptyText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
RegexText = Annotated[NonEmptyText, AfterValidator(_check_regex)]
ProfileUrl = Annotated[NonEmptyText, AfterValidator(_check_url)]
HostName = Annotated[NonEmptyText, AfterValidator(_check_host)]
TimeZoneName = Annotated[NonEmptyText, AfterValidator(_check_time_zone)]
ShareBound = Annotated[float, Field(ge=0, le=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class ProfileTable(BaseModel):
    """Define a table of a profile: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileStrip(ProfileTable):
    """Select elements that are clutter on this site."""

    xpath: Annotated[NonEmptyText, AfterValidator(_check_xpath)]
    kind: Kind


class ProfilePhrase(ProfileTable):
    """Match whole lines that are clutter on this site."""

    pattern: Annotated[RegexText, AfterValidator(_check_phrase)]
    kind: Kind


class ProfileClean(ProfileTable):
    """Hold the `[clean]` table: permanent facts about the site's pages."""

    strip: tuple[ProfileStrip, ...] = ()
    phrases: tuple[ProfilePhrase, ...] = ()


class ProfileExpect(ProfileTable):
    """Hold the `[expect]` table: bounds for monitoring, in place of those it learns from earlier runs.

    A value outside its bound raises an alarm. Lower bounds: `articles` a day, `pages` (share of article pages that give
    an article), `text` (median length in characters), `title`, `date` and `author` (shares of articles that have one).
    Upper bounds: `silence` (days without a new article) and `dropped` (kind of clutter = share of all blocks).
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
    """Hold the `[test]` table: URLs that the article pattern must accept, and others that it must reject."""

    articles: Annotated[tuple[ProfileUrl, ...], Field(min_length=3)]
    others: Annotated[tuple[ProfileUrl, ...], Field(min_length=2)]


class _SiteFacts(ProfileTable):
    """Hold the first part of a profile: which site it is, and how often to send it a request."""

    id: str
    name: NonEmptyText
    domains: Annotated[tuple[HostName, ...], Field(min_length=1)]
    language: Language
    timezone: TimeZoneName
    delay: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 2.0


# Type checkers do not see the source kinds' keys: read them through `SiteProfile.sources_by_key`.
if TYPE_CHECKING:
    _WithSources = _SiteFacts
else:
    _WithSources = create_model(
        "_WithSources", __base__=_SiteFacts, **{kind.key: (tuple[ProfileUrl, ...], ()) for kind in source_kinds()}
    )


class SiteProfile(_WithSources):
    """Describe one site.

    `delay` is in seconds between two requests to a host. `timezone` is an IANA name, for dates without an offset. Each
    source kind has a key (`feeds`, `sitemaps`, `sections`). `article` is a regular expression, searched in the
    canonical URL. `render` says that scripts build the articles, so that Chromium has to load them.
    """

    article: RegexText
    render: StrictBool = False
    clean: ProfileClean = ProfileClean()
    expect: ProfileExpect = ProfileExpect()
    test: ProfileExamples

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the URLs of all sources, in the order in which they are fetched."""
        return tuple(url for urls in self.sources_by_key.values() for url in urls)

    @property
    def sources_by_key(self) -> dict[str, tuple[str, ...]]:
        """Return the sources' URLs by the key of their kind, in the order in which kinds are fetched."""
        return {kind.key: getattr(self, kind.key) for kind in source_kinds()}

    @property
    def home(self) -> str:
        """Return the home page of the host that serves the articles, with a trailing slash."""
        return urljoin(self.test.articles[0], "/")

    def owns(self, url: str) -> bool:
        """Tell whether the URL's host is one of `domains`, or a subdomain of one."""
        host = host_of(url)
        return any(_is_under(host, domain) for domain in self.domains)

    def is_article(self, url: str) -> bool:
        """Tell whether a canonical URL has the shape of this site's articles; http counts as https."""
        return self.owns(url) and re.search(self.article, re.sub("^http:", "https:", url)) is not None

    def rules(self) -> SiteRules:
        """Return what the cleaners need to know about this site."""
        return SiteRules(
            name=self.name,
            language=self.language,
            timezone=self.timezone,
            strip=tuple(StripRule(rule.xpath, rule.kind.value) for rule in self.clean.strip),
            phrases=tuple(PhraseRule(rule.pattern, rule.kind.value) for rule in self.clean.phrases),
        )

    @model_validator(mode="after")
    def _check_examples(self) -> Self:
        homes = [f"https://{www}{host}{path}" for host in self.domains for www in ("", "www.") for path in ("", "/")]
        for url in filter(self.is_article, homes):
            raise _fault("article", f"accepts the home page {url}; write what only article URLs contain")
        for url in self.test.articles:
            if not self.owns(url):
                raise _fault("test.articles", f"{url} is on none of {', '.join(self.domains)}; add its host to domains")
            if not self.is_article(url):
                raise _fault("test.articles", f"{url} does not match the article pattern; correct one of them")
        for url in filter(self.is_article, self.test.others):
            raise _fault("test.others", f"{url} matches the article pattern; make the pattern narrower")
        return self


def host_of(url: str) -> str:
    """Return the host of a URL; "" if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_under(host: str, domain: str) -> bool:
    return host.endswith(domain) and (len(host) == len(domain) or host[-len(domain) - 1] == ".")


def _fault(key: str, text: str) -> PydanticCustomError:
    """Build the error of a check that concerns the whole profile, with the key at fault."""
    return PydanticCustomError("fault", "{text}", {"key": key, "text": text})
