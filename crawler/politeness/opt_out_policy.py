"""Opt-out signals on their way from host and page to the record; and whether a reserved page is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from output.records.rights import Rights

_CHOICES = ("record", "skip")


def skips_opted_out(settings: BaseSettings) -> bool:
    """Are articles left out whose outlet reserves them? Raises ValueError, one line, where OPT_OUT says neither."""
    choice = str(settings.get("OPT_OUT", "record")).strip().lower()
    if choice not in _CHOICES:
        raise ValueError(f"OPT_OUT={settings['OPT_OUT']}: write {' or '.join(_CHOICES)}")
    return choice == "skip"


def merge_rights(*found: Rights) -> dict[str, dict[str, str | list[str]]]:
    """The signals of several places as one."""
    rights: dict[str, dict[str, str | list[str]]] = {}
    for signals in found:
        for signal, places in signals.items():
            rights.setdefault(signal, {}).update(places)
    return rights
