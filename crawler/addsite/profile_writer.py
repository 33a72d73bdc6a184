"""Write a draft as a profile in TOML the way people write it: one line per key, patterns unescaped."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from crawler.sites.profile_loader import load_profile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tomlkit.items import Array, String

    from crawler.addsite.draft import ProfileDraft
    from crawler.addsite.strip_proposals import StripProposal
    from crawler.sites.profile import SiteProfile

_MAX_LINE = 120


def format_profile(draft: ProfileDraft) -> str:
    """Return the text of the profile's file."""
    document = tomlkit.document()
    document.add("name", tomlkit.string(draft.name))
    document.add("domains", _list("domains", draft.domains))
    document.add("language", tomlkit.string(draft.language))
    document.add("timezone", tomlkit.string(draft.timezone))
    document.add("delay", tomlkit.item(float(draft.delay)))
    for key, urls in draft.sources.items():
        if urls:
            document.add(key, _list(key, urls))
    document.add("article", _literal(draft.article))
    if draft.strip:
        clean = tomlkit.table()
        clean.add(
            tomlkit.comment("proposed: each line ends with a text that it drops, and on how many articles it was")
        )
        for key, rules in (
            ("strip", [rule for rule in draft.strip if rule.xpath]),
            ("phrases", [rule for rule in draft.strip if rule.phrase]),
        ):
            if rules:
                clean.add(key, _rules(rules))
        document.add("clean", clean)
    test = tomlkit.table()
    test.add("articles", _list("articles", draft.articles, spread=True))
    test.add("others", _list("others", draft.others))
    document.add(tomlkit.nl())
    document.add("test", test)
    return tomlkit.dumps(document)


def write_profile(draft: ProfileDraft, file: Path) -> SiteProfile:
    """Write the profile to `file`, whole or not at all, and return it as a crawl will load it.

    Raises ProfileError if the draft is not a valid profile, OSError if it cannot be written.
    """
    text = format_profile(draft)
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, file.name)
        trial.write_text(text, encoding="utf-8")
        load_profile(trial)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
    return load_profile(file)


def _literal(text: str) -> String:
    """Return a pattern as a literal string, without doubled backslashes, if TOML allows it."""
    return tomlkit.string(text, literal="'" not in text)


def _list(key: str, values: Sequence[str], *, spread: bool = False) -> Array:
    array = tomlkit.array()
    array.extend(values)
    line = f"{key} = {array.as_string()}"
    return array.multiline(spread or len(line) > _MAX_LINE)


def _rules(rules: Sequence[StripProposal]) -> Array:
    array = tomlkit.array()
    for rule in rules:
        table = tomlkit.inline_table()
        name, text = ("xpath", rule.xpath) if rule.xpath else ("pattern", rule.phrase)
        table.add(name, tomlkit.string(text) if "\\" not in text and '"' not in text else _literal(text))
        table.add("kind", rule.kind)
        array.add_line(table, comment=f"{rule.articles} of {rule.pages}: {' '.join(rule.example.split())}")
    array.add_line()
    return array
