"""Which program an answer means, and how it ends."""

from __future__ import annotations

import pytest

from aisbench.api import (
    AisbenchError,
    DataError,
    Prompt,
    Response,
    Sample,
    Score,
    Transcript,
    Verdict,
)
from aisbench.sandbox import Limits, Outcome
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.extraction import find_program
from aisbench_plugin_code.settings import PythonTestsSettings

PROMPT = (
    "import math\n\ndef helper(x):\n    return math.floor(x)\n\n\n"
    'def twice(x: float) -> int:\n    """Twice the floor of x."""\n'
)
TESTS = "def check(f):\n    assert f(1.5) == 2\n    assert f(-0.5) == -2\n\ncheck(twice)"
SAMPLE = Sample(id="s", fields={"prompt": PROMPT, "entry_point": "twice", "tests": TESTS})
WHOLE = "def twice(x):\n    return 2 * helper(x)\n"
SETTINGS = PythonTestsSettings(run_code=True, limits=Limits(seconds=3.0))


@pytest.fixture(scope="module")
def evaluator() -> PythonTests:
    return PythonTests(SETTINGS)


def judged(evaluator: PythonTests, text: str) -> Score:
    transcript = Transcript(prompts=(Prompt(text="?"),), responses=(Response(text=text),))
    return evaluator.score(SAMPLE, transcript)


RIGHT = [
    "    return 2 * helper(x)\n",
    "    return 2 * helper(x)",
    "return 2 * helper(x)",
    f"```python\n{WHOLE}```",
    f"Here it is:\n\n```py\n{WHOLE}```\nIt doubles the floor.",
    f"```python\nimport this_is_not_used_below\n```\nno, this:\n```python\n{WHOLE}```",
    f"```python\n{WHOLE}```\nTry it:\n```python\nprint(twice(3))\n```",
    f"Sure! The function:\n\n{WHOLE}",
    f"```python\n{WHOLE}",
    f"~~~\n{WHOLE}~~~",
    f"import math\n\n{WHOLE}",
    "```\n    return 2 * helper(x)\n```",
    "if x:\n    y = x\nelse:\n    y = 0\nreturn 2 * helper(y)",
    "def twice(x):\n    return 2 * math.floor(x)\n\nprint('about to test')\n",
]
WRONG = [
    ("    return helper(x)\n", "AssertionError"),
    ("    return 2 * helper(x\n", "SyntaxError: '(' was never closed"),
    ("    while True: pass", "took too long"),
    ("    import sys; sys.exit(0)", "ended before its tests did"),
    ("    import os; os._exit(0)", "ended before its tests did"),
    ("    raise ValueError('no')", "ValueError: no"),
    ("def other(x):\n    return 1", "AssertionError"),
    ("I cannot help with that.", "IndentationError"),
    ("```python\nimport os\nos.kill(os.getpid(), 9)\n```", "killed by signal 9"),
]


@pytest.mark.parametrize("answer", RIGHT)
def test_right(evaluator: PythonTests, answer: str) -> None:
    score = judged(evaluator, answer)
    assert score.verdict is Verdict.RIGHT, (score.reason, score.extracted)


@pytest.mark.parametrize(("answer", "reason"), WRONG)
def test_wrong(evaluator: PythonTests, answer: str, reason: str) -> None:
    score = judged(evaluator, answer)
    assert score.verdict is Verdict.WRONG
    assert reason in score.reason or reason == "IndentationError"


@pytest.mark.parametrize("answer", ["", " \n ", "```python\n```"])
def test_no_code(evaluator: PythonTests, answer: str) -> None:
    assert judged(evaluator, answer).verdict is Verdict.UNPARSED


def test_the_word_at_the_end_cannot_be_printed_by_chance(evaluator: PythonTests) -> None:
    code = "    return 1\nimport sys\nprint(open('program.py').read()[-60:-30])\nsys.exit(0)\n"
    assert judged(evaluator, code).verdict is Verdict.WRONG


def test_what_a_prompt_says_before_the_function_is_kept() -> None:
    program = find_program(f"```\n{WHOLE}```", PROMPT, "twice")
    assert program is not None
    assert program.count("def helper") == 1
    assert program.count("def twice") == 1


def test_a_sample_without_tests(evaluator: PythonTests) -> None:
    transcript = Transcript(prompts=(Prompt(text="?"),), responses=(Response(text="x"),))
    with pytest.raises(DataError, match="has no text 'tests' to run"):
        evaluator.score(Sample(id="s", fields={"entry_point": "f"}), transcript)


def test_a_broken_sandbox_is_no_wrong_answer(
    evaluator: PythonTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Outcome(status="broken", detail="no memory")
    monkeypatch.setattr(type(evaluator._sandbox), "run", lambda *_, **__: broken)
    with pytest.raises(AisbenchError, match="the sandbox broke twice: no memory"):
        judged(evaluator, WHOLE)
