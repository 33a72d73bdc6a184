"""What it is about: description, section and tags."""

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

MOST_TAGS = 40
LONGEST_TAG = 80  # characters; longer ones are sentences

# Addresses, JSON, "key:value", UUIDs, names of content systems' own lists: no words for readers.
_MACHINE_TAG = re.compile(r"^(?:https?:|\{|NLP )|^\S+:\S+$|^[0-9a-f]{8}-[0-9a-f]{4}-|^[a-z]+(?:-[a-z]+){3,}$")
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
    """The standfirst or meta description, whichever the page gives whole."""
    told = [
        *head.traced("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
    ]
    for node in jsonld.articles:
        key = "description" if node.get("description") else "abstract"
        told.append(Traced(one_line(plain_text(node.get(key))), in_jsonld(node, key)))
    told = [each for each in told if len(each.value) > 10 and letters_only(each.value) != letters_only(title or "")]
    if not told:
        return Traced(None)
    first = told[0]
    if first.value.endswith(_CUT_OFF):
        stem = letters_only(first.value)
        whole = (
            each for each in told if not each.value.endswith(_CUT_OFF) and letters_only(each.value).startswith(stem)
        )
        first = next(whole, first)
    return first


def read_section(head: Head, jsonld: StructuredData, outlet: Publisher) -> Traced[str | None]:
    """The section the outlet files the article under."""
    told = [
        Traced(_first_listed(one_line(plain_text(value))), in_jsonld(node, "articleSection"))
        for node in jsonld.articles
        for value in values_of(node.get("articleSection"))
    ]
    told += head.traced(
        "article:section",
        "og:article:section",
        "parsely-section",
        "cxenseparse:section",
        "section",
        "dc.subject.section",
        "category",
    )
    told += [Traced(text, "json-ld:BreadcrumbList.name") for text in _crumbs(jsonld)]
    return next(
        (
            each
            for each in told
            if 2 <= len(text := each.value) <= 60
            and letters_only(text) not in _HOME
            and "_" not in text
            and not outlet.is_name(text)
            and not text.startswith("http")
        ),
        Traced(None),
    )


def read_tags(head: Head, jsonld: StructuredData) -> tuple[str, ...]:
    """Keywords, each once whatever its case, in the outlet's order."""
    told: list[str] = []
    for node in jsonld.articles:
        for value in values_of(node.get("keywords")):
            if isinstance(value, Mapping):
                value = plain_text(value)
            if isinstance(value, str):
                told += _listed(value)
    told += head.all("article:tag", "og:article:tag")
    for name in ("news_keywords", "keywords", "parsely-tags", "sailthru.tags"):
        if not told:
            told += [tag for value in head.all(name) for tag in _listed(value)]
    tags: dict[str, str] = {}
    for text in told:
        tag = one_line(text).strip(" ,;#\"'")
        if 1 < len(tag) <= LONGEST_TAG and not _MACHINE_TAG.search(tag):
            tags.setdefault(letters_only(tag), tag)
    return tuple(tags.values())[:MOST_TAGS]


def _first_listed(text: str) -> str:
    return text.split(",")[0].strip(" #") if "," in text and " & " not in text else text


def _listed(value: str) -> list[str]:
    text = one_line(value)
    return text.split(";") if ";" in text and "," not in text else text.replace("、", ",").replace("，", ",").split(",")


def _crumbs(jsonld: StructuredData) -> list[str]:
    """The breadcrumbs between the home page and the article."""
    for node in jsonld.nodes:
        if "BreadcrumbList" in types_of(node):
            names = []
            for item in values_of(node.get("itemListElement")):
                if isinstance(item, Mapping):
                    inner = item.get("item")
                    names.append(
                        one_line(
                            plain_text(item.get("name") or (inner.get("name") if isinstance(inner, Mapping) else ""))
                        )
                    )
            if len(names) > 2:
                return names[1:-1]
    return []
