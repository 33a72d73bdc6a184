"""Store what monitoring needs between runs: a bounded history of observations of each site, and its active alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from output.monitoring.alarms import ActiveAlarm
from output.monitoring.observation import Observation, Symptom, condense, observation_from_json, observation_to_json
from output.state.database import batches
from output.state.schema import from_microseconds, to_microseconds
from output.state.tables import ACTIVE_ALARMS_TABLE, OBSERVATIONS_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DELETE_ONE = delete(OBSERVATIONS_TABLE).where(
    OBSERVATIONS_TABLE.c.site == bindparam("of_site"), OBSERVATIONS_TABLE.c.at == bindparam("of_time")
)


def histories(connection: Connection, sites: Sequence[str]) -> dict[str, list[Observation]]:
    """Return the observations of each site by earlier runs, oldest first, or [] if there are none."""
    found: dict[str, list[Observation]] = {site: [] for site in sites}
    for batch in batches(sites):
        rows = connection.execute(
            select(OBSERVATIONS_TABLE).where(OBSERVATIONS_TABLE.c.site.in_(batch)).order_by(OBSERVATIONS_TABLE.c.at)
        )
        for row in rows:
            found[row.site].append(observation_from_json(row.site, from_microseconds(row.at), row.seen))
    return found


def add_observations(connection: Connection, observed: Sequence[tuple[Observation, Sequence[Observation]]]) -> None:
    """Add a run's observation of each site, given with its history. Older ones are condensed, the oldest deleted."""
    stale: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for new, past in observed:
        if new.is_empty:
            continue
        before = {one.at: one for one in past}
        after = {one.at: one for one in condense([*past, new], new.at)}
        changed = {at for at in before | after if before.get(at) != after.get(at)}
        stale += [{"of_site": new.site, "of_time": to_microseconds(at)} for at in changed & before.keys()]
        rows += [
            {"site": new.site, "at": to_microseconds(at), "seen": observation_to_json(after[at])}
            for at in changed & after.keys()
        ]
    for batch in batches(stale):
        connection.execute(_DELETE_ONE, batch)
    for batch in batches(rows):
        connection.execute(insert(OBSERVATIONS_TABLE), batch)


def active_alarms(connection: Connection, sites: Sequence[str]) -> dict[str, dict[Symptom, ActiveAlarm]]:
    """Return the active alarms of each site."""
    found: dict[str, dict[Symptom, ActiveAlarm]] = {site: {} for site in sites}
    for batch in batches(sites):
        for row in connection.execute(select(ACTIVE_ALARMS_TABLE).where(ACTIVE_ALARMS_TABLE.c.site.in_(batch))):
            found[row.site][Symptom(row.symptom)] = ActiveAlarm(
                from_microseconds(row.since), from_microseconds(row.told)
            )
    return found


def set_active_alarms(connection: Connection, site: str, alarms: Mapping[Symptom, ActiveAlarm]) -> None:
    """Replace the active alarms of a site."""
    connection.execute(delete(ACTIVE_ALARMS_TABLE).where(ACTIVE_ALARMS_TABLE.c.site == site))
    rows = [
        {"site": site, "symptom": symptom, "since": to_microseconds(one.since), "told": to_microseconds(one.reported)}
        for symptom, one in alarms.items()
    ]
    if rows:
        connection.execute(insert(ACTIVE_ALARMS_TABLE), rows)
