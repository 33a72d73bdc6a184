"""Merge opt-out signals of host and page, and decide whether a reserved page is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from output.records.rights import Rights

_CHOICES = ("record", "skip")


def skips_opted_out(settings: BaseSettings) -> bool:
    """Tell whether reserved articles are skipped. Raises ValueError, in one line, if OPT_OUT is not valid."""
    choice = str(settings.get("OPT_OUT", "record")).strip().lower()
    if choice not in _CHOICES:
        raise ValueError(f"OPT_OUT={settings['OPT_OUT']}: write {' or '.join(_CHOICES)}")
    return choice == "skip"


def merge_rights(*found: Rights) -> dict[str, dict[str, str | list[str]]]:
    """Merge the signals of several places into one `rights`."""
    rights: dict[str, dict[str, str | list[str]]] = {}
    for signals in found:
        for signal, places in signals.items():
            rights.setdefault(signal, {}).update(places)
    return rights
