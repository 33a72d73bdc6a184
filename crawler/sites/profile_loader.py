"""Load the site profiles of a folder from `<id>.toml`, and report what is wrong with one in one line."""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from crawler import program_name
from crawler.sites.profile import (
    CHECKED,
    ProfileClean,
    ProfileExamples,
    ProfileExpect,
    ProfilePhrase,
    ProfileStrip,
    ProfileTable,
    SiteProfile,
    host_of,
)
from output.storage.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHIPPED_PROFILES = Path(__file__).parent / "data"
_END = 250  # characters
_LARGEST = 1 << 18  # bytes; those that ship with Winnow have about a thousand
# A key of so many parts is none of a profile's, and tomllib takes hours over one of a hundred thousand.
_LONG_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]+[ \t]*\.[ \t]*){20}""")

# Plain words for what pydantic reports in Python's terms.
_EXPECTED: dict[tuple[int | str, ...], str] = {
    ("language",): "not a language code; write two lower-case letters, such as en",
    ("render",): "neither true nor false; write one of them, without quotes",
    ("delay",): "not a number of seconds from 0 to 60; write one such as 2.0",
}
_IN_TOML = {
    "missing": "missing; write it",
    "string_type": "not a text; put it in quotes",
    "tuple_type": "not a list; put it in [ ]",
    "model_type": "not a table; give it keys of its own",
}


class ProfileError(ValueError):
    """Report a profile that cannot be used. The message is one line: the file, the key, the fault and the remedy."""


def load_profiles(ids: Sequence[str] | None = None, folder: Path | None = None) -> list[SiteProfile]:
    """Load the profiles of a folder: all, sorted by name, or those of `ids` in that order.

    The default folder is the one that WINNOW_SITES_DIR names, else the one shipped with Winnow. Raises ProfileError for
    a folder without profiles, an unknown id, and a file that is not a valid profile.
    """
    folder = folder or profiles_folder()
    known = _ids(folder)
    if not known:
        raise ProfileError(
            f"{folder}: no site profiles here; set WINNOW_SITES_DIR to a folder with <domain>.toml files"
        )
    return [load_profile(_profile_file(name, known, folder)) for name in (known if ids is None else dict.fromkeys(ids))]


def profile_ids() -> frozenset[str]:
    """Return the ids of all profiles, valid or not, in the default folder of `load_profiles`."""
    return frozenset(_ids(profiles_folder()))


def load_profile_by_id(name: str) -> SiteProfile:
    """Load the profile with an id from `profile_ids`. Raises ProfileError."""
    return load_profile(profiles_folder() / f"{name}.toml")


def find_profile(site: str) -> SiteProfile | None:
    """Return the profile with this id; None if there is none or it is invalid."""
    try:
        return load_profile_by_id(site)
    except ValueError:
        return None


def profiles_folder() -> Path:
    """Return the folder that WINNOW_SITES_DIR names, else the one shipped with Winnow."""
    return Path(os.environ.get("WINNOW_SITES_DIR") or SHIPPED_PROFILES)


def _ids(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError:
        return []
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml")]


def load_profile(file: Path) -> SiteProfile:
    """Load a profile from its TOML file. Raises ProfileError."""
    try:
        text = read_regular(file, _LARGEST).decode("utf-8")
    except OSError as error:
        raise ProfileError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{file}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    return _parse_profile(file, text)


@lru_cache(maxsize=1024)  # a run loads most of them again, one site at a time
def _parse_profile(file: Path, text: str) -> SiteProfile:
    try:
        if _LONG_KEY.search(text):
            raise RecursionError
        table = tomllib.loads(text)
    except RecursionError:
        raise ProfileError(f"{file}: is too deeply nested; a profile has tables in tables, and no more") from None
    except ValueError as error:  # not only of TOML: Python reads no number of more than 4,300 digits
        raise ProfileError(f"{file}: is not TOML: {error}") from None
    if "id" in table:
        raise ProfileError(f"{file}: id: comes from the file's name; remove this line")
    try:
        context = CHECKED if file.parent == SHIPPED_PROFILES else None
        return SiteProfile.model_validate({"id": file.stem, **table}, context=context)
    except ValidationError as error:
        raise ProfileError(f"{file}: {_to_one_line(error)}") from None
    except (RecursionError, OverflowError) as error:  # of re, for a pattern of thousands of brackets or repetitions
        raise ProfileError(f"{file}: article or clean: a pattern is too large: {error}") from None


class ProfileIndex:
    """Look up which of some profiles owns a URL.

    The profile with the most specific domain wins; of two that name the same domain, the first.
    """

    def __init__(self, profiles: Iterable[SiteProfile]):
        self._by_domain: dict[str, SiteProfile] = {}
        for profile in profiles:
            for domain in profile.domains:
                self._by_domain.setdefault(domain, profile)

    def owner_of(self, url: str) -> SiteProfile | None:
        """Return the profile that owns the URL; None if none does."""
        domain = host_of(url)
        while domain and domain not in self._by_domain:
            domain = domain.partition(".")[2]
        return self._by_domain.get(domain)


def profile_for(url: str, profiles: Iterable[SiteProfile]) -> SiteProfile | None:
    """Return the profile among these that owns a URL; None if none does."""
    return ProfileIndex(profiles).owner_of(url)


def _profile_file(name: str, ids: Sequence[str], folder: Path) -> Path:
    if name in ids:
        return folder / f"{name}.toml"
    near = [known for known in ids if name and name.lower() in known][:3] or get_close_matches(name.lower(), ids)
    hint = f"did you mean {' or '.join(near)}?" if near else f"`{program_name()} sites` lists all sites"
    raise ProfileError(f"{name!r}: no such site in {folder}; {hint}")


def _to_one_line(error: ValidationError) -> str:
    # A misspelt key is also a missing one: report the misspelling.
    first, *more = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    path, about = first["loc"], first.get("ctx", {})
    key = about["key"] if first["type"] == "fault" else _dotted(path)
    text = _advice(first["type"], path, str(about.get("error", first["msg"])))
    rest = f" (and {len(more)} more)" if more else ""
    return " ".join(f"{key}: {_shortened(text)}{rest}".split())


def _shortened(text: str) -> str:
    """Return the two ends of a long text: it may quote a pattern of any length, and says at its end what to do."""
    return text if len(text) <= 2 * _END else f"{text[:_END]} ... {text[-_END:]}"


def _dotted(path: tuple[int | str, ...]) -> str:
    parts = [part for part in path if part != "[key]"]  # pydantic's mark for a wrong key of a free table
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")


def _advice(error: str, path: tuple[int | str, ...], message: str) -> str:
    if error == "extra_forbidden":
        known = _keys_beside(path)
        near = get_close_matches(str(path[-1]), known, n=1)
        return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; the keys here are {', '.join(known)}"
    if path in _EXPECTED:
        return _EXPECTED[path]
    return _IN_TOML.get(error) or message.replace("Tuple", "The list").replace(" after validation", "")


def _keys_beside(path: tuple[int | str, ...]) -> list[str]:
    """Return the known keys of the table that holds the last key of `path`."""
    tables: dict[Any, type[ProfileTable]] = {
        "clean": ProfileClean,
        "expect": ProfileExpect,
        "test": ProfileExamples,
        "strip": ProfileStrip,
        "phrases": ProfilePhrase,
    }
    above = [part for part in path[:-1] if isinstance(part, str)]
    return [key for key in (tables[above[-1]] if above else SiteProfile).model_fields if key != "id"]
