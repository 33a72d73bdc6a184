"""What the state between runs knows of an outlet's blocks: which of them stand on many of its articles."""

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
    """Applies what is remembered of each outlet. To look must not make a state: without one, nothing is known.

    `trouble` is why a state that is there cannot be read, in one line.
    """

    def __init__(self, settings: BaseSettings):
        self.trouble = ""
        self._memories: dict[str, SiteMemory] = {}
        self._state: State | None = None
        url = state_url(settings)
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            return
        try:
            self._state = State.open(url)
        except StateError as error:
            self.trouble = f"without site memory: {error}"

    def apply(self, document: Document, site: str) -> tuple[Document, Mapping[int, str]]:
        """The document without what its outlet repeats; and "12/40" by the index of each block that 12 of 40 carry."""
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
                self.trouble = f"without site memory: {error}"
                self.close()
                return None
        return self._memories[site]

    def close(self) -> None:
        if self._state is not None:
            self._state.close()
            self._state = None
