"""lm-eval's logged samples and results, of 0.4 (lm_eval/loggers/evaluation_tracker.py)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.answers import ForeignAnswer, ForeignTask, texted
from aisbench_plugin_compare.foreign.files import JsonRecord, read_lines, read_object
from aisbench_plugin_compare.foreign.questions import question_in, rendered
from aisbench_plugin_compare.foreign.sniffing import LM_RESULTS, LM_SAMPLES, SniffedFile
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Facts, ToldFigure

_OWN = frozenset((
    "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics",
    "doc_hash", "prompt_hash", "target_hash", "schema",
))  # fmt: skip
"""Keys of a sample that are no figures."""
_STAMP = re.compile(r"_(\d{4}-\d\d-\d\dT[\d.:-]+)\.jsonl?$")
_LENIENT, _STRICT = "flexible-extract", "strict-match"
"""Filters of GSM8K and its kin, which aisbench's own rules are called after."""
_INVALID = "[invalid]"
"""What a filter gives where it found nothing (lm_eval/filters/extraction.py)."""


def read(files: Sequence[SniffedFile]) -> list[ForeignTask]:
    """The tasks of one run. Raises DataError."""
    results = [read_object(one.path) for one in files if one.kind == LM_RESULTS]
    tasks = []
    used: set[int] = set()
    for one in files:
        if one.kind != LM_SAMPLES:
            continue
        rows = read_lines(one.path)
        number = _results_of(one.path, results)
        told = None if number is None else results[number]
        if number is not None:
            used.add(number)
        tasks.append(_task(one.path, rows, told))
    for number, told in enumerate(results):
        if number not in used:
            tasks += _figures_alone(told)
    return tasks


def _results_of(samples: Path, results: Sequence[JsonRecord]) -> int | None:
    """The results that were written with some samples: of the same instant."""
    stamp = _STAMP.search(samples.name)
    near = []
    for number, one in enumerate(results):
        place = Path(one.place)
        other = _STAMP.search(place.name)
        if stamp and other and stamp[1] == other[1]:
            return number
        if place.parent == samples.parent and not (stamp and other):
            near.append(number)
    return near[0] if len(near) == 1 else None


def task_name(samples: Path, told: JsonRecord | None) -> str:
    """The task's name, which stands in the file's name alone."""
    plain = _STAMP.sub("", samples.name).removesuffix(".jsonl").removeprefix("samples_")
    if told is not None and isinstance(told.get("results"), Mapping):
        names = [name for name in told.cells["results"] if name == plain]
        return str(names[0]) if names else plain
    return plain


@frozen
class _Chosen:
    """The filter and metric that a row's value is of."""

    filter: str
    metric: str


def _task(path: Path, rows: Sequence[JsonRecord], told: JsonRecord | None) -> ForeignTask:
    name = task_name(path, told)
    filters = list(dict.fromkeys(str(row.get("filter") or "none") for row in rows))
    by_doc: dict[int, dict[str, JsonRecord]] = {}
    for row in rows:
        doc = row.whole("doc_id")
        which = str(row.get("filter") or "none")
        if which in by_doc.setdefault(doc, {}):
            raise row.error(f"is a second sample {doc} of the filter {which!r}")
        by_doc[doc][which] = row
    for doc, found in by_doc.items():
        if len(found) != len(filters):
            lacking = next(one for one in filters if one not in found)
            raise DataError(f"{path}: sample {doc} has no row of the filter {lacking!r}")
    _check_count(path, name, len(by_doc), told)
    filters.sort(key=lambda one: one != _LENIENT)
    chosen = _Chosen(filters[0], _metric(rows[0]))
    config = _config(told, name)
    answers = [_answer_of(doc, found, chosen) for doc, found in by_doc.items()]
    notes = []
    if len(filters) > 1:
        others = ", ".join(filters[1:])
        notes.append(
            texts().text(
                "accuracy is {metric} with the filter {filter}; measures beside it: those of "
                "{others}",
                metric=chosen.metric,
                filter=chosen.filter,
                others=others,
            )
        )
    return ForeignTask(
        model=_model(told, path),
        dataset=name,
        answers=answers,
        figures=_figures(told, name, chosen),
        facts=_facts(told, config, chosen),
        notes=notes,
    )


