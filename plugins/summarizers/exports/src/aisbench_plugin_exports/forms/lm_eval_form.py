"""What lm-evaluation-harness writes with ``--output_path`` and ``--log_samples``.

Keys of its 0.4.13: ``result_schema.py`` (EvalResults), ``evaluator.py`` (logged samples),
``loggers/evaluation_tracker.py`` (names of files).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench import AnsweredSample, RunResult
from aisbench.api import Figure, TaskResult
from aisbench_plugin_exports.writing import folder_at, text_to

FILTER = "none"
"""Its word for answers that are scored as they are."""
SHARE = {"%": 100.0}
"""Its values are shares."""


def sanitized(model: str) -> str:
    """A model as its folders are called."""
    return re.sub(r"[\"<>:/\|\\?\*\[\]]+", "__", model)


def write_lm_eval(run: RunResult, folder: Path) -> list[Path]:
    """``MODEL/results_DATE.json`` and ``MODEL/samples_TASK_DATE.jsonl``. Raises AisbenchError."""
    made = []
    suite = run.suite
    for model in dict.fromkeys(task.model for task in run.scores):
        tasks = [task for task in run.scores if task.model == model]
        here = folder_at(folder / sanitized(model))
        date = date_of(run)
        hashes = {}
        for task in tasks:
            name = task_name(task)
            path = here / f"samples_{name}_{date}.jsonl"
            digest, count = _write_samples(run, task, path)
            if count:
                made.append(path)
                hashes[name] = digest
        document = results(run, suite, model, tasks)
        document["task_hashes"] = hashes
        path = here / f"results_{date}.json"
        with text_to(path) as out:
            json.dump(document, out, indent=2, ensure_ascii=False, default=str)
            out.write("\n")
        made.append(path)
    return made


def date_of(run: RunResult) -> str:
    """The last part between underscores of its names, as it writes them: a time of day in ISO
    8601 with hyphens alone."""
    from datetime import datetime

    try:
        made = datetime.strptime(run.path.name[:15], "%Y%m%d_%H%M%S")
    except ValueError:
        return run.path.name.replace("_", "-")
    return made.isoformat().replace(":", "-") + run.path.name[15:].replace("_", "-")


def task_name(task: TaskResult, part: str = "") -> str:
    """A task, or a part of one, as it would be called there."""
    words = (task.dataset, task.load, part)
    return "_".join(re.sub(r"[^\w.=-]+", "_", one) for one in words if one)


def results(
    run: RunResult, suite: Mapping[str, Any], model: str, tasks: Sequence[TaskResult]
) -> dict[str, Any]:
    """The document of one model."""
    document: dict[str, Any] = {
        "results": {}, "groups": {}, "group_subtasks": {}, "configs": {}, "versions": {},
        "n-shot": {}, "higher_is_better": {}, "n-samples": {},
    }  # fmt: skip
    for task in tasks:
        _add_task(document, suite, task)
    for group in run.groups:
        if group.model == model and group.figure is not None:
            name = re.sub(r"[^\w.=-]+", "_", group.name)
            document["groups"][name] = _values([group.figure], group.title)
            document["results"].setdefault(name, document["groups"][name])
            document["group_subtasks"][name] = [one.name for one in group.members]
            document["versions"].setdefault(name, None)
    if not document["groups"]:
        del document["groups"]
    return {**document, **_facts(run, suite, model)}


def _add_task(document: dict[str, Any], suite: Mapping[str, Any], task: TaskResult) -> None:
    own = suite.get("datasets", {}).get(task.dataset, {})
    parts = list(dict.fromkeys(one.part for one in task.figures))
    whole = task_name(task)
    document["group_subtasks"][whole] = [task_name(task, one) for one in parts if one]
    for part in parts or [""]:
        name = task_name(task, part)
        figures = [one for one in task.figures if one.part == part]
        count = figures[0].n if figures else task.samples
        document["results"][name] = {**_values(figures, name), "sample_len": count}
        document["configs"][name] = {
            "task": name,
            "dataset_path": str(own.get("dataset", task.dataset)),
            "output_type": "generate_until",
            "num_fewshot": own.get("shots"),
            "repeats": task.repeats,
            "generation_kwargs": own.get("generation", {}),
            "metadata": {"version": task.dataset_version, "variant": task.variant},
        }
        document["versions"][name] = task.dataset_version
        document["n-shot"][name] = own.get("shots") or 0
        document["higher_is_better"][name] = {
            _metric(one)[0]: None if one.better is None else one.better == "up" for one in figures
        }
        document["n-samples"][name] = {"original": task.of or count, "effective": count}


def _values(figures: Sequence[Figure], alias: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": alias, "alias": alias}
    for one in figures:
        metric, scored = _metric(one)
        scale = SHARE.get(one.unit, 1.0)
        found[f"{metric},{scored}"] = one.value / scale
        stderr = "N/A" if one.stderr is None else one.stderr / scale
        found[f"{metric}_stderr,{scored}"] = stderr
    return found


def _metric(figure: Figure) -> tuple[str, str]:
    """Its metric and filter: ``accuracy (strict)`` is ``accuracy`` with the filter ``strict``."""
    name, _, rest = figure.name.partition(" (")
    return name.replace(",", " "), rest.rstrip(")").replace(",", " ") or FILTER


def _facts(run: RunResult, suite: Mapping[str, Any], model: str) -> dict[str, Any]:
    own = suite.get("models", {}).get(model, {})
    served = run.environment.get("served", {}).get(model, model)
    plugins = run.environment.get("plugins", {})
    return {
        "config": {
            "model": str(own.get("backend", "")).rpartition("/")[2],
            "model_args": f"model={served}",
            "batch_size": own.get("concurrency"),
            "limit": None,
            "gen_kwargs": own.get("generation", {}),
            "random_seed": suite.get("suite", {}).get("seed"),
        },
        "git_hash": None,
        "date": _seconds(run),
        "aisbench_version": plugins.get("aisbench"),
        "model_source": str(own.get("backend", "")),
        "model_name": served,
        "model_name_sanitized": sanitized(served),
    }


def _seconds(run: RunResult) -> float | None:
    from datetime import datetime

    sessions = run.sessions
    try:
        # Python 3.10 does not know Z.
        begun = sessions[0].started.replace("Z", "+00:00") if sessions else ""
        return datetime.fromisoformat(begun).timestamp() if begun else None
    except ValueError:
        return None


def _write_samples(run: RunResult, task: TaskResult, path: Path) -> tuple[str, int]:
    """The rows of a task: their hash and number. One row a sample, with all repeats in it."""
    answers = run.samples(model=task.model, dataset=task.dataset, load=task.load)
    digest, count = hashlib.sha256(), 0
    with text_to(path) as out:
        for row in _rows(answers, task):
            count += 1
            digest.update((row["doc_hash"] + row["prompt_hash"] + row["target_hash"]).encode())
            out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    if not count:
        path.unlink(missing_ok=True)
    return digest.hexdigest(), count


def _rows(answers: Iterator[AnsweredSample], task: TaskResult) -> Iterator[dict[str, Any]]:
    whole = [one for one in task.figures if not one.part]
    metric = _metric(whole[0])[0] if whole else "score"
    same = (one for one in answers if one.load == task.load)
    groups = itertools.groupby(same, key=lambda one: one.sample.id)
    for number, (_, found) in enumerate(groups):
        yield _row(number, list(found), metric)


def _row(number: int, answers: Sequence[AnsweredSample], metric: str) -> dict[str, Any]:
    first = answers[0]
    prompt = first.prompt
    asked = prompt.words if prompt.messages is None else _messages(prompt)
    target = first.sample.target
    text = target if isinstance(target, str) else json.dumps(target, ensure_ascii=False)
    document = {"id": first.sample.id, **first.sample.fields}
    scores = [one.score.value for one in answers if one.score is not None]
    return {
        "doc_id": number,
        "doc": document,
        "target": text,
        "arguments": {"gen_args_0": {"arg_0": asked, "arg_1": "{}"}},
        "resps": [[one.response.text or "" for one in answers]],
        "filtered_resps": [
            (one.score.extracted if one.score is not None else None) or one.answer or ""
            for one in answers
        ],
        "filter": FILTER,
        "metrics": [metric],
        "doc_hash": _hash(json.dumps(document, ensure_ascii=False, default=str)),
        "prompt_hash": _hash(asked),
        "target_hash": _hash(text),
        metric: sum(scores) / len(scores) if scores else None,
    }


def _messages(prompt: Any) -> str:
    """The conversation as JSON, as it logs chats."""
    found = [{"role": one.role, "content": _content(one)} for one in prompt.messages]
    return json.dumps(found, ensure_ascii=False)


def _content(message: Any) -> Any:
    content = message.content
    return content if isinstance(content, str) else [str(one) for one in content]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
