"""Run the console script `winnow`: the commands that `scrapy` has in this project, from any folder."""

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
    """Run the command in `sys.argv` and exit with its code.

    All paths, DATA_DIR included, are relative to the current folder. The commands are Winnow's even if that folder belongs
    to another Scrapy project.
    """
    sys.argv[0] = "winnow"  # the name that argparse and our messages use
    if sys.argv[1:] == ["--version"]:
        print(f"Winnow {__version__}")
        return
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        # First, because Scrapy adds the folder of another project, which may have a `crawler` too.
        sys.path.insert(0, root)
    os.environ["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    name = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), None)
    if name is None:
        _list_commands()
    known = _known_commands()
    if name not in known:
        near = get_close_matches(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "run `winnow` to list the commands"
        print(f"winnow: unknown command {name!r}; {hint}", file=sys.stderr)
        sys.exit(_USAGE)
    from scrapy.cmdline import execute

    execute()


def _known_commands() -> set[str]:
    """Return the names of Winnow's commands, Scrapy's own, and those that other packages add."""
    from importlib.metadata import entry_points
    from pkgutil import iter_modules

    import scrapy.commands

    import crawler.commands

    folders = (*crawler.commands.__path__, *scrapy.commands.__path__)
    return {module.name for module in iter_modules(folders)} | entry_points(group="scrapy.commands").names


def _list_commands() -> NoReturn:
    """Print Scrapy's list of commands under Winnow's name, and exit as Scrapy does."""
    import scrapy
    from scrapy.cmdline import execute

    listing = io.StringIO()
    try:
        with redirect_stdout(listing):
            execute()
    finally:
        _, _, rest = listing.getvalue().partition("\n")  # drop the line that names Scrapy and the project
        print(
            f"Winnow {__version__} (Scrapy {scrapy.__version__})\n{rest.replace('scrapy <command>', 'winnow <command>')}"
        )
    raise AssertionError("Scrapy exits")


if __name__ == "__main__":
    main()
