"""What is known between runs: URLs, sources, articles, signatures, blocks, runs (SQLAlchemy Core; SQLite by default).

`State.open(url)` gives the database; the modules beside it are functions on a connection, one module a subject.
To import this takes a quarter of a second: only a crawl needs it.
"""

from __future__ import annotations

from output.state.database import State, StateError

__all__ = ["State", "StateError"]
