"""Register the kinds of source: each module here defines one as its `KIND`.

To add one, add a file with a subclass of `crawler.discovery.base.SourceKind` and an instance of it called KIND. Profiles
import this package and `scrapy sites` has to start fast, so a kind imports its parser inside `read`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.discovery.base import SourceKind


@cache
def source_kinds() -> tuple[SourceKind, ...]:
    """Return all kinds, in the order in which they are fetched."""
    found: list[SourceKind] = [import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda kind: (kind.order, kind.name)))


def find_source_kind(name: str) -> SourceKind | None:
    """Return the kind with this name or request kind; None for others, such as "", `article` or `home`."""
    return next((kind for kind in source_kinds() if name in (kind.name, kind.request_kind)), None)
