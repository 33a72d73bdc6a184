"""What the watch keeps between runs: what was seen of each outlet, of bounded length, and the alarms that are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from output.monitoring.alarms import ActiveAlarm
from output.monitoring.observation import Observation, Symptom, condense, observation_from_json, observation_to_json
from output.state.database import batches
from output.state.schema import from_seconds, to_seconds
from output.state.tables import ACTIVE_ALARMS_TABLE, OBSERVATIONS_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORGET_ONE = delete(OBSERVATIONS_TABLE).where(
    OBSERVATIONS_TABLE.c.site == bindparam("of_site"), OBSERVATIONS_TABLE.c.at == bindparam("of_moment")
)


def histories(connection: Connection, sites: Sequence[str]) -> dict[str, list[Observation]]:
    """What earlier runs saw of each outlet, oldest first; [] where there was none."""
    found: dict[str, list[Observation]] = {site: [] for site in sites}
    for batch in batches(sites):
        rows = connection.execute(
            select(OBSERVATIONS_TABLE).where(OBSERVATIONS_TABLE.c.site.in_(batch)).order_by(OBSERVATIONS_TABLE.c.at)
        )
        for row in rows:
            found[row.site].append(observation_from_json(row.site, from_seconds(row.at), row.seen))
    return found


def remember_observation(connection: Connection, seen: Sequence[tuple[Observation, Sequence[Observation]]]) -> None:
    """Keep what a run saw of each outlet, after what was seen before it; older runs are put together, the oldest
    forgotten.
    """
    gone: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for new, past in seen:
        if new.is_empty:
            continue
        before = {one.at: one for one in past}
        after = {one.at: one for one in condense([*past, new], new.at)}
        changed = {at for at in before | after if before.get(at) != after.get(at)}
        gone += [{"of_site": new.site, "of_moment": to_seconds(at)} for at in changed & before.keys()]
        rows += [
            {"site": new.site, "at": to_seconds(at), "seen": observation_to_json(after[at])}
            for at in changed & after.keys()
        ]
    for batch in batches(gone):
        connection.execute(_FORGET_ONE, batch)
    for batch in batches(rows):
        connection.execute(insert(OBSERVATIONS_TABLE), batch)


def active_alarms(connection: Connection, sites: Sequence[str]) -> dict[str, dict[Symptom, ActiveAlarm]]:
    """The alarms of each outlet that are on."""
    found: dict[str, dict[Symptom, ActiveAlarm]] = {site: {} for site in sites}
    for batch in batches(sites):
        for row in connection.execute(select(ACTIVE_ALARMS_TABLE).where(ACTIVE_ALARMS_TABLE.c.site.in_(batch))):
            found[row.site][Symptom(row.symptom)] = ActiveAlarm(from_seconds(row.since), from_seconds(row.told))
    return found


def set_active_alarms(connection: Connection, site: str, alarms: Mapping[Symptom, ActiveAlarm]) -> None:
    """These alarms of an outlet are on, and no others."""
    connection.execute(delete(ACTIVE_ALARMS_TABLE).where(ACTIVE_ALARMS_TABLE.c.site == site))
    rows = [
        {"site": site, "symptom": symptom, "since": to_seconds(one.since), "told": to_seconds(one.reported)}
        for symptom, one in alarms.items()
    ]
    if rows:
        connection.execute(insert(ACTIVE_ALARMS_TABLE), rows)
