"""What waits for what in traces of the format of ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisbench_plugin_traces.row_files import Place, RecordedRequest, length_of, nanoseconds
from aisbench_plugin_traces.trace_dataset import in_waiting_order

MILLISECOND = 1_000_000
GRAPH_KEYS = ("id", "after", "think_ms", "tool_ms", "agent", "depth")


def pauses_of(place: Place, row: Mapping[str, Any]) -> dict[str, int]:
    """In ns, by kind."""
    pauses = {
        kind: nanoseconds(row[key], MILLISECOND, key, place)
        for kind, key in (("tool", "tool_ms"), ("think", "think_ms"))
        if key in row
    }
    if any(ns < 0 for ns in pauses.values()):
        raise place.fault("a pause is below 0", "tool_ms and think_ms are 0 or more")
    return pauses


def labels_of(place: Place, row: Mapping[str, Any]) -> dict[str, str]:
    """None of a line without any key of the graph."""
    depth = length_of(row.get("depth", 0), "depth", place, least=0)
    if not any(key in row for key in GRAPH_KEYS):
        return {}
    kind = "sub-agent" if depth else "tool" if row.get("tool_ms") else "main"
    return {"depth": str(depth), "kind": kind}


def after_of(place: Place, row: dict[str, Any]) -> tuple[str, ...]:
    after = row.get("after", [])
    after = [after] if isinstance(after, str) else after
    if not isinstance(after, list) or not all(isinstance(one, str) and one for one in after):
        raise place.fault("after is not a list of ids", 'write ["a", "b"], ids of other lines')
    return tuple(dict.fromkeys(after))


def tie(rows: list[RecordedRequest], file: Path) -> None:
    """Check what waits for what, and name the sessions: those of rows that wait for each other.
    Raises DataError."""
    by_id = _by_id(rows, file)
    fine: set[str] = set()
    for row in rows:
        _check_circle(row, by_id, fine, file)
    leaned_on = {one for row in rows for one in row.after}
    for row in in_waiting_order(rows):
        if not row.after and row.id not in leaned_on:
            continue
        before = [by_id[one] for one in row.after]
        inherited = next((one.session for one in before), "")
        row.session = str(row.detail.get("session") or "") or inherited or row.id
        _check_clock(row, before, file)
    tied = {row.session for row in rows if row.session}
    for row in rows:
        if row.detail.get("session") in tied:
            row.session = row.detail["session"]


def _check_circle(
    row: RecordedRequest, by_id: Mapping[str, RecordedRequest], fine: set[str], file: Path
) -> None:
    path: list[str] = []
    open_: list[tuple[RecordedRequest, int]] = [(row, 0)]
    while open_:
        one, place = open_.pop()
        if place == 0:
            if one.id in fine:
                continue
            path.append(one.id)
        if place == len(one.after):
            fine.add(path.pop())
            continue
        open_.append((one, place + 1))
        following = by_id[one.after[place]]
        if following.id in path:
            circle = " -> ".join([*path[path.index(following.id) :], following.id])
            raise Place(file, one.line).fault(
                f"rows wait for each other in a circle: {circle}", "take one `after` away"
            )
        open_.append((following, 0))


def _by_id(rows: list[RecordedRequest], file: Path) -> dict[str, RecordedRequest]:
    """Raises DataError for an id that comes twice, and for one that no line has."""
    by_id: dict[str, RecordedRequest] = {}
    for row in rows:
        if row.id in by_id:
            raise Place(file, row.line).fault(
                f"line {by_id[row.id].line} has the id {row.id!r} too", "give each its own"
            )
        by_id[row.id] = row
    for row in rows:
        if missing := next((one for one in row.after if one not in by_id), None):
            raise Place(file, row.line).fault(
                f"it comes after {missing!r}, and no line has this id",
                "`after` names ids of other lines, or line-N",
            )
    return by_id


def _check_clock(row: RecordedRequest, before: list[RecordedRequest], file: Path) -> None:
    for other in before:
        if "at_ms" in row.detail and other.at_ns > row.at_ns:
            raise Place(file, row.line).fault(
                f"it was recorded {(other.at_ns - row.at_ns) / MILLISECOND:g} ms before "
                f"{other.id!r}, which it comes after",
                "the clock went backwards; mend at_ms, or leave it out",
            )
