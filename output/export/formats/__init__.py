"""Find export formats: each module here is one, under its own name, and defines a `FORMAT`.

To add a format, add a module with a `StreamFormat` or `FolderFormat` (`output.export.formats._base`) named FORMAT.
Modules whose name begins with an underscore are not formats.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from output.export.formats._base import FolderFormat, Format, FormatError, Sink, StreamFormat

__all__ = ["FolderFormat", "Format", "FormatError", "Sink", "StreamFormat", "find_format", "format_names"]


def format_names() -> list[str]:
    """Return the names of all formats, sorted."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def find_format(name: str) -> Format:
    """Return the format of this name. Raises FormatError, which lists the formats."""
    if name not in format_names():
        raise FormatError(f"no format {name!r}; choose one of {', '.join(format_names())}")
    found: Format = import_module(f"{__name__}.{name}").FORMAT
    return found
