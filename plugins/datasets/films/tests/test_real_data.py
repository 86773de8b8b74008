"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from aisbench.api import DataError, open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
DATA = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="no published rows; set AISBENCH_SHARED to the folder of data2",
    ),
]


def test_rows_of_videomme() -> None:
    rows = open_dataset("videomme", {"path": str(DATA / "videomme")}).samples()
    assert [one.part for one in rows] == ["short", "short", "short", "medium", "long"]
    assert rows[0].fields["subtitles"] == "A red square\nmoves to the right."
    assert rows[3].fields["subtitles"] == ""
    assert rows[0].fields["choices"] == ["Left.", "Right.", "Up.", "Down."]


def test_every_question_of_videobench(tmp_path: Path) -> None:
    """Rows of every kind that the files have; the films are not here, and a missing
    answer is told."""
    source = DATA / "videobench"
    settings = {"path": str(tmp_path), "parts": ["MOT"]}
    shutil.copytree(source / "Eval_QA", tmp_path / "Eval_QA")
    with pytest.raises(DataError, match=r"there is no answer/ANSWER\.json"):
        open_dataset("videobench", settings).samples()
    shutil.copytree(source / "answer", tmp_path / "answer")
    answers = json.loads((tmp_path / "answer" / "ANSWER.json").read_text())
    for file in (tmp_path / "Eval_QA").glob("*_QA_new.json"):
        rows = json.loads(file.read_text())
        name = file.name.removesuffix("_QA_new.json")
        answers.setdefault(name, dict.fromkeys(rows, "A"))
        for row in rows.values():
            film = tmp_path / row["vid_path"]
            film.parent.mkdir(parents=True, exist_ok=True)
            film.touch()
    (tmp_path / "answer" / "ANSWER.json").write_text(json.dumps(answers))
    rows = open_dataset("videobench", {"path": str(tmp_path)}).samples()
    assert len(rows) == 80
    (first,) = [one for one in rows if one.id == "MOT/test-0"]
    assert str(first.fields["asked"]).startswith(
        "How many distinct pedestrians are visible in the video?Choices: A.81 B.37 "
    )
    assert str(first.fields["asked"]).endswith(
        "\n Among the six options A, B, C, D, E, F above, the one closest to the correct answer "
        "is:"
    )
    (two,) = [one for one in rows if one.id == "NBA/test-3"]
    assert two.fields["choices"] == ["No", "Yes"]
