"""From what a load recorded to its figures; can be repeated at any time, without a server."""

from __future__ import annotations

import itertools
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from aisbench.causes import Causes
from aisbench.config.load import LoadSettings
from aisbench.config.plan import Plan, Task
from aisbench.settings import data_home
from aisbench.store.arrays import Recording
from aisbench.store.journal import read_rows, write_atomically
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder
from aisbench.store.tables import LoadFolder, finish, read_raw_rows, read_recording
from aisbench.types.performance import PerformanceResult, Population

CALIBRATION = "calibration.json"


def is_finished(folder: LoadFolder) -> bool:
    """Whether the load ran to its end."""
    if not folder.point.exists() or not folder.requests.exists():
        return False
    return bool(orjson.loads(folder.point.read_bytes())["state"] == "finished")


def finish_load(folder: LoadFolder, task: Task) -> None:
    """Make the lasting files of the workers' raw ones. Raises StoreError or AisbenchError.

    Works as well for a load whose processes were killed: what was recorded until then.
    """
    document = orjson.loads(folder.point.read_bytes())
    start = document.get("start_ns") or document["clock_ns"]
    counted = _count_tokens(folder, task.model.common.tokenizer)
    if answers := folder.raw("answers"):
        with folder.answers.open("wb") as file:
            for path in answers:
                data = path.read_bytes()
                file.write(data[: data.rfind(b"\n") + 1])
    finish(folder, start, counted)
    for name in ("answers", "texts"):
        for path in folder.raw(name):
            path.unlink()


def _count_tokens(folder: LoadFolder, tokenizer: str) -> dict[int, tuple[int, int]]:
    """The tokenizer's counts by row of the requests' table."""
    files = folder.raw("texts")
    if not tokenizer or not files:
        return {}
    from aisbench.tokens import load_tokenizer

    counter = load_tokenizer(tokenizer, "models.*.tokenizer")
    found: dict[int, tuple[int, int]] = {}
    bases = {}
    base = 0
    for path in folder.raw("requests"):
        bases[path.stem.rpartition("-")[2]] = base
        base += len(read_raw_rows(path))
    for path in files:
        first = bases.get(path.stem.rpartition("-")[2], 0)
        rows = iter(read_rows(path))
        while part := list(itertools.islice(rows, 2000)):
            prompts = counter.counts([row["prompt"] for row in part])
            answers = counter.counts([row["answer"] for row in part])
            for row, prompt, answer in zip(part, prompts, answers, strict=True):
                if first + row["row"] < base:
                    found[first + row["row"]] = (prompt, answer)
    return found


def measure_load(
    task: Task, folder: LoadFolder, label: str, changes: Mapping[str, Any] | None = None
) -> PerformanceResult:
    """The figures of one load, kept in summary.json. Raises StoreError.

    ``changes`` are other settings of the report (percentiles, window, slo, itl) than those that
    the load was run with.
    """
    from aisbench.load.health import assess
    from aisbench.metrics.conversations import by_turn
    from aisbench.metrics.counts import request_counts
    from aisbench.metrics.goodput import holds
    from aisbench.metrics.ledger import ledger
    from aisbench.metrics.measure import measure
    from aisbench.metrics.slo import parse_slo
    from aisbench.metrics.view import MetricOptions

    document = orjson.loads(folder.point.read_bytes())
    settings = converter().structure({**document["settings"], **(changes or {})}, LoadSettings)
    recording = read_recording(folder)
    streamed = bool(document["stream"])
    slo = parse_slo(settings.slo) if settings.slo else None
    options = MetricOptions(
        percentiles=tuple(settings.percentiles),
        window_ns=None if settings.window is None else int(settings.window * 1e9),
        slo=slo,
        itl=settings.itl,
        streamed=streamed,
        max_concurrency=document.get("in_flight"),
    )
    populations = (*measure(recording, options), *by_turn(recording, options))
    result = PerformanceResult(
        model=task.model.name,
        dataset=task.dataset.name,
        variant=task.variant_name,
        load=label,
        settings={**document["asked"], **(changes or {})},
        complete=document["state"] == "finished",
        streamed=streamed,
        counts=request_counts(recording),
        populations=populations,
        health=assess(recording, document, _calibration()),
        faults=_faults(folder),
        ledger=ledger(recording),
        server=_server(folder, populations),
        notes=tuple(_notes(recording, document, streamed)),
        slo={} if slo is None else holds(slo, recording, populations[0], settings.itl),
    )
    write_atomically(
        folder.summary, orjson.dumps(converter().unstructure(result), option=orjson.OPT_INDENT_2)
    )
    return result


