"""The console script `winnow`: the commands of `scrapy` in this project, from any folder."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stdout
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from crawler import __version__

_USAGE = 2


def main() -> None:
    """Run the command that `sys.argv` names, and exit with its code.

    Paths, DATA_DIR among them, are relative to the current folder. Whatever Scrapy project that folder belongs to,
    `winnow` means Winnow.
    """
    sys.argv[0] = "winnow"  # which is how argparse and our own messages call it
    if sys.argv[1:] == ["--version"]:
        print(f"Winnow {__version__}")
        return
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.insert(
            0, root
        )  # before the folder of another project, which Scrapy adds, and which may have a `crawler`
    os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    name = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None)
    if name is None:
        _list_commands()
    known = _known_commands()
    if name not in known:
        near = get_close_matches(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "`winnow` alone lists the commands"
        print(f"winnow: no command {name!r}; {hint}", file=sys.stderr)
        sys.exit(_USAGE)
    from scrapy.cmdline import execute

    execute()


def _known_commands() -> set[str]:
    """Return the names of our commands, of Scrapy's own, and of those that other packages add."""
    from importlib.metadata import entry_points
    from pkgutil import iter_modules

    import scrapy.commands

    import crawler.commands

    folders = (*crawler.commands.__path__, *scrapy.commands.__path__)
    return {module.name for module in iter_modules(folders)} | entry_points(group="scrapy.commands").names


def _list_commands() -> NoReturn:
    """Print what Scrapy prints where no command is named, under our name, and exit as it does."""
    import scrapy
    from scrapy.cmdline import execute

    listing = io.StringIO()
    try:
        with redirect_stdout(listing):
            execute()
    finally:
        _, _, rest = listing.getvalue().partition("\n")  # the first line names Scrapy and the project
        print(
            f"Winnow {__version__} (Scrapy {scrapy.__version__})\n{rest.replace('scrapy <command>', 'winnow <command>')}"
        )
    raise AssertionError("Scrapy exits")


if __name__ == "__main__":
    main()
