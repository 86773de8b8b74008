"""Labels from the workers' lines to columns of requests.parquet, and back."""

from __future__ import annotations

from array import array
from pathlib import Path

import orjson
import pyarrow.parquet
import pytest
from documents import load_document

from aisbench.base.errors import DamageError
from aisbench.store.recording.columns import ABSENT, FIELDS
from aisbench.store.recording.conversion import convert
from aisbench.store.recording.documents import write_document
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.recording.writer import RecordingWriter
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample


def recorded(path: Path, workers: list[tuple[list[dict[str, str]], list[int]]]) -> LoadFolder:
    """A load whose workers wrote these sets of labels, and requests with these numbers of them."""
    path.mkdir()
    for worker, (sets, numbers) in enumerate(workers):
        recorder = RecordingWriter(path, worker)
        for labels in sets:
            recorder.add_labels(orjson.dumps(labels) + b"\n")
        for number in numbers:
            values = {**dict.fromkeys(FIELDS, ABSENT), "labels": number, "reads": 0}
            recorder.add([values[name] for name in FIELDS], array("q"))
        recorder.close()
    folder = LoadFolder(path)
    write_document(folder.load_json, load_document(state="interrupted"))
    return folder


def test_the_sets_of_all_workers_become_columns(tmp_path: Path) -> None:
    both = {"group": "a", "prompt kind": "code"}
    folder = recorded(
        tmp_path / "load",
        [
            ([both, {"group": "b"}], [1, 0, ABSENT, 0]),
            ([{"group": "b"}, dict(reversed(both.items()))], [0, 1, 1]),
            ([], [ABSENT]),
        ],
    )
    convert(folder, 0, {})
    found = read_recording(folder)
    groups = found.labels["group"]
    told = [groups.values[code] if code != ABSENT else None for code in groups.codes]
    assert told == ["b", "a", None, "a", "b", "a", "a", None]
    assert list(found.columns["labels"]) == [1, 0, ABSENT, 0, 1, 0, 0, ABSENT]
    table = pyarrow.parquet.read_table(folder.requests).to_pydict()
    assert table["label.prompt kind"] == [
        None, "code", None, "code", None, "code", "code", None,
    ]  # fmt: skip
    assert not list(folder.path.glob("labels-*"))


def test_labels_that_are_gone_are_damage(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "load", [([{"group": "a"}], [0, 1])])
    with pytest.raises(DamageError, match=r"labels-0.jsonl: is damaged: it holds 1 sets"):
        convert(folder, 0, {})


@pytest.mark.parametrize("given", [{"group": 3}, {"": "a"}, {"group": ""}, ["group"]])
def test_labels_are_words(given: object) -> None:
    with pytest.raises(ValueError, match="labels are a mapping of names to words"):
        Sample(id="1", labels=given)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="labels are a mapping of names to words"):
        Prompt(text="", labels=given)  # type: ignore[arg-type]