def _check_count(path: Path, name: str, found: int, told: JsonRecord | None) -> None:
    counts = told.get("n-samples") if told is not None else None
    one = counts.get(name) if isinstance(counts, Mapping) else None
    asked = one.get("effective") if isinstance(one, Mapping) else None
    if isinstance(asked, int) and asked != found:
        raise DataError(
            f"{path}: holds {found} samples, and {Path(told.place).name if told else ''} says "
            f"{asked}",
            hint="the file was cut, or belongs to another run",
        )


def _metric(row: JsonRecord) -> str:
    return next(iter(_metrics(row)), "accuracy")


def _measure(metric: str, which: str, chosen: _Chosen) -> str:
    """The name of a figure: those that aisbench has go by its names."""
    if metric == chosen.metric and which in (chosen.filter, "none"):
        return "accuracy"
    if metric == chosen.metric and (which, chosen.filter) == (_STRICT, _LENIENT):
        return "accuracy (strict)"
    return f"{metric},{which}"


def _metrics(row: JsonRecord) -> dict[str, float]:
    named = row.get("metrics")
    names = named if isinstance(named, list) else [key for key in row.cells if key not in _OWN]
    found = {}
    for name in names:
        value = row.need(str(name))
        if isinstance(value, (bool, int, float)) and math.isfinite(value):
            found[str(name)] = float(value)
    return found


def _answer_of(doc: int, found: Mapping[str, JsonRecord], chosen: _Chosen) -> ForeignAnswer:
    row = found[chosen.filter]
    measures = {}
    for which, one in found.items():
        for name, number in _metrics(one).items():
            if (which, name) != (chosen.filter, chosen.metric):
                measures[_measure(name, which, chosen) if len(found) > 1 else name] = number
    value = _metrics(row).get(chosen.metric)
    if value is not None and not 0 <= value <= 1:
        measures[chosen.metric], value = value, None
    said = _said(row)
    fields = row.need("doc")
    outcome = None
    if value == 0 and said.extracted is None and said.choices is None:
        outcome = "unparsed"
    return ForeignAnswer(
        id=str(doc),
        row=doc,
        prompt=said.prompt,
        question=question_in(fields),
        text=said.text,
        extracted=said.extracted,
        target=texted(row.need("target")),
        value=value,
        measures=measures,
        outcome=outcome,  # type: ignore[arg-type]
        settings=said.settings,
        fields=fields,
        logprobs=said.choices,
    )


@frozen(kw_only=True)
class _Said:
    prompt: str
    text: str
    extracted: str | None
    settings: Mapping[str, str]
    choices: list[float] | None = None


def _said(row: JsonRecord) -> _Said:
    """What was asked and answered. Raises DataError."""
    asked = [_arguments(row, one) for one in _requests(row)]
    answers = row.items("resps")
    if not asked or len(answers) != len(asked):
        raise row.error(f"has {len(asked)} requests and {len(answers)} answers")
    context, second = asked[0]
    if isinstance(second, Mapping):  # generate_until
        texts = answers[0] if isinstance(answers[0], list) else [answers[0]]
        filtered = row.items("filtered_resps")
        extracted = texted(filtered[0]) if len(filtered) == 1 else texted(filtered)
        settings = {str(key): str(value) for key, value in second.items()}
        if len(texts) > 1:
            settings["repeats"] = str(len(texts))
        return _Said(
            prompt=rendered(context),
            text=str(texts[0]) if texts else "",
            extracted=None if extracted in (_INVALID, "", None) else extracted,
            settings=settings,
        )
    likely = [_likelihood(row, one) for one in answers]
    best = max(range(len(likely)), key=likely.__getitem__)
    return _Said(
        prompt=rendered(context),
        text=str(asked[best][1] if len(asked) > 1 else second or ""),
        extracted=str(best) if len(asked) > 1 else None,
        settings={},
        choices=likely,
    )


