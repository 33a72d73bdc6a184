"""Normalize article URLs: a form to fetch, one to record, one to compare, and the registered domain.

From the least to the most change: `clean_url` is for fetching (without tracking parameters and fragment, but nothing
else that a server could notice), `canonicalize` is for recording and matching (w3lib's canonical form of that), and
`comparison_key` tells whether two links lead to the same article (it ignores scheme, `www.`, trailing slash, AMP and
print forms).

A URL longer than MAX_URL_LENGTH is refused before any pattern reads it, and so is a host that DNS cannot have.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

from cleaners.text.domains import registered_name
from cleaners.text.url_length import MAX_URL_LENGTH, shorten_url

if TYPE_CHECKING:
    from collections.abc import Iterable


# Parameters that only say where a click came from, beyond those that courlan knows (AdGuard's and ClearURLs' lists).
_TRACKING = re.compile(
    r"utm[_-].*|(?:fb|g|gb?ra|wb?ra|d|y|tw|ms|tt|li_fat_|irc)cl(?:k)?id|igshid|igsh|mibextid|"
    r"(?:at|ns|cx|guce|wt|pk|mtm|matomo|hsa|itm|stm|sc|mkt|ml|mc|vero|oly|piano|cm|dm|s_kw|_hs)_.*|_?(?:ga|gl)|__s|__twitter_impression|"
    r"_hs(?:enc|mi)|xtor|maca|dicbo|ico|ito|smid|smtyp|ncid|ocid|icid|intcid|scid|s_cid|cmp(?:id)?|intcmp|campaign(?:id)?|"
    r"ref(?:_?(?:src|url|errer|id))?|referr?er|originalreferr?er|guccounter|soc_(?:src|trk)|sref|srnd|tpcc|ftag|taid|via|"
    r"sr_share|share(?:d|_?token|_?type)?|spm|trk|trkcampaign|ceid|em[cd]i|ana|feed(?:name|type)|rss(?:feed)?|"
    r"ck_subscriber_id|mod|traffic_source|click_?id|yptr|ex_cid|partner|cvid|link_?source|pf_rd_.*",
    re.I,
)
# Parameters that may identify the article: courlan's pattern takes `cid`, `eid`, `uid`, `gallery...` for trackers.
_IDENTIFYING = re.compile(
    r".*id|(?>.*?(?:story|article|artikel|post|news|gallery|doc)).*|p|page|n|no|nr|key|code", re.I
)
_ALWAYS_IDENTIFYING = {"id", "p", "page", "n", "no", "nr", "key", "code"}
_IDENTIFIER = re.compile(r"\d+|[0-9a-f]{8,}(?:-[0-9a-f]+)*", re.I)
# Parameters that are tracking only with certain values: `?r=rss`, `?from=newsletter`.
_REFERRER = re.compile(r"(?:r|s|from|src|source|origin|cid|type|medium)", re.I)
_CHANNEL = re.compile(
    r"(?:rss|atom|feed|newsletter|twitter|facebook|social|share|sitemap|homepage)(?:[-_.]\w++)*+", re.I
)
_FRONT_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_VARIANT_PATH = re.compile(
    r"^/(?:amp|print)(?=/.)|(?:/amp|/print|/drucken|/amp\.html?|/print\.html?)/?$|\.amp(?=\.html?$)|\.amp$"
)
_VARIANT_QUERY = re.compile(r"amp|print|printable|printpage|outputtype|output|view|display|layout|mode|format", re.I)
_VARIANT_VALUE = re.compile(r"|1|true|amp|print|yes", re.I)
_KEPT_OF_LONG_URL = 600  # characters
_LONGEST_HOST = 253  # characters, of labels of 63 at most (RFC 1035)
# URLs no longer than a host may be that need no cleaning: most of a sitemap's 50,000.
_CLEAN = re.compile(r"https?://[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})+/[\w.~!$'()*+,;=:@/-]*", re.ASCII)
# A name, or an IP address.
_HOST = re.compile(r"[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*|(?=[\da-f.]*:)[\da-f:.]+", re.ASCII)


class UrlTooLongError(ValueError):
    """Report a URL that is longer than MAX_URL_LENGTH, by its beginning."""


def _check_length(url: str) -> None:
    if len(url) > MAX_URL_LENGTH:
        raise UrlTooLongError(f"a URL of {len(url)} characters, more than {MAX_URL_LENGTH}: {shorten_url(url)}")


def _split(url: str) -> SplitResult:
    _check_length(url)
    try:
        parts = urlsplit(url.strip())
        _host, _port = parts.hostname, parts.port
        url.encode()  # half of a surrogate pair cannot be
    except ValueError as error:
        why = repr(str(error))[1:61]  # it may quote the host, with control characters
        raise ValueError(f"not a usable URL ({why}): {shorten_url(url)}") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(f"not an http or https URL: {shorten_url(url)}")
    return parts


def _is_tracking(name: str, value: str) -> bool:
    if _REFERRER.fullmatch(name) and _CHANNEL.fullmatch(value):
        return True
    if _TRACKING.fullmatch(name):
        return True
    if _IDENTIFYING.fullmatch(name) and (_IDENTIFIER.fullmatch(value) or name.lower() in _ALWAYS_IDENTIFYING):
        return False
    from courlan.clean import clean_query  # slow to import, and few URLs get here

    return not clean_query(urlencode({name: value or "-"}))


def _is_clean(url: str) -> bool:
    return len(url) <= _LONGEST_HOST and _CLEAN.fullmatch(url) is not None


def clean_url(url: str) -> str:
    """Return `url` as it should be fetched: no fragment, tracking parameters or default port; the host in lower-case ASCII.

    The path and all other parameters stay as they are, in their order. Raises ValueError, naming the URL, for anything
    but an http or https URL with a host, and UrlTooLongError where it is too long, as given or with its characters encoded.
    """
    if _is_clean(url):
        return url
    parts = _split(url)
    kept = []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not _is_tracking(unquote_plus(name), unquote_plus(value)):
            kept.append(pair)
    scheme = parts.scheme.lower()
    host = _ascii_host(parts.hostname or "", url)
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, {"http": 80, "https": 443}[scheme]) else f":{parts.port}"
    cleaned = str(safe_url_string(urlunsplit((scheme, host + port, parts.path or "/", "&".join(kept), ""))))
    _check_length(cleaned)  # its characters are encoded now
    return cleaned


def clean_beginning(url: str) -> str:
    """Return the beginning of a URL that is too long, cleaned: by it the URL is known. Raises ValueError as `clean_url` does."""
    return clean_url(str(safe_url_string(url[:_KEPT_OF_LONG_URL]))[:_KEPT_OF_LONG_URL])


def _ascii_host(host: str, url: str) -> str:
    """Return a host in ASCII and lower case. Raises ValueError for one that DNS cannot have."""
    encoded = ""
    if len(host) <= _LONGEST_HOST:
        with suppress(UnicodeError):  # some characters stand for a dot, so that a label may turn out to be empty
            encoded = host if ":" in host else host.rstrip(".").encode("idna").decode("ascii").lower().rstrip(".")
    if len(encoded) > _LONGEST_HOST or not _HOST.fullmatch(encoded):
        raise ValueError(f"URL without a valid host: {shorten_url(url)}")
    return encoded


@lru_cache(maxsize=4096)  # called ten times for each page
def canonicalize(url: str) -> str:
    """Return the form in which URLs are recorded and matched: cleaned, with sorted parameters and normalized encoding.

    Raises ValueError, naming the URL, for anything but http or https.
    """
    cleaned = clean_url(url)
    canonical = str(canonicalize_url(cleaned))
    return canonical if len(canonical) <= MAX_URL_LENGTH else cleaned  # it encodes more characters


def comparison_key(url: str) -> str:
    """Return a key that is equal for all URLs of one article.

    It ignores the scheme, `www.`, `m.` and `amp.`, a trailing slash, AMP and print forms. It is not a URL to fetch.
    Raises ValueError as `canonicalize` does.
    """
    parts = urlsplit(canonicalize(url))
    host = _FRONT_HOST.sub("", parts.netloc)
    path = _VARIANT_PATH.sub("", parts.path).rstrip("/")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(n, v) for n, v in pairs if not (_VARIANT_QUERY.fullmatch(n) and _VARIANT_VALUE.fullmatch(v))])
    return f"{host}{path or '/'}{'?' + query if query else ''}"


@lru_cache(maxsize=4096)
def _domain_of(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return registered_name(host, private=True) or host


def registered_domain(url: str) -> str:
    """Return the registered domain: `bbc.co.uk` for `https://www.bbc.co.uk/news`; for an IP or a bare name, itself.

    Raises ValueError, naming the URL, for anything but http or https.
    """
    if _is_clean(url):
        return _domain_of(url.split("/", 3)[2])
    return _domain_of(_ascii_host(_split(url).hostname or "", url))


def resolve(base: str, link: str) -> str | None:
    """Return the URL to fetch for `link` as found on the page `base`; None if it leads to nothing that can be fetched."""
    if len(link) > MAX_URL_LENGTH or len(base) > MAX_URL_LENGTH:
        return None
    try:
        return clean_url(urljoin(base, link.strip()))
    except ValueError:
        return None


def is_host_under(host: str, domains: Iterable[str]) -> bool:
    """Tell whether the host is one of the domains, or a subdomain of one."""
    host = host.rstrip(".").lower()
    return any(host == domain or host.endswith("." + domain) for domain in map(str.lower, domains))
