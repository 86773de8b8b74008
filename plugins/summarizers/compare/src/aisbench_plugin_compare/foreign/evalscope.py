"""evalscope's reviews, predictions and reports (evalscope/api/evaluator/cache.py, report/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.api import DataError
from aisbench_plugin_compare.foreign.answers import ForeignAnswer, ForeignTask, texted
from aisbench_plugin_compare.foreign.files import JsonRecord, read_lines, read_object
from aisbench_plugin_compare.foreign.questions import rendered
from aisbench_plugin_compare.foreign.sniffing import (
    EVALSCOPE_PREDICTIONS,
    EVALSCOPE_REPORT,
    EVALSCOPE_REVIEWS,
    SniffedFile,
)
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Facts, Outcome, ToldFigure

_ACCURACY = ("accuracy", "acc", "AverageAccuracy", "mean_acc")


@define
class _Benchmark:
    """The files of one model on one benchmark: a file for each subset."""

    report: JsonRecord | None = None
    reviews: dict[str, list[JsonRecord]] = field(factory=dict)
    predictions: dict[str, list[JsonRecord]] = field(factory=dict)


def read(files: Sequence[SniffedFile]) -> list[ForeignTask]:
    """The tasks of one run. Raises DataError."""
    reports = [read_object(one.path) for one in files if one.kind == EVALSCOPE_REPORT]
    found: dict[tuple[str, str], _Benchmark] = {}
    for one in files:
        if one.kind not in (EVALSCOPE_REVIEWS, EVALSCOPE_PREDICTIONS):
            continue
        model = one.path.parent.name
        name, subset = _subset(one.path.stem, model, reports)
        held = found.setdefault((model, name), _Benchmark())
        rows = held.reviews if one.kind == EVALSCOPE_REVIEWS else held.predictions
        if subset in rows:
            raise DataError(f"{one.path}: is a second file of {name}, {subset}")
        rows[subset] = read_lines(one.path)
    for report in reports:
        key = (Path(report.place).parent.name, report.string("dataset_name"))
        found.setdefault(key, _Benchmark()).report = report
    return [_task(model, name, held) for (model, name), held in found.items()]


def _subset(stem: str, model: str, reports: Sequence[JsonRecord]) -> tuple[str, str]:
    """Of a file's name, BENCHMARK_SUBSET, both: a report tells where the one ends."""
    names = [
        str(one.get("dataset_name"))
        for one in reports
        if Path(one.place).parent.name == model
        and f"{stem}_".startswith(f"{one.get('dataset_name')}_")
    ]
    if not names:
        return stem, ""
    name = max(names, key=len)
    return name, stem[len(name) + 1 :]


def _task(model: str, name: str, held: _Benchmark) -> ForeignTask:
    answers: list[ForeignAnswer] = []
    measure = ""
    for subset in dict.fromkeys([*held.reviews, *held.predictions]):
        predictions = _predicted(held.predictions.get(subset, []))
        reviews = held.reviews.get(subset, [])
        part = subset if len(held.reviews) > 1 else ""
        for row in reviews:
            review = _Review.of(row)
            measure = measure or review.measure
            answers.append(review.answer(predictions.pop(review.key, None), part))
        for row in predictions.values():
            answers.append(_unreviewed(row, part))
    answers.sort(key=lambda one: (one.part, one.row or 0, one.repeat))
    notes = []
    if held.report is not None:
        notes = list(_checked(held.report, held.reviews))
        if not answers:
            notes.append(texts().text("its predictions and reviews are not here"))
    known = "accuracy" if measure in _ACCURACY else measure
    return ForeignTask(
        model=_model(held, model),
        dataset=name,
        answers=answers,
        measure=known or "accuracy",
        figures=_figures(held.report, measure),
        facts=_facts(held, measure),
        notes=notes,
    )


def _predicted(rows: Sequence[JsonRecord]) -> dict[tuple[int, int], JsonRecord]:
    """By index and number of the repeat. A run that went on wrote some again: the last counts,
    as evalscope itself reads them."""
    found: dict[tuple[int, int], JsonRecord] = {}
    for row in rows:
        found[row.whole("index"), 0] = row
    return found


@define
class _Review:
    row: JsonRecord
    score: JsonRecord
    key: tuple[int, int]
    measure: str
    values: Mapping[str, float]

    @classmethod
    def of(cls, row: JsonRecord) -> _Review:
        """Raises DataError."""
        sample = row.inside("sample_score")
        score = sample.inside("score")
        numbers = {
            str(name): float(value)
            for name, value in score.inside("value").cells.items()
            if isinstance(value, (bool, int, float))
        }
        main = score.get("main_score_name")
        measure = main if isinstance(main, str) and main in numbers else next(iter(numbers), "")
        return cls(row, score, (row.whole("index"), 0), measure, numbers)

    def answer(self, prediction: JsonRecord | None, part: str) -> ForeignAnswer:
        """Raises DataError."""
        value: float | None = self.values.get(self.measure)
        measures = {name: one for name, one in self.values.items() if name != self.measure}
        if value is not None and not 0 <= value <= 1:
            measures[self.measure], value = value, None
        asked, said = _messages(self.row)
        extracted = texted(self.score.get("extracted_prediction"))
        told = _told(prediction)
        if value is None and self.score.get("status") not in (None, "success"):
            told["outcome"] = "failed"
        sample = self.row.inside("sample_score")
        group = sample.get("group_id")
        repeat = sample.get("generation_index")
        index = self.key[0]
        row = group if isinstance(group, int) else index
        return ForeignAnswer(
            id=f"{part}/{row}" if part else str(row),
            row=row,
            repeat=repeat if isinstance(repeat, int) else 0,
            part=part,
            prompt=asked or _legacy(self.row),
            text=texted(self.score.get("prediction")) or said,
            extracted=extracted if extracted else None,
            target=texted(self.row.get("target")),
            value=value,
            measures=measures,
            reason=str(self.score.get("explanation") or ""),
            **told,
        )