def _calibration() -> Mapping[str, float]:
    """What `aisbench calibrate` found on this machine; empty when it was never run here."""
    path = data_home() / CALIBRATION
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    limits: Mapping[str, float] = found["limits"] if found.get("host") == platform.node() else {}
    return limits


def _faults(folder: LoadFolder) -> dict[str, int]:
    """Failures by cause, those of attempts that were repeated among them."""
    found = Causes()
    for row in read_rows(folder.failures):
        if row["kind"] != "cancelled":
            found.add(row["kind"], row.get("status"), row["message"])
    return found.counts()


def _server(folder: LoadFolder, populations: Sequence[Population]) -> dict[str, Any]:
    if not folder.scrapes.exists():
        return {}
    from aisbench.telemetry.summary import compare, summarize_scrapes

    scrapes = list(read_rows(folder.scrapes))
    summary = summarize_scrapes(scrapes)
    client = {one.name: one for one in populations[0].statistics} if populations else {}
    return {**summary, "client_against_server": compare(client, summary)}


def _notes(recording: Recording, document: Mapping[str, Any], streamed: bool) -> Iterator[str]:
    import numpy as np

    from aisbench.metrics.contamination import contamination

    if document["state"] == "running":
        yield "the run was killed: the figures are of what had been written until then"
    elif document["state"] == "interrupted":
        yield f"ended early: {document.get('reason') or 'a worker failed'}"
    elif document.get("reason"):
        yield f"ended because {document['reason']}"
    if not streamed:
        yield (
            "the model is asked without streaming: there is no TTFT, TPOT and ITL; set "
            "stream = true to have them"
        )
    salted = np.arange(len(recording)) if document["settings"]["salt"] else None
    yield from contamination(recording, salted)


def load_folders(plan: Plan, run: RunFolder) -> Iterator[tuple[Task, LoadFolder]]:
    """Every load of a run that recorded something, in the order in which they ran."""
    for task in plan.tasks:
        parent = run.load(task.model.name, task.dataset.name, "x").parent
        found = [LoadFolder(path.parent) for path in parent.glob("*/load.json")]
        documents = {one.path: orjson.loads(one.point.read_bytes()) for one in found}
        for folder in sorted(found, key=lambda one: documents[one.path]["clock_ns"]):
            if folder.requests.exists() or folder.raw("requests"):
                yield task, folder


def measure_all(
    plan: Plan, run: RunFolder, changes: Mapping[str, Any] | None = None
) -> tuple[PerformanceResult, ...]:
    """The figures of all loads of a run, from its files alone. Raises AisbenchError, StoreError.

    Loads that were killed are brought into their lasting form first.
    """
    results = []
    for task, folder in load_folders(plan, run):
        finish_load(folder, task)
        results.append(measure_load(task, folder, folder.path.name, changes))
    return tuple(results)


def settings_of(folder: LoadFolder) -> LoadSettings:
    """What a load was run with."""
    document = orjson.loads(folder.point.read_bytes())
    return converter().structure(document["settings"], LoadSettings)


def asked_concurrency(folder: LoadFolder) -> int | None:
    """The concurrency that a load was to hold; None in an open loop without a limit."""
    found: int | None = orjson.loads(folder.point.read_bytes()).get("in_flight")
    return found


def failed_requests(results: Sequence[PerformanceResult]) -> float:
    """The largest share of failed requests of any load, 0..1."""
    shares = [one.counts.failed / one.counts.total for one in results if one.counts.total]
    return max(shares, default=0.0)
