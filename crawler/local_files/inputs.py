"""Find and read pages and texts from files or stdin, and tell which is which."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import zlib
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from cleaners.rejection import RejectReason
from output.storage.regular_file import STDIN, TooLargeError, read_regular_or_stdin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.document import Document
    from cleaners.page import SiteRules

_HTML = {".html", ".htm", ".xhtml", ".shtml", ".mhtml"}
_TEXT = {".txt", ".text"}
_WARC = {".warc"}
_NAMED_ID = re.compile(r"\d+_([0-9a-f]{16})")
_TAG = re.compile(
    rb"<(?:!doctype|html|head|body|meta|title|article|main|section|div|p|span|h[1-6]|br|a)\b[^<]{0,500}>", re.I
)
_UNICODE_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Bytes that no encoding of text holds: C0 controls but tab, newlines, form feed and escape (ISO-2022-JP).
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_SNIFFED = 4096
_GZIP = b"\x1f\x8b\x08"
_LARGEST = 50 * 1024 * 1024  # bytes; no page is that large, and a few kilobytes can unpack to gigabytes


class BadInputError(Exception):
    """Report a file that holds no page. `detail` names the file."""

    def __init__(self, reason: RejectReason, detail: str):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class LocalInput:
    """Hold the bytes of a file. `id` comes from its name (`NNN_<16 hex>.*`), else from its bytes."""

    name: str
    data: bytes
    is_html: bool
    id: str
    named: bool

    def __str__(self) -> str:
        return self.name


def find_inputs(names: Sequence[str]) -> Iterator[str]:
    """Yield the files to read, in order: each name as given; for a folder its HTML, text and WARC files at any depth, sorted.

    Files may be gzipped.
    """
    for name in names:
        if name != STDIN and Path(name).is_dir():
            yield from sorted(_pages_under(name))
        else:
            yield name


def _pages_under(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for file in files:
            if not file.startswith(".") and _suffix(file) in _HTML | _TEXT | _WARC | {""}:
                yield str(Path(place, file))


def read_input(name: str) -> LocalInput:
    """Read a file or, for `-`, stdin. Raises BadInputError for what is unreadable, empty, or neither HTML nor text."""
    try:
        data = read_regular_or_stdin(name, _LARGEST)
        if data.startswith(_GZIP):
            data = _unpack(data, name)
    except TooLargeError as error:
        raise BadInputError(RejectReason.TOO_LARGE, f"{name}: {error.strerror}") from None
    except (OSError, EOFError, zlib.error, ValueError) as error:  # ValueError: a name that contains a NUL
        raise BadInputError(RejectReason.UNREADABLE, f"{name}: {getattr(error, 'strerror', None) or error}") from None
    if not data:
        raise BadInputError(RejectReason.TOO_SHORT, f"{name}: the file is empty (0 bytes)")
    if _is_binary(data):
        raise BadInputError(RejectReason.NOT_HTML, f"{name}: binary data, neither HTML nor text")
    match = _NAMED_ID.fullmatch(Path(name).name.partition(".")[0])
    made = blake2b(data, digest_size=8).hexdigest()
    return LocalInput(name, data, _is_html(name, data), match[1] if match else made, named=match is not None)


def clean_input(source: LocalInput, *, url: str | None = None, rules: SiteRules | None = None) -> Document:
    """Clean what was read, as HTML or as text."""
    import cleaners  # trafilatura and the rest load with the first page

    if source.is_html:
        return cleaners.clean_html(source.data, url, rules=rules)
    return cleaners.clean_text(decode_text(source.data))


def decode_text(data: bytes) -> str:
    """Decode text of unknown encoding: by its byte order mark, as UTF-8 (nearly always), or as the likeliest other."""
    if data.startswith(_UNICODE_MARKS[1:]):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        return str(best) if best else data.decode("windows-1252", "replace")


def _is_html(name: str, data: bytes) -> bool:
    suffix = _suffix(name)
    if suffix in _HTML or suffix in _TEXT:
        return suffix in _HTML
    head = data[:_SNIFFED]
    if head.startswith(_UNICODE_MARKS[1:]):
        head = head.replace(b"\0", b"")
    return _TAG.search(head) is not None


def _suffix(name: str) -> str:
    """Return the suffix that tells a file's type: `.html` for page.html and for page.html.gz."""
    path = Path(name)
    return Path(path.stem if path.suffix.lower() == ".gz" else path).suffix.lower()


def _unpack(data: bytes, name: str) -> bytes:
    with gzip.open(io.BytesIO(data)) as file:
        unpacked = file.read(_LARGEST + 1)
    if len(unpacked) > _LARGEST:
        raise BadInputError(RejectReason.TOO_LARGE, f"{name}: more than {_LARGEST:,} bytes once unpacked")
    return unpacked


def _is_binary(data: bytes) -> bool:
    if data.startswith(_UNICODE_MARKS):
        return False
    head = data[:_SNIFFED]
    controls = len(head) - len(head.translate(None, _CONTROL))
    return b"\0" in head or head.startswith(b"%PDF-") or controls > len(head) // 50


def site_rules_for(url: str) -> tuple[SiteRules | None, str | None]:
    """Return the rules and the name of the site that a URL belongs to; None where no profile covers it.

    Raises ValueError for an invalid URL, ProfileError for a profile that cannot be read.
    """
    from crawler.discovery.urls import canonicalize
    from crawler.sites.profile_loader import load_profiles, profile_for

    profile = profile_for(canonicalize(url), load_profiles())
    return (profile.rules(), profile.name) if profile else (None, None)


def site_id_of(url: str) -> str:
    """Return the id of the site that a URL belongs to: its profile's id, or its registered domain.

    Raises as `site_rules_for` does.
    """
    from crawler.discovery.urls import canonicalize, registered_domain
    from crawler.sites.profile_loader import load_profiles, profile_for

    profile = profile_for(canonicalize(url), load_profiles())
    return profile.id if profile else registered_domain(url)
