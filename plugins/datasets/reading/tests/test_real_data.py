"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import ast
import json
import os
import tarfile
from pathlib import Path

import pytest

from aisbench.api import Answer, Sample, open_dataset
from aisbench_plugin_text.drop import DropEvaluator, DropSettings
from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings
from aisbench_plugin_text.f1 import F1Evaluator, F1Settings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_question_of_drop_loads() -> None:
    samples = open_dataset("drop", {"path": str(SHARED / "data" / "drop")}).samples()
    assert len(samples) == 19
    evaluator = DropEvaluator(DropSettings())
    for one in samples:
        said = Answer.of(str(one.fields["target"]))
        assert evaluator.score(one, said).value == 1.0, one.id
        assert evaluator.score(one, Answer.of("an owl")).value == 0.0, one.id


def test_drop_as_simple_evals_scored_it() -> None:
    """Ten answers of a model with the figures of its run: exact match 0.9, F1 90."""
    folder = SHARED / "data2" / "simple_evals_outputs"
    published = json.loads((folder / "drop.metrics.json").read_text(encoding="utf-8"))
    evaluator = DropEvaluator(DropSettings())
    exact, f1 = [], []
    for line in (folder / "drop.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        wanted = ast.literal_eval(row["correct_answer"]) if row["correct_answer"] else []
        score = evaluator.score(Sample(id="s", target=wanted), Answer.of(row["output"]))
        exact.append(score.measures["exact match"].value / 100)
        f1.append(score.measures["f1"].value)
    assert sum(exact) / len(exact) == pytest.approx(published["em_score"])
    assert sum(f1) / len(f1) == pytest.approx(published["f1_score"])


def test_every_question_of_triviaqa_loads(tmp_path: Path) -> None:
    with tarfile.open(SHARED / "data" / "triviaqa" / "triviaqa-sample.tgz") as archive:
        for part in ("web", "wikipedia"):
            for split in ("dev", "train"):
                archive.extract(f"qa/{part}-{split}.json", tmp_path, filter="data")
    dataset = open_dataset("triviaqa", {"path": str(tmp_path)})
    samples = dataset.samples()
    assert {one.part for one in samples} == {"web", "wikipedia"}
    evaluator = ExactEvaluator(ExactSettings(normalise="triviaqa"))
    for one in [*samples, *dataset.examples()]:
        names: list[str] = list(one.target)  # type: ignore[arg-type]
        assert one.fields["Answer"]["Value"] in names  # type: ignore[index,call-overload]
        for name in names:
            said = Answer.of(name.upper().replace(" ", "_"))
            assert evaluator.score(one, said).value == 1.0, (one.id, name)


def test_triviaqa_in_two_columns() -> None:
    path = str(SHARED / "data2" / "triviaqa")
    samples = open_dataset("triviaqa-csv", {"path": path}).samples()
    assert len(samples) == 200
    assert all(isinstance(one.target, list) and one.target for one in samples)


@pytest.mark.parametrize(("name", "rows"), [("squad", 5), ("squad2", 6)])
def test_every_question_of_squad_loads(name: str, rows: int, tmp_path: Path) -> None:
    version = "v2.0" if name == "squad2" else "v1.1"
    text = (SHARED / "data" / "squad" / f"dev-{version}.json").read_text(encoding="utf-8")
    made = json.loads(text)
    # A test file of a library, of which two questions have one id.
    questions = [one for part in made["data"][0]["paragraphs"] for one in part["qas"]]
    for number, one in enumerate(questions):
        one["id"] = f"{one['id']}-{number}"
    (tmp_path / f"dev-{version}.json").write_text(json.dumps(made), encoding="utf-8")
    samples = open_dataset(name, {"path": str(tmp_path)}).samples()
    assert len(samples) == rows
    evaluator = F1Evaluator(F1Settings(normalise="squad"))
    for one in samples:
        said = "unanswerable" if one.fields.get("is_impossible") else str(one.fields["target"])
        assert evaluator.score(one, Answer.of(said)).value == 1.0, one.id


def test_every_passage_of_lambada_loads() -> None:
    samples = open_dataset("lambada", {"path": str(SHARED / "data" / "lambada")}).samples()
    assert len(samples) == 500
    for one in samples:
        assert one.fields["text"] == f"{one.fields['context']} {one.fields['last']}"
        assert one.target == one.fields["last"] and not str(one.target).isspace()
