"""Test the settings: known names, classes that exist, and the values that politeness and safety rest on."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from scrapy.settings import Settings, default_settings
from scrapy.utils.misc import load_object

import crawler.settings as project

OURS = {"DATA_DIR", "WINNOW_CONTACT", "WINNOW_ALLOW_PRIVATE_HOSTS"}


@pytest.fixture(scope="module")
def settings() -> Settings:
    loaded = Settings()
    loaded.setmodule(project)
    return loaded


def test_every_setting_is_one_that_scrapy_or_winnow_reads() -> None:
    known = set(default_settings.__all__) | {"DNS_TIMEOUT"} | OURS
    unknown = {name for name in vars(project) if name.isupper() and name not in known}
    read = "".join(path.read_text() for path in Path(project.__file__).parent.rglob("*.py") if path.stem != "settings")
    assert {name for name in unknown if name not in read} == set()


def test_every_class_that_is_named_exists(settings: Settings) -> None:
    named = [settings["DOWNLOADER"], settings["SCHEDULER_PRIORITY_QUEUE"], settings["SCHEDULER_MEMORY_QUEUE"]]
    for group in ("DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "EXTENSIONS_BASE", "ITEM_PIPELINES"):
        named += settings.getdict(group)
    for path in named:
        assert isinstance(load_object(path), type), path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROBOTSTXT_OBEY", True),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("REMOTE_CONTROL_ENABLED", False),
        ("TELNETCONSOLE_ENABLED", False),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 1),
        ("COOKIES_ENABLED", False),
        ("WINNOW_ALLOW_PRIVATE_HOSTS", []),
        ("JOBDIR", None),
    ],
)
def test_what_politeness_and_safety_rest_on(settings: Settings, name: str, value: object) -> None:
    assert settings[name] == value


def test_limits_are_far_below_scrapys(settings: Settings) -> None:
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1
    assert settings.getfloat("DOWNLOAD_TIMEOUT") <= 60
    assert settings.getint("DOWNLOAD_MAXSIZE") <= 16 * 1024 * 1024
    assert settings.getint("REDIRECT_MAX_TIMES") <= 10


def test_only_the_web_is_fetched(settings: Settings) -> None:
    handlers = settings.get_component_priority_dict_with_base("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def test_the_environment_names_data_and_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_DATA_DIR", "/srv/news")
    monkeypatch.setenv("WINNOW_CONTACT", "https://example.org/bot")
    try:
        changed = importlib.reload(project)
        assert changed.DATA_DIR == "/srv/news"
        assert re.fullmatch(r"Winnow/[\d.]+ \(\+https://example\.org/bot\)", changed.USER_AGENT)
    finally:
        monkeypatch.undo()
        importlib.reload(project)
    assert project.DATA_DIR == "data"
