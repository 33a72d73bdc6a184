"""Read what an article is about: description, section and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cleaners.html.json_ld import StructuredData, plain_text, types_of, values_of
from cleaners.metadata.head import Head, one_line
from cleaners.metadata.origins import Traced, in_jsonld
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from cleaners.metadata.publisher import Publisher

_MOST_TAGS = 40
_LONGEST_TAG = 80  # characters; a longer one is a sentence
_LONGEST_LIST = 5_000  # characters of a list of tags

# Not meant for readers: URLs, JSON, "key:value", UUIDs, names of a content system's own lists.
_MACHINE_TAG = re.compile(r"^(?:https?:|\{|NLP )|^\S[^\s:]*+:\S+$|^[0-9a-f]{8}-[0-9a-f]{4}-|^[a-z]+(?:-[a-z]+){3,}$")
_CUT_OFF = ("…", "...")
_HOME = frozenset(
    {
        "home",
        "homepage",
        "startseite",
        "start",
        "accueil",
        "inicio",
        "portada",
        "news",
        "ホーム",
        "トップ",
        "首页",
        "главная",
    }
)


def read_description(head: Head, jsonld: StructuredData, title: str | None) -> Traced[str | None]:
    """Return the description from meta tags or structured data, preferring one that is not cut off."""
    candidates = [
        *head.traced("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
    ]
    for node in jsonld.articles:
        key = "description" if node.get("description") else "abstract"
        candidates.append(Traced(one_line(plain_text(node.get(key))), in_jsonld(node, key)))
    headline = letters_only(title or "")
    candidates = [each for each in candidates if len(each.value) > 10 and letters_only(each.value) != headline]
    if not candidates:
        return Traced(None)
    first = candidates[0]
    if first.value.endswith(_CUT_OFF):
        stem = letters_only(first.value)
        complete = (
            each
            for each in candidates
            if not each.value.endswith(_CUT_OFF) and letters_only(each.value).startswith(stem)
        )
        first = next(complete, first)
    return first


def read_section(head: Head, jsonld: StructuredData, publisher: Publisher) -> Traced[str | None]:
    """Return the section that the publisher files the article under."""
    candidates = [
        Traced(_first_section(one_line(plain_text(value))), in_jsonld(node, "articleSection"))
        for node in jsonld.articles
        for value in values_of(node.get("articleSection"))
    ]
    candidates += head.traced(
        "article:section",
        "og:article:section",
        "parsely-section",
        "cxenseparse:section",
        "section",
        "dc.subject.section",
        "category",
    )
    candidates += [Traced(text, "json-ld:BreadcrumbList.name") for text in _crumbs(jsonld)]
    return next(
        (
            each
            for each in candidates
            if 2 <= len(text := each.value) <= 60
            and letters_only(text) not in _HOME
            and "_" not in text
            and not publisher.is_name(text)
            and not text.startswith("http")
        ),
        Traced(None),
    )


def read_tags(head: Head, jsonld: StructuredData) -> tuple[str, ...]:
    """Return the keywords in the page's order, each once whatever its case."""
    keywords: list[str] = []
    for node in jsonld.articles:
        for value in values_of(node.get("keywords")):
            if isinstance(value, Mapping):
                value = plain_text(value)
            if isinstance(value, str):
                keywords += _split(value)
    keywords += head.all("article:tag", "og:article:tag")
    for name in ("news_keywords", "keywords", "parsely-tags", "sailthru.tags"):
        if not keywords:
            keywords += [tag for value in head.all(name) for tag in _split(value)]
    tags: dict[str, str] = {}
    for text in keywords:
        tag = one_line(text).strip(" ,;#\"'")
        if 1 < len(tag) <= _LONGEST_TAG and not _MACHINE_TAG.search(tag):
            tags.setdefault(letters_only(tag), tag)
    return tuple(tags.values())[:_MOST_TAGS]


def _first_section(text: str) -> str:
    return text.split(",")[0].strip(" #") if "," in text and " & " not in text else text


def _split(value: str) -> list[str]:
    text = one_line(value[:_LONGEST_LIST])
    return text.split(";") if ";" in text and "," not in text else text.replace("、", ",").replace("，", ",").split(",")


def _crumbs(jsonld: StructuredData) -> list[str]:
    """Return the breadcrumbs between the home page and the article."""
    for node in jsonld.nodes:
        if "BreadcrumbList" in types_of(node):
            names = []
            for item in values_of(node.get("itemListElement")):
                if isinstance(item, Mapping):
                    target = item.get("item")
                    name = item.get("name") or (target.get("name") if isinstance(target, Mapping) else "")
                    names.append(one_line(plain_text(name)))
            if len(names) > 2:
                return names[1:-1]
    return []
