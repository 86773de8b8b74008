"""Each task's rule, against what its authors' code gives."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict, open_dataset
from aisbench_plugin_documents.dictionaries import entries_score, stated
from aisbench_plugin_documents.ocrbench_v2 import OcrBenchV2Evaluator, OcrBenchV2Settings
from aisbench_plugin_documents.page_text import wordnet
from aisbench_plugin_documents.places import PlacedWord as Word
from aisbench_plugin_documents.places import last_box, overlap, said_words, spotting_score
from aisbench_plugin_documents.trees import steds, teds
from aisbench_testkit.answered import run_answered

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MM = SHARED / "data2" / "mm" / "ocrbench_v2"
real = pytest.mark.skipif(
    not MM.is_dir(),
    reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
)
LONGER = {
    "text translation cn", "fine-grained text recognition en", "full-page OCR en",
    "full-page OCR cn",
}  # fmt: skip
"""Tasks whose score needs WordNet."""


def _has_wordnet() -> bool:
    try:
        wordnet()
    except DataError:
        return False
    return True


def _sample(row: dict[str, Any]) -> Sample:
    fields = {name: row[name] for name in row if name not in ("answers", "predict", "score")}
    return Sample(id="a", target=row["answers"], fields=fields)


@real
@pytest.mark.slow
def test_rows_have_the_authors_scores() -> None:
    complete = _has_wordnet()
    evaluator = OcrBenchV2Evaluator(OcrBenchV2Settings(synonyms="wordnet" if complete else "none"))
    tasks = set()
    for row in json.loads((MM / "res_folder" / "own.json").read_text("utf-8")):
        if not complete and (row["type"] in LONGER or "简答" in row["question"]):
            continue
        score = evaluator.score(_sample(row), Answer.of(row["predict"]))
        assert score.value == pytest.approx(row["score"]), row
        tasks.add(row["type"])
    assert len(tasks) >= (30 if complete else 26)


@real
@pytest.mark.slow
def test_the_figures_of_a_run(tmp_path: Path) -> None:
    if not _has_wordnet():
        pytest.skip("WordNet is not installed: python -m nltk.downloader wordnet")
    shutil.copy(MM / "OCRBench_v2.tsv", tmp_path)
    said = [one["predict"] for one in json.loads((MM / "pred_folder/own.json").read_text("utf-8"))]
    run = run_answered(tmp_path, "ocrbench-v2", {"path": str(tmp_path)}, said)
    figures = {(one.part, one.name): one.value for one in run.scores[0].figures}
    assert figures["English", "accuracy"] == pytest.approx(72.2, abs=0.05)
    assert figures["Chinese", "accuracy"] == pytest.approx(65.8, abs=0.05)
    assert figures["en element parsing", "accuracy"] == pytest.approx(74.2, abs=0.05)


def test_longer_texts_need_synonyms_or_a_word() -> None:
    sample = Sample(id="a", target=["a red car"], fields={"type": "full-page OCR en"})
    without = OcrBenchV2Evaluator(OcrBenchV2Settings(synonyms="none"))
    without.check(sample)
    assert 0.6 < without.score(sample, Answer.of("a red car")).value < 1
    if not _has_wordnet():
        with pytest.raises(DataError, match="needs WordNet"):
            OcrBenchV2Evaluator(OcrBenchV2Settings()).check(sample)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "juggling"}, "no task of OCRBench v2"),
        ({"type": "text spotting en", "bbox": [[1, 2]], "content": ["x"]}, "bbox holds"),
        ({"type": "text spotting en"}, "no lists of one length"),
        ({"type": "key information extraction en"}, "no object of keys and values"),
    ],
)
def test_rows_that_cannot_be_scored_are_told(changes: dict[str, Any], why: str) -> None:
    evaluator = OcrBenchV2Evaluator(OcrBenchV2Settings())
    with pytest.raises(DataError, match=why):
        evaluator.check(Sample(id="a", target=["x"], fields=changes))


def test_layouts(tmp_path: Path) -> None:
    samples = open_dataset("ocrbench-v2", {"path": str(Path(__file__).parent / "data")}).samples()
    by_task = {one.part: one for one in samples}
    assert by_task["text grounding en"].target == [100, 100, 300, 200]
    assert by_task["text recognition en"].fields["eval"] == ""
    assert by_task["science QA en"].fields["eval"] == "multiple choice"
    assert by_task["key information extraction en"].target == [
        {"company": ["ACME Ltd", "ACME"], "total": ["12.50"]}
    ]
    row = {"id": 7, "type": "math QA en", "question": "?", "answers": ["4"], "image_path": "a.png"}
    (tmp_path / "OCRBench_v2.json").write_text(json.dumps([row]), encoding="utf-8")
    (sample,) = open_dataset("ocrbench-v2", {"path": str(tmp_path)}).samples()
    assert str(sample.fields["image"]["!media"]["address"]).endswith("a.png")  # type: ignore[index, call-overload]


def _table(*rows: str) -> str:
    inside = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<html><body><table>{inside}</table></body></html>"


def test_tables_as_trees() -> None:
    one = _table("<td>a</td><td>b</td>", "<td>1</td><td>2</td>")
    assert teds(one, one) == 1
    # One letter of one cell of six nodes.
    assert teds(_table("<td>a</td><td>b</td>", "<td>1</td><td>3</td>"), one) == 1 - 1 / 6
    assert (
        teds(_table("<td>a</td><td>b</td>", "<td>1</td><td>3</td>"), one, structure_only=True) == 1
    )
    assert teds(_table("<td>a</td><td>b</td>"), one) == 1 - 3 / 6
    assert teds("no table", one) == 0
    assert teds(_table("<td colspan=x>a</td>"), one) == 0
    assert teds(_table(*["<td>a</td>"] * 2000), one) == 0


def test_pages_as_trees() -> None:
    page = "# One\nLine\n# Two\nOther"
    assert steds(page, page) == 1
    assert steds("# One\nAnother line\n# Two\nOther", page) == 1  # lines are alike
    assert steds("# One\nLine", page) == 1 - 2 / 6
    assert steds("\n", "\n") < 1  # a blank line is unlike any


def test_entries_are_read_however_they_are_written() -> None:
    wanted = {"company": ["ACME Ltd", "ACME"], "total": "12.50"}
    for said in (
        '```json\n{"company": "acme", "total": "12.50"}\n```',
        "{'company': 'ACME ltd', 'total': 12.50}".replace("12.50", "'12.50'"),
        "company: ACME\ntotal = 12.50",
    ):
        assert entries_score(stated(said), wanted) == 1, said
    assert entries_score(stated('{"company": "x", "more": 1}'), wanted) == 0
    assert stated("[1, 2]") == {}
    assert stated("a " * 50_000) == {}


def test_words_with_boxes() -> None:
    wanted = [Word((10, 10, 110, 60), "HELLO!"), Word((200, 200, 300, 260), "###")]
    assert spotting_score(said_words('[[10,10,110,60,"hello"]]'), wanted) == 1
    # What nobody need read counts neither way.
    both = '[[10,10,110,60,"hello"],[205,205,290,250,"x"]]'
    assert spotting_score(said_words(both), wanted) == 1
    assert spotting_score(said_words("(10,10,110,60,help) [1,1,1,1,x]"), wanted) == 0
    assert said_words("nothing [1,2]") == []
    assert said_words("[[1, 2, 3000, 4, 'x']]") == []
    assert last_box("[1,2,3,4] then (5, 6, 7, 8), [1,2,3,1001]") == (5, 6, 7, 8)
    assert overlap([0, 0, 10, 10], [5, 0, 15, 10]) == pytest.approx(1 / 3)
    assert overlap([0, 0, "x", 1], [0, 0, 1, 1]) == 0


def test_an_empty_answer_is_none() -> None:
    evaluator = OcrBenchV2Evaluator(OcrBenchV2Settings())
    sample = Sample(id="a", target=["x"], fields={"type": "math QA en"})
    assert evaluator.score(sample, Answer.of(" ")).verdict is Verdict.UNPARSED
