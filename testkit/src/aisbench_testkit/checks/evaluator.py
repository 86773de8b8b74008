"""Evaluators: a score for every answer, the same whenever it is asked for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence

import attrs
from attrs import frozen

from aisbench.api import (
    Answer,
    DataError,
    Evaluator,
    FinishReason,
    JsonValue,
    Response,
    Sample,
    Score,
    TogetherEvaluator,
    Verdict,
)
from aisbench_testkit.canned import ANSWERS
from aisbench_testkit.checks.trial import NotChecked, told, trial
from aisbench_testkit.checks.unchanged import unchanged

TARGETS: tuple[JsonValue, ...] = ("18", "A", 18, ["A"], ["18"], {"answer": "18"}, True)
SECONDS = 5.0
"""What one answer may take; a thousand times what any needs."""


@frozen(kw_only=True)
class Gold:
    """An answer with the verdict that it deserves, and the extracted answer where it matters."""

    target: JsonValue
    answer: str
    verdict: Verdict
    extracted: str | None = None
    finish_reason: FinishReason = FinishReason.STOP


def transcript(text: str, finish: FinishReason = FinishReason.STOP) -> Answer:
    """One turn, answered with ``text``."""
    return Answer.of_response(Response(text=text, finish_reason=finish), prompt="?")


def check_together(evaluator: TogetherEvaluator) -> list[str]:
    """An evaluator of all answers at once survives that there are none; what else it does, its own
    tests say."""
    problems: list[str] = []
    with trial(problems, "score_together() without answers"):
        try:
            scores = evaluator.score_together((), ())
        except DataError:
            return problems
        if len(scores):
            problems.append(f"score_together() gives {len(scores)} scores of no answers")
    return problems


def sample_for(evaluator: Evaluator) -> Sample:
    """A sample whose target the evaluator takes. Raises NotChecked if none of TARGETS is."""
    for target in TARGETS:
        sample = Sample(id="test-0", fields={"question": "?"}, target=target)
        try:
            evaluator.score(sample, transcript("18"))
        except DataError:
            continue
        return sample
    raise NotChecked(
        "needs a sample with a target of its own form",
        give="[tool.aisbench.check.NAME] target = ..., fields = { ... }",
    )


def check_answers(
    make: Callable[[], Evaluator], sample: Sample, answers: Sequence[str] = ANSWERS
) -> list[str]:
    """A valid score for each, twice the same, by a fresh evaluator too, in any order."""
    problems: list[str] = []
    with trial(problems, "making the evaluator"):
        one, other = make(), make()
        first: dict[tuple[int, FinishReason], Score] = {}
        cases = [
            (index, finish)
            for index in range(len(answers))
            for finish in (FinishReason.STOP, FinishReason.LENGTH)
        ]
        for index, finish in cases:
            text = answers[index]
            with trial(problems, f"scoring {text[:30]!r} ({len(text)} characters)"):
                begin = time.process_time()  # a busy machine is nobody's fault
                with unchanged(problems, "score()", [sample]):
                    score = one.score(sample, transcript(text, finish))
                if time.process_time() - begin > SECONDS:
                    problems.append(
                        f"scoring {text[:30]!r} ({len(text)} characters) takes more than "
                        f"{SECONDS:g} s of CPU: look for regular expressions that backtrack"
                    )
                problems += check_score(score, text)
                first[index, finish] = score
        for index, finish in reversed(cases):
            if (index, finish) not in first:
                continue
            text = answers[index]
            with trial(problems, f"scoring {text[:30]!r} again"):
                for evaluator in (one, other):
                    if evaluator.score(sample, transcript(text, finish)) != first[index, finish]:
                        problems.append(f"scoring {text[:30]!r} again gives another score")
    return list(dict.fromkeys(problems))


ODD_TARGETS: tuple[JsonValue, ...] = (
    "", " ", "?", "maybe", "1e999", "nan", "\ufffd", True, -1, 0.1, 10**30, [], [None], [""],
    ["A", None], [[]], {}, {"answer": None}, {"": [{}]},
)  # fmt: skip
"""What references may be in files that somebody else wrote."""


def check_references(evaluator: Evaluator, sample: Sample) -> list[str]:
    """What ``check`` lets pass can be scored; what it refuses, it refuses with a sentence."""
    problems: list[str] = []
    check = getattr(evaluator, "check", None)
    with trial(problems, "check() of a sample that it takes"):
        if check is not None:
            check(sample)
    for target in ODD_TARGETS:
        odd = attrs.evolve(sample, target=target)
        if check is not None:
            try:
                check(odd)
            except DataError as error:
                if not error.message.strip():
                    problems.append(f"check() refuses the target {target!r} without a sentence")
                continue
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                problems.append(f"check() of the target {target!r} raises {told(error)}")
                continue
        for text in ("18", ""):
            try:
                evaluator.score(odd, transcript(text))
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                problems.append(
                    f"score() raises {told(error)} for the target {target!r}, "
                    + ("which check() lets pass" if check else "and there is no check()")
                    + ": it must be known before a request is sent"
                )
                break
    return problems


_GIVEN = (Verdict.RIGHT, Verdict.WRONG, Verdict.UNPARSED, Verdict.GRADED, Verdict.UNJUDGED)
"""Core alone gives the others."""


def check_score(score: object, text: str) -> list[str]:
    """Value and verdict agree."""
    what = f"the score of {text[:30]!r}"
    if not isinstance(score, Score):
        return [f"{what} is {type(score).__name__}, not Score"]
    problems = [f"{what} has the {odd}" for odd in _odd_numbers(score)]
    if score.verdict not in _GIVEN:
        problems.append(f"{what} has the verdict {score.verdict.value!r}, which core alone gives")
    elif _contradicts(score):
        problems.append(f"{what} is {score.verdict.value} with the value {score.value:g}")
    extracted: object = score.extracted
    if score.verdict is Verdict.UNPARSED and (score.value or extracted is not None):
        problems.append(f"{what} is unparsed, yet has a value or an extracted answer")
    if extracted is not None and not isinstance(extracted, str):
        problems.append(f"{what} has an extracted answer that is not text")
    return problems


def _odd_numbers(score: Score) -> Iterator[str]:
    """Values outside of 0..1, and measures that cannot be averaged."""
    values = {"value": score.value}
    values.update({f"reading {name!r}": one.value for name, one in score.readings.items()})
    for name, value in values.items():
        if not math.isfinite(value) or not 0 <= value <= 1:
            yield f"{name} {value!r}, not in 0..1"
    for name, measure in score.measures.items():
        if not math.isfinite(measure.value) or not measure.weight >= 0:
            yield f"measure {name!r} = {measure!r}"


def _contradicts(score: Score) -> bool:
    """Whether the verdict may not have this value."""
    if score.verdict is Verdict.GRADED:
        return False
    if score.verdict is Verdict.RIGHT:
        return score.value == 0
    return score.value == 1 or (score.verdict is Verdict.UNJUDGED and bool(score.value))


def check_gold(
    evaluator: Evaluator, gold: Sequence[Gold], sample: Sample | None = None
) -> list[str]:
    """Answers whose verdict the author knows; ``sample`` has the fields that they need."""
    base = sample or Sample(id="test-0", fields={"question": "?"})
    problems: list[str] = []
    for one in gold:
        with trial(problems, f"scoring {one.answer!r}"):
            score = evaluator.score(
                attrs.evolve(base, target=one.target),
                transcript(one.answer, one.finish_reason),
            )
            if score.verdict is not one.verdict:
                problems.append(
                    f"{one.answer!r} for {one.target!r} is {score.verdict.value}, "
                    f"not {one.verdict.value} ({score.reason})"
                )
            if one.extracted is not None and score.extracted != one.extracted:
                problems.append(
                    f"{one.answer!r}: {score.extracted!r} is extracted, not {one.extracted!r}"
                )
            problems += check_score(score, one.answer)
    return problems
