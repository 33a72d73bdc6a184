"""Draft a profile from what was found on a site, and list what a person should check before trusting it."""

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
    choose_counterexamples,
    choose_examples,
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
from crawler.run.terminal_text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crawler.addsite.probe import ProbedPage, ProbeResult


_DEFAULT_DELAY = 2.0  # seconds, if robots.txt names no delay
_FEW = 4  # a pattern from fewer articles needs a check


class NothingFoundError(Exception):
    """Report in one line why no profile can be drafted."""


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """Hold the values of a profile, and what they are based on.

    `sources` are URLs by the key of their kind. `samples` were read as articles. `accepted` of the `listed` pages match
    the pattern. `warnings` are lines for a person, one for each inference that may be wrong.
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
    warnings: tuple[str, ...]


def draft_profile(found: ProbeResult) -> ProfileDraft:
    """Draft the profile of what was found. Raises NothingFoundError."""
    if not found.listed:
        raise NothingFoundError(_why_nothing_listed(found))
    evidence = gather_evidence(found)
    if not evidence.read:
        raise NothingFoundError(_why_none_read(evidence))
    try:
        pattern = infer_pattern(evidence.articles, evidence.others)
    except NoPatternError as error:
        raise NothingFoundError(
            f"{len(evidence.read)} articles found, but no pattern for their URLs: {error}"
        ) from None
    domains = common_domains({urlsplit(url).hostname or "" for url in evidence.articles})
    documents = [page.document for page in evidence.read]
    trees = [page.tree for page in evidence.read]
    tags = language_tags(trees)
    name, name_warning = site_name(documents, trees, domains[0])
    language, language_warning = site_language(documents, tags)
    regions = [region for tag in tags if (region := region_of_tag(tag))]
    zone = infer_time_zone(map(_article_dates, evidence.read), domain=domains[0], language=language, regions=regions)
    shown, shown_read = choose_examples(evidence, found, pattern.text)
    strip = strip_proposals([(page.sample.page, page.document) for page in evidence.read])
    rejected = [candidate.url for candidate in found.listed if not re.search(pattern.text, as_matched(candidate.url))]
    warnings = [
        *_pattern_warnings(pattern, len(evidence.read), rejected, len(found.listed)),
        *_example_warnings(shown[:3], shown_read),
        name_warning, language_warning, zone.warning,
        *_strip_warnings(strip, len(evidence.read)),
    ]  # fmt: skip
    sources = {
        kind.key: tuple(url for url, request_kind in found.sources.items() if request_kind == kind.request_kind)
        for kind in source_kinds()
    }
    return ProfileDraft(
        domains[0], name, domains, language, zone.name, min(found.crawl_delay or _DEFAULT_DELAY, 60.0),
        sources, pattern.text, tuple(strip),
        tuple(shown[:3]), choose_counterexamples(evidence, found, pattern.text),
        tuple(page.sample for page in evidence.read), len(found.listed) - len(rejected), len(found.listed), tuple(filter(None, warnings)),
    )  # fmt: skip


def _article_dates(read: ReadPage) -> ArticleDates:
    """Return the dates on the page and in the feed. A date with NAIVE_ZONE's offset had none on the page."""
    in_feed = read.sample.listed.published
    try:
        on_page = datetime.fromisoformat(read.document.published or "")
    except ValueError:
        on_page = None
    if on_page is None or on_page.utcoffset() is None:
        return ArticleDates(None, False, in_feed)
    is_naive = on_page.utcoffset() == on_page.astimezone(ZoneInfo(NAIVE_ZONE)).utcoffset()
    return ArticleDates(on_page.replace(tzinfo=None) if is_naive else on_page, is_naive, in_feed)


def _why_nothing_listed(found: ProbeResult) -> str:
    if found.forbidden:
        return f"robots.txt forbids all {len(found.forbidden)} listed articles, such as {found.forbidden[0]}"
    if found.unreachable:
        return found.unreachable
    return f"no article found; {found.problems[0]}" if found.problems else "no article found"


def _why_none_read(evidence: Evidence) -> str:
    url, reason = next(iter(evidence.empty.items()), ("", ""))
    return f"no article found: {len(evidence.empty)} listed pages gave none, such as {url}: {reason}"


def _pattern_warnings(pattern: ArticlePattern, read: int, rejected: Sequence[str], listed: int) -> Iterator[str]:
    if read < _FEW:
        yield f"the pattern is based on only {read} article{'s' if read > 1 else ''}: compare it with more URLs"
    if pattern.is_weak:
        yield "the pattern knows articles only by words in their URL, not by a date or number: check what else it accepts"
    if rejected:
        count = listed - len(rejected)
        yield f"the pattern accepts {count} of {listed} pages listed as articles, but not {' '.join(rejected[:3])}"
    for url in pattern.left_out[:3]:
        yield f"the pattern rejects an article: {url}"
    for url in pattern.false_matches[:3]:
        yield f"the pattern accepts a page that does not look like an article: {url}"


def _example_warnings(shown: Sequence[str], read: int) -> Iterator[str]:
    for url in shown[read:]:
        yield f"an article in [test] was found, but not read: {url}"


def _strip_warnings(strip: Sequence[StripProposal], read: int) -> Iterator[str]:
    if strip:
        yield f"{len(strip)} rules proposed in [clean]: keep those that drop only clutter"
    elif read < MIN_PROPOSAL_PAGES:
        yield f"{read} articles are too few to see what repeats across them: nothing proposed for [clean]"


def print_draft(draft: ProfileDraft, file: Path, fixtures: Sequence[Path], other_owner: str = "") -> None:
    """Print a summary of the draft to stdout. `other_owner` is another profile that accepts these articles."""
    sources = [f"{len(urls)} {name}" for name, urls in draft.sources.items() if urls]
    lines = [
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
            ("strip", f"{rule.xpath or rule.phrase} ({rule.articles} of {rule.pages}: {rule.example})")
            for rule in draft.strip
        ),
        ("written", str(file)),
        ("fixtures", f"{fixtures[0].parent}: {len(fixtures)}" if fixtures else "none"),
    ]
    for name, value in lines:
        print(f"{name:<9} {printable(value)}")
    overlap = f"the profile {other_owner} accepts these articles, too: keep one, or divide their domains"
    for warning in (*draft.warnings, *([overlap] if other_owner else [])):
        print(f"{'check':<9} {printable(warning)}")
    sys.stdout.flush()
