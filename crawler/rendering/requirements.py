"""Check what rendering needs: the extra `js`, and Chromium."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.sites.profile import SiteProfile

INSTALL_HINT = "pip install -e '.[js]'"
CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)  # by which distributions install it


class RenderingError(ValueError):
    """Say in one line what rendering lacks, and how to get it."""


def require_rendering(profiles: Iterable[SiteProfile | None], chromium: str) -> None:
    """Raise RenderingError if a profile has `render = true` and rendering cannot work.

    That is so if the extra is not installed, or if `chromium`, the value of the setting, names no file.
    """
    rendered = next((profile.id for profile in profiles if profile and profile.render), None)
    if rendered is None:
        return
    if find_spec("scrapy_playwright") is None:
        raise RenderingError(
            f"{rendered}.toml has render = true, which needs the extra `js`; install it with: {INSTALL_HINT}"
        )
    if chromium and not Path(chromium).is_file():
        raise RenderingError(
            f"CHROMIUM: there is no file {chromium!r}; name the executable of Chromium, or leave the setting empty"
        )


def find_chromium(configured: str, downloaded: str) -> str | None:
    """Return the executable to start: the configured one, else the one of playwright, else of the system; or None."""
    if configured:
        return configured
    if Path(downloaded).is_file():
        return downloaded
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
