"""Count on how many articles of a site each block occurs. Versions of one article count once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.site_memory.block_keys import key_digest
from cleaners.site_memory.memory_value import Recurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cleaners.site_memory.block_keys import Headlines
    from cleaners.site_memory.block_outline import BlockOutline

# Blocks on more articles than this are the site's; they do not show that two articles are versions of one.
_FEW = 3
# The share of the shorter text that makes two articles versions of one.
_SAME = 0.5


@dataclass(frozen=True, slots=True)
class ArticleTally:
    """Hold how often each block occurs in one article, and the weight of the long ones, by digest."""

    article: str
    times: Mapping[int, int]
    long: Mapping[int, int] = field(default_factory=dict)


def tally_article(article: BlockOutline, headlines: Headlines) -> ArticleTally:
    """Count the blocks of an article. Blocks that differ only in a headline of the site count as one."""
    times: dict[int, int] = {}
    templates: Counter[int] = Counter()
    long: dict[int, int] = {}
    for digest, number, size, key in zip(article.digests, article.times, article.weights, article.keys, strict=True):
        template = headlines.template(key, article.headline) if key else None
        if template:  # "Read more: One" and "Read more: Two" are copies of one block; "Round 1" and "Round 2" are not
            digest = key_digest(template)
            templates[digest] += number
            number = templates[digest]
        times[digest] = max(number, times.get(digest, 0))
        if size:
            long[digest] = size
    return ArticleTally(article.article, times, long)


def group_versions(articles: Sequence[ArticleTally]) -> list[list[ArticleTally]]:
    """Group articles that are versions of one: they have the same name, or mostly the same text."""
    group = list(range(len(articles)))

    def root(index: int) -> int:
        while group[index] != index:
            group[index] = group[group[index]]
            index = group[index]
        return index

    names: dict[str, int] = {}
    holders: dict[int, list[int]] = defaultdict(list)
    for index, article in enumerate(articles):
        group[index] = root(names.setdefault(article.article, index))
        for key in article.long:
            holders[key].append(index)
    rare = {key: sharing for key, sharing in holders.items() if len(sharing) <= _FEW}
    sizes = [sum(size for key, size in article.long.items() if key in rare) for article in articles]
    shared: Counter[tuple[int, int]] = Counter()
    for key, sharing in rare.items():
        for at, first in enumerate(sharing):
            for second in sharing[at + 1 :]:
                shared[first, second] += articles[first].long[key]
    for (first, second), size in shared.items():
        if size >= _SAME * max(1, min(sizes[first], sizes[second])):
            group[root(second)] = root(first)
    groups: dict[int, list[ArticleTally]] = defaultdict(list)
    for index, article in enumerate(articles):
        groups[root(index)].append(article)
    return list(groups.values())


def count_blocks(groups: Iterable[Sequence[ArticleTally]]) -> dict[int, Recurrence]:
    """Count the groups that contain each block; blocks of a single group are left out."""
    articles: Counter[int] = Counter()
    repeated: Counter[int] = Counter()
    for group in groups:
        for key, times in merge_versions(group).items():
            articles[key] += 1
            repeated[key] += times > 1
    return {key: Recurrence(number, repeated[key]) for key, number in articles.items() if number > 1}


def merge_versions(group: Sequence[ArticleTally]) -> dict[int, int]:
    """Merge the versions of an article: each block counts as often as in the version that has it most."""
    most: dict[int, int] = {}
    for article in group:
        for key, times in article.times.items():
            most[key] = max(times, most.get(key, 0))
    return most
