"""How programs end, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aisbench.api import (
    AisbenchError,
    Answer,
    DataError,
    Sample,
    Score,
    Verdict,
)
from aisbench.sandbox import Program, ProgramEnd, Sandbox
from aisbench_plugin_code.evaluator import PythonTests

pytestmark = pytest.mark.not_quick

PROMPT = (
    "import math\n\ndef helper(x):\n    return math.floor(x)\n\n\n"
    'def twice(x: float) -> int:\n    """Twice the floor of x."""\n'
)
TESTS = "def check(f):\n    assert f(1.5) == 2\n    assert f(-0.5) == -2\n\ncheck(twice)"
NOTHING = Answer.of("x")
WHOLE = "def twice(x):\n    return 2 * helper(x)\n"

RIGHT = [
    "    return 2 * helper(x)\n",
    "    return 2 * helper(x)",
    "return 2 * helper(x)",
    f"```python\n{WHOLE}```",
    f"Sure! The function:\n\n{WHOLE}",
    f"import math\n\n{WHOLE}",
    "if x:\n    y = x\nelse:\n    y = 0\nreturn 2 * helper(y)",
    "def twice(x):\n    return 2 * math.floor(x)\n\nprint('about to test')\n",
]
WRONG = [
    ("    return helper(x)\n", "AssertionError (line 2 of the tests: assert f(1.5) == 2)"),
    ("    return 2 * helper(x\n", "SyntaxError: '(' was never closed"),
    ("    while True: pass", "took too long"),
    ("    import time\n    time.sleep(60)", "took too long"),
    ("    import sys; sys.exit(0)", "SystemExit: 0"),
    ("    import os; os._exit(0)", "ended before its tests did"),
    ("    import os; os._exit(7)", "ended with exit code 7 before its tests did"),
    ("    raise ValueError('no')", "ValueError: no"),
    ("    class Odd(Exception): pass\n    raise Odd('no')", "Odd: no"),
    ("def other(x):\n    return 1", "AssertionError"),
    ("I cannot help with that.", "SyntaxError"),
    ("```python\nimport os\nos.kill(os.getpid(), 9)\n```", "killed by signal 9"),
    (f"raise KeyError(3)\n{WHOLE}", "KeyError: 3"),
    (f"```python\n{WHOLE}\nn = int(input())\n```", "EOFError"),
    ("    return [bytes(1_000_000) for _ in range(5000)]", "memory"),
    (f"```python\n{WHOLE}\nassert twice(1) == 3\n```", "AssertionError"),
]


@pytest.mark.parametrize("answer", RIGHT)
def test_right(scored: Callable[..., Score], answer: str) -> None:
    score = scored(answer, TESTS, "twice", PROMPT)
    assert score.verdict is Verdict.RIGHT, (score.reason, score.extracted)


@pytest.mark.parametrize(("answer", "reason"), WRONG)
def test_wrong(scored: Callable[..., Score], answer: str, reason: str) -> None:
    score = scored(answer, TESTS, "twice", PROMPT)
    assert score.verdict is Verdict.WRONG
    assert reason.lower() in score.reason.lower()


@pytest.mark.parametrize("answer", ["", " \n ", "```python\n```", "<|im_end|>"])
def test_no_code(scored: Callable[..., Score], answer: str) -> None:
    assert scored(answer, TESTS, "twice", PROMPT).verdict is Verdict.UNPARSED


def test_a_sample_without_tests(evaluator: PythonTests) -> None:
    with pytest.raises(DataError, match="has no text 'tests' to run"):
        evaluator.score(Sample(id="s", fields={"entry_point": "f"}), NOTHING)


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("assert f(1) == ", "cannot be run: SyntaxError"),
        ("import no_such_module_at_all\nassert f(1) == 1", "cannot be run: ModuleNotFoundError"),
        ("def test_it():\n    assert f(1) == 1", "came to their end without using the program"),
        ("import inspect\nassert 'x' in inspect.getsource(f)", "inspect.getsource in line 2"),
        (
            "from unittest.mock import patch\nwith patch('os.getcwd'):\n    f(1)",
            "patch('os.getcwd')",
        ),
        ("class Own:\n    pass\nassert f(Own())", "an object of class 'Own'"),
    ],
)
def test_tests_that_cannot_judge(scored: Callable[..., Score], tests: str, told: str) -> None:
    """Neither wrong nor right: whoever made the data is told."""
    with pytest.raises(DataError) as caught:
        scored("def f(x):\n    return x\n", tests)
    assert told in str(caught.value)
    assert caught.value.hint


def test_a_broken_sandbox_is_no_wrong_answer(
    evaluator: PythonTests, scored: Callable[..., Score], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ProgramEnd(status="broken", detail="no memory")
    monkeypatch.setattr(type(evaluator._sandbox), "run_pair", lambda *_, **__: (broken, broken))
    with pytest.raises(AisbenchError, match="the sandbox broke twice: no memory"):
        scored(WHOLE, TESTS, "twice", PROMPT)


def test_one_that_breaks_its_sandbox_fails_alone(
    evaluator: PythonTests,
    scored: Callable[..., Score],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The sandbox works for programs that do nothing: then it is this program's doing."""
    broken = ProgramEnd(status="broken", detail="ValueError: x\n  at supervisor.py:7 in supervise")
    runs = type(evaluator._sandbox).run_pair

    def run(sandbox: Sandbox, first: Program, second: Program) -> tuple[ProgramEnd, ProgramEnd]:
        return (broken, broken) if b"helper" in first.stdin else runs(sandbox, first, second)

    monkeypatch.setattr(Sandbox, "run_pair", run)
    score = scored(WHOLE, TESTS, "twice", PROMPT)
    assert (score.verdict, score.reason) == (Verdict.WRONG, "broke its sandbox: ValueError: x")
    assert "at supervisor.py:7 in supervise" in caplog.text
    assert scored("def f(x):\n    return x\n", "assert f(1) == 1").verdict is Verdict.RIGHT


def test_an_answer_that_cannot_be_read_fails_alone(
    scored: Callable[..., Score],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("aisbench_plugin_code.evaluator.find_programs", fails)
    score = scored(WHOLE, TESTS, "twice", PROMPT)
    assert (score.value, score.verdict) == (0.0, Verdict.UNPARSED)
    assert "RecursionError: too deep" in score.reason
    assert "Traceback" in caplog.text


def test_a_name_with_blanks_in_the_data(scored: Callable[..., Score]) -> None:
    assert scored("def f(x):\n    return x\n", "assert f (1) == 1", " f ").value == 1.0
