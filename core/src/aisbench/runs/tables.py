"""A run as tables: plain columns, and data frames where their libraries are installed."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import attrs
import orjson

from aisbench.base.errors import AisbenchError, DamageError
from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.runs.samples import AnsweredSample
from aisbench.store.recording.folder import LoadFolder, remedy
from aisbench.store.run import RunFolder
from aisbench.types.groups import GroupResult
from aisbench.types.performance import PerformanceResult
from aisbench.types.results import TaskResult

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from aisbench.runs.result import RunResult, TableName

Row = Mapping[str, Any]

BATCH = 10_000
"""Requests that are in memory as rows at once."""


def columns_of(run: RunResult, table: TableName) -> dict[str, list[Any]]:
    """The columns of a table, see :meth:`RunResult.columns`. Raises AisbenchError."""
    if table == "scores":
        return _columns(row for task in run.scores for row in _score_rows(task))
    if table == "groups":
        return _columns(map(_group_row, run.groups))
    if table == "samples":
        return _columns(map(_sample_row, run.samples()))
    if table == "loads":
        return _columns(map(_load_row, run.loads))
    found: dict[str, list[Any]] = _all_requests(run, table).to_pydict()
    return found


def rows_of(run: RunResult, table: TableName) -> Iterator[Row]:
    """The rows of a table, one after the other. Raises AisbenchError."""
    if table == "scores":
        yield from (row for task in run.scores for row in _score_rows(task))
    elif table == "groups":
        yield from map(_group_row, run.groups)
    elif table == "samples":
        yield from map(_sample_row, run.samples())
    elif table == "loads":
        yield from map(_load_row, run.loads)
    elif run.loads:
        for load in run.loads:
            place = {"model": load.model, "dataset": load.dataset, "load": load.load}
            for batch in run.requests(load).to_batches(max_chunksize=BATCH):
                for row in batch.to_pylist():
                    yield {**place, **row}


def pandas_frame(run: RunResult, table: TableName) -> pandas.DataFrame:
    """The table as a frame. Raises AisbenchError where pandas is not installed."""
    library = _library("pandas", "to_pandas")
    frame: pandas.DataFrame
    if table == "requests":
        frame = _all_requests(run, table).to_pandas()
    else:
        frame = library.DataFrame(columns_of(run, table))
    return frame


def polars_frame(run: RunResult, table: TableName) -> polars.DataFrame:
    """The table as a frame. Raises AisbenchError where polars is not installed."""
    library = _library("polars", "to_polars")
    frame: polars.DataFrame
    if table == "requests":
        frame = library.from_arrow(_all_requests(run, table))
    else:
        frame = library.DataFrame(columns_of(run, table), infer_schema_length=None)
    return frame


def recorded_requests(run: RunFolder, load: PerformanceResult) -> pyarrow.Table:
    """Every attempt of a load. Raises DamageError, AisbenchError where pyarrow is missing."""
    if lacking := missing(LOADS):
        raise AisbenchError(
            f"what a load recorded is read with {not_installed(lacking)}", hint=INSTALL_LOADS
        )
    parquet = importlib.import_module("pyarrow.parquet")
    errors = importlib.import_module("pyarrow").ArrowException
    folder = LoadFolder(run.load(load.model, load.dataset, load.load))
    try:
        return parquet.read_table(folder.requests)
    except (OSError, errors) as error:
        raise DamageError(
            f"{folder.requests}: cannot be read: {error}", hint=remedy(folder.path)
        ) from error


def _library(name: str, method: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise AisbenchError(
            f"{method}() makes data frames of {name}, which is not installed",
            hint=f"pip install {name}; columns() gives the same table without it",
        ) from None


def _columns(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Rows as columns; what a row does not have is None in it."""
    columns: dict[str, list[Any]] = {}
    count = 0
    for row in rows:
        for name, value in row.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (count - len(column)))
            column.append(value)
        count += 1
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    return columns


