"""What the watch keeps between runs: what was seen of each outlet, of bounded length, and the alarms that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from output.state.database import batches
from output.state.schema import moment, stamp
from output.state.tables import WATCH_ALARMS, WATCH_RUNS
from output.watch.observation import Observation, Symptom, condensed, from_json, to_json
from output.watch.standing import Standing

_FORGET_ONE = delete(WATCH_RUNS).where(
    WATCH_RUNS.c.site == bindparam("of_site"), WATCH_RUNS.c.at == bindparam("of_moment")
)


def histories(connection: Connection, sites: Sequence[str]) -> dict[str, list[Observation]]:
    """What earlier runs saw of each outlet, oldest first; [] where there was none."""
    found: dict[str, list[Observation]] = {site: [] for site in sites}
    for batch in batches(sites):
        rows = connection.execute(select(WATCH_RUNS).where(WATCH_RUNS.c.site.in_(batch)).order_by(WATCH_RUNS.c.at))
        for row in rows:
            found[row.site].append(from_json(row.site, moment(row.at), row.seen))
    return found


def remember(connection: Connection, seen: Sequence[tuple[Observation, Sequence[Observation]]]) -> None:
    """Keep what a run saw of each outlet, after what was seen before it; older runs are put together, the oldest
    forgotten."""
    gone: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for new, past in seen:
        if new.is_empty:
            continue
        before = {one.at: one for one in past}
        after = {one.at: one for one in condensed([*past, new], new.at)}
        changed = {at for at in before | after if before.get(at) != after.get(at)}
        gone += [{"of_site": new.site, "of_moment": stamp(at)} for at in changed & before.keys()]
        rows += [{"site": new.site, "at": stamp(at), "seen": to_json(after[at])} for at in changed & after.keys()]
    for batch in batches(gone):
        connection.execute(_FORGET_ONE, batch)
    for batch in batches(rows):
        connection.execute(insert(WATCH_RUNS), batch)


def standings(connection: Connection, sites: Sequence[str]) -> dict[str, dict[Symptom, Standing]]:
    """The alarms of each outlet that are on."""
    found: dict[str, dict[Symptom, Standing]] = {site: {} for site in sites}
    for batch in batches(sites):
        for row in connection.execute(select(WATCH_ALARMS).where(WATCH_ALARMS.c.site.in_(batch))):
            found[row.site][Symptom(row.symptom)] = Standing(moment(row.since), moment(row.told))
    return found


def set_standing(connection: Connection, site: str, alarms: Mapping[Symptom, Standing]) -> None:
    """These alarms of an outlet are on, and no others."""
    connection.execute(delete(WATCH_ALARMS).where(WATCH_ALARMS.c.site == site))
    rows = [
        {"site": site, "symptom": symptom, "since": stamp(one.since), "told": stamp(one.told)}
        for symptom, one in alarms.items()
    ]
    if rows:
        connection.execute(insert(WATCH_ALARMS), rows)
