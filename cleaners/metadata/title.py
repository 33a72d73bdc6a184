"""Choose the headline among structured data, h1 and head, and strip the publisher's name from it."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cleaners.html.json_ld import JsonNode, StructuredData, plain_text
from cleaners.metadata.head import Head, one_line
from cleaners.metadata.headings import LONGEST_HEADING, Heading, read_headings
from cleaners.metadata.origins import Traced, in_jsonld
from cleaners.metadata.title_suffix import strip_publisher
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

    from cleaners.metadata.publisher import Publisher

# How much each place is trusted. Publishers keep the structured headline, but change h1 and title during the day.
DATA_WEIGHT = 6.0
SEARCH_WEIGHT = 3.0  # a structured headline shortened for search engines
EXTRA_VOTES = 2  # of the structured headline and the h1 when places vote on a suffix
CUT_SHARE = 0.9  # of the length of the visible headline; a shorter one was shortened
HEADING_WEIGHT = 2.8
BANNER_WEIGHT = 0.4  # an h1 that has no words in common with other places is a blog's banner
SHARED_WEIGHT = 2.0  # og:title
OTHER_WEIGHT = 0.5

_CUT_OFF = re.compile(r"(?:(?<!\s)\s++)?(?:…|\.\.\.)\s*+$")
_SHARED_TAGS = (("og:title", "http://ogp.me/ns#title"),)
_OTHER_TAGS = (
    ("twitter:title",),
    ("sailthru.title", "parsely-title", "dc.title", "cxenseparse:title", "title", "headline"),
)


class _Candidate(NamedTuple):
    weight: float
    text: str


def read_title(
    tree: HtmlElement, head: Head, jsonld: StructuredData, publisher: Publisher, labels: frozenset[str] = frozenset()
) -> Traced[str | None]:
    """Return the page's headline, or None, and the most trusted place that gives it.

    `labels` are names of sections, reduced to letters and digits: titles end with them as with publishers' names.
    """
    declared_places = [place for node in jsonld.articles if (place := _declared(node)).value]
    alternatives = [text for node in jsonld.articles if (text := _declared(node, ("alternativeHeadline",)).value)]
    shared_places = _first_values(head, _SHARED_TAGS)
    other_places = _first_values(head, _OTHER_TAGS)
    if head.title and len(head.title) <= LONGEST_HEADING:
        other_places.append(Traced(head.title, "element:title"))
    declared, shared, others = (
        [place.value for place in places] for places in (declared_places, shared_places, other_places)
    )
    page = read_headings(tree)
    banners = {
        letters_only(heading.text)
        for heading in page.main
        if any(_is_suffix(heading.text, text) for text in (*shared, *others))
    }
    page = page._replace(main=[heading for heading in page.main if letters_only(heading.text) not in banners])
    main_texts = [heading.text for heading in page.main]
    evidence = Counter(letters_only(text) for text in (*declared, *shared, *others, *main_texts))
    evidence.update({letters_only(text): EXTRA_VOTES for text in (*declared, *main_texts)})
    clean = partial(strip_publisher, publisher=publisher, evidence=evidence, labels=labels | banners)
    declared, shared, others = ([clean(text) for text in texts] for texts in (declared, shared, others))

    headings = page.shown({letters_only(text) for text in (*declared, *shared, *others, *alternatives)})
    for heading in headings:
        unify = partial(_unify_kicker, heading, _choose_form(heading, [*shared, *declared, *others]))
        declared, shared, others = ([unify(text) for text in texts] for texts in (declared, shared, others))
    forms = [_choose_form(heading, [*shared, *declared, *others]) for heading in headings]
    trail = {letters_only(heading.text) for heading in page.trail} if forms else ()
    candidates = _declared_candidates(declared, [*shared, *forms], others, trail)
    places = [*zip(declared, declared_places, strict=True)]
    shown = _choose_heading(forms, [*declared, *shared, *others])
    if shown:
        weight = HEADING_WEIGHT if _is_similar(shown, [*declared, *shared, *others]) else BANNER_WEIGHT
        candidates.append(_Candidate(weight, clean(shown)))
        if shown in forms:
            tag = "h2" if headings[forms.index(shown)] in page.below else "h1"
            places.append((clean(shown), Traced(shown, f"element:{tag}")))
    places += [*zip(shared, shared_places, strict=True), *zip(others, other_places, strict=True)]
    candidates += [_Candidate(SHARED_WEIGHT, text) for text in shared]
    candidates += [_Candidate(OTHER_WEIGHT, text) for text in others]
    candidates = [each for each in candidates if each.text]
    title = _vote(
        [each for each in candidates if letters_only(each.text) and not publisher.is_name(each.text)] or candidates
    )
    return Traced(title, next((place.origin for text, place in places if text == title), ""))


def _first_values(head: Head, tag_groups: tuple[tuple[str, ...], ...]) -> list[Traced[str]]:
    """Return the first value of each group of tags, unless it is too long for a headline."""
    firsts = (value for tags in tag_groups for value in islice(head.traced(*tags), 1))
    return [value for value in firsts if len(value.value) <= LONGEST_HEADING]


def _choose_form(heading: Heading, others: list[str]) -> str:
    """Return a heading with or without its kicker, as the first other place that has either form gives it.

    If none does, but one has the headline after a different kicker, no kicker is part of the headline.
    """
    if heading.rest:
        for text in others:
            if own := next((form for form in heading if letters_only(form) == letters_only(text)), None):
                return max(own, text, key=_completeness)
        if any(_is_after_kicker(heading.rest, text) for text in others):
            return heading.rest
    return heading.text


def _unify_kicker(heading: Heading, form: str, text: str) -> str:
    """Return the heading's form if a text is the same headline with another kicker or none, else the text."""
    if not heading.rest or letters_only(text) == letters_only(form):
        return text
    is_same = letters_only(text) in heading.forms() or (form == heading.rest and _is_after_kicker(form, text))
    return form if is_same else text


