"""AISBench's performance runs: requests as JSON lines, their instants in SQLite, and statistics.

``performances/MODEL/SET_details.jsonl`` points into ``db_data/*.db``, whose rows are arrays of
seconds: sent, then every event of the stream. ``SET.json`` and ``SET.csv`` are the statistics,
with units inside of texts.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import JsonRecord, read_bytes, read_lines, read_object
from aisbench_plugin_compare.foreign.loads import MS, Measured, figures, quantities, tpot
from aisbench_plugin_compare.foreign.sniffing import AISBENCH_LOAD, AISBENCH_REQUESTS, SniffedFile
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Load, Quantity

_ENDING = "_details"
_STATISTICS = {"TTFT": "ttft", "TPOT": "tpot", "ITL": "itl", "E2EL": "e2el",
               "InputTokens": "input_tokens", "OutputTokens": "output_tokens"}  # fmt: skip
_TOTALS = {
    "Request Throughput": "request_throughput",
    "Output Token Throughput": "output_token_throughput",
    "Total Token Throughput": "total_token_throughput",
    "Total Input Tokens": "total_input_tokens",
    "Total Generated Tokens": "total_output_tokens",
}
_COUNTS = {"Total Requests": "total", "Success Requests": "success", "Failed Requests": "failed"}
_NUMBER = re.compile(r"^\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(\S*)\s*$", re.IGNORECASE)
_IN_MS = {"s": MS, "ms": 1.0, "us": 1e-3}


def read(files: Sequence[SniffedFile]) -> list[Load]:
    """A load for each data set. Raises DataError."""
    found: dict[tuple[Path, str], dict[str, Path]] = {}
    for one in files:
        if one.kind == AISBENCH_REQUESTS:
            name = one.path.stem.removesuffix(_ENDING)
            found.setdefault((one.path.parent, name), {})["requests"] = one.path
        elif one.kind == AISBENCH_LOAD:
            found.setdefault((one.path.parent, one.path.stem), {})["load"] = one.path
    return [_load(folder, name, held) for (folder, name), held in found.items()]


def _load(folder: Path, name: str, held: Mapping[str, Path]) -> Load:
    told, counts, plan = _told(held.get("load"))
    told.update(_statistics(folder / f"{name}.csv"))
    doubts: list[str] = []
    requests: list[Quantity] = []
    if "requests" in held:
        rows = read_lines(held["requests"])
        good = [row for row in rows if row.get("success") is True]
        requests, doubts = _requests(folder, good)
        own = {"total": len(rows), "success": len(good), "failed": len(rows) - len(good)}
        for key, number in own.items():
            if counts.get(key, number) != number:
                raise DataError(
                    f"{held['requests']}: holds {number} requests ({key}), and "
                    f"{held['load'].name} says {counts[key]}",
                    hint="one of both was cut, or they are of different runs",
                )
        counts = own
    else:
        doubts.append(
            texts().text("its requests are not here: its figures are compared without intervals")
        )
    return Load(
        model=folder.name,
        dataset=name,
        label=f"concurrency={plan['max_concurrency']}" if "max_concurrency" in plan else "",
        quantities=requests,
        figures=figures(told, counts.get("success")),
        counts=counts,
        facts={"load": plan, "client": {"tool": "AISBench"}},
        doubts=doubts,
        source=str(folder),
    )


def _told(path: Path | None) -> tuple[dict[str, Any], dict[str, int], dict[str, str]]:
    """Figures, counts and plan of the whole load."""
    if path is None:
        return {}, {}, {}
    whole = read_object(path)
    values = {key: _total(whole, key) for key in whole.cells}
    found = {ours: values[key] for key, ours in _TOTALS.items() if key in values}
    duration = values.get("Benchmark Duration")
    if duration is not None:
        found["benchmark_duration"] = duration / MS
    counts = {ours: int(values[key] or 0) for key, ours in _COUNTS.items() if key in values}
    plan = {}
    if values.get("Max Concurrency") is not None:
        plan["max_concurrency"] = f"{values['Max Concurrency']:g}"
    return found, counts, plan


def _total(whole: JsonRecord, key: str) -> float | None:
    """Of {"total": "12.3 ms"} the number, times in ms."""
    value = whole.cells[key]
    if isinstance(value, Mapping):
        value = value.get("total")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    match = _NUMBER.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    return float(match[1]) * _IN_MS.get(match[2], 1.0)


def _statistics(path: Path) -> dict[str, float]:
    """Of SET.csv the stage that is all requests. Raises DataError."""
    if not path.exists():
        return {}
    found = {}
    try:
        rows = list(csv.DictReader(io.StringIO(read_bytes(path).decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is no CSV in UTF-8: {error}") from None
    for row in rows:
        name = _STATISTICS.get(str(row.get("Performance Parameters")))
        if name is None or row.get("Stage") != "total":
            continue
        for column, cell in row.items():
            statistic = {"Average": "mean", "Median": "p50"}.get(str(column), str(column).lower())
            match = _NUMBER.match(cell) if isinstance(cell, str) else None
            if match and column not in ("N", "Stage", "Performance Parameters"):
                found[f"{name}.{statistic}"] = float(match[1]) * _IN_MS.get(match[2], 1.0)
    return found


# -- requests


def _requests(folder: Path, rows: Sequence[JsonRecord]) -> tuple[list[Quantity], list[str]]:
    names = sorted({str(row.get("db_name")) for row in rows})
    stores = {name: folder / "db_data" / Path(name).name for name in names}
    missing = [str(path) for path in stores.values() if not path.exists()]
    if missing:
        return [], [
            texts().text("the instants of its requests are not here: {path}", path=missing[0])
        ]
    held = {name: _arrays(path) for name, path in stores.items()}
    columns: dict[str, list[Measured]] = {
        name: [] for name in ("ttft", "e2el", "tpot", "itl", "output_tokens", "input_tokens")
    }
    for row in rows:
        place = row.inside("time_points").whole("__db_ref__")
        instants = held[str(row.get("db_name"))].get(place)
        if instants is None:
            raise row.error(f"its instants, number {place} of {row.get('db_name')}, are missing")
        if len(instants) < 2:
            continue
        first = float(instants[1] - instants[0]) * MS
        whole = float(instants[-1] - instants[0]) * MS
        tokens = row.get("output_tokens")
        count = float(tokens) if isinstance(tokens, (int, float)) else None
        columns["ttft"].append(first)
        columns["e2el"].append(whole)
        columns["tpot"].append(tpot(whole, first, count))
        columns["itl"].append([float(gap) * MS for gap in np.diff(instants[1:])])
        columns["output_tokens"].append(count)
        given = row.get("input_tokens")
        columns["input_tokens"].append(float(given) if isinstance(given, (int, float)) else None)
    return quantities(columns), []


def _arrays(path: Path) -> dict[int, NDArray[np.float64]]:
    """The arrays of a store by their number; read-only, and never as pickles. Raises DataError."""
    found = {}
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as store:
            for number, blob in store.execute("SELECT id, arr_blob FROM numpy_store"):
                array = np.load(io.BytesIO(blob), allow_pickle=False)
                if array.ndim != 1 or not np.issubdtype(array.dtype, np.floating):
                    raise ValueError(f"number {number} is no list of instants")
                found[int(number)] = array.astype(np.float64)
    except (sqlite3.Error, ValueError, TypeError, EOFError, OSError) as error:
        raise DataError(f"{path}: is damaged: {error}") from None
    return found
