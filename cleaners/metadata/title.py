"""The headline: chosen among what the structured data, the h1 and the head say, without the outlet's part."""

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
from cleaners.metadata.title_suffix import without_outlet
from cleaners.text.normalize import letters_only

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.html import HtmlElement

    from cleaners.metadata.publisher import Publisher

# How much each place is trusted. The structured headline is the one an outlet keeps: h1 and title change with the hour.
DATA_WEIGHT = 6.0
SEARCH_WEIGHT = 3.0  # one that was cut for search engines
PROPER_PLACE = 2  # more votes of the structured headline and the h1 on what belongs to a headline
CUT_SHARE = 0.9  # of the length of the headline shown; what is shorter was cut
HEADING_WEIGHT = 2.8
BANNER_WEIGHT = 0.4  # an h1 that shares no word with the rest is a blog's banner
SHARED_WEIGHT = 2.0  # og:title
OTHER_WEIGHT = 0.5

_OPEN_END = re.compile(r"\s*(?:…|\.\.\.)\s*$")
_SHARED_TAGS = (("og:title", "http://ogp.me/ns#title"),)
_OTHER_TAGS = (
    ("twitter:title",),
    ("sailthru.title", "parsely-title", "dc.title", "cxenseparse:title", "title", "headline"),
)


class _Candidate(NamedTuple):
    weight: float
    text: str


def read_title(
    tree: HtmlElement, head: Head, jsonld: StructuredData, outlet: Publisher, labels: frozenset[str] = frozenset()
) -> Traced[str | None]:
    """The page's headline, or None, and the most trusted place that has it.

    `labels` are folded names of sections: they trail headlines as outlets' names do.
    """
    data = [said for node in jsonld.articles if (said := _declared(node)).value]
    also = [said.value for node in jsonld.articles if (said := _declared(node, ("alternativeHeadline",))).value]
    tags = [
        each for names in _SHARED_TAGS for each in islice(head.traced(*names), 1) if len(each.value) <= LONGEST_HEADING
    ]
    more = [
        each for names in _OTHER_TAGS for each in islice(head.traced(*names), 1) if len(each.value) <= LONGEST_HEADING
    ]
    more += [Traced(head.title, "element:title")] if head.title and len(head.title) <= LONGEST_HEADING else []
    declared, shared, others = ([each.value for each in places] for places in (data, tags, more))
    found = read_headings(tree)
    banners = {
        letters_only(each.text) for each in found.main if any(_trails(each.text, text) for text in (*shared, *others))
    }
    found = found._replace(main=[each for each in found.main if letters_only(each.text) not in banners])
    evidence = Counter(
        letters_only(text) for text in (*declared, *shared, *others, *(each.text for each in found.main))
    )
    evidence.update({letters_only(text): PROPER_PLACE for text in (*declared, *(each.text for each in found.main))})
    clean = partial(without_outlet, outlet=outlet, evidence=evidence, labels=labels | banners)
    declared, shared, others = ([clean(text) for text in texts] for texts in (declared, shared, others))

    headings = found.shown({letters_only(text) for text in (*declared, *shared, *others, *also)})
    for each in headings:
        settle = partial(_settled, each, _form(each, [*shared, *declared, *others]))
        declared, shared, others = ([settle(text) for text in texts] for texts in (declared, shared, others))
    heads = [_form(each, [*shared, *declared, *others]) for each in headings]
    candidates = _of_data(
        declared, [*shared, *heads], others, {letters_only(each.text) for each in found.trail} if heads else ()
    )
    places = [*zip(declared, data, strict=True)]
    heading = _fitting_heading(heads, [*declared, *shared, *others])
    if heading:
        weight = HEADING_WEIGHT if _akin(heading, [*declared, *shared, *others]) else BANNER_WEIGHT
        candidates.append(_Candidate(weight, clean(heading)))
        if heading in heads:
            tag = "h2" if headings[heads.index(heading)] in found.below else "h1"
            places.append((clean(heading), Traced(heading, f"element:{tag}")))
    places += [*zip(shared, tags, strict=True), *zip(others, more, strict=True)]
    candidates += [_Candidate(SHARED_WEIGHT, text) for text in shared]
    candidates += [_Candidate(OTHER_WEIGHT, text) for text in others]
    candidates = [each for each in candidates if each.text]
    title = _agreed(
        [each for each in candidates if letters_only(each.text) and not outlet.is_name(each.text)] or candidates
    )
    return Traced(title, next((place.origin for text, place in places if text == title), ""))


