"""Show a database URL, and what a driver says of it, without the secrets in it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# Characters. Shorter values (a port, "on") are in any text, and none of them keeps anything secret.
_SHORTEST_SECRET = 3


def shown_url(url: URL) -> str:
    """Return a URL to show: without its password, and without options, which may hold one too."""
    if _misread(url):
        return f"{url.drivername}://***"
    return url.set(query={}).render_as_string(hide_password=True)


def without_secrets(text: str, url: URL) -> str:
    """Return the first line of a text with the URL's password and options hidden, in whatever form it quotes them."""
    options = [value if isinstance(value, str) else ",".join(value) for value in url.query.values()]
    values = [url.password or "", *options, *_misread(url)]
    forms = {form for value in values for form in (value, quote(value, safe=""), quote_plus(value))}
    line = (text.splitlines() or [""])[0]
    for form in sorted(forms, key=len, reverse=True):
        if len(form) >= _SHORTEST_SECRET:
            line = line.replace(form, "***")
    return line


def _misread(url: URL) -> list[str]:
    """Return all parts of a URL that may hold the rest of a password: one with an @ that was not escaped."""
    parts = [part for part in (url.username, url.host, url.database) if part]
    if url.get_backend_name() == "sqlite" or not any("@" in part for part in parts):
        return []
    return [piece for part in parts for piece in (part, *part.split("@"))]
