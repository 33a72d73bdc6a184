"""Read a page's head in one pass: meta tags by name, links by relation, title and language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.html.json_ld import strip_markup
from cleaners.metadata.origins import Traced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.html import HtmlElement

_LONGEST_VALUE = 5_000  # characters; a longer value is not metadata


@dataclass(frozen=True, slots=True)
class Head:
    """Hold what the head says. Tag names are lower-case; values are in page order, unescaped, one line each."""

    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    title: str | None = None
    language: str | None = None

    def all(self, *names: str) -> list[str]:
        """Return all values of the named tags, in the order of the names."""
        return [value for name in names for value in self.meta.get(name, ())]

    def traced(self, *names: str) -> Iterator[Traced[str]]:
        """Yield the same values as `all`, each with its origin, such as `meta:og:title`."""
        for name in names:
            for value in self.meta.get(name, ()):
                yield Traced(value, f"meta:{name}")

    def first(self, *names: str) -> str | None:
        """Return the first value of the first named tag that has one."""
        return next(iter(self.all(*names)), None)


def read_head(tree: HtmlElement) -> Head:
    """Collect meta, link and title elements from the whole page: a broken head pushes them into the body."""
    meta: dict[str, list[str]] = {}
    links: dict[str, list[str]] = {}
    title = None
    for element in tree.iter("meta", "link", "title"):
        if element.tag == "meta":
            value = element.get("content") or ""
            if value and len(value) <= _LONGEST_VALUE:
                text = one_line(value)
                for attribute in ("name", "property", "itemprop", "http-equiv"):
                    name = element.get(attribute)
                    if name and text and len(kept := meta.setdefault(name.strip().lower(), [])) < 100:
                        kept.append(text)
        elif element.tag == "link":
            target = (element.get("href") or "").strip()
            for relation in (element.get("rel") or "").lower().split():
                if target and len(kept := links.setdefault(relation, [])) < 100:
                    kept.append(target)
        # SVGs have titles too, hence the look at the parent.
        elif title is None and (parent := element.getparent()) is not None and parent.tag in ("head", "html", "body"):
            title = one_line(element.text_content()[:_LONGEST_VALUE]) or None
    return Head(
        meta={name: tuple(values) for name, values in meta.items()},
        links={relation: tuple(targets) for relation, targets in links.items()},
        title=title,
        language=_language(tree, meta),
    )


def one_line(text: str) -> str:
    """Unescape a text, remove tags, soft hyphens and zero-width characters, and collapse white space."""
    for char in "\u00ad\u200b\u2060\ufeff":
        text = text.replace(char, "")
    return " ".join(strip_markup(text).replace("\u00ad", "").split())


def short_text(element: HtmlElement, limit: int = 300) -> str:
    """Return an element's text on one line, cut after `limit` characters, without reading big elements to the end."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(str(part))
        length += len(part)
        if length > 4 * limit:  # leaves room for white space, which collapses
            break
    return " ".join("".join(parts).split())[:limit]


def _language(tree: HtmlElement, meta: Mapping[str, list[str]]) -> str | None:
    """Return the page's language tag, from `html lang` or else from meta tags."""
    tags = [tree.get("lang"), tree.get("xml:lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang")]
    tags += [
        value
        for name in ("og:locale", "content-language", "language", "dc.language", "inlanguage")
        for value in meta.get(name, [])
    ]
    return next((tag.strip().replace("_", "-") for tag in tags if tag and 2 <= len(tag.strip()) <= 12), None)
