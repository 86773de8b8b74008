"""A whole run: pictures from a folder, judged by a model that was told what to say."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

import aisbench
from aisbench.api import AisbenchError, Figure, open_dataset
from aisbench_plugin_gedit.edited import EditedPictures, EditedSettings
from aisbench_testkit.canned import PICTURE

ROWS = [
    ("color_alter", "en", "k-1", "Make the car blue", True),
    ("color_alter", "cn", "k-2", "把汽车变成蓝色", True),
    ("ps_human", "en", "k-3", "Remove the beard", False),
]
SAYS = {"k-1": ("[9, 4]", "[9, 10]"), "k-2": ("no idea", "[8, 8]")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = {"bytes": base64.b64decode(PICTURE), "path": None}
    names = ("task_type", "instruction_language", "key", "instruction", "Intersection_exist")
    rows = [dict(zip(names, row, strict=True)) | {"input_image": picture} for row in ROWS]
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "train-00000-of-00001.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    for task, language, key, *_ in ROWS[:2]:
        home = tmp_path / "edited" / task / language
        home.mkdir(parents=True)
        for name in (f"{key}.png", f"{key}_SRCIMG.png"):
            (home / name).write_bytes(base64.b64decode(PICTURE))
    return tmp_path


def test_as_the_hub_has_it(folder: Path) -> None:
    """Arrow streams, which `save_to_disk` of `datasets` writes."""
    plain = _samples(folder)
    (file,) = (folder / "data").iterdir()
    table = pyarrow.parquet.read_table(file)
    file.unlink()
    with pyarrow.ipc.new_stream(folder / "data-00000-of-00001.arrow", table.schema) as stream:
        stream.write_table(table)
    read = _samples(folder)
    assert [one.id for one in read] == [one.id for one in plain]
    assert [one.fields["input_image"]["!media"]["row"] for one in read] == [0, 1, 2]


def test_a_run(folder: Path) -> None:
    judged = folder / "judged.jsonl"
    ids = {one.id.rpartition("-k")[2]: one.id for one in _samples(folder)}
    lines = []
    for key, turns in SAYS.items():
        sample = ids[key.removeprefix("k")]
        lines.append({"id": f"{sample}#0#0", "turns": list(turns)})
    judged.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    suite: dict[str, Any] = {
        "suite": {"name": "edits", "output": str(folder / "outputs"), "max_failed": 1},
        "models": {
            "ours": {"backend": "edited-pictures", "folder": str(folder / "edited")},
            "critic": {"backend": "aisbench/answers", "file": str(judged), "role": "judge"},
        },
        "datasets": {
            "gedit": {
                "dataset": "gedit",
                "path": str(folder),
                "evaluation": {"judge": "critic", "edited": str(folder / "edited")},
            }
        },
    }
    result = aisbench.run(suite)
    score = next(one for one in result.scores if one.model == "ours")
    figures = {(one.part, one.name): one for one in score.figures}
    # Of three rows one was rated: O = sqrt(4 x 9) = 6; one judgement is unreadable and counts 0,
    # one picture is not there, which is the only one of its task.
    assert figures["", "accuracy"].value == pytest.approx(100 * 0.6 / 3)
    assert _value(figures, "G_SC") == 2
    assert _value(figures, "G_PQ") == 4.5
    assert _value(figures, "G_O") == 3
    assert {part for part, _ in figures} >= {"", "color_alter", "ps_human"}


def _value(figures: dict[tuple[str, str], Figure], name: str) -> float | None:
    return next(one.value for (part, kind), one in figures.items() if not part and name in kind)


def _samples(folder: Path) -> list[Any]:
    return list(open_dataset("gedit", {"path": str(folder)}).samples())


def test_pictures_are_found_by_their_key(folder: Path) -> None:
    backend = EditedPictures(EditedSettings(folder=folder / "edited"))
    assert backend.open() == "edited"
    before = backend.describe()
    twin = folder / "edited" / "ps_human"
    twin.mkdir()
    (twin / "k-1.PNG").write_bytes(base64.b64decode(PICTURE))
    other = EditedPictures(EditedSettings(folder=folder / "edited"))
    assert other.describe() != before
    with pytest.raises(AisbenchError, match="there is no folder"):
        EditedPictures(EditedSettings(folder=folder / "none")).open()
    with pytest.raises(AisbenchError, match="there are no pictures"):
        EditedPictures(EditedSettings(folder=folder / "data")).open()
