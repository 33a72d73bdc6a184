"""Keep between runs what is known of URLs, sources, articles, signatures, blocks and runs.

`State.open(url)` opens the database (SQLAlchemy Core; SQLite by default). The other modules hold functions on a
connection, one module per subject. Importing this package takes a quarter of a second, so only crawls do.
"""

from __future__ import annotations

from output.state.database import State, StateError

__all__ = ["State", "StateError"]
