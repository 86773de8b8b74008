"""Steps between an answer and its evaluator."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from aisbench.api import Postprocessor, Sample
from aisbench_testkit.canned import ANSWERS
from aisbench_testkit.checks.prompting import SAMPLE
from aisbench_testkit.checks.trial import trial
from aisbench_testkit.checks.unchanged import unchanged

SECONDS = 5.0
"""What one answer may take, of CPU time."""


def check_postprocessor(
    make: Callable[[], Postprocessor], sample: Sample = SAMPLE, answers: Sequence[str] = ANSWERS
) -> list[str]:
    """A text or None for any answer; the same every time, by a fresh one too."""
    problems: list[str] = []
    with trial(problems, "making it"):
        one, other = make(), make()
        first: dict[str, str | None] = {}
        for text in answers:
            shown = f"process() of {text[:30]!r} ({len(text)} characters)"
            with trial(problems, shown), unchanged(problems, "process()", [sample]):
                begin = time.process_time()
                made: object = one.process(text, sample)
                if time.process_time() - begin > SECONDS:
                    problems.append(f"{shown} takes more than {SECONDS:g} s of CPU")
                if made is not None and not isinstance(made, str):
                    problems.append(f"process() returns {type(made).__name__}, not text or None")
                    return problems
                first[text] = made
        for text, made in reversed(first.items()):
            for again in (one, other):
                with trial(problems, f"process() of {text[:30]!r} again"):
                    if again.process(text, sample) != made:
                        problems.append("process() makes another text of the same answer")
    return list(dict.fromkeys(problems))
