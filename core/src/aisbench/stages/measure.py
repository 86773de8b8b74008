"""From what a load recorded to its figures; can be repeated at any time, without a server."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from aisbench.base.errors import DamageError
from aisbench.config.load_keys import LoadSettings
from aisbench.config.plan import Plan, Task
from aisbench.settings.fields import data_home
from aisbench.stages.adapter_loads import with_starts
from aisbench.stages.counting import count_tokens
from aisbench.stages.failure_causes import FailureCauses
from aisbench.stages.load_claims import phase_of, users_of
from aisbench.stages.prefix_cache import block_writer, prefix_cache, token_doubt
from aisbench.stages.stored_rows import least_tokens, stored_rows
from aisbench.store.files import write_atomically
from aisbench.store.journal import read_rows
from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.store.recording.conversion import convert, is_converted
from aisbench.store.recording.documents import SCHEMA, LoadDocument
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.rows import converter
from aisbench.store.run import RESTORE, RunFolder, read_json, understanding
from aisbench.telemetry.reading import Scrape
from aisbench.types.devices import DevicesResult
from aisbench.types.performance import PerformanceResult, Population
from aisbench.types.prefix_cache import PrefixCacheResult
from aisbench.types.server_metrics import ServerMetrics
from aisbench.types.tuning import TuneResult

if TYPE_CHECKING:
    from aisbench.metrics.columns import MetricOptions

CALIBRATION = "calibration.json"


def is_finished(folder: LoadFolder) -> bool:
    """Whether the load ran to its end. Raises DamageError."""
    return _has_files(folder.path) and folder.document().state == "finished"


def finish_load(folder: LoadFolder, task: Task) -> None:
    """Make the lasting files of the workers' raw ones. Raises StoreError or AisbenchError.

    Of a load whose processes were killed it keeps what was recorded until then.
    """
    document = folder.document()
    counted: Mapping[int, tuple[int, int]] = {}
    if not is_converted(folder, document):
        blocks = block_writer(_scrapes(folder), _settings(folder, document, None))
        counted = count_tokens(folder, task.model.common.tokenizer, blocks)
        blocks.write(folder)
    convert(folder, document.zero_ns, counted)


def measure_load(
    run: RunFolder,
    task: Task,
    folder: LoadFolder,
    label: str,
    changes: Mapping[str, Any] | None = None,
) -> PerformanceResult:
    """The figures of one load, kept in summary.json. Raises StoreError.

    ``changes`` are other settings of the report (percentiles, window, slo, itl) than those that
    the load was run with.
    """
    from aisbench.loadgen.client_health import assess
    from aisbench.metrics.counts import request_counts
    from aisbench.metrics.delivery import delivery
    from aisbench.metrics.goodput import holds
    from aisbench.metrics.labels import by_label
    from aisbench.metrics.token_ledger import ledger
    from aisbench.stages.speculation import speculation
    from aisbench.telemetry.summary import scrapes_of

    document = folder.document()
    settings = _settings(folder, document, changes)
    recording = read_recording(folder)
    streamed = document.stream
    options = _options(settings, document)
    slo = options.slo
    stored = stored_rows(run, task)
    populations, devices = _populations(folder, document, recording, options, stored)
    least = least_tokens(stored, task, recording)
    counts = request_counts(recording, streamed, least)
    came = delivery(recording, counts, streamed)
    scrapes, zero = _scrapes(folder), document.zero_ns
    server = _server(scrapes, populations)
    prefill, decode = scrapes_of(scrapes, "prefill"), scrapes_of(scrapes, "decode")
    labelled, starts = with_starts(recording, prefill)
    cache = prefix_cache(folder, recording, settings, prefill, server, zero, streamed)
    result = PerformanceResult(
        model=task.model.name,
        dataset=task.dataset.name,
        variant=task.variant_name,
        load=label,
        settings={**document.asked, **(changes or {})},
        complete=document.state == "finished",
        streamed=streamed,
        counts=counts,
        populations=populations,
        health=assess(recording, document, _calibration(task), came),
        faults=_faults(folder),
        ledger=ledger(recording),
        server=server,
        devices=devices,
        notes=(*_notes(recording, document, settings, task, server, cache), *came.notes, *starts),
        labels=by_label(labelled, options, least),
        prefix_cache=cache,
        single_phase=phase_of(recording, settings, server, prefill),
        speculation=speculation(recording, decode, server, zero, streamed),
        slo=None if slo is None else holds(slo, recording, populations[0], settings.itl, streamed),
    )
    return _kept(folder, result)


def _populations(
    folder: LoadFolder,
    document: LoadDocument,
    recording: Recording,
    options: MetricOptions,
    stored: Sequence[Mapping[str, Any]],
) -> tuple[tuple[Population, ...], DevicesResult | None]:
    """The whole run and its parts, and what the devices told, whose energy is in the first."""
    from aisbench.metrics.conversations import by_turn
    from aisbench.metrics.measure import measure
    from aisbench.metrics.sessions import by_session
    from aisbench.stages.load_sessions import step_facts
    from aisbench.telemetry.device_summary import with_energy

    steps = step_facts(stored)
    parts = by_turn(recording, options) if steps is None else by_session(recording, steps, options)
    whole, *others = measure(recording, options)
    devices = _devices(folder, document, whole)
    if devices is not None:
        whole = with_energy(whole, devices)
    return (whole, *others, *parts), devices


def _kept(folder: LoadFolder, result: PerformanceResult) -> PerformanceResult:
    """``result``, now in summary.json."""
    write_atomically(
        folder.summary, orjson.dumps(converter().unstructure(result), option=orjson.OPT_INDENT_2)
    )
    return result


def measured_load(folder: LoadFolder) -> PerformanceResult | None:
    """The figures of a load as they were kept; None where none are. Raises DamageError."""
    if not folder.summary.exists():
        return None
    with understanding(folder.summary):
        return converter().structure(read_json(folder.summary), PerformanceResult)


def _options(settings: LoadSettings, document: LoadDocument) -> MetricOptions:
    from aisbench.metrics.columns import MetricOptions
    from aisbench.settings.slo import parse_slo

    return MetricOptions(
        percentiles=tuple(settings.percentiles),
        window_ns=None if settings.window is None else int(settings.window * 1e9),
        slo=parse_slo(settings.slo) if settings.slo else None,
        itl=settings.itl,
        streamed=document.stream,
        max_concurrency=document.in_flight,
    )


def _calibration(task: Task) -> Mapping[str, float]:
    """What `aisbench calibrate` found on this machine; empty when it was never run here, and for
    transports of plugins' own: it knows the HTTP client alone."""
    if task.model.own:
        return {}
    path = data_home() / CALIBRATION
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    limits: Mapping[str, float] = found["limits"] if found.get("host") == platform.node() else {}
    return limits


