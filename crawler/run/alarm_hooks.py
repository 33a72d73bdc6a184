"""Send alarms to a command or a webhook, for people who do not watch files."""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from crawler.run.terminal_text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from scrapy.settings import BaseSettings

    from output.monitoring import AlarmLine

logger = logging.getLogger(__name__)

# Seconds for one alarm, and for all alarms of a run: the run is over but for these.
_PATIENCE, _PATIENCE_IN_ALL = 20.0, 120.0


class AlarmNotSentError(Exception):
    """Report in one line, without secrets, why a hook did not take an alarm."""


@dataclass(frozen=True, slots=True)
class AlarmHooks:
    """Run ALARM_COMMAND, a command line without a shell, and call ALARM_WEBHOOK. A failing hook is a line in the log.

    Both may hold secrets: messages name the command's program, and the webhook's scheme and host.
    """

    command: tuple[str, ...] = ()
    webhook: str = ""
    patience: float = _PATIENCE

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Read the hooks from the settings. Raises ValueError, in one line, for one that can never work."""
        command, webhook = (str(settings.get(name) or "").strip() for name in ("ALARM_COMMAND", "ALARM_WEBHOOK"))
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            raise ValueError(f"ALARM_COMMAND is not a command line: {error}") from None
        if webhook and (fault := _fault_of(webhook)):
            raise ValueError(f"ALARM_WEBHOOK is not an http(s) address: {fault}")
        return cls(words, webhook)

    async def send(self, lines: Sequence[AlarmLine]) -> None:
        """Send each alarm, and each end of one. After its first failure, a hook is not called again."""
        hooks: list[tuple[str, Callable[[bytes], Coroutine[None, None, None]]]] = []
        if self.command:
            # Of `TOKEN=... mail`, which needs a shell, the name alone.
            hooks.append((f"ALARM_COMMAND {PurePath(self.command[0].partition('=')[0]).name}", self._run))
        if self.webhook:
            parts = urlsplit(self.webhook)
            hooks.append((f"ALARM_WEBHOOK at {parts.scheme}://{parts.hostname}", self._post))
        for name, hook in hooks:
            try:
                async with asyncio.timeout(_PATIENCE_IN_ALL):
                    for line in lines:
                        async with asyncio.timeout(self.patience):
                            await hook(line.as_json())
            except Exception as error:  # whatever it is, the run is whole without it
                logger.error("%s failed, alarms.jsonl has the alarms it should have sent: %s", name, _in_words(error))

    async def _run(self, alarm: bytes) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, process_group=0
        )
        try:
            await process.communicate(alarm)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with what it has started
                await process.wait()
        if process.returncode:
            raise AlarmNotSentError(f"it ended with {process.returncode}; run it by hand to see why")

    async def _post(self, alarm: bytes) -> None:
        import httpx  # 0.15 s, and few runs raise an alarm

        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below, they log the whole address
        headers = {"Content-Type": "application/json"}
        try:
            # Nothing of the body is read, and a redirect is not followed: it would take the alarm to another address.
            async with (
                httpx.AsyncClient(timeout=self.patience) as client,
                client.stream("POST", self.webhook, content=alarm, headers=headers) as response,
            ):
                status = response.status_code
        except httpx.ConnectError as error:
            raise AlarmNotSentError(f"it cannot be reached: {error}") from None
        except httpx.TransportError as error:  # its text may quote the answer, and that the address
            raise AlarmNotSentError(f"it gave no answer in HTTP ({type(error).__name__})") from None
        except httpx.InvalidURL:
            raise AlarmNotSentError("it is not an address that can be called") from None
        if 300 <= status < 400:
            raise AlarmNotSentError(f"it answered {status}, a redirect; set it to the address that this leads to")
        if not 200 <= status < 300:
            raise AlarmNotSentError(f"it answered {status}")


def _fault_of(address: str) -> str:
    """Say what is wrong with an address, without showing it; return "" if it can be called."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # its text quotes the address
        return "its host or port is malformed"
    if any(char.isspace() or not char.isprintable() for char in address):
        return "it contains a space or a control character"
    if parts.scheme not in ("http", "https"):
        return "write one that begins with https://"
    return "it names no host" if not parts.hostname or port == 0 else ""


def _in_words(error: Exception) -> str:
    """Describe an error in one line. Only our own text and the system's are shown: others may quote secrets."""
    match error:
        case AlarmNotSentError():
            said = str(error)
        case TimeoutError():
            said = "it was not done in time"
        case OSError(strerror=str(reason)):
            said = reason
        case _:
            said = type(error).__name__
    return printable(said)
