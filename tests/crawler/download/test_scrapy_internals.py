"""Each private name that the two modules of internals use still exists, and no other module uses any."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.core.engine import ExecutionEngine
from scrapy.core.scraper import Scraper
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from twisted.internet.ssl import optionsForClientTLS
from twisted.web._newclient import HTTPClientParser
from twisted.web.client import HTTPConnectionPool
from twisted.web.http import _ChunkedTransferDecoder

import crawler
from crawler.download import connection_internals, scrapy_internals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERNALS = (scrapy_internals, connection_internals)
PACKAGE = Path(crawler.__file__).parent
FOREIGN = ("scrapy", "twisted", "scrapy_playwright", "playwright")
NOT_THEIRS = {"_exit", "_replace", "_create_digester", "_Element"}  # of os, of named tuples, of warcio, of lxml


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (Slot, "__init__", ["self", "concurrency", "delay", "jitter", "randomize_delay"]),
        (Downloader, "_get_slot", ["self", "request", "spider"]),
        (Downloader, "_process_queue", ["self", "slot"]),
        (Downloader, "_download", ["self", "slot", "request"]),
        (Downloader, "_slot_gc", ["self", "age"]),
        (HttpCompressionMiddleware, "_handle_encoding", ["self", "body", "content_encoding", "max_size"]),
        (HttpCompressionMiddleware, "_decode", ["body", "encoding", "max_size"]),
        (_LenientHTTPClientParser, "lineReceived", ["self", "line"]),
        (_LenientHTTP11ClientProtocol, "__init__", ["self", "quiescentCallback"]),
        (_LenientHTTP11ClientFactory, "__init__", ["self", "quiescentCallback", "metadata"]),
        (_ChunkedTransferDecoder, "__init__", ["self", "dataCallback", "finishCallback"]),
        (_ChunkedTransferDecoder, "dataReceived", ["self", "data"]),
        (Scraper, "_check_if_closing", ["self"]),
        (HTTPConnectionPool, "_putConnection", ["self", "key", "connection"]),
        (HTTPConnectionPool, "_removeConnection", ["self", "key", "connection"]),
    ],
)
def test_a_private_method_exists_with_its_parameters(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Downloader._enqueue_request, "_get_slot"),
        (Downloader._enqueue_request, "_process_queue"),
        (Downloader._download, "_process_queue"),
        (Downloader._start_slot_gc, "_slot_gc"),
        (Downloader._start_slot_gc, "_SLOT_GC_INTERVAL"),
        (HTTP11DownloadHandler.download_request, "_pool"),
        (HTTP11DownloadHandler.download_request, "_contextFactory"),
        (HttpCompressionMiddleware._handle_encoding, "_decode"),
        (HttpCompressionMiddleware.process_response, "_DecompressionMaxSizeExceeded"),
        (_LenientHTTP11ClientProtocol.request, "_parser"),
        (_LenientHTTP11ClientFactory.buildProtocol, "_quiescentCallback"),
        (HTTPClientParser.allHeadersReceived, "_transferDecoders"),
        (HTTPConnectionPool._newConnection, "_factory"),
        (ExecutionEngine.__init__, "_slot"),
        (HTTPConnectionPool._putConnection, "_removeConnection"),
    ],
)
def test_the_library_itself_uses_the_name(function: Callable[..., Any], name: str) -> None:
    assert name in inspect.unwrap(function).__code__.co_names


def test_private_attributes_exist() -> None:
    pool = HTTPConnectionPool(None)  # type: ignore[no-untyped-call]
    assert (pool._timeouts, pool._connections) == ({}, {})
    assert callable(pool._factory)
    assert callable(optionsForClientTLS("a.example")._createConnection)


def uses(tree: ast.Module) -> Iterator[str]:
    """Yield the private names that a module imports from FOREIGN, or reads or writes on any object."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FOREIGN:
            yield from (part for part in (node.module or "").split(".") if part.startswith("_"))
            yield from (alias.name for alias in node.names if alias.name.startswith("_"))
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
            yield node.attr


def definitions(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module defines: functions, classes, attributes and variables."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


def test_no_other_module_uses_one() -> None:
    modules = set(PACKAGE.rglob("*.py")) - {Path(str(internals.__file__)) for internals in INTERNALS}
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in modules}
    ours = NOT_THEIRS.union(*map(definitions, trees.values()))
    found = {(path.relative_to(PACKAGE), name) for path, tree in trees.items() for name in uses(tree)}
    assert {(str(path), name) for path, name in found if name not in ours} == set()


def test_no_other_class_overrides_one() -> None:
    modules = [import_module(found.name) for found in walk_packages([str(PACKAGE)], "crawler.")
               if not found.name.endswith("__main__")]  # fmt: skip
    overridden = set()
    for cls in {each for module in modules for each in vars(module).values() if inspect.isclass(each)}:
        if cls.__module__.startswith("crawler.") and cls.__module__ not in {each.__name__ for each in INTERNALS}:
            bases = [base for base in cls.__mro__ if base.__module__.partition(".")[0] in FOREIGN]
            private = {name for name in vars(cls) if name.startswith("_") and not name.endswith("__")}
            overridden |= {(cls.__qualname__, name) for name in private for base in bases if name in vars(base)}
    assert {(owner, name) for owner, name in overridden if not name.startswith("_abc_")} == set()  # abc's own
