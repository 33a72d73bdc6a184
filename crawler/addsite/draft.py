"""Draft a profile from what was found at a site, and list what a person should look at before trusting it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.addsite.article_pattern import ArticlePattern, NoPatternError, common_domains, infer_pattern
from crawler.addsite.evidence import (
    NAIVE_ZONE,
    Evidence,
    ReadPage,
    as_matched,
    counterexamples,
    examples,
    gather_evidence,
)
from crawler.addsite.site_identity import (
    ArticleDates,
    infer_time_zone,
    language_tags,
    region_of_tag,
    site_language,
    site_name,
)
from crawler.addsite.strip_proposals import MIN_PROPOSAL_PAGES, StripProposal, strip_proposals
from crawler.discovery.source_kinds import source_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.addsite.probe import ProbedPage, ProbeResult


def print_draft(draft: ProfileDraft, file: Path, fixtures: Sequence[Path], other_owner: str = "") -> None:
    """Prints a line for each thing, to stdout. `other_owner` is another profile that claims these articles, too."""
    sources = [f"{len(urls)} {name}" for name, urls in draft.sources.items() if urls]
    rows = [
        ("name", draft.name),
        ("domains", ", ".join(draft.domains)),
        ("language", draft.language),
        ("timezone", draft.timezone),
        ("delay", f"{draft.delay:g} s"),
        ("sources", ", ".join(sources)),
        *((name, url) for name, urls in draft.sources.items() for url in urls),
        ("article", draft.article),
        ("listed", f"{draft.listed} pages, {draft.accepted} of them accepted, {len(draft.samples)} read as articles"),
        *(
            ("strip", f"{rule.xpath or rule.phrase} ({rule.articles} of {rule.seen}: {rule.example})")
            for rule in draft.strip
        ),
        ("written", str(file)),
        ("fixtures", f"{fixtures[0].parent}: {len(fixtures)}" if fixtures else "none"),
    ]
    for name, value in rows:
        print(f"{name:<9} {_plain(value)}")
    claimed = f"the profile {other_owner} claims these articles, too: keep one, or part their domains"
    for doubt in (*draft.doubts, *([claimed] if other_owner else [])):
        print(f"look at   {_plain(doubt)}")
    sys.stdout.flush()


def _plain(text: str) -> str:
    """One line without control characters: the web's text may hold what moves a terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))


_DRAFT_DELAY = 2.0  # seconds; what profiles say where robots.txt asks for nothing
_FEW = 4  # articles; a pattern of fewer is worth a look


class NothingFoundError(Exception):
    """No profile can be made. The message is one line that says why."""


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """A profile as it would be written, and what it rests on: `sources` are addresses by the
    key of their kind, `samples` were read as articles, `accepted` of the `listed` fit the pattern. `doubts` are lines
    for a person, one for each inference that may be wrong.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    language: str
    timezone: str
    delay: float
    sources: Mapping[str, tuple[str, ...]]
    article: str
    strip: tuple[StripProposal, ...]
    articles: tuple[str, ...]
    others: tuple[str, ...]
    samples: tuple[ProbedPage, ...]
    accepted: int
    listed: int
    doubts: tuple[str, ...]


def draft_profile(found: ProbeResult) -> ProfileDraft:
    """The profile of what was found. Raises NothingFoundError."""
    if not found.listed:
        raise NothingFoundError(_why_nothing_listed(found))
    evidence = gather_evidence(found)
    if not evidence.read:
        raise NothingFoundError(_why_none_read(evidence))
    try:
        pattern = infer_pattern(evidence.articles, evidence.others)
    except NoPatternError as error:
        raise NothingFoundError(f"{len(evidence.read)} articles found, but no pattern tells them: {error}") from None
    domains = common_domains({urlsplit(url).hostname or "" for url in evidence.articles})
    documents = [one.document for one in evidence.read]
    trees = [one.tree for one in evidence.read]
    tags = language_tags(trees)
    name, of_name = site_name(documents, trees, domains[0])
    language, of_language = site_language(documents, tags)
    regions = [region for tag in tags if (region := region_of_tag(tag))]
    zone = infer_time_zone(map(_clock, evidence.read), domain=domains[0], language=language, regions=regions)
    shown, read = examples(evidence, found, pattern.text)
    strip = strip_proposals([(one.sample.page, one.document) for one in evidence.read])
    rejected = [one.url for one in found.listed if not re.search(pattern.text, as_matched(one.url))]
    doubts = [
        *_of_pattern(pattern, len(evidence.read), rejected, len(found.listed)),
        *_of_examples(shown[:3], read),
        of_name, of_language, zone.doubt,
        *_of_strip(strip, len(evidence.read)),
    ]  # fmt: skip
    sources = {
        kind.key: tuple(url for url, one in found.sources.items() if one == kind.request_kind)
        for kind in source_kinds()
    }
    return ProfileDraft(
        domains[0], name, domains, language, zone.name, min(found.crawl_delay or _DRAFT_DELAY, 60.0),
        sources, pattern.text, tuple(strip),
        tuple(shown[:3]), counterexamples(evidence, found, pattern.text),
        tuple(one.sample for one in evidence.read), len(found.listed) - len(rejected), len(found.listed), tuple(filter(None, doubts)),
    )  # fmt: skip


def _clock(one: ReadPage) -> ArticleDates:
    """The page's date beside the feed's. What carries NAIVE_ZONE's offset carried none."""
    try:
        page = datetime.fromisoformat(one.document.published or "")
    except ValueError:
        page = None
    if page is None or page.utcoffset() is None:
        return ArticleDates(None, False, one.sample.listed.published)
    there = page.astimezone(ZoneInfo(NAIVE_ZONE)).utcoffset()
    naive = page.utcoffset() == there
    return ArticleDates(page.replace(tzinfo=None) if naive else page, naive, one.sample.listed.published)


def _why_nothing_listed(found: ProbeResult) -> str:
    if found.forbidden:
        return f"robots.txt forbids all {len(found.forbidden)} articles that are listed, such as {found.forbidden[0]}"
    if found.unreachable:
        return found.unreachable
    return f"no article found; {found.problems[0]}" if found.problems else "no article found"


def _why_none_read(evidence: Evidence) -> str:
    url, reason = next(iter(evidence.empty.items()), ("", ""))
    return f"no article found: {len(evidence.empty)} pages that are listed as such gave none, {url}: {reason}"


def _of_pattern(pattern: ArticlePattern, read: int, rejected: Sequence[str], listed: int) -> Iterator[str]:
    if read < _FEW:
        yield f"pattern rests on only {read} article{'s' if read > 1 else ''} that could be read"
    if pattern.is_weak:
        yield "pattern tells articles by the words in their address alone, no date or number: look at it"
    if rejected:
        count = listed - len(rejected)
        yield f"pattern accepts {count} of the {listed} pages that are listed as articles, not {' '.join(rejected[:3])}"
    for url in pattern.left_out[:3]:
        yield f"pattern leaves out an article: {url}"
    for url in pattern.wrong[:3]:
        yield f"pattern accepts what looks like no article: {url}"


def _of_examples(shown: Sequence[str], read: int) -> Iterator[str]:
    for url in shown[read:]:
        yield f"an article in [test] was seen, but not read: {url}"


def _of_strip(strip: Sequence[StripProposal], read: int) -> Iterator[str]:
    if strip:
        yield f"proposed strips in [clean] ({len(strip)}): look at them"
    elif read < MIN_PROPOSAL_PAGES:
        yield f"{read} articles are too few to tell what repeats across them: nothing proposed for [clean]"
