"""How often the same question got another answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import asdict, frozen

from aisbench import AnsweredSample
from aisbench.api import Interval, mean_interval
from aisbench_plugin_compare.foreign.passes import ProbePass
from aisbench_plugin_compare.foreign.questions import rendered

Against: TypeAlias = Literal["alone", "beside", "together"]
Said: TypeAlias = tuple[str, ...]
"""All that a model said in one conversation: texts, reasoning, calls."""


@frozen
class ProbedAnswer:
    """What one pass got for one row."""

    said: Said | None
    """None: the request failed."""
    verdict: str
    prompts: tuple[str, ...]


@frozen(kw_only=True)
class FlipRate:
    """How many of ``n`` rows differ in any of some passes from the first one that was alone."""

    flips: int
    n: int
    low: float
    high: float

    @classmethod
    def of(cls, differing: Sequence[bool]) -> FlipRate | None:
        """None without rows."""
        if not differing:
            return None
        interval = mean_interval([float(one) for one in differing])
        return cls(flips=sum(differing), n=len(differing), low=interval.low, high=interval.high)

    @property
    def share(self) -> float:
        return self.flips / self.n


@frozen(kw_only=True)
class FlipExample:
    """A row whose text differs, from where on it does."""

    id: str
    at: int
    """Characters that both answers begin with alike."""
    first: str
    other: str
    verdicts: tuple[str, str]


@frozen(kw_only=True)
class Flips:
    """Some passes against the first one that was alone."""

    against: Against
    passes: int
    text: FlipRate
    verdict: FlipRate
    examples: Sequence[FlipExample] = ()


@frozen(kw_only=True)
class ProbedTask:
    """One model on one data set: flips, and the score of each pass."""

    model: str
    dataset: str
    rows: int
    failed: int
    """Rows that failed in any pass, and are in no rate."""
    flips: Sequence[Flips]
    scores: Mapping[str, Interval]
    """By the name of the pass: the mean value of the rows that were answered in all passes."""
    changed_prompts: int = 0
    """Rows whose prompt was not the same in all passes."""

    def json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def probed(passes: Sequence[ProbePass]) -> list[ProbedTask]:
    """Every task of all passes. Raises DamageError."""
    held: dict[tuple[str, str], dict[str, dict[str, ProbedAnswer]]] = {}
    values: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for one in passes:
        for result in one.results:
            for answer in result.samples():
                task = (answer.model, answer.dataset)
                answers = held.setdefault(task, {}).setdefault(one.name, {})
                answers[answer.sample.id] = _answer(answer)
                if answer.score is not None:
                    scored = values.setdefault(task, {}).setdefault(one.name, {})
                    scored[answer.sample.id] = answer.score.value
    return [
        _task(model, dataset, answers, values.get((model, dataset), {}))
        for (model, dataset), answers in held.items()
    ]


def _answer(one: AnsweredSample) -> ProbedAnswer:
    failed = any(response.fault is not None for response in one.responses)
    said = tuple(
        part
        for response in one.responses
        for part in (
            response.text,
            response.reasoning or "",
            *(f"{call.name} {call.arguments}" for call in response.tool_calls),
        )
    )
    return ProbedAnswer(
        said=None if failed else said,
        verdict="" if one.score is None else one.score.verdict.value,
        prompts=tuple(rendered(prompt) for prompt in one.prompts),
    )


def _task(
    model: str,
    dataset: str,
    passes: Mapping[str, Mapping[str, ProbedAnswer]],
    values: Mapping[str, Mapping[str, float]],
) -> ProbedTask:
    ids = list(dict.fromkeys(name for answers in passes.values() for name in answers))
    good = [
        name
        for name in ids
        if all(name in answers and answers[name].said is not None for answers in passes.values())
    ]
    first = next(iter(passes.values()))
    changed = sum(
        any(answers[name].prompts[:1] != first[name].prompts[:1] for answers in passes.values())
        for name in good
    )
    return ProbedTask(
        model=model,
        dataset=dataset,
        rows=len(ids),
        failed=len(ids) - len(good),
        flips=list(_flips(passes, good)),
        scores={
            name: mean_interval([scored[one] for one in good if one in scored])
            for name, scored in values.items()
            if any(one in scored for one in good)
        },
        changed_prompts=changed,
    )


def _flips(
    passes: Mapping[str, Mapping[str, ProbedAnswer]], good: Sequence[str]
) -> Iterator[Flips]:
    (_, first), *others = passes.items()
    against: tuple[Against, ...] = ("alone", "beside", "together")
    for way in against:
        chosen = [answers for name, answers in others if name.startswith(f"{way}-")]
        if not chosen or not good:
            continue
        text = [any(one[name].said != first[name].said for one in chosen) for name in good]
        verdict = [
            any(one[name].verdict != first[name].verdict for one in chosen) for name in good
        ]
        texts, verdicts = FlipRate.of(text), FlipRate.of(verdict)
        assert texts is not None and verdicts is not None  # good is not empty
        examples = [
            _example(name, first[name], next(one[name] for one in chosen
                                             if one[name].said != first[name].said))
            for name, differs in zip(good, text, strict=True)
            if differs
        ]  # fmt: skip
        examples.sort(key=lambda one: one.verdicts[0] == one.verdicts[1])
        yield Flips(
            against=way, passes=len(chosen), text=texts, verdict=verdicts, examples=examples[:3]
        )


def _example(name: str, first: ProbedAnswer, other: ProbedAnswer) -> FlipExample:
    one, two = "\n".join(first.said or ()), "\n".join(other.said or ())
    size = min(len(one), len(two))
    at = next((place for place in range(size) if one[place] != two[place]), size)
    begin = max(0, at - 30)
    return FlipExample(
        id=name,
        at=at,
        first=one[begin : at + 50],
        other=two[begin : at + 50],
        verdicts=(first.verdict, other.verdict),
    )