def _faults(folder: LoadFolder) -> dict[str, int]:
    """Failures by cause, those of attempts that were repeated among them."""
    found = FailureCauses()
    for row in read_rows(folder.failures):
        if row["kind"] != "cancelled":
            found.add(row["kind"], row.get("status"), row["message"])
    return found.counts()


def _scrapes(folder: LoadFolder) -> Sequence[Scrape]:
    if not folder.scrapes.exists():
        return ()
    with understanding(folder.scrapes):
        return [converter().structure(row, Scrape) for row in read_rows(folder.scrapes)]


def _server(scrapes: Sequence[Scrape], populations: Sequence[Population]) -> ServerMetrics | None:
    if not scrapes:
        return None
    from aisbench.telemetry.summary import compare, summarize_scrapes

    found = summarize_scrapes(scrapes)
    client = {one.name: one for one in populations[0].statistics} if populations else {}
    return attrs.evolve(found, client_against_server=compare(client, found.latencies or {}))


def _devices(
    folder: LoadFolder, document: LoadDocument, whole: Population
) -> DevicesResult | None:
    """What the devices told over the whole of the load; None where nothing read them."""
    from aisbench.telemetry.device_files import read_devices
    from aisbench.telemetry.device_summary import summarize_devices

    record = read_devices(folder.path)
    if record is None:
        return None
    zero = document.zero_ns
    return summarize_devices(record, zero + whole.begin_ns, zero + whole.end_ns)


def _notes(
    recording: Recording,
    document: LoadDocument,
    settings: LoadSettings,
    task: Task,
    server: ServerMetrics | None,
    cache: PrefixCacheResult | None,
) -> Iterator[str]:
    import numpy as np

    from aisbench.metrics.admission import admission
    from aisbench.metrics.contamination import contamination

    if document.state == "running":
        yield "the run was killed: the figures are of what had been written until then"
    elif document.state == "interrupted":
        yield f"ended early: {document.reason or 'a worker failed'}"
    elif document.reason:
        yield f"ended because {document.reason}"
    asked, planned = settings.requests, document.requests
    if asked is not None and planned is not None and planned < asked:
        yield (
            f"load.requests = {asked}, and the schedule has {planned}: no more were sent. A trace "
            "is sent once; loop = true begins it again"
        )
    yield from admission(recording)
    if uncompared := _uncompared(recording):
        yield (
            f"the server's count of {uncompared} prompts was compared with nothing: they are "
            "chats, and the tokenizer has no chat template beside it that writes them"
        )
    if not document.stream and not _all_silent(recording):
        yield (
            "the model is asked without streaming: there is no TTFT, TPOT and ITL; set "
            "stream = true to have them"
        )
    yield from users_of(recording, document)
    yield from _untold(task, server)
    yield from token_doubt(cache)
    salted = np.arange(len(recording)) if settings.salt else None
    explained = settings.only == "decode" or (cache is not None and cache.agrees is not None)
    yield from contamination(recording, salted, explained=explained)


