"""Send alarms to a command or a webhook, for people who do not watch files."""

from __future__ import annotations

import logging
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.settings import BaseSettings

    from output.monitoring import AlarmLine

logger = logging.getLogger(__name__)

# Seconds for one alarm: the run is over but for this.
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class AlarmHooks:
    """Run ALARM_COMMAND, a command line without a shell, and call ALARM_WEBHOOK. A failing hook is a line in the log."""

    command: tuple[str, ...] = ()
    webhook: str = ""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read the hooks from the settings. Raises ValueError, in one line, for one that can never work."""
        command, webhook = str(settings.get("ALARM_COMMAND") or ""), str(settings.get("ALARM_WEBHOOK") or "")
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            raise ValueError(f"ALARM_COMMAND {command!r} is not a command line: {error}") from None
        if webhook and (urlsplit(webhook).scheme not in ("http", "https") or not urlsplit(webhook).hostname):
            raise ValueError(f"ALARM_WEBHOOK {webhook!r} is not an http(s) address")
        return cls(words, webhook)

    def send(self, lines: Sequence[AlarmLine]) -> None:
        """Tell each alarm, also that it is over. After its first failure a hook is left alone."""
        hooks: list[tuple[str, Callable[[bytes], None]]] = []
        if self.command:
            hooks.append((f"ALARM_COMMAND {shlex.join(self.command)}", self._run))
        if self.webhook:
            hooks.append((f"ALARM_WEBHOOK at {urlsplit(self.webhook).hostname}", self._post))
        for name, hook in hooks:
            try:
                for line in lines:
                    hook(line.as_json())
            except (OSError, URLError, ValueError, subprocess.SubprocessError) as error:
                reason = " ".join(str(error).split())
                logger.error("%s failed, alarms.jsonl has what it should have told: %s", name, reason)

    def _run(self, alarm: bytes) -> None:
        done = subprocess.run(self.command, input=alarm, capture_output=True, timeout=_PATIENCE, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[:200]
            raise ValueError(f"it ended with {done.returncode}{': ' if said else ''}{said}")

    def _post(self, alarm: bytes) -> None:
        with urlopen(Request(self.webhook, alarm, {"Content-Type": "application/json"}), timeout=_PATIENCE):
            pass
