"""Programs that would pass without being right: none does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aisbench.api import Score, Verdict
from aisbench_testkit.programs import FORGERIES, forged

pytestmark = pytest.mark.not_quick

PROMPT = "import math\n\ndef scale(x):\n    return x * 10\n\n\ndef f(values):\n"
TESTS = """
def check(candidate):
    result = candidate([3, 1, 2])
    assert result == [1, 2, 3]
    assert not result != [1, 2, 3]
    assert abs(candidate([5])[0] - 5) < 1e-6
    assert math.isclose(candidate([0.5, 0.25])[0], 0.25)
    assert candidate([]) == []

check(f)
"""
CLOSE = """
import math
def check(candidate):
    assert abs(candidate(2.0) - 4.0) < 1e-6
    assert math.fabs(candidate(3.0) - 9.0) < 1e-6
    assert candidate(4.0) - 16.0 == 0
    assert round(candidate(1.5), 3) == 2.25
check(f)
"""
TRUTHS = """
import unittest
class Suite(unittest.TestCase):
    def test_it(self):
        self.assertTrue(all(map(lambda n: f(n) == (n % 2 == 0), range(20))))
        self.assertIn(f(2), [True])
        self.assertAlmostEqual(f(3), 0)
        with self.assertRaises(ValueError):
            f('x')
unittest.main()
"""
SUITES = {"sorted": TESTS, "squared": CLOSE, "even": TRUTHS}
HONEST = {
    "sorted": "def f(values):\n    return sorted(values)\n",
    "squared": "def f(x):\n    return x * x\n",
    "even": "def f(n):\n    if isinstance(n, str): raise ValueError(n)\n    return n % 2 == 0\n",
}
MORE = {
    # The prompt's helper is the tests' own as well.
    "a helper of the prompt replaced": (
        "def scale(x):\n    return 0\ndef f(x):\n    return 0\n",
        "assert f(2) == scale(2)",
    ),
    "an operator that learns what is wanted": (
        "class Learns(float):\n    def __sub__(self, other): return 0.0\n"
        "def f(x):\n    return Learns(1)\n",
        "assert abs(f(2) - 20) < 1e-6",
    ),
    "an object that learns by arithmetic": (
        "class Learns:\n    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "def f(x):\n    return Learns()\n",
        "assert abs(20 - f(2)) < 1e-6",
    ),
    "an object that is asked what it holds": (
        "class All:\n    def __contains__(self, x): return True\n"
        "    def __iter__(self): return iter(())\n"
        "def f(x):\n    return All()\n",
        "assert 20 in f(2)",
    ),
    "a name that the tests import": (
        "import math\nmath.isclose = lambda *a, **k: True\nisclose = math.isclose\n"
        "def f(x):\n    return 'no'\n",
        "from math import isclose\nassert isclose(f(2), 20)",
    ),
    "a builtin by the program's name": (
        "def sorted(x): return [20]\ndef len(x): return 1\ndef f(x):\n    return [1]\n",
        "assert sorted(f(2)) == [20] and len(f(2)) == 1",
    ),
    "a bare except": (
        "import os\ndef f(x):\n    os._exit(0)\n",
        "try:\n    assert f(2) == 20\nexcept:\n    pass",
    ),
    "an error that tests expect, of a dead program": (
        "import os\ndef f(x):\n    os.kill(os.getpid(), 9)\n",
        "try:\n    f(2)\nexcept BaseException:\n    pass\nelse:\n    assert False",
    ),
    "a function of the tests that is looked into": (
        "def f(call):\n    for name in ('__globals__', '__closure__', '__code__', '__self__'):\n"
        "        if getattr(call, name, None): return 20\n"
        "    return call.__class__.__name__\n",
        "assert f(lambda: 20) == 20",
    ),
    "a time that runs out in a child": (
        "import os, time\ndef f(x):\n    os.fork()\n    return 19\n",
        "assert f(2) == 20",
    ),
}

WIRE = (
    "import sys\nwire = sys.modules['inside.channel']\n"
    "def send(tree):\n"
    "    channel.Channel().send(['value'], channel.text_of({'v': tree}))\n"
    "    __import__('time').sleep(9)\n"
)
UNJUDGED = {
    # Tests that cannot be run are nobody's fault; a program must not make them such.
    "a coroutine that is handed back": (
        "async def f(x):\n    return x\n",
        "assert f(f(2)) == 2",
    ),
    "an array where there is no numpy": (
        WIRE + "sys.modules['numpy'] = None\ndef f(x):\n    send(['np', '<i8', [1], [2]])\n",
        "import sys\nsys.modules_ = setattr(sys, 'path', [])\nsys.meta_path.clear()\n"
        "assert f(2) == 20",
    ),
    "an array of records that is handed back": (
        WIRE + "def f(x):\n    send(['np', 'i4,i4', [0], []])\n",
        "assert f(f(2)) == 20",
    ),
    "an array without end": (
        WIRE + "def f(x):\n    send(['np', '<U500000000', [9], [2] * 9])\n",
        "assert f(2) == 20",
    ),
    "an error that cannot be made": (
        "class Odd(UnicodeDecodeError):\n    args = (1, [], {})\n"
        "    def __init__(self): pass\ndef f(x):\n    raise Odd\n",
        "assert f(2) == 20",
    ),
}


@pytest.mark.parametrize("how", UNJUDGED)
def test_no_program_makes_its_tests_unfit(scored: Callable[..., Score], how: str) -> None:
    """It would be left out of the figure instead of counting as wrong."""
    code, tests = UNJUDGED[how]
    assert scored(f"```python\n{code}```", tests, prompt=PROMPT).verdict is Verdict.WRONG


@pytest.mark.parametrize("how", FORGERIES)
def test_forged(scored: Callable[..., Score], how: str) -> None:
    score = scored(forged(FORGERIES[how], "f"), TESTS, prompt=PROMPT)
    assert score.verdict is Verdict.WRONG
    assert score.value == 0.0
    assert score.reason


@pytest.mark.slow
@pytest.mark.parametrize("how", FORGERIES)
@pytest.mark.parametrize("tests", [CLOSE, TRUTHS], ids=["squared", "even"])
def test_forged_for_other_tests(scored: Callable[..., Score], tests: str, how: str) -> None:
    assert scored(forged(FORGERIES[how], "f"), tests, prompt=PROMPT).verdict is Verdict.WRONG


@pytest.mark.parametrize("how", MORE)
def test_forged_for_their_tests(scored: Callable[..., Score], how: str) -> None:
    code, tests = MORE[how]
    assert scored(f"```python\n{code}```", tests, prompt=PROMPT).verdict is Verdict.WRONG


@pytest.mark.parametrize("name", SUITES)
def test_honest(scored: Callable[..., Score], name: str) -> None:
    """The same tests pass a program that is right."""
    score = scored(HONEST[name], SUITES[name], prompt=PROMPT)
    assert score.verdict is Verdict.RIGHT, score.reason
