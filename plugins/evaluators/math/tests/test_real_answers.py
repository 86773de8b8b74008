"""Published references, and real outputs with their authors' verdicts, where this checkout has
them beside it."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_math.boxes import last_box
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

pytestmark = pytest.mark.not_quick

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MATH500 = SHARED / "data" / "math500" / "test.jsonl"
MATH = SHARED / "data2" / "math" / "MATH"
SIMPLE = SHARED / "data2" / "math_simple_evals" / "math_test.csv"
QWEN = SHARED / "data2" / "math_outputs_qwen" / "math_cot_100.jsonl.gz"
AIME = (
    SHARED / "data2" / "aime2025" / "aime_2025.jsonl",
    SHARED / "data2" / "aime2026" / "aime2026.jsonl",
)
EVALUATOR = MathEvaluator(MathSettings())


def there(file: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        not file.exists(), reason=f"no {file.name}; set AISBENCH_SHARED to the folder of data"
    )


def verdict(target: str, text: str) -> Verdict:
    answer = Answer.of(text)
    return EVALUATOR.score(Sample(id="s", target=target), answer).verdict


def rewritings(reference: str) -> list[str]:
    """The same in other dress."""
    made = [
        reference,
        f" {reference} ",
        f"{reference}.",
        f"${reference}$",
        f"\\displaystyle {reference}",
        reference.replace("\\frac", "\\dfrac"),
        reference.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac"),
        reference.replace("\\left", "").replace("\\right", ""),
        re.sub(r"(?<![\\a-zA-Z])([(\[])(.*)([)\]])\Z", r"\\left\1\2\\right\3", reference),
        reference.replace("\\text{", "\\textbf{").replace("\\mbox{", "\\mathrm{"),
        re.sub(r"\\text\{([^{}]*)\}", r"\1", reference),
        re.sub(r"\\frac(\d)(\d)", r"\\frac{\1}{\2}", reference),
        re.sub(r"\\sqrt(\d)", r"\\sqrt{\1}", reference),
        re.sub(r"(?<=[\d}a-z])([+-])(?=[\d\\a-z])", r" \1 ", reference),
        re.sub(r"(?<=\d),\\!\s*(?=\d)", ",", reference),
        re.sub(r"\A\\frac\{(-?\d+)\}\{(\d+)\}\Z", r"\1/\2", reference),
        reference.replace("pmatrix", "bmatrix"),
        reference.replace("^\\circ", "^{\\circ}").replace("^{\\circ}", "°"),
        f"\\boxed{{{reference}}}",
        f"x = {reference}" if "=" not in reference and "\\in" not in reference else reference,
    ]
    return list(dict.fromkeys(made))


def references() -> list[str]:
    found: list[str] = []
    if MATH500.exists():
        found += [json.loads(line)["answer"] for line in MATH500.read_text("utf-8").splitlines()]
    if SIMPLE.exists():
        with SIMPLE.open(encoding="utf-8", newline="") as file:
            found += [row["Answer"] for row in csv.DictReader(file)]
    for file in AIME:
        if file.exists():
            lines = file.read_text("utf-8").splitlines()
            found += [str(json.loads(line)["answer"]) for line in lines if line.strip()]
    return list(dict.fromkeys(found))


@pytest.mark.skipif(not references(), reason="no published references; set AISBENCH_SHARED")
def test_references_equal_themselves_in_any_dress() -> None:
    in_any_dress(references()[::3])


@pytest.mark.slow
@pytest.mark.skipif(not references(), reason="no published references; set AISBENCH_SHARED")
def test_every_reference_equals_itself_in_any_dress() -> None:
    in_any_dress(references())


@pytest.mark.skipif(not references(), reason="no published references; set AISBENCH_SHARED")
def test_every_reference_equals_itself() -> None:
    for reference in references():
        assert verdict(reference, f"\\boxed{{{reference}}}") is Verdict.RIGHT, reference


def in_any_dress(known: list[str]) -> None:
    for reference in known:
        EVALUATOR.check(Sample(id="s", target=reference))
        for one in rewritings(reference):
            assert verdict(reference, f"\\boxed{{{one}}}") is Verdict.RIGHT, (reference, one)
            assert verdict(reference, f"Thus the answer is ${one}$.") is not Verdict.WRONG


SAME_ALL_THE_SAME = {("5", "x=5"), ("\\pi", "180^\\circ")}
"""References that differ in more than their dress, and mean the same."""
_DRESS = re.compile(
    r"\\(?:text|mbox|left|right|[dt]?frac|!)|[{}()\\ ^$,%]|circ|degrees|inches2?|dollars|pounds"
    r"|mph|cents|ways|integers|\.\Z"
)


def same_value(one: str, other: str) -> bool:
    """Whether two references that differ as texts are one number in other notation."""
    digits = [_DRESS.sub("", each) for each in (one, other)]
    return digits[0] == digits[1] or (one, other) in SAME_ALL_THE_SAME or numbers_equal(one, other)


def numbers_equal(one: str, other: str) -> bool:
    values = []
    for text in (one, other):
        fraction = re.fullmatch(r"(-?)\\[dt]?frac\s*\{?(-?\d+?)\}?\s*\{?(\d+)\}?", text)
        mixed = re.fullmatch(r"(\d+)\s*\\frac\{(\d+)\}\{(\d+)\}", text)
        plain = re.sub(r"[\\$,!%{} ]|text.*|mbox.*|\^.*", "", text)
        if mixed:
            values.append(int(mixed[1]) + int(mixed[2]) / int(mixed[3]))
        elif fraction:
            values.append(int(f"{fraction[1]}{fraction[2]}") / int(fraction[3]))
        elif re.fullmatch(r"-?\d*\.?\d+", plain):
            values.append(float(plain))
        else:
            return False
    return abs(values[0] - values[1]) < 1e-9 or abs(values[0] - 100 * values[1]) < 1e-9


def pairs_called_equal(
    known: list[str], pairs: Iterable[tuple[int, int]]
) -> list[tuple[str, str]]:
    """Pairs of references that are right for one another and do not look equal."""
    return [
        (known[one], known[other])
        for one, other in pairs
        if verdict(known[one], f"\\boxed{{{known[other]}}}") is Verdict.RIGHT
        and not same_value(known[one], known[other])
        and not same_value(known[other], known[one])
    ]


@there(MATH500)
def test_no_reference_is_right_for_another() -> None:
    known = references()
    draw = random.Random(7)
    pairs = [(draw.randrange(len(known)), draw.randrange(len(known))) for _ in range(800)]
    assert pairs_called_equal(known, pairs) == []


@pytest.mark.slow
@there(MATH500)
def test_no_reference_of_math500_is_right_for_any_other() -> None:
    known = references()[:260]
    pairs = itertools.permutations(range(len(known)), 2)
    assert pairs_called_equal(known, pairs) == []


@there(MATH)
def test_the_published_solutions_are_right() -> None:
    for file in sorted(MATH.rglob("*.json")):
        solution = json.loads(file.read_text("utf-8"))["solution"]
        target = last_box(solution)
        assert target is not None
        assert verdict(target, solution) is Verdict.RIGHT, file


@there(QWEN)
def test_outputs_with_their_authors_verdicts() -> None:
    """Of 800 the authors judge 9 otherwise: "4:30 p.m." against its reference, which they cut to
    "4:30p..", and 10000 against 10{,}000. These are right."""
    differ: Counter[tuple[str, bool, Verdict]] = Counter()
    with gzip.open(QWEN, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            for text, right in zip(row["code"], row["score"], strict=True):
                ours = verdict(row["gt"], text)
                if (ours is Verdict.RIGHT) != right:
                    differ[row["gt"], right, ours] += 1
    assert differ == {
        ("4:30p..", False, Verdict.RIGHT): 8,
        ("10{,}000", False, Verdict.RIGHT): 1,
    }
