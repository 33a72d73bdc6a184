"""Count on how many articles of a site each block stands; two versions of one article count once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaners.document import LEARNED, Block
from cleaners.site_memory.memory_value import Recurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_FEW = 3  # articles; what more of them carry is the outlet's and says nothing of two being versions of one
_SAME = 0.5  # share of the shorter one's text


@dataclass(frozen=True, slots=True)
class Traces:
    """What counts of one article: how often each block stands in it, and the weight of the long ones."""

    article: str
    times: Mapping[int, int]
    long: Mapping[int, int] = field(default_factory=dict)


def is_counted(block: Block) -> bool:
    """Whether memory counts a block: a kept one, or one that no rule dropped but the classifier."""
    return block.dropped_by is None or block.dropped_by.rule == LEARNED


def group_versions(articles: Sequence[Traces]) -> list[list[Traces]]:
    """The articles in groups: those of one name, or of mostly the same text, are versions of one."""
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
    rare = {key: held for key, held in holders.items() if len(held) <= _FEW}
    heavy = [sum(size for key, size in article.long.items() if key in rare) for article in articles]
    shared: Counter[tuple[int, int]] = Counter()
    for key, held in rare.items():
        for at, first in enumerate(held):
            for second in held[at + 1 :]:
                shared[first, second] += articles[first].long[key]
    for (first, second), size in shared.items():
        if size >= _SAME * max(1, min(heavy[first], heavy[second])):
            group[root(second)] = root(first)
    groups: dict[int, list[Traces]] = defaultdict(list)
    for index, article in enumerate(articles):
        groups[root(index)].append(article)
    return list(groups.values())


def count_blocks(groups: Iterable[Sequence[Traces]]) -> dict[int, Recurrence]:
    """How many of the groups carried each block; those that only one carried are left out."""
    articles: Counter[int] = Counter()
    within: Counter[int] = Counter()
    for group in groups:
        for key, times in merge_versions(group).items():
            articles[key] += 1
            within[key] += times > 1
    return {key: Recurrence(number, within[key]) for key, number in articles.items() if number > 1}


def merge_versions(group: Sequence[Traces]) -> dict[int, int]:
    """The blocks of all versions of an article, each as often as the version that has it most."""
    most: dict[int, int] = {}
    for article in group:
        for key, times in article.times.items():
            most[key] = max(times, most.get(key, 0))
    return most
