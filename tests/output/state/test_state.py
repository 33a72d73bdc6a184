"""Keep state between runs: URLs, sources, articles and their outcomes, in a local database."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, create_mock_engine, event, insert, text
from sqlalchemy.engine import make_url

from output.records.article import article_id, content_hash
from output.records.pending import Pending, UrlOutcome
from output.state import State, StateError, known_articles, known_sources, known_urls
from output.state.commit import Commit, CrawlNote
from output.state.database_url import shown_url, without_secrets
from output.state.known_sources import KnownSource
from output.state.known_urls import FoundUrl, KnownUrl, UrlStatus
from output.state.migrations import NewerSchemaError, migrate
from output.state.schedule import Schedule
from output.state.schema import METADATA, from_microseconds, id_from_key, id_key, to_microseconds, url_key
from output.state.tables import URLS_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
SITE = "example.com"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.close()


def found(state: State, *keys: str, now: datetime = NOW, source: str = "feed") -> None:
    with state.transaction() as connection:
        known_urls.record_found(connection, SITE, source, [FoundUrl(key, f"https://{key}") for key in keys], now)


def known(state: State, *keys: str) -> dict[str, KnownUrl]:
    with state.transaction() as connection:
        return known_urls.find_urls(connection, keys)


def record(key: str, text: str = "A text.", **fields: Any) -> dict[str, Any]:
    private = Pending(UrlOutcome(f"https://{key}", (key,), SITE, etag='"1"')).to_part_keys()
    return {
        "id": article_id(key), "url": f"https://{key}", "canonical_url": f"https://{key}", "source": SITE,
        "content_hash": content_hash(text), "revision": 1, "published": None, **private, **fields,
    }  # fmt: skip


def reject(key: str, reason: str, *, final: bool, reached: bool = True) -> dict[str, Any]:
    outcome = UrlOutcome(f"https://{key}", (key,), SITE, final=final, reached=reached)
    return {
        "id": article_id(key),
        "url": f"https://{key}",
        "source": SITE,
        "reason": reason,
        **Pending(outcome).to_part_keys(),
    }


def commit(state: State, now: datetime, run: str = "r", schedule: Schedule | None = None) -> Callable[..., None]:
    def put(*, articles: Any = (), rejects: Any = (), notes: Any = ()) -> None:
        with state.transaction() as connection:
            put = Commit(connection, run, schedule or Schedule(), now, lambda url: url.removeprefix("https://"))
            put.add_articles(articles)
            put.add_rejects(rejects)
            put.add_notes(notes)

    return put


def test_keys_and_times_are_read_back_as_stored() -> None:
    for name in ("ffffffffffffffff", "0000000000000001", article_id("x")):
        assert id_from_key(id_key(name)) == name
    assert from_microseconds(to_microseconds(NOW)) == NOW
    assert -(2**63) <= url_key("example.com/") < 2**63


def test_a_url_is_pending_until_it_is_settled_and_keeps_its_place(state: State) -> None:
    found(state, "example.com/b", "example.com/a", "example.com/c")
    with state.transaction() as connection:
        waiting = known_urls.due_urls(connection, SITE, NOW + HOUR, 10, revisits=False)
        assert known_urls.due_urls(connection, "other.example", NOW + HOUR, 10, revisits=False) == []
    assert [one.url for one in waiting] == [f"https://example.com/{letter}" for letter in "bac"]
    commit(state, NOW)(articles=[record("example.com/b")], rejects=[reject("example.com/a", "too_short", final=True)])
    outcomes = {key[-1]: one.outcome for key, one in known(state, *(f"example.com/{x}" for x in "abcd")).items()}
    assert outcomes == {"a": UrlStatus.REJECTED, "b": UrlStatus.ARTICLE, "c": UrlStatus.PENDING}


def test_urls_are_looked_up_in_batches(state: State) -> None:
    keys = [f"example.com/{number}" for number in range(1200)]
    found(state, *keys)
    statements: list[str] = []
    event.listen(state._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert len(known(state, *keys, "example.com/unknown")) == 1200
    assert sum("FROM urls" in statement for statement in statements) == 3


def test_a_url_that_fails_is_tried_with_growing_pauses_and_given_up_with_its_reason(state: State) -> None:
    key = "example.com/a"
    found(state, key)
    now, pauses = NOW, []
    for _ in range(4):
        commit(state, now)(rejects=[reject(key, "http_error", final=False)])
        again = known(state, key)[key]
        assert again.outcome == UrlStatus.FAILED
        assert again.next_try is not None
        assert not again.is_due(from_microseconds(again.next_try) - timedelta(seconds=1))
        assert again.is_due(from_microseconds(again.next_try))
        pauses.append((from_microseconds(again.next_try) - now) / timedelta(minutes=1))
        now = from_microseconds(again.next_try)
    assert pauses == [15, 60, 240, 960]
    commit(state, now)(rejects=[reject(key, "http_error", final=False)])
    with state.transaction() as connection:
        row = known_urls.url_rows(connection, [url_key(key)])[url_key(key)]
    assert (row["outcome"], row["reason"], row["attempts"], row["next_try"]) == ("given_up", "http_error", 5, None)


def test_a_host_that_cannot_be_reached_costs_no_attempt_for_a_week(state: State) -> None:
    key = "example.com/a"
    found(state, key)
    for day in range(7):
        commit(state, NOW + timedelta(days=day))(rejects=[reject(key, "http_error", final=False, reached=False)])
        assert known(state, key)[key].is_due(NOW + timedelta(days=day))
    commit(state, NOW + timedelta(days=8))(rejects=[reject(key, "http_error", final=False, reached=False)])
    assert known(state, key)[key].outcome == UrlStatus.GIVEN_UP


def test_a_young_article_is_revisited_after_1_3_9_and_27_hours(state: State) -> None:
    key = "example.com/a"
    found(state, key)
    commit(state, NOW)(articles=[record(key)])
    hours = []
    now = NOW
    while (due := known(state, key)[key].next_try) is not None:
        now = from_microseconds(due)
        hours.append((now - NOW) / HOUR)
        commit(state, now)(notes=[CrawlNote(key, article_id(key))])
    assert hours == [1, 3, 9, 27]
    with state.transaction() as connection:
        row = known_articles.article_rows(connection, [id_key(article_id(key))])[id_key(article_id(key))]
    assert (row["first_seen"], row["last_checked"]) == (to_microseconds(NOW), to_microseconds(now))


def test_an_old_article_is_not_revisited_and_missed_revisits_are_made_up_once() -> None:
    schedule = Schedule()
    assert schedule.revisit_at(NOW, NOW - timedelta(days=3), NOW) is None
    assert schedule.revisit_at(NOW, NOW - timedelta(hours=46), NOW) == NOW + HOUR
    assert schedule.revisit_at(NOW, None, NOW + 10 * HOUR) == NOW + 27 * HOUR


def test_an_article_is_known_by_every_url_that_led_to_it(state: State) -> None:
    found(state, "example.com/short", "example.com/amp")
    outcome = UrlOutcome(
        "https://example.com/short", ("example.com/short", "example.com/long", "example.com/amp"), SITE
    )
    commit(state, NOW)(articles=[record("example.com/long", **Pending(outcome).to_part_keys())])
    outcomes = {key: one.outcome for key, one in known(state, *outcome.keys).items()}
    assert outcomes == dict(zip(outcome.keys, ("article", "duplicate", "duplicate"), strict=True))
    with state.transaction() as connection:
        assert known_urls.due_urls(connection, SITE, NOW + timedelta(days=1), 10, revisits=False) == []


def test_a_revision_takes_the_place_of_the_version_before(state: State) -> None:
    key = "example.com/a"
    commit(state, NOW, "r1")(articles=[record(key)])
    changed = record(key, "Another text.", revision=2, previous_hash=content_hash("A text."))
    commit(state, NOW + HOUR, "r2")(articles=[changed])
    commit(state, NOW + HOUR, "r0")(articles=[record(key)])  # an older one, from a backup
    with state.transaction() as connection:
        newest = known_articles.find_article(connection, article_id(key))
    assert newest is not None
    assert (newest.revision, newest.content_hash, newest.first_seen) == (2, content_hash("Another text."), NOW)


def test_not_modified_is_ignored_if_the_rules_changed_or_the_date_is_earlier() -> None:
    week, day = NOW - timedelta(days=7), NOW - timedelta(days=1)
    read = KnownSource("https://example.com/feed", SITE, "https://example.com/feed", '"1"', None, "rules", since=day)
    assert read.is_valid_for("rules", day)
    assert read.is_valid_for("rules", NOW)
    assert not read.is_valid_for("rules", week)
    assert not read.is_valid_for("rules", None)
    assert not read.is_valid_for("other rules", NOW)


def test_a_source_is_read_back_as_stored(state: State) -> None:
    read = KnownSource(
        "https://example.com/", SITE, "https://www.example.com/", '"1"', "Wed", "rules", NOW, 7, "text/html", b"<p>"
    )
    with state.transaction() as connection:
        known_sources.record_read(connection, read, NOW)
        known_sources.record_read(connection, read, NOW)
        assert known_sources.find_source(connection, "https://example.com/") == read
        assert known_sources.find_source(connection, "https://example.com/other") is None


def test_old_urls_are_deleted_but_not_those_that_a_source_still_lists(state: State) -> None:
    old = NOW - timedelta(days=500)
    feed = KnownSource("https://example.com/feed", SITE, "https://example.com/feed", '"1"', None, "rules")
    found(state, "example.com/listed", now=old, source=feed.url)
    found(state, "example.com/gone", now=old, source="https://example.com/other")
    found(state, "example.com/pending", now=old, source="https://example.com/other")
    commit(state, old)(articles=[record("example.com/listed"), record("example.com/gone")])
    with state.transaction() as connection:
        connection.execute(URLS_TABLE.update().where(URLS_TABLE.c.outcome == "article").values(next_try=None))
        known_sources.record_read(connection, feed, old)
        known_sources.record_unchanged(connection, feed.url, NOW)
        assert known_urls.delete_old_urls(connection, NOW - timedelta(days=400)) == 1
        assert known_articles.delete_old_articles(connection, NOW - timedelta(days=400)) == 1
    assert set(known(state, "example.com/listed", "example.com/gone", "example.com/pending")) == {
        "example.com/listed", "example.com/pending",
    }  # fmt: skip


def test_a_transaction_that_fails_leaves_nothing(state: State) -> None:
    def break_off() -> None:
        with state.transaction() as connection:
            known_urls.record_found(connection, SITE, "feed", [FoundUrl("example.com/a", "https://example.com/a")], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert known(state, "example.com/a") == {}


def test_an_older_schema_is_migrated_one_version_at_a_time(state: State) -> None:
    def first(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE runs ADD COLUMN host TEXT"))

    def second(connection: Connection) -> None:
        connection.execute(text("UPDATE runs SET host = 'here'"))

    with state.transaction() as connection:
        connection.execute(text("INSERT INTO runs (run, stage, started) VALUES ('r', 'finished', 0)"))
        assert migrate(connection, (first, second)) == 3
        assert connection.scalar(text("SELECT host FROM runs")) == "here"
        assert migrate(connection, (first, second)) == 3
        with pytest.raises(NewerSchemaError):
            migrate(connection)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_indexes_are_partial(database: str) -> None:
    made: list[str] = []

    def keep(statement: Any, *_given: Any, **_more: Any) -> None:
        made.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{database}://", keep)
    METADATA.create_all(engine, checkfirst=False)
    indexes = {statement.strip() for statement in made if "INDEX" in statement}
    assert "CREATE INDEX urls_due ON urls (site, next_try) WHERE next_try IS NOT NULL" in indexes
    assert "CREATE INDEX blocks_shared ON blocks (site, articles) WHERE articles > 1" in indexes


def test_an_unusable_state_is_reported_in_one_line(tmp_path: Path) -> None:
    newer = tmp_path / "newer.db"
    State.open(f"sqlite:///{newer}").close()
    with sqlite3.connect(newer) as connection:
        connection.execute("INSERT INTO schema_version VALUES (99)")
    (tmp_path / "torn.db").write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    for url, said in (
        (f"sqlite:///{newer}", "made by a newer Winnow: its schema has version 99"),
        (f"sqlite:///{tmp_path / 'torn.db'}", "file is not a database"),
        (f"sqlite:///{tmp_path / 'no' / 'folder.db'}", "unable to open database file"),
        ("nosuch://me:secret@host/db", "STATE_URL nosuch://me:***@host/db cannot be used"),
        ("me:secret@host/db", "STATE_URL is not a database URL"),
        ("nosuch://me:x@secret@host/db", "STATE_URL nosuch://*** cannot be used"),
        ("nosuch://host/db?password=secret", "STATE_URL nosuch://host/db cannot be used"),
        ("sqlite://me:x@host:secret/db", "STATE_URL is not a database URL"),
        ("sqlite:///state.db?timeout=secret", "STATE_URL sqlite:///state.db cannot be used"),
        (f"sqlite:///file:{tmp_path}/no/a.db?uri=true&passwd=secret", "unable to open database file"),
    ):
        with pytest.raises(StateError) as raised:
            State.open(url)
        assert said in str(raised.value)
        assert "\n" not in str(raised.value)
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:s3cr3t%2Fpass@host/db", "postgresql+psycopg://me:***@host/db"),
        ("postgresql+psycopg://host/db?user=me&password=s3cr3t%2Fpass", "postgresql+psycopg://host/db"),
        ("mysql://host/db?passwd=s3cr3t/pass", "mysql://host/db"),
        ("postgresql:///?sslpassword=s3cr3t%2fpass&host=/tmp", "postgresql:///"),
        ("postgresql://me:word@s3cr3t/pass@host/db", "postgresql://***"),
    ],
)
def test_a_url_and_what_a_driver_says_of_it_are_shown_without_passwords(url: str, shown: str) -> None:
    parsed = make_url(url)
    assert shown_url(parsed) == shown
    for quoted in ("s3cr3t/pass", "s3cr3t%2Fpass", parsed.render_as_string(hide_password=False)):
        line = without_secrets(f"no such thing: {quoted} in connection info\nand more", parsed)
        assert "s3cr3t" not in line
        assert line.startswith("no such thing: ")
        assert line.endswith(" in connection info")


def test_the_database_survives_a_writer_beside_it(state: State, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "state.db")
    with state.transaction() as connection:
        connection.execute(
            insert(URLS_TABLE), [known_urls.blank_row("example.com/a", "https://example.com/a", SITE, 0)]
        )
        assert other.execute("SELECT count(*) FROM urls").fetchone() == (0,)  # a reader is not blocked
    assert other.execute("SELECT count(*) FROM urls").fetchone() == (1,)
    other.close()
