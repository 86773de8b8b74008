"""What kind of result a file is, by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.files import is_pickle, parse, read_bytes

HEAD = 1 << 20
"""Bytes that are looked at for the first line of a file."""


@frozen
class FileKind:
    """A kind of file: the tool that writes it, and what it holds."""

    tool: str
    holds: str


LM_SAMPLES = FileKind("lm-eval", "samples")
LM_RESULTS = FileKind("lm-eval", "results")
EVALSCOPE_REVIEWS = FileKind("evalscope", "reviews")
EVALSCOPE_PREDICTIONS = FileKind("evalscope", "predictions")
EVALSCOPE_REPORT = FileKind("evalscope", "report")
AISBENCH_PREDICTIONS = FileKind("AISBench", "predictions")
AISBENCH_FAILED = FileKind("AISBench", "failed")
AISBENCH_REQUESTS = FileKind("AISBench", "requests")
AISBENCH_LOAD = FileKind("AISBench", "load")
OPENCOMPASS_PREDICTIONS = FileKind("OpenCompass", "predictions")
VLLM = FileKind("vllm bench", "load")
GUIDELLM = FileKind("guidellm", "report")
AIPERF = FileKind("aiperf", "load")
AIPERF_REQUESTS = FileKind("aiperf", "requests")
IMPORTED_FIGURES = FileKind("imported", "figures")
IMPORTED_VERDICTS = FileKind("imported", "verdicts")

LOOKED_FOR = (
    "lm-eval: samples_*.jsonl of --log_samples (doc_id, doc, target, resps, filtered_resps), "
    "results_*.json",
    "evalscope: reviews/, predictions/, reports/ (index, sample_score; model_output; metrics)",
    "AISBench: predictions/MODEL/SET.jsonl (uuid, success, origin_prompt, prediction), results/; "
    "performances/MODEL/SET_details.jsonl (time_points, input_tokens), SET.json",
    'OpenCompass: predictions/MODEL/SET.json ({"0": {"origin_prompt": ..., "prediction": ...}}), '
    "results/",
    "vllm bench serve: the JSON of --save-result (completed, total_input_tokens, "
    "request_throughput)",
    "guidellm: benchmarks.json (benchmarks: metrics, requests)",
    "aiperf: profile_export*.json, profile_export*.jsonl (metadata, metrics)",
    "aisbench import: the folder imported/ of a run (figures.json, verdicts.jsonl)",
)
"""What is known, for the message on a file of no known kind."""


@frozen
class SniffedFile:
    """A file, with its kind if it has one. ``damage`` is why it cannot be read, where it looks as
    if it should be."""

    path: Path
    kind: FileKind | None = None
    damage: DataError | None = None
    pickled: bool = False


def sniff(path: Path) -> SniffedFile:
    """The kind of a file. Never raises for what the file holds."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        return SniffedFile(path, damage=DataError(f"{path}: cannot be read: {error.strerror}"))
    if is_pickle(head[:2]):
        return SniffedFile(path, pickled=True)
    named = path.suffix in (".json", ".jsonl")
    if not named and head.lstrip()[:1] != b"{":
        return SniffedFile(path)
    try:
        value = _first(path, head)
    except DataError as error:
        return SniffedFile(path, damage=error if named else None)
    return SniffedFile(path, kind=kind_of(value) if isinstance(value, Mapping) else None)


def _first(path: Path, head: bytes) -> Any:
    """The first line's value where lines are values, else the file's."""
    line, end, _ = head.lstrip().partition(b"\n")
    if end and path.suffix != ".json":
        return parse(line, f"{path}:1")
    if end:
        try:
            return orjson.loads(line)  # .json that is lines, as some tools append them
        except ValueError:
            pass
    return parse(read_bytes(path), str(path))


def kind_of(value: Mapping[str, Any]) -> FileKind | None:
    """The kind that an object, the first of its file, tells."""
    for kind, has in (*_ROWS, *_WHOLES):
        if has(value):
            return kind
    return None


def _keys(*names: str) -> Any:
    return lambda value: all(name in value for name in names)


def _is_opencompass(value: Mapping[str, Any]) -> bool:
    first = value.get("0")
    return isinstance(first, Mapping) and (
        "prediction" in first or any(str(key).startswith("label: ") for key in first)
    )


def _is_lm_results(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("results"), Mapping) and (
        "lm_eval_version" in value or ("configs" in value and "versions" in value)
    )


def _is_guidellm(value: Mapping[str, Any]) -> bool:
    found = value.get("benchmarks")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        return False
    return bool(found) and "metrics" in found[0] and bool({"requests", "config"} & set(found[0]))


def _is_aiperf(value: Mapping[str, Any]) -> bool:
    latency = value.get("request_latency")
    return isinstance(latency, Mapping) and "unit" in latency and "avg" in latency


def _is_aisbench_load(value: Mapping[str, Any]) -> bool:
    found = value.get("Benchmark Duration")
    return isinstance(found, Mapping) and "Total Requests" in value


def _is_evalscope_report(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("metrics"), list) and "dataset_name" in value


_ROWS = (
    (IMPORTED_VERDICTS, _keys("sample", "model", "repeat", "extracted", "outcome")),
    (LM_SAMPLES, _keys("doc_id", "target", "resps", "filtered_resps")),
    (EVALSCOPE_REVIEWS, _keys("index", "sample_score")),
    (EVALSCOPE_PREDICTIONS, _keys("index", "model_output")),
    (AISBENCH_REQUESTS, _keys("uuid", "success", "time_points")),
    (AISBENCH_PREDICTIONS, _keys("uuid", "success", "prediction")),
    (AISBENCH_FAILED, _keys("id", "error_info")),
    (AIPERF_REQUESTS, _keys("metadata", "metrics")),
)
_WHOLES = (
    (IMPORTED_FIGURES, _keys("schema", "tool", "source", "tasks")),
    (LM_RESULTS, _is_lm_results),
    (EVALSCOPE_REPORT, _is_evalscope_report),
    (GUIDELLM, _is_guidellm),
    (AIPERF, _is_aiperf),
    (VLLM, _keys("completed", "total_input_tokens", "request_throughput")),
    (AISBENCH_LOAD, _is_aisbench_load),
    (OPENCOMPASS_PREDICTIONS, _is_opencompass),
)
