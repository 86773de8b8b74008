"""Answers as a tool of others keeps them, and the task that they make."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from aisbench_plugin_compare.sides import keys
from aisbench_plugin_compare.sides.side import (
    Facts,
    HeldAnswers,
    KeyKind,
    Outcome,
    SideAnswer,
    SideMeasure,
    SideRow,
    SideTask,
    ToldFigure,
)

_EDGES = re.compile(r"^[\s$*.\\]+|[\s$*.\\]+$")


@frozen(kw_only=True)
class ForeignAnswer:
    """One answer, as far as the tool says anything of it.

    ``value`` is the tool's own score, None where it kept none. ``row`` is the place of the
    question in its data set, from 0, where the tool tells it.
    """

    id: str
    prompt: str = ""
    question: str = ""
    text: str = ""
    extracted: str | None = None
    target: str | None = None
    value: float | None = None
    measures: Mapping[str, float] = field(factory=dict)
    outcome: Outcome | None = None
    """Where the tool says more than right and wrong."""
    reason: str = ""
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    settings: Mapping[str, str] = field(factory=dict)
    repeat: int = 0
    row: int | None = None
    part: str = ""
    fields: Any = None
    """The row of the data set, where the tool logs it."""
    logprobs: Sequence[float] | None = None
    """Of choices that were compared, where that is what was asked."""


@frozen(kw_only=True)
class ForeignTask:
    """What a tool holds of one model on one data set, before it is paired with anything."""

    model: str
    dataset: str
    answers: Sequence[ForeignAnswer]
    measure: str = "accuracy"
    """The name of what ``value`` is."""
    figures: Sequence[ToldFigure] = ()
    facts: Facts = field(factory=dict)
    notes: Sequence[str] = ()
    load: str = ""

    def task(self) -> SideTask:
        """In the form in which sides are compared."""
        rows = [_row(place, one) for place, one in enumerate(self.answers)]
        return SideTask(
            model=self.model,
            dataset=self.dataset,
            load=self.load,
            rows=rows,
            measures=list(_measures(self)),
            figures=list(self.figures),
            facts=self.facts,
            answers=HeldAnswers([_answer(one) for one in self.answers]),
            notes=list(self.notes),
        )


def _row(place: int, one: ForeignAnswer) -> SideRow:
    known: dict[KeyKind, str] = {"id": one.id}
    if one.prompt:
        known["prompt"] = keys.prompt(one.prompt)
    if one.question:
        known["question"] = keys.words(one.question)
    return SideRow(
        keys=known,
        id=one.id,
        question=one.id,
        outcome=outcome_of(one),
        value=one.value,
        place=place,
        repeat=one.repeat,
        part=one.part,
        vote=None if one.extracted is None else canonical(one.extracted),
    )


def outcome_of(one: ForeignAnswer) -> Outcome:
    """The tool's word, else what follows of its score."""
    if one.outcome is not None:
        return one.outcome
    if one.value is None:
        return "unjudged"
    if one.value == 1:
        return "right"
    if one.value != 0:
        return "graded"
    return "truncated" if one.finish_reason == "length" else "wrong"


def _answer(one: ForeignAnswer) -> SideAnswer:
    return SideAnswer(
        prompt=one.prompt,
        question=one.question,
        text=one.text,
        raw=one.text,
        extracted=one.extracted,
        target=one.target,
        reason=one.reason,
        finish_reason=one.finish_reason,
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
        settings=one.settings,
    )


def _measures(task: ForeignTask) -> list[SideMeasure]:
    """The value of the rows first, then what else each row has. A failed answer counts 0, as in
    a figure that keeps it in its denominator."""
    found: dict[str, list[float]] = defaultdict(lambda: [math.nan] * len(task.answers))
    for place, one in enumerate(task.answers):
        value = 0.0 if one.value is None and outcome_of(one) == "failed" else one.value
        if value is not None:
            found[task.measure][place] = value
        for name, number in one.measures.items():
            if name != task.measure:
                found[name][place] = number
    ordered = sorted(found.items(), key=lambda item: item[0] != task.measure)
    return [_measure(name, np.asarray(values, dtype=np.float64)) for name, values in ordered]


def _measure(name: str, values: Any) -> SideMeasure:
    there = values[~np.isnan(values)]
    share = bool(there.size) and bool(((there >= 0) & (there <= 1)).all())
    return SideMeasure(name=name, values=values, unit="%" if share else "", is_share=share)


def canonical(text: str) -> str:
    """An extracted answer without what tools write differently."""
    plain = _EDGES.sub("", text).strip("()[]").casefold()
    try:
        return repr(float(plain.replace(",", "")))
    except ValueError:
        return " ".join(plain.split())


def texted(value: Any) -> str | None:
    """A reference or an extracted answer as text, None staying None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1:
        return texted(value[0])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
