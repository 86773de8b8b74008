"""A judge of edited pictures: what it is asked, and what is made of what it says."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import (
    Answer,
    ContentPart,
    DataError,
    Media,
    Message,
    Prompt,
    Response,
    Sample,
    Verdict,
)
from aisbench_plugin_vision.viescore import EditJudge, EditSettings, rating
from aisbench_testkit.canned import PICTURE

SAMPLE = Sample(id="train-1", fields={"instruction": "Make it blue"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "edited").mkdir()
    (tmp_path / "edited" / "1.png").write_bytes(base64.b64decode(PICTURE))
    (tmp_path / "outside.png").write_bytes(base64.b64decode(PICTURE))
    return tmp_path


def _answer(text: str) -> Answer:
    shown = ContentPart(media=Media(kind="image", path="before.png"))
    return Answer.of(text, prompt=Prompt(messages=(Message(role="user", content=(shown,)),)))


def _judge(folder: Path, **settings: Any) -> EditJudge:
    return EditJudge(EditSettings(judge="critic", edited=folder / "edited", **settings))


def test_the_judge_sees_both_pictures_and_then_the_edited_one(folder: Path) -> None:
    first, second = _judge(folder).questions(SAMPLE, _answer("1.png"), None)
    after = str(folder / "edited" / "1.png")
    assert [one.path for one in first.media] == ["before.png", after]
    assert [one.path for one in second.media] == [after]
    assert first.words.startswith("You are a professional digital artist.")
    assert first.words.endswith("Editing instruction: Make it blue")
    assert "naturalness" in second.words
    plain = _judge(folder, context="none").questions(SAMPLE, _answer("1.png"), None)
    assert plain[0].words.startswith("RULES:")


@pytest.mark.parametrize("said", ["../outside.png", "2.png", "", "I cannot do that. " * 99, "\0"])
def test_an_answer_names_a_picture_in_the_folder(folder: Path, said: str) -> None:
    with pytest.raises(DataError, match="names no picture in"):
        _judge(folder).questions(SAMPLE, _answer(said), None)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ('{"score" : [7, 9], "reasoning" : "of [1, 2] parts"}', 7),
        ("```json\n{'score': [10, 8.5]}\n```", 8.5),
        ("output score = [3, 4]", 3),
        ("Better [2, 2]? No: [6, 5]", 5),
        ("[11, 4]", None),
        ("[5]", None),
        ("nine", None),
        ("", None),
    ],
)
def test_ratings_are_read(said: str, value: float | None) -> None:
    assert rating(said) == value


def test_the_overall_score_is_the_geometric_mean_of_the_lesser_ones(folder: Path) -> None:
    judge = _judge(folder)
    says = [Response(text="score = [9, 4]"), Response(text="[9, 10]")]
    score = judge.conclude(SAMPLE, _answer("1.png"), [says, [Response(text="?")] * 2])
    assert score.value == pytest.approx(0.6)
    measures = {name: one.value for name, one in score.measures.items()}
    assert measures == {"G_SC": 4, "G_PQ": 9, "G_O": 6, "unreadable judgements": 50}
    none = judge.conclude(SAMPLE, _answer("1.png"), [[Response(text="?")] * 2])
    assert none.verdict is Verdict.UNPARSED
    with pytest.raises(DataError, match="no text in its field 'instruction'"):
        judge.check(Sample(id="a"))
