"""Runs of aisbench as sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from aisbench import AnsweredSample, RunResult
from aisbench.api import (
    METRICS,
    Figure,
    LabelResult,
    Measure,
    PerformanceResult,
    Prompt,
    TaskResult,
    Verdict,
)
from aisbench_plugin_compare.foreign.questions import question_in, rendered
from aisbench_plugin_compare.sides import facts, keys
from aisbench_plugin_compare.sides.side import (
    Answers,
    ComparedSide,
    HeldAnswers,
    Load,
    LoadLabel,
    Quantity,
    SideAnswer,
    SideMeasure,
    SideRow,
    SideTask,
    ToldFigure,
)

_HELD = 100_000_000
"""Characters of answers that are kept in memory: those of a larger task are read again."""

_SCORED_WITHOUT_MEASURES = frozenset({Verdict.RIGHT, Verdict.WRONG, Verdict.GRADED})

_LATENCIES = ("ttft", "tpot", "itl", "e2el")


def own_side(run: RunResult, label: str, models: Sequence[str] = ()) -> ComparedSide:
    """The side that a run makes, or that some of its models make. Raises DamageError."""
    tables, environment = run.suite, run.environment
    chosen = [one for one in run.scores if not models or one.model in models]
    loads = [one for one in run.loads if not models or one.model in models]
    sessions = run.sessions
    return ComparedSide(
        label=label,
        source=str(run.path),
        tool="aisbench",
        tasks=[_task(run, one, tables, environment) for one in chosen],
        loads=[_load(run, one, tables, environment) for one in loads],
        groups=[
            _told(one.figure, name=one.name, part=one.model)
            for one in run.groups
            if one.figure is not None and (not models or one.model in models)
        ],
        facts=facts.of_run(tables, environment, sessions[-1].host if sessions else {}),
        when=sessions[0].started if sessions else "",
        notes=_notes(run),
    )


def _notes(run: RunResult) -> list[str]:
    found = list(run.warnings)
    if not run.complete:
        found.append(
            "the run is not complete: its figures are of what is there "
            f"(aisbench run --resume {run.path})"
        )
    return found


def _task(
    run: RunResult,
    result: TaskResult,
    tables: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> SideTask:
    rows = _Rows()
    for one in _answered(run, result.model, result.dataset, result.load):
        rows.add(one)
    return SideTask(
        model=result.model,
        dataset=result.dataset,
        load=result.load,
        rows=rows.rows,
        measures=rows.measures(),
        figures=[_told(one) for one in result.figures],
        facts=facts.of_task(result, tables, environment),
        answers=(
            _Again(run, result.model, result.dataset, result.load)
            if rows.held is None
            else HeldAnswers(rows.held)
        ),
        notes=result.warnings,
    )


def _answered(run: RunResult, model: str, dataset: str, load: str) -> Iterator[AnsweredSample]:
    """The answers that figures are made of: not those that were given after the last evaluation,
    and not those whose reference is not known here."""
    for one in run.samples(model=model, dataset=dataset, load=load):
        if (
            one.load == load
            and one.sample.scored
            and one.score is not None
            and one.score.verdict is not Verdict.UNJUDGED
        ):
            yield one


class _Rows:
    """Collects the rows of a task, and their measures as columns."""

    def __init__(self) -> None:
        self.rows: list[SideRow] = []
        self.held: list[SideAnswer] | None = []
        """Answers in memory, None when they are too many."""
        self._size = 0
        self._read: dict[str, dict[int, float]] = {}
        self._taken: dict[str, Measure] = {}
        self._values: dict[str, dict[int, tuple[float, float]]] = {}

    def add(self, one: AnsweredSample) -> None:
        place = len(self.rows)
        sample, score = one.sample, one.score
        text = _text(one.prompts[0])
        asked = question_in(sample.fields)
        self.rows.append(
            SideRow(
                keys={
                    "content": keys.content(sample.fields, sample.target),
                    "prompt": keys.prompt(text),
                    "question": keys.words(asked or text),
                    "id": sample.id,
                },
                id=sample.id,
                question=sample.question,
                outcome="failed" if score is None else score.verdict.value,
                value=None if score is None or score.verdict is Verdict.FAILED else score.value,
                place=place,
                repeat=one.repeat,
                part=sample.part,
                vote=None if score is None else score.extracted,
            )
        )
        if score is not None:
            for name, reading in score.readings.items():
                self._read.setdefault(name, {})[place] = reading.value
            for name, measure in score.measures.items():
                self._taken.setdefault(name, measure)
                self._values.setdefault(name, {})[place] = (measure.value, measure.weight)
        self._hold(one)

    def _hold(self, one: AnsweredSample) -> None:
        if self.held is None:
            return
        answer = answer_of(one)
        self.held.append(answer)
        self._size += len(answer.prompt) + len(answer.text) + len(answer.raw)
        if self._size > _HELD:
            self.held = None

    def measures(self) -> list[SideMeasure]:
        """The score, other readings of it, and what else the evaluator measured."""
        # A failed answer counts 0, as it does in the figure; its bounds are told beside it.
        score = np.array([0.0 if one.value is None else one.value for one in self.rows])
        found = [SideMeasure(name="accuracy", values=score, unit="%", is_share=True)]
        for name, values in self._read.items():
            read = score.copy()
            read[list(values)] = list(values.values())
            if not np.array_equal(read, score):
                found.append(
                    SideMeasure(name=f"accuracy ({name})", values=read, unit="%", is_share=True)
                )
        return found + [self._measure(name) for name in self._taken]

    def _measure(self, name: str) -> SideMeasure:
        """As the reducer ``measures`` makes it: what could not be measured counts 0 with the mean
        weight where more is better, and not at all where less is."""
        like, known = self._taken[name], self._values[name]
        count = len(self.rows)
        values, weights = np.full(count, np.nan), np.zeros(count)
        places = list(known)
        values[places] = [value for value, _ in known.values()]
        weights[places] = [weight for _, weight in known.values()]
        if like.better != "down":
            usual = float(np.mean(weights[places]))
            parts = {self.rows[place].part for place in places}
            for place, row in enumerate(self.rows):
                lost = Verdict(row.outcome) not in _SCORED_WITHOUT_MEASURES
                if place not in known and lost and row.part in parts:
                    values[place], weights[place] = 0.0, usual
        return SideMeasure(
            name=name, values=values, weights=weights, unit=like.unit, better=like.better
        )


def answer_of(one: AnsweredSample) -> SideAnswer:
    """What there is to read of an answer."""
    response, score = one.response, one.score
    text = response.text if one.answer is None else one.answer
    return SideAnswer(
        prompt=_text(one.prompt),
        question=question_in(one.sample.fields),
        text=text,
        raw=response.text if response.text != text else "",
        extracted=None if score is None else score.extracted,
        target=None if one.sample.target is None else str(one.sample.target),
        reason=_reason(one),
        finish_reason=response.finish_reason and response.finish_reason.value,
        prompt_tokens=response.usage.prompt_tokens,
        completion_tokens=response.usage.completion_tokens,
    )


def _reason(one: AnsweredSample) -> str:
    """Why it was judged as it was; of a failed one, why it failed."""
    if one.response.fault is not None:
        return one.response.fault.message
    return "" if one.score is None else one.score.reason


def _text(prompt: Prompt) -> str:
    if prompt.messages is None:
        return prompt.words or " ".join(map(str, prompt.tokens or ()))
    return rendered([{"role": one.role, "content": one.text} for one in prompt.messages])


@frozen
class _Again(Answers):
    """Reads answers from the run once more."""

    run: RunResult
    model: str
    dataset: str
    load: str

    def read(self, places: Sequence[int]) -> Iterator[tuple[int, SideAnswer]]:
        wanted = set(places)
        place = -1
        for one in _answered(self.run, self.model, self.dataset, self.load):
            if not wanted:
                return
            place += 1
            if place in wanted:
                wanted.discard(place)
                yield place, answer_of(one)


def _told(one: Figure, *, name: str = "", part: str = "") -> ToldFigure:
    base, _, k = one.name.partition("@")
    return ToldFigure(
        name=name or one.name,
        value=one.value,
        n=one.n,
        part=part or one.part,
        unit=one.unit,
        better=one.better,
        low=one.low,
        high=one.high,
        measure="accuracy" if k else one.name,
        reduction=one.name if k and base else "",
    )


def _label(label: LabelResult) -> LoadLabel:
    figures = []
    for value in label.values:
        figures += [
            ToldFigure(
                name=f"{one.name}.mean",
                value=one.mean,
                n=one.n,
                part=value.value,
                unit=one.unit,
                better=METRICS[one.name].better,
                low=one.low,
                high=one.high,
            )
            for one in value.statistics
        ]
        figures += [_told(one, part=value.value) for one in value.figures]
    return LoadLabel(
        name=label.name,
        requests={one.value: one.counts.total for one in label.values},
        figures=figures,
    )


def _load(
    run: RunResult,
    result: PerformanceResult,
    tables: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> Load:
    columns = run.request_metrics(result)
    conversations = columns["conversation"].astype(np.int64)
    several = len(np.unique(conversations)) < len(conversations)
    quantities = []
    for name in _LATENCIES:
        values = columns.get(name)
        if values is None or not np.isfinite(values).any():
            continue
        known = np.isfinite(values)
        quantities.append(
            Quantity(
                name=name,
                unit=METRICS[name].unit,
                values=values[known],
                better=METRICS[name].better,
                clusters=conversations[known] if several else None,
            )
        )
    whole = result.populations[0] if result.populations else None
    doubts = list(result.health.doubts)
    if not result.complete:
        doubts.append("the load was cut short")
    return Load(
        model=result.model,
        dataset=result.dataset,
        label=result.load,
        quantities=quantities,
        figures=[_told(one) for one in whole.figures] if whole is not None else [],
        counts={
            "total": result.counts.total,
            "success": result.counts.success,
            "failed": result.counts.failed,
            "cancelled": result.counts.cancelled,
        },
        facts=facts.of_load(result, tables, environment),
        doubts=doubts,
        labels=[_label(one) for one in result.labels],
        source=str(run.path),
    )
