"""Define the record that leaves Winnow, the files it is stored in, and the state kept between runs."""

from __future__ import annotations

from output.files.reader import read

__all__ = ["read"]
