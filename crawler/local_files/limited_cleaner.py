"""Clean local pages one after the other, each within a page's budget, for commands that have no event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, Self

from crawler.local_files.clean_files import reason_of, warm_up_one
from crawler.local_files.inputs import BadInputError, LocalInput, clean_input
from crawler.workers.clean_task import CleanedResult, clean_packed, pack_result, unpack_result
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import CallBudget, CallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cleaners.document import Document
    from cleaners.page import Page, SiteRules

_P = ParamSpec("_P")


class LimitedCleaner:
    """Clean in one worker process, which starts with the first page. A context manager: its end is the worker's.

    Raises BadInputError for a page that takes too long, or breaks the cleaners.
    """

    def __init__(self, budget: CallBudget):
        self._runner = asyncio.Runner()
        self._pool = WorkerPool(1, budget, warm_up_one)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._pool.close())
        self._runner.close()

    def clean_local(self, source: LocalInput, url: str | None = None, rules: SiteRules | None = None) -> Document:
        """Clean a file that was read."""
        return self._run(source.name, pack_cleaned_input, source, url, rules)

    def clean_fetched(self, page: Page, rules: SiteRules | None) -> Document:
        """Clean a page that was fetched."""
        return self._run(str(page.url), clean_packed, page, rules)

    def _run(self, name: str, function: Callable[_P, bytes], *arguments: _P.args, **named: _P.kwargs) -> Document:
        try:
            return unpack_result(self._runner.run(self._pool.run(function, *arguments, **named))).document
        except CallError as error:
            reason = reason_of(error)
            raise BadInputError(reason, f"{name}: {reason}: {error}") from None


def pack_cleaned_input(source: LocalInput, url: str | None, rules: SiteRules | None) -> bytes:
    """Clean what was read, and pack the result. Called by its name in the worker."""
    return pack_result(CleanedResult(clean_input(source, url=url, rules=rules), b""))
