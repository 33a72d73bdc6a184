"""Merge a page's machine-readable rights signals, and tell which reserve it from use by AI or text and data mining."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# signal → where it was found ("robots.txt", "tdmrep.json", "header", "meta", "link") → what was found there
Rights = Mapping[str, Mapping[str, str | list[str]]]

# Robots directives that concern the text. `noimageai` concerns images only, and records have none.
_DIRECTIVES = ("noai", "noml", "noindex")
# Meta tags for a single AI agent. Their values are robots directives.
_AGENT_TAGS = ("gptbot", "google_extended", "ccbot")
_FORBIDDING = re.compile(r"\b(?:noai|noml|noindex|none)\b", re.I)
# IETF AI Preferences (draft-ietf-aipref-vocab, current and earlier terms), and contentsignals.org.
_USAGE = re.compile(r"\b(train-ai|train-genai|ai-use|ai|genai|tdm|bots)\s*=\s*\??(?:n|no|0)\b", re.I)
_SIGNAL = re.compile(r"\b(ai-train|ai-input)\s*=\s*no\b", re.I)


def reservations(rights: Rights) -> list[str]:
    """Describe each signal that reserves a page from use by AI or text and data mining; return [] if there is none.

    A single signal is enough, wherever it was found: if two disagree, the stricter one counts.
    """
    return [f"{name} in {where}: {what}" for name, where, what in _reserving(rights)]


def _reserving(rights: Rights) -> Iterator[tuple[str, str, str]]:
    for name, places in rights.items():
        for where, value in places.items():
            what = ", ".join(value) if isinstance(value, list) else value
            if _reserves(name, what):
                yield name, where, what


def _reserves(name: str, what: str) -> bool:
    match name:
        case "robots_ai":
            return bool(what)
        case "tdm_reservation":
            return what.strip() == "1"
        case "content_usage" | "ai_content_usage":
            return _USAGE.search(what) is not None
        case "content_signal":
            return _SIGNAL.search(what) is not None
        case _ if name in _AGENT_TAGS:
            return _FORBIDDING.search(what) is not None
        case _:
            return name in _DIRECTIVES and what == "true"


def merge_rights(*found: Rights) -> dict[str, dict[str, str | list[str]]]:
    """Merge the signals of several places into one `rights`."""
    rights: dict[str, dict[str, str | list[str]]] = {}
    for signals in found:
        for signal, places in signals.items():
            rights.setdefault(signal, {}).update(places)
    return rights
