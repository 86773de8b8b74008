"""A run folder as AISBench/benchmark 3.1 leaves it: predictions, results, summaries, loads.

Shapes of its ``summarizers/default.py`` (summary_*.csv, .md, .txt), of the results that it reads
for them, and of ``calculators/base_perf_metric_calculator.py`` (CSV and JSON of a load).
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aisbench import AnsweredSample, RunResult
from aisbench.api import PerformanceResult, TaskResult
from aisbench_plugin_exports.writing import folder_at, text_to

ABSENT = "-"
MODE = "gen"
"""How answers came about: all of ours are texts."""
STATISTICS = ("Average", "Min", "Max", "Median", "P75", "P90", "P99", "N")


def write_aisbench(run: RunResult, folder: Path) -> list[Path]:
    """``folder/TIMESTAMP`` with what AISBench would have left there; the files. Raises
    AisbenchError."""
    here = folder_at(folder / run.path.name)
    made = []
    for task in run.scores:
        name = _stem(task)
        path = here / "predictions" / task.model / f"{name}.jsonl"
        if _write_predictions(run, task, path):
            made.append(path)
        path = here / "results" / task.model / f"{name}.json"
        _write_json(path, {one.name: one.value for one in task.figures if not one.part})
        made.append(path)
    if run.scores:
        made += _write_summary(run, here / "summary")
    for load in run.loads:
        made += _write_load(run, load, here / "performances" / load.model)
    return made


def _stem(task: TaskResult) -> str:
    return _file_name(f"{task.dataset}_{task.load}" if task.load else task.dataset)


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.=-]+", "_", text)


def _write_predictions(run: RunResult, task: TaskResult, path: Path) -> int:
    answers = run.samples(model=task.model, dataset=task.dataset, load=task.load)
    count = 0
    with text_to(path) as out:
        same = (one for one in answers if one.load == task.load)
        # Repeats of a row have its number, and a uuid each.
        for number, (_, repeats) in enumerate(itertools.groupby(same, _sample)):
            for one in repeats:
                count += 1
                row = _prediction(number, one, task.dataset)
                out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    if not count:
        path.unlink(missing_ok=True)
    return count


def _sample(one: AnsweredSample) -> str:
    return one.sample.id


def _prediction(number: int, one: AnsweredSample, dataset: str) -> dict[str, Any]:
    prompt = one.prompt
    asked: Any = prompt.words
    if prompt.messages is not None:
        asked = [
            {"role": _role(message.role), "prompt": _text(message.content)}
            for message in prompt.messages
        ]
    key = f"{one.sample.id}/{one.repeat}"
    row = {
        "data_abbr": dataset,
        "id": number,
        "success": one.response.fault is None,
        "uuid": hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:32],
        "origin_prompt": asked,
        "prediction": one.response.text or "",
    }
    if one.sample.target:
        row["gold"] = one.sample.target
    return row


def _role(role: str) -> str:
    return {"user": "HUMAN", "assistant": "BOT", "system": "SYSTEM"}.get(role, role.upper())


def _text(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(str(one) for one in content)


def _write_summary(run: RunResult, folder: Path) -> list[Path]:
    table = list(_summary_rows(run))
    stem = f"summary_{_file_name(run.path.name)}"
    plain, markdown = folder / f"{stem}.csv", folder / f"{stem}.md"
    with text_to(plain) as out:
        csv.writer(out, lineterminator="\n").writerows(table)
    with text_to(markdown) as out:
        out.write("| " + " | ".join(table[0]) + " |\n")
        out.write("|" + " | ".join("-----" for _ in table[0]) + "|\n")
        for row in table[1:]:
            out.write("| " + " | ".join(one.replace("|", "\\|") for one in row) + " |\n")
    return [plain, markdown]


def _summary_rows(run: RunResult) -> Iterator[list[str]]:
    """``dataset, version, metric, mode`` and a column a model; two digits, as it writes them."""
    models = list(dict.fromkeys(one.model for one in run.scores))
    yield ["dataset", "version", "metric", "mode", *models]
    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    for task in run.scores:
        version = ABSENT if task.dataset_version is None else str(task.dataset_version)
        for one in task.figures:
            name = f"{_stem(task)}_{one.part}" if one.part else _stem(task)
            rows.setdefault((name, version, one.name), {})[task.model] = one.value
    for group in run.groups:
        if group.figure is not None:
            key = (group.name, ABSENT, group.figure.name)
            rows.setdefault(key, {})[group.model] = group.figure.value
    for (name, version, metric), values in rows.items():
        cells = [f"{values[one]:.02f}" if one in values else ABSENT for one in models]
        yield [name, version, metric, MODE, *cells]


def _write_load(run: RunResult, load: PerformanceResult, folder: Path) -> list[Path]:
    """``DATASET.csv`` of requests and ``DATASET.json`` of the whole; of several loads the label
    is part of the name."""
    loads = [one for one in run.loads if (one.model, one.dataset) == (load.model, load.dataset)]
    stem = load.dataset if len(loads) == 1 else f"{load.dataset}_{load.load}"
    tables = run.aisbench_tables(load)
    plain, whole = folder / f"{_file_name(stem)}.csv", folder / f"{_file_name(stem)}.json"
    with text_to(plain) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["Performance Parameters", "Stage", *STATISTICS])
        writer.writerows(tables.parameters)
    common: dict[str, dict[str, Any]] = {}
    for name, stage, value in tables.common:
        common.setdefault(name, {})[stage] = _number(value)
    _write_json(whole, common)
    return [plain, whole]


def _number(text: str) -> Any:
    """Counts are numbers there; what has a unit is text."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _write_json(path: Path, document: Any) -> None:
    with text_to(path) as out:
        json.dump(document, out, indent=4, ensure_ascii=False)
        out.write("\n")