def _form(heading: Heading, tellers: list[str]) -> str:
    """A heading with its kicker or without, as the first of the other places that has either gives it.

    Where they have neither, but the headline after another kicker, none of the kickers is part of it.
    """
    if heading.rest:
        for text in tellers:
            if own := next((form for form in heading if letters_only(form) == letters_only(text)), None):
                return max(own, text, key=_finish)
        if any(_follows(heading.rest, text) for text in tellers):
            return heading.rest
    return heading.text


def _settled(heading: Heading, form: str, text: str) -> str:
    """A text of another place; the heading's form where it is the same headline with the kicker, or another, or none."""
    if not heading.rest or letters_only(text) == letters_only(form):
        return text
    same = letters_only(text) in heading.forms() or (form == heading.rest and _follows(form, text))
    return form if same else text


def _follows(headline: str, text: str) -> bool:
    """Whether a text is a kicker and the headline."""
    before = text.removesuffix(headline).rstrip()
    return before != text.rstrip() and before.endswith((":", "|", "–", "—", "-", "/"))


def _trails(heading: str, title: str) -> bool:
    """Whether a heading is what a longer headline is followed by in a title: the outlet's banner, or a section's."""
    rest = title.removesuffix(heading)
    separated = rest.rstrip() != rest.rstrip(" |｜‖¦•·»«›‹~:–—―/-")
    return rest != title and separated and len(rest) > len(heading)


def _declared(node: JsonNode, keys: tuple[str, ...] = ("headline", "name")) -> Traced[str]:
    key = next((key for key in keys if node.get(key)), keys[0])
    text = one_line(plain_text(node.get(key, "")))
    return Traced(text if len(text) <= LONGEST_HEADING else "", in_jsonld(node, key))


def _of_data(declared: list[str], shown: list[str], others: list[str], trail: Collection[str]) -> list[_Candidate]:
    """The structured headline: of several nodes the one that the page shows, else the first.

    One that the page does not show, that the title tag shares and that is the shorter for it, was cut for search
    engines, which show about 60 characters. So was one that stands nowhere but at the end of the breadcrumb `trail`.
    """
    if not declared:
        return []
    seen = {letters_only(text) for text in shown}
    text = next((text for text in declared if letters_only(text) in seen), declared[0])
    for_search = letters_only(text) not in seen and letters_only(text) in {letters_only(other) for other in others}
    for_search = for_search and any(len(text) < CUT_SHARE * len(other) for other in shown)
    for_search = for_search or (letters_only(text) in trail and letters_only(text) not in seen)
    return [_Candidate(SEARCH_WEIGHT if for_search else DATA_WEIGHT, text)]


def _fitting_heading(heads: list[str], others: list[str]) -> str | None:
    """The h1 that the other evidence speaks of, or the first that reads like a headline."""
    known = {letters_only(text): text for text in others if len(letters_only(text)) >= 8}
    for text in heads:
        own = letters_only(text)
        if len(own) < 8:
            continue
        for other in known:
            if own in other or (own.startswith(other) and _OPEN_END.search(known[other])):
                return text
            if other in own and len(other) > len(own) / 2 and not _OPEN_END.search(known[other]):
                return known[other]  # the h1 carries a kicker as well
    return next(
        (text for text in heads if len(text.split()) >= 3 or len(letters_only(text)) >= 12), heads[0] if heads else None
    )


def _akin(heading: str, others: list[str]) -> bool:
    """Whether a heading shares words with any other evidence."""
    own = _pieces(heading)
    return not others or any(len(own & _pieces(other)) * 3 >= len(own) for other in others)


def _pieces(text: str) -> set[str]:
    """The folded text's runs of four characters: words, whatever the script."""
    folded = letters_only(text)
    return {folded[at : at + 4] for at in range(max(1, len(folded) - 3))}


def _finish(text: str) -> tuple[bool, int]:
    """How well written one of several spellings is: whole, and with all its marks."""
    return not _OPEN_END.search(text), sum(not char.isalnum() and not char.isspace() for char in text)


def _agreed(candidates: list[_Candidate]) -> str | None:
    """The headline with most evidence behind it; a cut-off one speaks for the whole one."""
    weights: dict[str, float] = {}
    texts: dict[str, str] = {}
    for weight, text in candidates:
        key = letters_only(_OPEN_END.sub("", text))
        if _OPEN_END.search(text):
            key = max(
                (whole for other in candidates if (whole := letters_only(other.text)).startswith(key)),
                key=len,
                default=key,
            )
        weights[key] = weights.get(key, 0.0) + weight
        if key not in texts or _finish(text) > _finish(texts[key]):
            texts[key] = text
    return texts[max(weights, key=lambda key: weights[key])] if weights else None
