"""How OlympiadBench words its instruction (C. He et al. 2024, inference/code/evaluators)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_table

_KINDS = {
    "Numerical": ("a numerical value", "数值"),
    "Expression": ("an expression", "表达式"),
    "Equation": ("an equation", "方程"),
    "Interval": ("an interval", "区间"),
}


def answered(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The rows, with ``asked`` (the instruction of the row), ``text`` (its context and question)
    and ``answer``. ``part`` is a file's name without its ending, such as
    ``OE_TO_maths_en_COMP``."""
    chinese, physics = "_zh_" in part, "_physics_" in part
    for row in read_table(file):
        cells = row.cells
        answers = cells.get("final_answer")
        if not isinstance(answers, list) or not answers or not isinstance(answers[0], str):
            raise DataError(f"{row.place}: final_answer is no list of texts")
        words = [cells.get("context") if physics else "", cells["question"]]
        yield {
            **cells,
            "asked": _chinese(cells, physics) if chinese else _english(cells, physics),
            "text": "\n".join(word for word in words if word),
            "answer": ", ".join(answers),
        }


def _kinds(cells: Mapping[str, Any], language: int) -> list[str]:
    """What kinds of answers are said to be asked; none where a tuple or a reader's eye is."""
    said = str(cells.get("answer_type") or "")
    if "Tuple" in said or "Need_human_evaluate" in said:
        return []
    found = []
    for one in said.split(",") if cells.get("is_multiple_answer") else [said]:
        name = next((kind for kind in _KINDS if kind in one.split("-", 1)[0]), None)
        if name is None:
            return []
        found.append(_KINDS[name][language])
    return found if len(set(found)) > 1 else found[:1]


def _english(cells: Mapping[str, Any], physics: bool) -> str:
    several, kinds = bool(cells.get("is_multiple_answer")), _kinds(cells, 0)
    if not kinds:
        kind = ""
    elif not several:
        kind = f"The answer of The problem should be {kinds[0]}. "
    elif len(kinds) == 1:
        kind = f"The problem has multiple answers, each of them should be {kinds[0]}. "
    else:
        listed = ", ".join(kinds)
        kind = f"The problem has multiple answers, with the answers in order being {listed}. "
    box = "\\boxed{multiple answers connected with commas}" if several else "\\boxed{answer}"
    unit = ""
    if cells.get("unit"):
        box += "(unit)"
        unit = ", note that the unit of the answer should not be included in \\boxed{}"
    return (
        f"The following is an open-ended problem from an International "
        f"{'Physics' if physics else 'Math'} competition. {kind}Please calculate the answer "
        "according to the given requirements and the information provided. Please use LaTeX "
        "format to represent the variables and formulas used in the solution process and results. "
        f'Please end your solution with "So the final answer is {box}." and give the result '
        f"explicitly{unit}."
    )


def _chinese(cells: Mapping[str, Any], physics: bool) -> str:
    several, kinds = bool(cells.get("is_multiple_answer")), _kinds(cells, 1)
    if not kinds:
        kind = ""
    elif not several:
        kind = f"，答案类型为{kinds[0]}"
    elif len(kinds) == 1:
        kind = f"，题目有多个答案，答案类型均为{kinds[0]}"
    else:
        kind = f"，题目有多个答案，答案类型分别为{'、'.join(kinds)}"
    box = "\\boxed{用英文逗号连接的多个答案}" if several else "\\boxed{答案}"
    unit = ""
    if cells.get("unit"):
        box += "(单位)"
        unit = "，注意答案的单位不要放在\\boxed{}中"
    return (
        f"以下是中国{'物理' if physics else '数学'}竞赛中的解答题{kind}。请根据题目的要求和"
        "所提供的信息计算得出答案。解答过程和结果中使用的变量和公式请使用LaTeX格式表示。"
        f"请在最后以“所以最终答案是{box}。”显式给出结果{unit}。"
    )
