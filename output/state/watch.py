"""What the watch keeps between runs: what was seen of each outlet, of bounded length, and the alarms that are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from output.state.schema import moment, stamp
from output.state.tables import WATCH_ALARMS, WATCH_RUNS
from output.watch.observation import Observation, Symptom, condensed, from_json, to_json
from output.watch.standing import Standing


def history(connection: Connection, site: str) -> list[Observation]:
    """What earlier runs saw of an outlet, oldest first."""
    rows = connection.execute(select(WATCH_RUNS).where(WATCH_RUNS.c.site == site).order_by(WATCH_RUNS.c.at))
    return [from_json(row.site, moment(row.at), row.seen) for row in rows]


def remember(connection: Connection, past: Sequence[Observation], seen: Observation) -> None:
    """Keep what a run saw, after what was seen before it; older runs are put together, the oldest forgotten."""
    if seen.is_empty:
        return
    before = {one.at: one for one in past}
    after = {one.at: one for one in condensed([*past, seen], seen.at)}
    here = WATCH_RUNS.c.site == seen.site
    changed = {at for at in before | after if before.get(at) != after.get(at)}
    for at in changed & before.keys():
        connection.execute(delete(WATCH_RUNS).where(here, WATCH_RUNS.c.at == stamp(at)))
    rows = [{"site": seen.site, "at": stamp(at), "seen": to_json(after[at])} for at in changed & after.keys()]
    if rows:
        connection.execute(insert(WATCH_RUNS), rows)


def standing(connection: Connection, site: str) -> dict[Symptom, Standing]:
    """The alarms of an outlet that are on."""
    rows = connection.execute(select(WATCH_ALARMS).where(WATCH_ALARMS.c.site == site))
    return {Symptom(row.symptom): Standing(moment(row.since), moment(row.told)) for row in rows}


def set_standing(connection: Connection, site: str, alarms: Mapping[Symptom, Standing]) -> None:
    """These alarms of an outlet are on, and no others."""
    connection.execute(delete(WATCH_ALARMS).where(WATCH_ALARMS.c.site == site))
    rows = [
        {"site": site, "symptom": symptom, "since": stamp(one.since), "told": stamp(one.told)}
        for symptom, one in alarms.items()
    ]
    if rows:
        connection.execute(insert(WATCH_ALARMS), rows)
