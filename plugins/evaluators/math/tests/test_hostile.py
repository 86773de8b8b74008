"""Answers that would run, or take forever, where text is evaluated or work is unbounded."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import Answer, Sample, Score, Verdict
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

EVALUATOR = MathEvaluator(MathSettings())
QUICK = settings(deadline=None, max_examples=50)
SECONDS = 5.0
"""Far more than any answer takes, for slow machines."""
CODE = (
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "eval(compile('1','','eval'))",
    "open('/etc/passwd').read()",
    'exec("import os")',
    "[x for x in ().__class__.__base__.__subclasses__()]",
    "lambda: 0",
    "5 if __import__('os') else 6",
    "f'{__import__(\"os\")}'",
    "\\operatorname{__import__}(os)",
    "\\mathrm{eval}(1)",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "(1).__class__",
    "5;import os",
    "5\\text{'); __import__('os')}",
    "x.__class__ = 5",
    "2**2**2**2**2**2",
    "0x10 + 0b11",
    "1_000",
)
LONG = (
    "9^{9^{9^9}}", "2^{2^{2^{2^{2^2}}}}", "1.5^{576460752303423488}", "(1+i)^{576460752303423488}",
    "\\sin(10^{10^{10}})", "e^{e^{e^{e^e}}}", "\\pi^{\\pi^{\\pi^{\\pi}}}", "100000!",
    "(((9!)!)!)!", "\\binom{10^9}{10^8}", "x^{x^{x^{x^x}}}", "(x+1)^{100000}",
    "\\lfloor 10^{400}\\pi \\rfloor",
    "1e99999999", "10^{-999999999}", "\\sqrt[1000]{x}", "(1000000.5)!",
    "\\gcd(10^{3000}, 10^{2999})",
    "{" * 500 + "1" + "}" * 500, "(" * 300 + "1" + ")" * 300, "\\frac{1}{" * 200 + "1" + "}" * 200,
    "-" * 500 + "1", "2*" + "-" * 500 + "1", "1" + "!" * 300, "1" + "%" * 300, "2^" * 300 + "2",
    "2^{" * 200 + "2" + "}" * 200, "\\sqrt" * 300 + "2", "\\frac" * 300, "\\sin" * 200 + "x",
    "1/" * 250 + "1", "1+" * 700 + "1", "1," * 700 + "1", "9" * 1400, "0." + "9" * 1400,
    "|" * 99 + "x" + "|" * 99, "\\begin{pmatrix}" * 60 + "1", "\\{" * 200 + "\\}" * 200,
    "(1,2)\\cup" * 120 + "(3,4)", "x<1 or " * 100 + "x>2", "\\pm 1" * 40, "a=" * 300 + "b",
    "\\boxed{" * 100 + "5" + "}" * 100, "\\text{" * 300 + "x" + "}" * 300, "\\left(" * 500,
    "\\tan(\\tan(\\tan(\\tan(\\tan x))))" * 12, ", ".join(f"\\sin({n}x)" for n in range(90)),
    "1:" * 300 + "1", "5_" * 300 + "5", "3{,}" * 400 + "3", "1\\," * 400 + "1", "\\dot" * 400,
)  # fmt: skip
TARGETS = ("5", "x+1", "[0,1)", "3, 5", "\\text{east}", "2x+y=3")


def judged(target: str, text: str) -> Score:
    answer = Answer.of(text)
    return EVALUATOR.score(Sample(id="s", target=target), answer)


@pytest.mark.parametrize("inside", CODE + LONG)
def test_nothing_takes_long_and_nothing_is_right(inside: str) -> None:
    for text in (f"\\boxed{{{inside}}}", f"The answer is {inside}", f"${inside}$"):
        for target in TARGETS if inside in CODE else TARGETS[1:4]:
            begin = time.process_time()
            score = judged(target, text)
            assert time.process_time() - begin < SECONDS, (target, text[:80])
            nested = inside.startswith(("\\boxed", "{", "(", "5"))
            assert nested or score.verdict is not Verdict.RIGHT, (target, text[:80], score)


def test_a_value_that_is_not_computed_says_so() -> None:
    score = judged("5", "\\boxed{9^{9^{9^9}}}")
    assert (score.verdict, score.extracted) == (Verdict.UNPARSED, None)
    assert "too long" in score.reason
    assert judged("9^{9^{9^9}}", "\\boxed{9^{9^{9^{9}}}}").verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "text",
    [
        "\\boxed{" * 20_000, "$" * 50_000, "\\boxed{5}" * 5_000, "(" * 50_000,
        "the answer is " * 5_000, "\\[" * 20_000, "a" * 200_000, "1 " * 100_000, "答案" * 50_000,
        "\\boxed{" + "{}" * 30_000 + "}",
    ],
)  # fmt: skip
def test_long_texts_are_read_in_linear_time(text: str) -> None:
    begin = time.process_time()
    judged("5", text)
    assert time.process_time() - begin < 3 * SECONDS


_PIECES = st.lists(
    st.sampled_from(
        [
            "\\boxed{",
            "\\frac",
            "\\sqrt",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "\\{",
            "\\}",
            "^",
            "_",
            ",",
            ".",
            ";",
            ":",
            "+",
            "-",
            "*",
            "/",
            "=",
            "<",
            ">",
            "|",
            "!",
            "%",
            "$",
            "&",
            "'",
            "\\text{",
            "\\\\",
            "x",
            "1",
            "23",
            "0.5",
            "\\pi",
            "\\infty",
            "\\cup",
            "\\in",
            "\\le",
            "\\pm",
            "\\circ",
            "\\sin",
            "\\log",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "\\overline{3}",
            "and",
            "or",
            "the",
            "answer",
            "is",
            "not",
            "答案是",
            "，",
        ]
    ),
    max_size=40,
)


@QUICK
@given(pieces=_PIECES, target=st.sampled_from(TARGETS))
def test_any_pieces_of_latex_get_a_score(pieces: list[str], target: str) -> None:
    for text in ("".join(pieces), " ".join(pieces), "\\boxed{" + " ".join(pieces) + "}"):
        assert judged(target, text).verdict in (Verdict.RIGHT, Verdict.WRONG, Verdict.UNPARSED)


_WATCHED = """
import sys
from aisbench.api import Prompt, Response, Sample, Answer
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

texts = sys.stdin.read().split("\\x00")
evaluator = MathEvaluator(MathSettings())

def judge(text):
    for target in ("5", "x+1", "[0,1)"):
        evaluator.score(
            Sample(id="s", target=target),
            Answer.of(text),
        )

for text in ("\\\\boxed{\\\\sin x + \\\\sqrt 2}", "The answer is 5.", "x<1 or x>2"):
    judge(text)

def watch(event, arguments):
    if event in ("compile", "exec", "import", "open") or event.split(".")[0] in (
        "subprocess", "socket", "os", "shutil", "ctypes", "marshal", "pickle"
    ):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(watch)
for text in texts:
    judge(text)
print("quiet")
"""


@pytest.mark.not_quick
def test_no_text_is_compiled_run_imported_or_opened() -> None:
    texts = [
        text
        for inside in CODE + LONG
        for text in (f"\\boxed{{{inside}}}", f"The answer is {inside}")
    ]
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED],
        input="\0".join(texts),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == "quiet", done.stderr[-1000:]