def _all_silent(recording: Recording) -> bool:
    """Whether nothing that was answered is generated: there is nothing to stream."""
    silent = recording.columns.silent[recording.columns.succeeded]
    return len(silent) > 0 and bool(silent.all())


def _untold(task: Task, server: ServerMetrics | None) -> Iterator[str]:
    """That a prefix cache had hits of which no theory could be made."""
    counters = (server.counters if server is not None else None) or {}
    if counters.get("prefix_cache_hits") and not task.model.common.tokenizer:
        yield (
            "what the schedule lets the server's prefix cache have is told where "
            "models.*.tokenizer names the model's tokenizer"
        )


def _uncompared(recording: Recording) -> int:
    """How many prompts the server counted and the tokenizer did not, though it counted their
    answers."""
    import numpy as np

    columns = recording.columns
    alone = (columns["prompt_tokens"] != ABSENT) & (columns["counted_prompt"] == ABSENT)
    counted = columns.succeeded & (columns["counted_completion"] != ABSENT)
    return int(np.count_nonzero(alone & counted))


def load_folders(plan: Plan, run: RunFolder) -> Iterator[tuple[Task, LoadFolder]]:
    """Every load of a run that recorded something, in the order in which they ran."""
    for task in plan.tasks:
        parent = run.load(task.model.name, task.dataset.name, "x").parent
        found = [LoadFolder(path) for path in parent.glob("*") if _has_files(path)]
        for folder in sorted(found, key=_began):
            if folder.raw("requests") or _recorded(folder):
                yield task, folder


def _has_files(folder: Path) -> bool:
    """Whether a load began there: load.json is the first file that it writes."""
    return folder.is_dir() and any(not one.name.startswith(".") for one in folder.iterdir())


def _recorded(folder: LoadFolder) -> bool:
    """Whether load.json says that something was recorded, whether or not it is still there."""
    document = folder.document()
    told = any(one.recorded is not None and one.recorded.requests for one in document.workers)
    return is_converted(folder, document) or told or document.state == "finished"


def _began(folder: LoadFolder) -> int:
    return folder.document().clock_ns


def measure_all(
    plan: Plan, run: RunFolder, changes: Mapping[str, Any] | None = None
) -> tuple[PerformanceResult, ...]:
    """The figures of all loads of a run, from its files alone. Raises AisbenchError, StoreError.

    Loads that were killed are brought into their lasting form first.
    """
    results = []
    for task, folder in load_folders(plan, run):
        finish_load(folder, task)
        results.append(measure_load(run, task, folder, folder.path.name, changes))
    return tuple(results)


def settings_of(folder: LoadFolder) -> LoadSettings:
    """What a load was run with."""
    return _settings(folder, folder.document(), None)


def _settings(
    folder: LoadFolder, document: LoadDocument, changes: Mapping[str, Any] | None
) -> LoadSettings:
    """The settings that a load was run with, and ``changes``. Raises DamageError for an unknown
    key, whose setting would silently have no effect."""
    known = attrs.fields_dict(LoadSettings)
    if document.schema == SCHEMA and (unknown := document.settings.keys() - known):
        raise DamageError(
            f"{folder.load_json}: is damaged: settings: {min(unknown)!r} is not a key of it",
            hint=RESTORE,
        )
    with understanding(folder.load_json):
        return converter().structure({**document.settings, **(changes or {})}, LoadSettings)


def asked_concurrency(folder: LoadFolder) -> int | None:
    """The concurrency that a load was to hold; None in an open loop without a limit."""
    return folder.document().in_flight


def failed_requests(
    results: Sequence[PerformanceResult], tunings: Sequence[TuneResult] = ()
) -> float:
    """The largest share of failed requests of any load, 0..1; where servers were tuned, of any
    load of the best points: others were tried to see whether they fail."""
    best = {label for one in tunings if one.best_point for label in one.best_point.loads}
    if tunings:
        results = [one for one in results if one.load in best]
    shares = [one.counts.failed / one.counts.total for one in results if one.counts.total]
    return max(shares, default=0.0)
