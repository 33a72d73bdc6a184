"""What leaves Winnow: records, the files they stand in, and what is kept between runs."""

from __future__ import annotations

from output.files.reader import read

__all__ = ["read"]
