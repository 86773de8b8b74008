"""Programs on inputs, read in all ways or passed to a function."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench_plugin_code.io_tests import StdinTests, extracted
from aisbench_plugin_code.settings import StdinTestsSettings

pytestmark = pytest.mark.not_quick

Scored = Callable[..., Score]
READS = [
    "sys.stdin.read()",
    "' '.join(sys.stdin.readlines())",
    "' '.join(iter(sys.stdin.readline, ''))",
    "' '.join(sys.stdin)",
    "input() + ' ' + input()",
    "sys.stdin.buffer.read().decode()",
    "sys.stdin.buffer.readline().decode() + ' ' + sys.stdin.buffer.readline().decode()",
    "open(0).read()",
    "open('/dev/stdin').read()",
    "' '.join(__import__('fileinput').input())",
    "__import__('os').read(0, __import__('os').fstat(0).st_size).decode()",
]
SUMS = [{"input": f"{n} 2\n3", "output": f"{n + 5}\n", "testtype": "stdin"} for n in range(5)]
CALLS = [{"input": f"[{n}]\n2", "output": f"[{n}, 2]", "testtype": "functional"} for n in range(5)]


@pytest.fixture(scope="module")
def scored() -> Scored:
    evaluator = StdinTests(StdinTestsSettings(run_code=True, seconds=1.5))

    def score(code: str, tests: list[dict[str, str]], function: str = "") -> Score:
        fields = {
            "public_test_cases": json.dumps(tests[:1]),
            "private_test_cases": json.dumps(tests[1:]),
            "metadata": json.dumps({"func_name": function} if function else {}),
        }
        sample = Sample(id="s", fields=fields)
        evaluator.check(sample)
        return evaluator.score(sample, Answer.of(f"So:\n```python\n{code}\n```"))

    return score


@pytest.mark.parametrize("read", READS)
def test_all_ways_to_read(scored: Scored, read: str) -> None:
    score = scored(f"import sys\nprint(sum(map(int, ({read}).split())))", SUMS)
    assert (score.verdict, score.reason) == (Verdict.RIGHT, "passed 5 tests")


SUM = "print(sum(map(int, open(0).read().split())))"


@pytest.mark.parametrize(
    "code",
    [
        f"if __name__ == '__main__':\n    {SUM}",
        f"{SUM}\nimport sys\nsys.exit(1)",
        f"import threading\ndef main():\n    {SUM}\nthreading.Thread(target=main).start()",
        f"import atexit\natexit.register(lambda: {SUM})",
        f"import os\nif os.fork() == 0:\n    import time; time.sleep(60)\n{SUM}",
        # No descriptor of the judge's is open; standard error is a device.
        "import os\nfor n in range(3, 64):\n    try: other = not os.fstat(n).st_rdev\n"
        f"    except OSError: other = False\n    if other: raise SystemError(n)\n{SUM}",
        "print(Counter(a=1)['a'] + sum(map(int, stdin.read().split())) - 1)",  # the authors' names
    ],
)
def test_right(scored: Scored, code: str) -> None:
    assert scored(code, SUMS).reason == "passed 5 tests"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print(5)", "test 2: line 1 is '5', expected '6'"),
        ("n = int(open(0).read().split()[0])\nprint(n + 5 if n < 4 else 0)", "test 5: line 1 is"),
        ("print(1 / 0)", "test 1: ZeroDivisionError"),
        ("while True: pass", "test 1: took too long"),
        ("while True: print('x' * 9999)", "test 1: printed too much"),
        ("import os; os._exit(3)", "test 1: ended with exit code 3"),
        ("import os; os.kill(-1, 9)", "test 1: killed by signal 9"),
        ("import os; os.kill(os.getppid(), 9)", "test 1: killed by signal 9"),
        ("def", "test 1: SyntaxError"),
        # What an answer of the other side looks like.
        ('print(\'{"state": "ok", "out": "5", "why": ""}\')', "test 1: line 1 is"),
    ],
)  # fmt: skip
def test_wrong(scored: Scored, code: str, reason: str) -> None:
    score = scored(code, SUMS)
    assert score.verdict is Verdict.WRONG
    assert score.reason.startswith(reason), score.reason


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ("return [a[0], k]", True),
        ("return (a[0], k)", True),  # as the references know no tuples
        ("print('words'); return [float(a[0]), k]", True),
        ("self.n = getattr(self, 'n', 0) + 1; return [a[0], k]", True),
        ("return [k, a[0]]", False),
        ("return [(a[0]), [k]]", False),
        ("return {a[0], k}", False),
        ("return type('E', (list,), {'__eq__': lambda s, o: True})()", False),
        ("return type('E', (), {'__eq__': lambda s, o: True})()", False),
        ("raise ValueError", False),
        ("while True: pass", False),
        ("import os; os._exit(0)", False),
    ],
)
def test_functions(scored: Scored, body: str, right: bool) -> None:
    code = f"class Solution:\n    def f(self, a: List[int], k: int):\n        {body}"
    assert (scored(code, CALLS, "f").verdict is Verdict.RIGHT) is right


def test_where_the_function_is_not(scored: Scored) -> None:
    assert "has no attribute 'f'" in scored("class Solution:\n    pass", CALLS, "f").reason
    assert scored("def f(a, k):\n    return [a[0], k]", CALLS, "f").value == 1.0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```python\na\n```", "a"), ("a", ""), ("```\na", ""),
        ("```\na\n```\nor\n```python\nb\nc\n```\ndone", "b\nc"),
        ("```a```\nx\n```", "x"), ("  ```py\n a\n  ```", " a"),
    ],
)  # fmt: skip
def test_the_program_of_an_answer(answer: str, code: str) -> None:
    assert extracted(answer, "last-fence") == code
    assert extracted(answer, "whole") == answer.strip()


def test_samples_without_tests() -> None:
    evaluator = StdinTests(StdinTestsSettings(run_code=True))
    for fields in ({}, {"public_test_cases": "["}, {"public_test_cases": '[{"input": 1}]'}):
        with pytest.raises(DataError):
            evaluator.check(Sample(id="s", fields=fields))
