"""One evaluator for all tests: what it needs is found out once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aisbench.api import Answer, Sample, Score
from aisbench.sandbox import Limits
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import PythonTestsSettings

Scored = Callable[..., Score]


@pytest.fixture(scope="session")
def evaluator() -> PythonTests:
    return PythonTests(PythonTestsSettings(run_code=True, limits=Limits(seconds=3.0)))


@pytest.fixture(scope="session")
def scored(evaluator: PythonTests) -> Scored:
    """The score of an answer: ``scored(answer, tests, name="f", prompt="")``."""

    def score(answer: str, tests: str, name: str = "f", prompt: str = "") -> Score:
        fields = {"prompt": prompt, "entry_point": name, "tests": tests}
        return evaluator.score(Sample(id="s", fields=fields), Answer.of(answer))

    return score
