"""JSON: everything, with a version."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import attrs

from aisbench.api import METRICS, SuiteResult, result_json

SCHEMA = 2


def to_json(results: SuiteResult) -> str:
    """``{"schema": 2, "suite", "run", "complete", "warnings", "tasks": [...]}``; with groups of
    data sets ``"groups"``; with loads also
    ``"performance"``, ``"searches"`` and ``"metrics"``, the formula of each metric by its name;
    where servers were tuned ``"tunings"``.

    Numbers are plain; unknown ones are null, never NaN.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "suite": results.name,
        "run": str(results.run),
        "complete": results.complete,
        "warnings": list(results.warnings),
        "tasks": [_plain(attrs.asdict(task)) for task in results.tasks],
    }
    if results.groups:
        document["groups"] = [_plain(attrs.asdict(group)) for group in results.groups]
    if results.performance:
        document["performance"] = [_plain(result_json(one)) for one in results.performance]
        document["searches"] = [_plain(result_json(one)) for one in results.searches]
        document["metrics"] = {name: attrs.asdict(one) for name, one in METRICS.items()}
    if results.tunings:
        document["tunings"] = [_plain(attrs.asdict(one)) for one in results.tunings]
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
