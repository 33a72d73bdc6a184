"""Apply site memory from the state between runs: the blocks that a site repeats on many articles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crawler.frontier.site_memory_store import apply_to_document, load_memory, recurrence_labels
from crawler.frontier.state_settings import state_url
from output.state import State, StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings

    from cleaners.document import Document
    from cleaners.site_memory import SiteMemory


class KnownBlocks:
    """Apply each site's memory to documents. Never create a state: without one, nothing is known.

    `problem` says in one line why an existing state cannot be read.
    """

    def __init__(self, settings: BaseSettings):
        self.problem = ""
        self._memories: dict[str, SiteMemory] = {}
        self._state: State | None = None
        url = state_url(settings)
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return
        try:
            self._state = State.open(url)
        except StateError as error:
            self.problem = f"without site memory: {error}"

    def apply(self, document: Document, site: str) -> tuple[Document, Mapping[int, str]]:
        """Drop what the site repeats; also return recurrence labels by block index ("12/40": on 12 of 40 articles)."""
        memory = self._memory(site)
        if memory is None:
            return document, {}
        return apply_to_document(document, memory), recurrence_labels(document, memory)

    def _memory(self, site: str) -> SiteMemory | None:
        if self._state is None:
            return None
        if site not in self._memories:
            try:
                self._memories[site] = load_memory(self._state, site)
            except StateError as error:
                self.problem = f"without site memory: {error}"
                self.close()
                return None
        return self._memories[site]

    def close(self) -> None:
        """Close the state."""
        if self._state is not None:
            self._state.close()
            self._state = None
