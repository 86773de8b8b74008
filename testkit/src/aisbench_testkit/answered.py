"""A data set run end to end on answers that a test gives: no model, no server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aisbench
from aisbench import RunResult
from aisbench.api import Sample, open_dataset


def run_answered(
    folder: Path,
    dataset: str,
    settings: Mapping[str, Any],
    answers: Sequence[str] | None = None,
    **keys: Any,
) -> RunResult:
    """The run of a data set to whose first rows ``answers`` are the answers; those of the other
    rows, and of all where there are none, are their references.

    ``settings`` are the data set's own (its ``path``), ``keys`` further ones of the suite, such as
    ``variant``. ``folder`` is where the run is left. Raises what :func:`aisbench.run` raises.
    """
    samples = open_dataset(dataset, dict(settings)).samples()
    said = [*(answers or ()), *map(_reference, samples[len(answers or ()) :])]
    file = folder / f"{dataset}.jsonl"
    rows = [{"id": one.id, "text": text} for one, text in zip(samples, said, strict=True)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    suite = {
        "suite": {"name": dataset, "output": str(folder / "outputs")},
        "models": {"given": {"backend": "aisbench/answers", "file": str(file)}},
        "datasets": {"set": {"dataset": dataset, **settings, **keys}},
    }
    return aisbench.run(suite)


def _reference(sample: Sample) -> str:
    target = sample.target
    if isinstance(target, (list, tuple)):
        target = target[0]
    return str(target)
