"""The evaluator ``instructions``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_ifeval.arguments import problem_of
from aisbench_plugin_ifeval.checks import CHECKS, followed


class Instructions:
    """Right when every instruction was followed to the letter (prompt-level strict accuracy).

    The paper's four accuracies are measures, in percent: of prompts and of instructions, strict
    and loose.
    """

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without instructions, or with one that is not known, or
        whose arguments cannot be used."""
        _instructions(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError as ``check`` does."""
        pairs = _instructions(sample)
        text = answer.text
        strict = [followed(name, text, given) for name, given in pairs]
        loose = [followed(name, text, given, loose=True) for name, given in pairs]
        missed = [name for (name, _), done in zip(pairs, strict, strict=True) if not done]
        right = not missed
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            reason=f"not followed: {', '.join(missed)}" if missed else "",
            measures={
                "prompt-level strict": _share([right], 1),
                "instruction-level strict": _share(strict, len(pairs)),
                "prompt-level loose": _share([all(loose)], 1),
                "instruction-level loose": _share(loose, len(pairs)),
            },
        )


def _share(done: list[bool], weight: int) -> Measure:
    return Measure(value=100 * sum(done) / len(done), unit="%", weight=weight)


def _instructions(sample: Sample) -> list[tuple[str, Mapping[str, Any]]]:
    names: Any = sample.fields.get("instruction_id_list")
    given: Any = sample.fields.get("kwargs")
    if not isinstance(names, list) or not names or not isinstance(given, list):
        raise DataError(
            f"sample {sample.id} has no instructions to check",
            hint="it needs instruction_id_list, and kwargs with an object for each of them",
        )
    if len(names) != len(given):
        raise DataError(f"sample {sample.id}: {len(names)} instructions, {len(given)} kwargs")
    for name in names:
        if not isinstance(name, str) or name not in CHECKS:
            raise DataError(
                f"sample {sample.id}: the instruction {name!r} is not known",
                hint=f"known are: {', '.join(CHECKS)}",
            )
    pairs: list[tuple[str, Mapping[str, Any]]] = []
    for name, one in zip(names, given, strict=True):
        if not isinstance(one, (dict, type(None))):
            raise DataError(
                f"sample {sample.id}: the arguments of {name} are not an object: {one!r}"
            )
        known = {key: value for key, value in (one or {}).items() if value is not None}
        if problem := problem_of(name, known):
            raise DataError(
                f"sample {sample.id}: {problem}",
                hint="mend the row's kwargs, or leave the row out",
            )
        pairs.append((name, known))
    return pairs
