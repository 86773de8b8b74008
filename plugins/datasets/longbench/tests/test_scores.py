"""Answers of each task as the authors' metrics.py scores them (THUDM/LongBench, 2e00731)."""

from __future__ import annotations

import time

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict
from aisbench_plugin_longbench.rouge import rouge_l
from aisbench_plugin_longbench.scores import score

CLASSES = ["Place", "Person", "Person or group", "Number"]


def value(part: str, answer: str, *references: str) -> float:
    fields = {"all_classes": CLASSES}
    sample = Sample(id="s", part=part, target=list(references), fields=fields)
    return score(sample, Answer.of(answer)).value


@pytest.mark.parametrize(
    ("part", "answer", "references", "expected"),
    [
        ("narrativeqa", "The captain, Mara Lund.", ["Mara Lund", "Captain Lund"], 0.8),
        ("qasper", "No", ["yes"], 0.0),
        ("multifieldqa_zh", "是蜜蜂", ["蜜蜂。"], 2 / 3),
        ("triviaqa", "\nHoney bees\n\nPassage: and so on", ["Bees", "Honey bees"], 1.0),
        ("hotpotqa", "Honey bees\n\nPassage: and", ["Honey bees"], 2 / 3),
        ("trec", "Person or group\nNumber", ["Person"], 0.5),
        ("trec", "Person", ["Person or group"], 0.0),
        ("trec", "Person or group", ["Person or group"], 1.0),
        ("lsht", "the Place", ["Place"], 1.0),
        ("passage_count", "7 or 12 of 7", ["7"], 2 / 3),
        ("passage_count", "There are 17.", ["7"], 0.0),
        ("passage_retrieval_en", "Paragraph 3, and not 4", ["Paragraph 3"], 0.5),
        ("passage_retrieval_zh", "答案是：段落27。", ["段落27"], 1.0),
        ("lcc", "```python\n    return hours\n```", ["    return hour"], 0.97),
        ("repobench-p", "# leave\n        leave()\n", ["        leave()"], 1.0),
        ("samsum", "The ferry leaves at six.\nDialogue: more", ["The ferry leaves at six."], 1.0),
        ("gov_report", "At six a ferry leaves. Bees.", ["A ferry leaves at six. Bees."], 0.5),
        ("dureader", "渡轮六点出发", ["渡轮在六点出发。"], 0.75),
        ("vcsum", "...", ["会议讨论了渡轮。"], 0.0),
    ],
)
def test_answers(part: str, answer: str, references: list[str], expected: float) -> None:
    assert value(part, answer, *references) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("part", "answer"),
    [("hotpotqa", " \n"), ("trec", "\n\nnothing\nPlace"), ("passage_count", "three"),
     ("passage_retrieval_zh", "不知道")],
)  # fmt: skip
def test_answers_that_hold_none(part: str, answer: str) -> None:
    sample = Sample(id="s", part=part, target=["段落7"], fields={"all_classes": CLASSES})
    found = score(sample, Answer.of(answer))
    assert (found.value, found.verdict) == (0.0, Verdict.UNPARSED)
    assert found.reason


def test_another_task_is_an_error() -> None:
    with pytest.raises(DataError, match="'nq' is no task of LongBench"):
        value("nq", "x", "y")


def test_runaway_answers_take_no_longer_than_their_length() -> None:
    reference = " ".join(f"word{n}" for n in range(500))
    begun = time.process_time()
    assert 0 < rouge_l("word7 word9 " * 15_000, reference) < 0.1
    assert value("lcc", "x = 1" * 20_000, "x = 1") == 0.0
    assert time.process_time() - begun < 3.0
