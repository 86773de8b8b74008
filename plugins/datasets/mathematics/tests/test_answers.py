"""What is read of the files' layouts, and of answers as models write them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.api import Answer, DataError, Verdict, open_dataset
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings
from aisbench_plugin_mathematics.rows import last_box

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        ("It is $\\boxed{7}$.", "7"),
        ("First $\\boxed{1}$, then $\\boxed{2}$.", "2"),
        ("$\\boxed{\\frac{1}{\\sqrt{2^{3}}}}$", "\\frac{1}{\\sqrt{2^{3}}}"),
        ("$\\boxed 6$ is it", "6"),
        ("$\\fbox{\\text{Tom}}$", "\\text{Tom}"),
        ("\\boxed{\\{1,2\\}}", "\\{1,2\\}"),
        ("no box", None),
        ("cut: $\\boxed{\\frac{1}", None),
    ],
)
def test_the_last_box(solution: str, answer: str | None) -> None:
    assert last_box(solution) == answer


def test_layouts(tmp_path: Path) -> None:
    samples = open_dataset("math", {"path": str(DATA / "math")}).samples()
    assert [(one.part, one.fields["level"], one.target) for one in samples] == [
        ("algebra", "1", "7"),
        ("algebra", "5", "\\frac{1}{2}"),
        ("counting_and_probability", "2", "\\frac{1}{4}"),
        ("precalculus", "3", "\\begin{pmatrix} 1 \\\\ \\sqrt{\\frac{8}{2}} \\end{pmatrix}"),
    ]
    (tmp_path / "math_test.csv").write_text(',Question,Answer\n0,"Why, $x$?",$x$\n')
    (row,) = open_dataset("math", {"path": str(tmp_path)}).samples()
    assert (row.part, row.fields["problem"], row.target) == ("all", "Why, $x$?", "$x$")
    (tmp_path / "test.jsonl").write_text(json.dumps({"problem": "p", "solution": "none"}))
    (tmp_path / "math_test.csv").unlink()
    with pytest.raises(DataError, match=r"test\.jsonl:1 has no answer, nor a boxed one"):
        open_dataset("math", {"path": str(tmp_path)}).samples()


def test_cells_that_are_no_texts(tmp_path: Path) -> None:
    for row, message in (
        ({"problem": {"a": 1}, "answer": "1"}, "jsonl:1: the problem is {'a': 1}, neither a text"),
        ({"problem": "p", "answer": ["1"]}, r"jsonl:1: the answer is \['1'\], neither a text"),
    ):
        (tmp_path / "aime2025.jsonl").write_text(json.dumps(row))
        with pytest.raises(DataError, match=message):
            open_dataset("aime-2025", {"path": str(tmp_path)}).samples()
    rows = [
        {"prompt": [{"content": "p", "role": "user"}], "reward_model": {"ground_truth": "1"}},
        {"prompt": [{"content": None, "role": "user"}], "reward_model": {"ground_truth": "1"}},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "dapo-math-17k.parquet")
    with pytest.raises(DataError, match="row 2 has no prompt with content"):
        open_dataset("dapo-math", {"path": str(tmp_path)}).samples()


def test_layouts_of_hugging_face(tmp_path: Path) -> None:
    row = {"problem": "p", "level": "Level 4", "type": "Number Theory", "solution": "\\boxed{7}"}
    for name, folder in (("aime-2024", "data"), ("math", "number_theory")):
        file = tmp_path / name / folder / "test-00000-of-00001.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist([{**row, "id": 60}]), file)
    (sample,) = open_dataset("aime-2024", {"path": str(tmp_path / "aime-2024")}).samples()
    assert (sample.id, sample.target) == ("test-60", "7")
    (sample,) = open_dataset("math", {"path": str(tmp_path / "math")}).samples()
    assert (sample.part, sample.fields["level"], sample.target) == ("number_theory", "4", "7")


def test_repeated_rows_are_asked_once_and_counted() -> None:
    samples = open_dataset("dapo-math", {"path": str(DATA / "dapo-math")}).samples()
    found = [(one.fields["problem"], one.target, one.fields["times"]) for one in samples]
    assert found == [("Find $30+4$.", "34", 3), ("Find $6\\cdot 9$.", "54", 1)]


MATH_ANSWERS = [
    ("$\\boxed{\\frac12}$", Verdict.RIGHT),
    ("The answer is $\\frac{1}{2}$.", Verdict.RIGHT),
    ("So $x = 0.5$.\n\n**Answer:** $x=\\dfrac{1}{2}$", Verdict.RIGHT),
    ("Answer: 1/2", Verdict.RIGHT),
    ("Final Answer: The final answer is $\\frac{1}{2}$. I hope it is correct.", Verdict.RIGHT),
    ("最终答案是 $\\boxed{\\frac{1}{2}}$。", Verdict.RIGHT),
    ("<think>\\boxed{3}</think>\n\\boxed{0.50}", Verdict.RIGHT),
    ("\\boxed{x=\\frac{1}{2}}", Verdict.RIGHT),
    ("\\[\\boxed{\\tfrac{1}{2}}\\]", Verdict.RIGHT),
    ("\\boxed{-\\frac{1}{2}}", Verdict.WRONG),
    ("\\boxed{2}", Verdict.WRONG),
    ("The roots are $\\pm\\frac12$, so \\boxed{\\pm\\frac{1}{2}}", Verdict.WRONG),
    ("\\boxed{\\frac{1}{2}, -\\frac{1}{2}}", Verdict.WRONG),
    ("I am not able to solve it.", Verdict.UNPARSED),
    ("", Verdict.UNPARSED),
]


@pytest.mark.parametrize(("text", "verdict"), MATH_ANSWERS)
def test_answers(text: str, verdict: Verdict) -> None:
    sample = open_dataset("math", {"path": str(DATA / "math")}).samples()[1]
    assert MathEvaluator(MathSettings()).score(sample, Answer.of(text)).verdict is verdict


def test_whole_numbers_of_aime() -> None:
    (first, _) = open_dataset("aime-2024", {"path": str(DATA / "aime-2024")}).samples()
    evaluator = MathEvaluator(MathSettings())
    for text, right in (("\\boxed{33}", 1), ("\\boxed{033}", 1), ("\\boxed{330}", 0)):
        assert evaluator.score(first, Answer.of(text)).value == right, text


def test_several_answers_of_olympiads() -> None:
    samples = open_dataset("olympiadbench", {"path": str(DATA / "olympiadbench")}).samples()
    two = next(one for one in samples if one.id.endswith("-2"))
    evaluator = MathEvaluator(MathSettings())
    for text, right in (("\\boxed{-3, 3}", 1), ("\\boxed{3,-3}", 1), ("\\boxed{3}", 0)):
        assert evaluator.score(two, Answer.of(text)).value == right, text
