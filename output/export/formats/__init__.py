"""The formats that articles are exported to: each module here is one, under its own name, with a `FORMAT`.

To add one, add a file: a `StreamFormat` or `FolderFormat` of `output.export.formats._base`, called FORMAT. Names with a leading
underscore are no formats.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from output.export.formats._base import FolderFormat, Format, FormatError, Sink, StreamFormat

__all__ = ["FolderFormat", "Format", "FormatError", "Sink", "StreamFormat", "find_format", "format_names"]


def format_names() -> list[str]:
    """The names of all formats, sorted."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def find_format(name: str) -> Format:
    """The format of this name. Raises FormatError that lists those there are."""
    if name not in format_names():
        raise FormatError(f"no format {name!r}; there is {', '.join(format_names())}")
    found: Format = import_module(f"{__name__}.{name}").FORMAT
    return found