def _requests(row: JsonRecord) -> list[Any]:
    """{"gen_args_0": {"arg_0": ...}} of newer versions, [[...], ...] of older ones."""
    value = row.need("arguments")
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise row.error("arguments are neither an object nor a list")


def _arguments(row: JsonRecord, request: Any) -> tuple[Any, Any]:
    """The context, and what stands beside it: settings, or a continuation."""
    values = list(request.values()) if isinstance(request, Mapping) else request
    if not isinstance(values, list) or not values:
        raise row.error("arguments have no context")
    context = values[0]
    if isinstance(context, list) and len(context) == 1:
        context = context[0]  # a chat's messages, as JSON
    return context, values[1] if len(values) > 1 else ""


def _likelihood(row: JsonRecord, answer: Any) -> float:
    """The first number of [[["-1.5", "True"]]], whose lists and quotes differ by version."""
    while isinstance(answer, list) and answer:
        answer = answer[0]
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise row.error("resps hold no log-likelihood") from None


# -- what the results say


def _config(told: JsonRecord | None, name: str) -> Mapping[str, Any]:
    configs = told.get("configs") if told is not None else None
    found = configs.get(name) if isinstance(configs, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _model(told: JsonRecord | None, path: Path) -> str:
    if told is not None:
        for key in ("model_name", "model_name_sanitized"):
            if isinstance(told.get(key), str) and told.cells[key]:
                return str(told.cells[key])
    return path.parent.name


def _figures(told: JsonRecord | None, name: str, chosen: _Chosen) -> list[ToldFigure]:
    results = told.get("results") if told is not None else None
    values = results.get(name) if isinstance(results, Mapping) else None
    if not isinstance(values, Mapping):
        return []
    count = values.get("sample_len")
    found = []
    for key, value in values.items():
        metric, _, which = str(key).partition(",")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not which:
            continue
        if metric.endswith("_stderr"):
            continue
        found.append(
            ToldFigure(
                name=key,
                value=float(value),
                n=count if isinstance(count, int) else None,
                measure=_measure(metric, which, chosen),
                better="up",
            )
        )
    return found


def _figures_alone(told: JsonRecord) -> list[ForeignTask]:
    """Tasks whose samples were not logged."""
    tasks = []
    for name in told.inside("results").cells:
        figures = _figures(told, str(name), _Chosen("", ""))
        if figures:
            tasks.append(
                ForeignTask(
                    model=_model(told, Path(told.place)),
                    dataset=str(name),
                    answers=(),
                    figures=figures,
                    facts=_facts(told, _config(told, str(name)), _Chosen("", "")),
                    notes=[texts().text("its samples were not logged: --log_samples keeps them")],
                )
            )
    return tasks


def _facts(told: JsonRecord | None, config: Mapping[str, Any], chosen: _Chosen) -> Facts:
    facts: dict[str, dict[str, str]] = {"scoring": {"metric": chosen.metric}}
    if chosen.filter not in ("", "none"):
        facts["scoring"]["filter"] = chosen.filter
    generation = config.get("generation_kwargs")
    if isinstance(generation, Mapping):
        facts["settings"] = {str(key): str(value) for key, value in generation.items()}
    for key in ("doc_to_text", "num_fewshot", "description"):
        if config.get(key) not in (None, ""):
            facts.setdefault("prompt", {})[key] = str(config[key])
    for key in ("dataset_path", "dataset_name", "test_split"):
        if config.get(key):
            facts.setdefault("data", {})[key] = str(config[key])
    if told is not None:
        if told.get("model_name"):
            facts["model"] = {"served as": str(told.get("model_name"))}
        facts["versions"] = {"lm_eval": str(told.get("lm_eval_version") or "")}
    return {topic: values for topic, values in facts.items() if values}  # type: ignore[misc]
