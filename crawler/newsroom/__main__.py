"""Serve the newsroom until interrupted: `python -m crawler.newsroom`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from crawler.newsroom.fixture_site import HOME
from crawler.newsroom.newsroom_server import serve_newsroom


def main() -> int:
    """Serve; return exit code 0 when interrupted, 1 if the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m crawler.newsroom", description=__doc__)
    parser.add_argument("--port", type=int, default=8898, help="port on loopback, 0 for a free one (default: 8898)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="append one line of JSON for each request to this file"
    )
    options = parser.parse_args()
    try:
        with serve_newsroom(port=options.port, log=options.log) as proxy:
            print(f"{HOME}/ through the proxy {proxy}   (http_proxy={proxy} curl {HOME}/)", flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError) as error:
        print(f"cannot listen on port {options.port}: {error}; choose another with --port", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