def _messages(row: JsonRecord) -> tuple[str, str]:
    """What was asked, and the last thing that was answered."""
    found = row.get("messages")
    if not isinstance(found, list) or not found:
        return "", ""
    answered = isinstance(found[-1], Mapping) and found[-1].get("role") == "assistant"
    asked = found[:-1] if answered else found
    said = rendered([{**found[-1], "role": ""}]) if answered else ""
    return rendered(asked), said


def _legacy(row: JsonRecord) -> str:
    """Older versions keep the prompt as one text."""
    value = row.get("input")
    return value if isinstance(value, str) else ""


def _told(prediction: JsonRecord | None) -> dict[str, Any]:
    """What the prediction adds to the review: why it ended, and tokens."""
    if prediction is None:
        return {}
    output = prediction.inside("model_output")
    found: dict[str, Any] = {}
    choices = output.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], Mapping):
        reason = choices[0].get("stop_reason")
        found["finish_reason"] = "length" if reason in ("max_tokens", "length") else reason
    usage = output.get("usage")
    if isinstance(usage, Mapping):
        for ours, theirs in (
            ("prompt_tokens", "input_tokens"),
            ("completion_tokens", "output_tokens"),
        ):
            if isinstance(usage.get(theirs), int):
                found[ours] = usage[theirs]
    return found


def _unreviewed(row: JsonRecord, part: str) -> ForeignAnswer:
    """A prediction that has no review."""
    asked, said = _messages(row)
    index = row.whole("index")
    told = _told(row)
    outcome: Outcome = "failed" if row.inside("model_output").get("error") else "unjudged"
    return ForeignAnswer(
        id=f"{part}/{index}" if part else str(index),
        row=index,
        part=part,
        prompt=asked,
        text=said,
        outcome=outcome,
        **told,
    )


# -- what the report says


def _checked(report: JsonRecord, reviews: Mapping[str, Sequence[JsonRecord]]) -> Iterator[str]:
    """Sentences on what the report has and the reviews lack. Raises DataError where rows of the
    reviews are missing."""
    summary = report.get("execution_summary")
    counts = summary if isinstance(summary, Mapping) else {}
    failed = counts.get("errored")
    if isinstance(failed, int) and failed:
        yield texts().text("{n} samples failed, and are in none of its figures", n=failed)
    told = _count(report, counts)
    rows = [row for one in reviews.values() for row in one]
    if told is None or not reviews:
        return
    questions = len({(name, row.get("index")) for name, one in reviews.items() for row in one})
    if told not in (len(rows), questions):
        raise DataError(
            f"{report.place}: counts {told} samples, and the reviews hold {len(rows)}",
            hint="a file of reviews was cut, or belongs to another run",
        )


def _count(report: JsonRecord, counts: Mapping[str, Any]) -> int | None:
    if isinstance(counts.get("succeeded"), int):
        return int(counts["succeeded"])
    for metric in report.objects("metrics"):
        if isinstance(metric.get("num"), int):
            return int(metric.cells["num"])
    return None


def _figures(report: JsonRecord | None, measure: str) -> list[ToldFigure]:
    if report is None:
        return []
    found = []
    for metric in report.objects("metrics"):
        identity = metric.get("identity")
        name = identity.get("name") if isinstance(identity, Mapping) else metric.get("name")
        if metric.get("score") is None or not isinstance(name, str):
            continue
        count = metric.get("num")
        is_main = name.removeprefix("mean_") == measure.removeprefix("mean_")
        known = "accuracy" if measure in _ACCURACY else measure
        found.append(
            ToldFigure(
                name=name,
                value=metric.number("score"),
                n=count if isinstance(count, int) else None,
                measure=known if is_main else "",
                better="up",
            )
        )
    return found


def _model(held: _Benchmark, folder: str) -> str:
    if held.report is not None and isinstance(held.report.get("model_name"), str):
        return str(held.report.cells["model_name"])
    return folder


def _facts(held: _Benchmark, measure: str) -> Facts:
    facts: dict[str, dict[str, str]] = {"scoring": {"metric": measure}} if measure else {}
    if held.report is not None:
        if held.report.get("model_name"):
            facts["model"] = {"served as": str(held.report.get("model_name"))}
        facts["data"] = {"dataset": str(held.report.get("dataset_name") or "")}
    return facts  # type: ignore[return-value]
