"""Sets that are scored by their authors' rules, from answers or a judge's words to the figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from live import ROOT, Project, simulator

from aisbench.api import open_dataset

pytestmark = pytest.mark.not_quick

SETS = ROOT / "plugins" / "datasets"
MADE = {
    name: SETS / folder / "tests" / "data" / name
    for name, folder in (
        ("math", "mathematics"), ("lawbench", "exams-zh"), ("gaokao-bench", "exams-zh"),
        ("zebralogic", "zebralogic"), ("ifbench", "ifeval"), ("simpleqa", "factuality"),
        ("hle", "factuality"),
    )
}  # fmt: skip


def scored(project: Project, name: str, answers: dict[str, str]) -> dict[tuple[str, str], float]:
    rows = [{"id": key, "text": text, "model": "m"} for key, text in answers.items()]
    file = project.write("answers.jsonl", "".join(json.dumps(one) + "\n" for one in rows))
    done = project.run("score", name, "--answers", str(file), "--path", str(MADE[name]))
    assert done.code == 0, done.out + done.err
    (document,) = project.path.glob("**/results/**/*.json")
    figures = json.loads(document.read_text(encoding="utf-8"))["figures"]
    return {(one["name"], one["part"]): one["value"] for one in figures}


def samples(name: str) -> dict[str, Any]:
    return {one.id: one for one in open_dataset(name, {"path": str(MADE[name])}).samples()}


def test_math_by_subject_and_level(project: Project) -> None:
    rows = samples("math")
    answers = {key: f"\\boxed{{{one.target}}}" for key, one in rows.items()}
    wrong = next(key for key, one in rows.items() if one.fields["level"] == "5")
    found = scored(project, "math", answers | {wrong: "\\boxed{9}"})
    assert found["accuracy", ""] == 75
    assert found["accuracy", "algebra"] == 50
    assert (found["accuracy", "level 5"], found["accuracy", "level 1"]) == (0, 100)


def test_lawbench(project: Project) -> None:
    """All twenty right but one charge of two (F1 2/3); the whole is the mean of the tasks."""
    rows = samples("lawbench")
    # An entity ends with its line, and an answer of characters holds nothing else.
    answers = {key: str(one.target) for key, one in rows.items()}
    answers["2-5/zero_shot-0"] = "21万元"
    answers["2-6/zero_shot-0"] = "受害人:严某某\n被盗物品:手机"
    charge = next(key for key in rows if key.startswith("3-3/"))
    found = scored(project, "lawbench", answers | {charge: "罪名:盗窃"})
    assert found["accuracy", "3-3"] == pytest.approx(100 * 2 / 3)
    others = {part: value for (name, part), value in found.items() if name == "accuracy"}
    assert others["2-7"] == pytest.approx(100)
    assert others[""] == pytest.approx((1900 + 100 * 2 / 3) / 20)
    assert others["application"] == pytest.approx((700 + 100 * 2 / 3) / 8)


def test_gaokao_bench(project: Project) -> None:
    """Half of the six points of physics, nothing of biology's two."""
    rows = samples("gaokao-bench")
    answers = {}
    for key, one in rows.items():
        marks = "".join(f"【答案】 {letter} <eoa>\n" for letter in one.fields["answers"])
        answers[key] = marks
        if "Physics" in key:
            answers[key] = "【解析】略 【答案】 AB <eoa>"
        if "Biology" in key:
            answers[key] = "【答案】 D <eoa>"
    found = scored(project, "gaokao-bench", answers)
    points = sum(one.fields["score"] * len(one.fields["answers"]) for one in rows.values())
    assert found["points", ""] == pytest.approx(100 * (points - 3 - 2) / points)
    assert found["points", "2010-2022_Physics_MCQs"] == 50
    assert found["points", "English"] == 100


def test_zebralogic(project: Project) -> None:
    rows = samples("zebralogic")
    answers = {key: f'{{"solution": {one.target}}}' for key, one in rows.items()}
    small = next(key for key in rows if "2x2" in key)
    answers[small] = answers[small].replace("Ann", "Bob", 1)
    found = scored(project, "zebralogic", answers)
    assert found["accuracy", ""] == 50
    assert found["cell accuracy", ""] == 90
    assert found["cell accuracy", "small (2 of 8)"] == 90


def test_ifbench(project: Project) -> None:
    first, second = samples("ifbench")
    found = scored(project, "ifbench", {first: "rain,rain", second: "The Sun Of 1 day"})
    assert found["prompt-level strict", ""] == 50
    assert found["instruction-level strict", ""] == pytest.approx(100 / 3)


SUITE = """
[suite]
name = "judged"
[models.ours]
backend = "vllm-chat"
url = "{tested}"
[models.critic]
backend = "vllm-chat"
url = "{judge}"
role = "judge"
[datasets.d]
dataset = "{name}"
path = "{path}"
evaluation = {{ judge = "critic" }}
"""


@pytest.mark.parametrize(
    ("name", "says", "figures"),
    [
        ("simpleqa", "B", {"correct": 0, "incorrect": 100, "F1": 0, "not attempted": 0}),
        ("hle", "correct: yes\nconfidence: 90", {"accuracy": 100, "calibration error": 10}),
    ],
)
def test_judges(project: Project, name: str, says: str, figures: dict[str, float]) -> None:
    word = "Grade the predicted answer" if name == "simpleqa" else "extracted_final_answer"
    known = [{"question": word, "answer": says}]
    file = project.write("known.jsonl", "".join(json.dumps(one) + "\n" for one in known))
    with simulator() as tested, simulator("--answers", str(file)) as judge:
        text = SUITE.format(tested=tested.url, judge=judge.url, name=name, path=MADE[name])
        project.write("s.toml", text)
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    document = project.result("judged", "ours", "d")
    found = {one["name"]: one["value"] for one in document["figures"] if not one["part"]}
    assert {key: found[key] for key in figures} == pytest.approx(figures)
