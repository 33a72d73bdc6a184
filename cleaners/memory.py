"""What is known of an outlet's pages as a whole: blocks that stand on several of its articles are the outlet's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """Nothing is remembered yet."""
