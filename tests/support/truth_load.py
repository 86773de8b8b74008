"""Loads against the truth server: one model, one data set whose questions say what it is to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import tomli_w
from live import Project


def write_suite(
    project: Project,
    url: str,
    questions: Iterable[str],
    *,
    model: dict[str, Any] | None = None,
    dataset: dict[str, Any] | None = None,
    **load: Any,
) -> None:
    """`s.toml`: a closed load; ``model``, ``dataset`` and ``load`` add keys to these tables."""
    lines = [json.dumps({"question": row, "answer": "x\n#### 1"}) for row in questions]
    data = project.write("data/test.jsonl", "\n".join(lines) + "\n").parent
    tables = {
        "suite": {"name": "truth", "mode": "performance", "abort_after": 10000},
        "models": {"m": {"backend": "vllm-chat", "url": url, "model": "m", **(model or {})}},
        "datasets": {
            "d": {
                "dataset": "gsm8k",
                "path": str(data),
                "variant": "0-shot-cot-chat",
                "prompt": {"user": "{question}"},
                **(dataset or {}),
            }
        },
        "load": {"shape": "closed", "warm_up": 0, **load},
    }
    project.write("s.toml", tomli_w.dumps(tables))


def read_summary(project: Project) -> dict[str, Any]:
    """The figures of the only load."""
    (path,) = project.path.glob("outputs/truth/*/performance/m/d/load/summary.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found
