"""Evaluators: a right answer is worth more than a wrong one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aisbench.api import DataError, Evaluator, JsonValue, Sample, Verdict
from aisbench_testkit.checks.evaluator import Gold, transcript
from aisbench_testkit.checks.trial import NotChecked, trial

_FORMS = (
    "{}", "The answer is {}.", "#### {}", "\\boxed{{{}}}", "Answer: {}", "({})", "[[{}]]",
)  # fmt: skip
"""Ways to say an answer, of which each kind of evaluator reads some."""


def another(target: JsonValue) -> str | None:
    """An answer that is wrong for ``target``, in its form; None where none is known."""
    text = said(target)
    if text is None:
        return None
    if text.isdigit():
        return str(int(text) - 1) if int(text) else "7"
    if len(text) == 1 and text.isalpha():
        return chr(ord(text) + 1) if text.upper() != "Z" else "A"
    return "zebra 4711"


def said(target: JsonValue) -> str | None:
    """How a model says ``target``; None for references that are no answer themselves."""
    if isinstance(target, list) and target:
        return said(target[0])
    if isinstance(target, bool) or not isinstance(target, (str, int, float)):
        return None
    return str(target).strip() or None


def pairs(target: JsonValue) -> Iterator[tuple[str, str]]:
    """A right answer and a wrong one, in several forms."""
    right, wrong = said(target), another(target)
    if right is not None and wrong is not None:
        for form in _FORMS:
            yield form.format(right), form.format(wrong)


def check_right_above_wrong(
    evaluator: Evaluator, sample: Sample, gold: Sequence[Gold] = ()
) -> list[str]:
    """In no form is the wrong answer worth more, and in some the right one is. Raises NotChecked
    when no answer is known that the evaluator takes for right."""
    problems: list[str] = []
    proven, always = False, []
    with trial(problems, "score()"):
        for right, wrong in pairs(sample.target):
            try:
                good = evaluator.score(sample, transcript(right))
                bad = evaluator.score(sample, transcript(wrong))
            except DataError:
                continue
            if bad.value > good.value:
                problems.append(
                    f"{wrong!r} is worth {bad.value:g} for the target {sample.target!r}, and "
                    f"{right!r} {good.value:g}: right answers must not be below wrong ones"
                )
            proven |= good.value > bad.value
            if good.verdict is bad.verdict is Verdict.RIGHT:
                always.append(wrong)
    if not problems and not proven and always:
        problems.append(f"{always[0]!r} is right for the target {sample.target!r}, as anything is")
    if problems:
        return problems[:2]
    known = {one.verdict for one in gold}
    if not proven and not {Verdict.RIGHT, Verdict.WRONG} <= known:
        raise NotChecked(
            f"no answer is known that is right for the target {sample.target!r}",
            give='gold = [{ answer = "...", verdict = "right" }, { answer = "...", verdict = '
            '"wrong" }]',
        )
    return []