def _is_after_kicker(headline: str, text: str) -> bool:
    """Tell whether a text is a kicker followed by the headline."""
    before = text.removesuffix(headline).rstrip()
    return before != text.rstrip() and before.endswith((":", "|", "–", "—", "-", "/"))


def _is_suffix(heading: str, title: str) -> bool:
    """Tell whether a heading follows a longer headline in a title: it is the banner of the site or of a section."""
    rest = title.removesuffix(heading)
    separated = rest.rstrip() != rest.rstrip(" |｜‖¦•·»«›‹~:–—―/-")
    return rest != title and separated and len(rest) > len(heading)


def _declared(node: JsonNode, keys: tuple[str, ...] = ("headline", "name")) -> Traced[str]:
    """Return the first of the properties that a node has, or "" if it is too long for a headline."""
    key = next((key for key in keys if node.get(key)), keys[0])
    text = one_line(plain_text(node.get(key, "")))
    return Traced(text if len(text) <= LONGEST_HEADING else "", in_jsonld(node, key))


def _declared_candidates(
    declared: list[str], shown: list[str], others: list[str], trail: Collection[str]
) -> list[_Candidate]:
    """Return the structured headline as a candidate: of several the one that the page shows, else the first.

    A headline that the page does not show, that the title tag repeats and that is clearly shorter than the visible one
    was shortened for search engines, which show about 60 characters. So was one that only ends a breadcrumb `trail`.
    """
    if not declared:
        return []
    visible = {letters_only(text) for text in shown}
    text = next((text for text in declared if letters_only(text) in visible), declared[0])
    for_search = letters_only(text) not in visible and letters_only(text) in {letters_only(other) for other in others}
    for_search = for_search and any(len(text) < CUT_SHARE * len(other) for other in shown)
    for_search = for_search or (letters_only(text) in trail and letters_only(text) not in visible)
    return [_Candidate(SEARCH_WEIGHT if for_search else DATA_WEIGHT, text)]


def _choose_heading(headings: list[str], others: list[str]) -> str | None:
    """Return the heading that other places confirm, else the first that is long enough for a headline."""
    known = {letters_only(text): text for text in others if len(letters_only(text)) >= 8}
    for text in headings:
        own = letters_only(text)
        if len(own) < 8:
            continue
        for other in known:
            if own in other or (own.startswith(other) and _CUT_OFF.search(known[other])):
                return text
            if other in own and len(other) > len(own) / 2 and not _CUT_OFF.search(known[other]):
                return known[other]  # the heading includes a kicker
    return next(
        (text for text in headings if len(text.split()) >= 3 or len(letters_only(text)) >= 12),
        headings[0] if headings else None,
    )


def _is_similar(heading: str, others: list[str]) -> bool:
    """Tell whether a heading shares a third of its four-letter runs with another place, or there is no other."""
    own = _shingles(heading)
    return not others or any(len(own & _shingles(other)) * 3 >= len(own) for other in others)


def _shingles(text: str) -> set[str]:
    """Return a text's runs of four letters or digits, which stand for words in any script."""
    letters = letters_only(text)
    return {letters[start : start + 4] for start in range(max(1, len(letters) - 3))}


def _completeness(text: str) -> tuple[bool, int]:
    """Rank the spellings of one headline: not cut off, then with the most punctuation."""
    return not _CUT_OFF.search(text), sum(not char.isalnum() and not char.isspace() for char in text)


def _vote(candidates: list[_Candidate]) -> str | None:
    """Return the headline with the greatest weight; one that is cut off adds its weight to the complete one."""
    weights: dict[str, float] = {}
    texts: dict[str, str] = {}
    for weight, text in candidates:
        key = letters_only(_CUT_OFF.sub("", text))
        if _CUT_OFF.search(text):
            key = max(
                (longer for other in candidates if (longer := letters_only(other.text)).startswith(key)),
                key=len,
                default=key,
            )
        weights[key] = weights.get(key, 0.0) + weight
        if key not in texts or _completeness(text) > _completeness(texts[key]):
            texts[key] = text
    return texts[max(weights, key=lambda key: weights[key])] if weights else None
