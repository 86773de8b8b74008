"""The demo's problems: enough of them, varied, and their arithmetic right."""

from __future__ import annotations

import ast
import json
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_gsm8k import demo
from aisbench_plugin_gsm8k.demo import Gsm8kDemo

FOLDER = Path(demo.__file__).parent
ROWS = [
    json.loads(line)
    for name in ("train", "test")
    for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(node: ast.expr) -> Fraction:
    if isinstance(node, ast.BinOp):
        operation = OPERATIONS[type(node.op)]
        return Fraction(operation(calculate(node.left), calculate(node.right)))
    if isinstance(node, ast.UnaryOp):
        assert isinstance(node.op, ast.USub)
        return -calculate(node.operand)
    assert isinstance(node, ast.Constant)
    return Fraction(str(node.value))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["question"][:30])
def test_every_annotation_is_right_and_the_last_is_the_answer(row: dict[str, str]) -> None:
    solution, _, final = row["answer"].rpartition("#### ")
    steps = re.findall(r"<<([^=]+)=([^>]+)>>([-0-9.,]*[0-9])", solution)
    assert len(steps) == solution.count("<<")
    for expression, result, shown in steps:
        assert calculate(ast.parse(expression, mode="eval").body) == Fraction(result)
        assert Fraction(shown.replace(",", "")) == Fraction(result)
    assert Fraction(final.replace(",", "")) == Fraction(steps[-1][1])


def test_there_are_enough_rows_without_a_path() -> None:
    dataset = Gsm8kDemo()
    assert len(dataset.samples()) >= 24
    assert len(dataset.examples()) == 8
    assert all(file.is_file() for file in dataset.files())


def test_no_row_is_there_twice() -> None:
    assert len({row["question"] for row in ROWS}) == len(ROWS)


def test_the_answers_are_varied() -> None:
    targets = [Fraction(str(sample.target)) for sample in Gsm8kDemo().samples()]
    assert sum(target < 0 for target in targets) >= 2
    assert sum(target.denominator > 1 for target in targets) >= 2
    assert sum(target >= 1000 for target in targets) >= 4
