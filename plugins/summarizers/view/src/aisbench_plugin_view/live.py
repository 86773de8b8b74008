"""A run that still goes on, from what is on the disk alone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import orjson

from aisbench import AisbenchError, AnswerFiles, load_run
from aisbench_plugin_view.documents import age, state_of, status_of
from aisbench_plugin_view.index import tables
from aisbench_plugin_view.numbers import plain

Json = dict[str, Any]
TAIL = 32_768
LINES = 60


def live_document(run: Path) -> Json:
    """What can be told of a run without its index: the state, what it tells of itself, its log.
    Raises AisbenchError."""
    result = load_run(run, verify=False)
    state = state_of(run)
    return {
        "name": result.name,
        "mode": result.mode,
        "status": status_of(run, result),
        "sessions": len(result.sessions),
        "started": result.sessions[-1].started if result.sessions else "",
        "now": time.time(),
        "age": age(run),
        "progress": None if state is None else plain(state),
        "recorded": recorded_bytes(run),
        "log": log_tail(run / "log.jsonl"),
    }


def task_progress(files: AnswerFiles, index: Path, suite: Json) -> Json:
    """How far a task is by its journal, which the index has read. Raises sqlite3.Error."""
    with tables.readable(index) as connection:
        row = tables.named(
            connection.execute(
                "SELECT count(*) AS done, coalesce(sum(finish = 'fault'), 0) AS failed, "
                "sum(completion_tokens) AS tokens, avg(ms) AS ms, avg(ttft_ms) AS ttft_ms, "
                "avg(value) AS score FROM answers"
            )
        )[0]
        rows = connection.execute("SELECT count(*) FROM samples").fetchone()[0]
    repeats = suite.get("datasets", {}).get(files.dataset, {}).get("repeats", 1)
    total = rows * repeats if not files.load and isinstance(repeats, int) and rows else None
    return {
        "model": files.model,
        "dataset": files.dataset,
        "load": files.load,
        "total": total,
        **row,
    }


def recorded_bytes(run: Path) -> int:
    """Bytes that the loads of a run have recorded so far."""
    total = 0
    for root, _, names in os.walk(run / "performance"):
        for name in names:
            try:
                total += (Path(root) / name).stat().st_size
            except OSError:  # a worker's file that was just converted
                continue
    return total


def log_tail(path: Path) -> list[Json]:
    """The last lines of a log, the newest last."""
    if not path.is_file():  # what waits for a writer would be waited for
        return []
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            lines = file.read().split(b"\n")
    except OSError:
        return []
    found = []
    for line in lines[1 if size > TAIL else 0 :]:
        try:
            row = orjson.loads(line)
        except ValueError:
            continue  # half-written
        if isinstance(row, dict):
            found.append({key: str(row.get(key, "")) for key in ("time", "level", "message")})
    return found[-LINES:]


def suite_of(run: Path) -> Json:
    """The suite of a run; nothing where it cannot be read."""
    try:
        return load_run(run, verify=False).suite
    except AisbenchError:
        return {}
