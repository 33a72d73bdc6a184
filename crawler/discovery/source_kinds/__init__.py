"""Find the kinds of source: each module here is one, with a `KIND`.

To add one, add a file: a subclass of `crawler.discovery.base.SourceKind`, an instance of it called KIND. Profiles import
this package, and `scrapy sites` has to start at once: a kind imports its parser where it reads.
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
    """Return all kinds, in the order in which they are asked."""
    found: list[SourceKind] = [import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda kind: (kind.order, kind.name)))


def find_source_kind(name: str) -> SourceKind | None:
    """Return the kind with this name or request kind; None for `article`, `home` and the like."""
    return next((kind for kind in source_kinds() if name in (kind.name, kind.request_kind)), None)
