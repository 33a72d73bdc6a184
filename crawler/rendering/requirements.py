"""Whether pages can be rendered here: the extra, and Chromium."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.sites.profile import SiteProfile

INSTALL_HINT = "pip install -e '.[js]'"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")  # as distributions call it


class RenderingError(ValueError):
    """Pages cannot be rendered; one line that says what is missing and how to get it."""


def require_rendering(profiles: Iterable[SiteProfile | None], chromium: str) -> None:
    """Raises RenderingError where a profile has `render = true` and the extra is not installed, or where `chromium`,
    the setting, names no file.
    """
    rendered = next((profile.id for profile in profiles if profile and profile.render), None)
    if rendered is None:
        return
    if find_spec("scrapy_playwright") is None:
        raise RenderingError(
            f"{rendered}.toml has render = true, which needs the extra `js`; install it: {INSTALL_HINT}"
        )
    if chromium and not Path(chromium).is_file():
        raise RenderingError(
            f"CHROMIUM: there is no file {chromium!r}; name the browser's executable, or leave it empty"
        )


def find_chromium(chosen: str, playwrights_own: str) -> str | None:
    """The executable to start: the chosen one, else the one that playwright downloaded, else the system's; or None."""
    if chosen:
        return chosen
    if Path(playwrights_own).is_file():
        return playwrights_own
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
