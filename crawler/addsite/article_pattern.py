"""Infer the pattern of a site's article URLs from examples of articles and of other pages.

Articles of one shape make one template (`url_template`). Templates that others make redundant are dropped, and the rest
are joined into one regular expression. Nothing is fetched here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.addsite.path_sections import escape_literal
from crawler.addsite.url_features import FeatureStrength, UrlFeatures, url_features
from crawler.addsite.url_template import UrlTemplate, template_key, url_template
from crawler.discovery.urls import canonicalize, registered_domain

# The tokens of a pattern: groups, classes and escapes are one token each, and so is a run of letters.
_TOKEN = re.compile(
    r"\(\?[:!](?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[*+?]?|\[[^\]]*\](?:[*+?]|\{[^}]*\})?|\\.(?:[*+?]|\{[^}]*\})?|[A-Za-z]+|."
)
# One odd URL among so many with a date or number is left out: its pattern might accept the whole site.
_MANY = 6


class NoPatternError(ValueError):
    """Report in one line that no pattern can distinguish the URLs."""


@dataclass(frozen=True, slots=True)
class ArticlePattern:
    """Hold a pattern for `re.search` in canonical https URLs.

    `left_out` are articles that it rejects, `false_matches` other pages that it accepts. `is_weak` if only the words of
    headlines, or sections, identify articles.
    """

    text: str
    left_out: tuple[str, ...] = ()
    false_matches: tuple[str, ...] = ()
    is_weak: bool = False


def infer_pattern(articles: Iterable[str], others: Mapping[str, float] | Iterable[str] = ()) -> ArticlePattern:
    """Return a pattern that accepts the articles and rejects the others.

    `others` are URLs that are no articles, as a mapping with the certainty of that from 0 to 1 (else 1). Raises
    NoPatternError if any pattern would accept everything.
    """
    addresses = [url_features(url) for url in dict.fromkeys(map(_https, articles)) if urlsplit(url).path.strip("/")]
    certainties = dict(others) if isinstance(others, Mapping) else dict.fromkeys(others, 1.0)
    known = {address.url for address in addresses}
    rejected = {url: weight for one, weight in certainties.items() if (url := _https(one)) not in known}
    if not addresses:
        raise NoPatternError("no article but the home page: nothing to infer a pattern from")
    host = _host_pattern(sorted({address.host for address in addresses}))
    groups: dict[object, list[UrlFeatures]] = defaultdict(list)
    for address in addresses:
        groups[template_key(address)].append(address)
    templates = [(url_template(group, rejected, host), group) for group in groups.values()]
    kept, left_out = _needed(templates, host)
    text = _joined(host, [template.path for template in kept])
    if re.search(text, f"https://{addresses[0].host}/") or re.search(text, f"https://{addresses[0].host}/a"):
        raise NoPatternError("the articles' URLs have nothing in common that other pages lack")
    false_matches = tuple(url for url in rejected if re.search(text, url))
    is_weak = any(template.strength is not FeatureStrength.FIRM for template in kept)
    return ArticlePattern(text, tuple(address.url for address in left_out), false_matches, is_weak)


def _https(url: str) -> str:
    return re.sub("^http:", "https:", canonicalize(url))


def _host_pattern(hosts: Sequence[str]) -> str:
    if len(hosts) == 1:
        return escape_literal(hosts[0])
    domains = common_domains(hosts)
    names = [escape_literal(domain) for domain in domains]
    bare = any(host in domains for host in hosts)
    return rf"(?:[a-z0-9-]+\.){'*' if bare else '+'}" + (names[0] if len(names) == 1 else f"(?:{'|'.join(names)})")


def common_domains(hosts: Iterable[str]) -> tuple[str, ...]:
    """Return for each registered domain the longest domain that all its hosts are under, without `www.`."""
    found: dict[str, list[str]] = {}
    for host in sorted(hosts):
        labels = host.removeprefix("www.").split(".")
        known = found.setdefault(registered_domain(f"https://{host}/"), labels)
        same = 0
        while same < min(len(known), len(labels)) and known[-1 - same] == labels[-1 - same]:
            same += 1
        known[:] = labels[len(labels) - same :]
    return tuple(".".join(labels) for labels in found.values())


def _needed(
    templates: Sequence[tuple[UrlTemplate, Sequence[UrlFeatures]]], host: str
) -> tuple[list[UrlTemplate], list[UrlFeatures]]:
    """Return the templates that the others do not make redundant, cheapest first, and the URLs left out."""
    firm = sum(len(group) for template, group in templates if template.strength is FeatureStrength.FIRM)
    odd = [
        (template, group)
        for template, group in templates
        if firm >= _MANY and len(group) * _MANY <= firm and template.strength is not FeatureStrength.FIRM
    ]
    rest = [pair for pair in templates if pair not in odd]
    kept = sorted((template for template, _ in rest), key=lambda template: template.cost)
    for template, group in sorted(rest, key=lambda pair: (len(pair[1]), -pair[0].cost)):
        patterns = [re.compile(f"^https://{host}/{other.path}") for other in kept if other is not template]
        if patterns and all(any(one.search(address.url) for one in patterns) for address in group):
            kept.remove(template)
    text = re.compile(_joined(host, [template.path for template in kept]))
    left_out = [address for _, group in odd for address in group if not text.search(address.url)]
    return kept, left_out


def _joined(host: str, paths: Sequence[str]) -> str:
    """Join patterns into one. What two of them share at both ends is written once."""
    merged: list[list[str]] = []
    for tokens in dict.fromkeys(tuple(_TOKEN.findall(path)) for path in paths):
        for known in merged:
            if (merged_tokens := _merged(known, tokens)) is not None:
                known[:] = merged_tokens
                break
        else:
            merged.append(list(tokens))
    texts = ["".join(tokens) for tokens in merged]
    return f"^https://{host}/" + (texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})")


def _merged(one: Sequence[str], other: Sequence[str]) -> list[str] | None:
    """Merge two patterns that differ at one place, in plain words or signs; None if they differ otherwise."""
    shorter = min(len(one), len(other))
    front = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    back = next((at for at in range(shorter - front) if one[-1 - at] != other[-1 - at]), shorter - front)
    parts = ["".join(tokens[front : len(tokens) - back]) for tokens in (one, other)]
    if front + back < 3 or not all(re.fullmatch(r"(?:[\w-]|\\\.)*", part) for part in parts):
        return None
    words = "|".join(sorted(part for part in parts if part))
    return [*one[:front], f"(?:{words}){'' if all(parts) else '?'}", *one[len(one) - back :]]