def _score_rows(task: TaskResult) -> Iterable[Row]:
    shared = {
        "model": task.model,
        "dataset": task.dataset,
        "load": task.load,
        "variant": task.variant,
    }
    outcomes = {
        "samples": task.samples,
        "repeats": task.repeats,
        **attrs.asdict(task.counts),
    }
    for figure in task.figures:
        values = attrs.asdict(figure)
        yield {
            **shared,
            "part": values.pop("part"),
            "figure": values.pop("name"),
            **values,
            **outcomes,
        }


def _group_row(group: GroupResult) -> Row:
    figure = group.figure
    values = {} if figure is None else attrs.asdict(figure)
    values.pop("part", None)
    return {
        "model": group.model,
        "load": group.load,
        "group": group.name,
        "title": group.title,
        "figure": values.pop("name", None),
        **values,
        "present": group.present,
        "total": group.total,
        "missing": list(group.missing),
    }


def _sample_row(one: AnsweredSample) -> Row:
    response, score, timing = one.response, one.score, one.timings[-1]
    return {
        "model": one.model,
        "dataset": one.dataset,
        "load": one.load,
        "part": one.sample.part,
        "sample": one.sample.id,
        "repeat": one.repeat,
        "turns": len(one.prompts),
        "prompt": one.prompt.words,
        "text": response.text,
        "answer": one.answer,
        "target": _text(one.sample.target),
        "verdict": None if score is None else score.verdict.value,
        "value": None if score is None else score.value,
        "extracted": None if score is None else score.extracted,
        "reason": None if score is None else score.reason,
        "truncated": one.truncated,
        "anomalies": ", ".join(odd.kind.value for odd in one.anomalies),
        "finish_reason": response.finish_reason and response.finish_reason.value,
        "prompt_tokens": response.usage.prompt_tokens,
        "completion_tokens": response.usage.completion_tokens,
        "mean_logprob": _mean([token.logprob for token in response.tokens]),
        "ttft_ms": _milliseconds(timing.sent, timing.first_token),
        "e2el_ms": _milliseconds(timing.sent, timing.done),
        "fault": None if response.fault is None else response.fault.kind.value,
        "fault_message": None if response.fault is None else response.fault.message,
    }


def _load_row(load: PerformanceResult) -> Row:
    row: dict[str, Any] = {
        "model": load.model,
        "dataset": load.dataset,
        "load": load.load,
        "variant": load.variant,
        "complete": load.complete,
        "kept_up": load.health.kept_up,
        **attrs.asdict(load.counts),
    }
    for key, value in load.settings.items():
        if isinstance(value, (str, bool, int, float)):
            row[f"load.{key}"] = value
    server = load.settings.get("server")
    if isinstance(server, Mapping):  # those of the point of a tuned server
        row.update({f"load.server.{key}": value for key, value in server.items()})
    for population in load.populations[:1]:
        for figure in population.figures:
            row[figure.name] = figure.value
        for one in population.statistics:
            spread = {"mean": one.mean, "min": one.min, "max": one.max, "stddev": one.stddev}
            for name, value in {**spread, **one.percentiles}.items():
                row[f"{one.name}_{name}"] = value
    return row


def _all_requests(run: RunResult, table: TableName) -> Any:
    from aisbench.runs.result import TableName

    if table != "requests":
        raise AisbenchError(
            f"there is no table {table!r}", hint=f"it is one of {', '.join(get_args(TableName))}"
        )
    if not run.loads:
        raise AisbenchError(
            f"{run.path}: holds no load",
            hint="requests are recorded by performance runs; an accuracy run has samples",
        )
    arrow = importlib.import_module("pyarrow")
    tables = []
    for load in run.loads:
        requests: Any = run.requests(load)
        for place, name in enumerate(("model", "dataset", "load")):
            column = arrow.repeat(getattr(load, name), len(requests))
            requests = requests.add_column(place, name, column)
        tables.append(requests)
    return arrow.concat_tables(tables, promote_options="permissive")


def _text(target: Any) -> str | None:
    return target if target is None or isinstance(target, str) else orjson.dumps(target).decode()


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _milliseconds(begun: int | None, ended: int | None) -> float | None:
    return None if begun is None or ended is None else (ended - begun) / 1e6
