"""Long texts of rows that stay in the run's files."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import attrs
import pytest

from aisbench.base.errors import DamageError
from aisbench.store.held import (
    LONG_TEXT,
    HeldFields,
    HeldPrompts,
    RowFile,
    at_hand,
    held_sample,
)
from aisbench.store.rows import dump_row
from aisbench.types.prompt import Message, Prompt
from aisbench.types.sample import Sample

LONG = "word " * LONG_TEXT
SAMPLE = Sample(id="a", fields={"question": "Who?", "context": LONG, "n": 1}, place="file:1")


def held(sample: Sample, tmp_path: Path) -> tuple[Sample, RowFile]:
    path = tmp_path / "rows.jsonl"
    before, line = dump_row(Sample(id="z")), dump_row(sample)
    path.write_bytes(before + line)
    file = RowFile(path)
    return held_sample(sample, file, len(before), len(line)), file


def test_a_held_sample_is_the_same_sample(tmp_path: Path) -> None:
    found, _ = held(SAMPLE, tmp_path)
    fields = found.fields
    assert isinstance(fields, HeldFields)
    assert found == SAMPLE
    assert dict(SAMPLE.fields) == fields
    assert found.place == "file:1"
    assert (list(fields), len(fields), "context" in fields) == (list(SAMPLE.fields), 3, True)
    assert {**fields} == SAMPLE.fields
    assert at_hand(fields) == {"question": "Who?", "n": 1}
    assert dump_row(found) == dump_row(SAMPLE)
    copy = pickle.loads(pickle.dumps(found))
    assert copy == SAMPLE
    assert type(copy.fields) is dict
    changed = attrs.evolve(found, target="x")
    assert changed.fields["context"] == LONG
    with pytest.raises(KeyError):
        fields["other"]


def test_what_is_short_is_not_read_again(tmp_path: Path) -> None:
    found, file = held(SAMPLE, tmp_path)
    file._last = (-1, None)
    assert found.fields["question"] == "Who?"
    assert "context" in found.fields
    assert file._last == (-1, None)


def test_what_json_changes_stays_in_memory(tmp_path: Path) -> None:
    odd = Sample(id="a", fields={"context": LONG + "\ud800"})
    assert held(odd, tmp_path)[0] is odd
    short = Sample(id="a", fields={"context": "short"})
    assert held(short, tmp_path)[0] is short


def test_a_file_that_is_replaced_is_read_as_it_was(tmp_path: Path) -> None:
    found, file = held(SAMPLE, tmp_path)
    other = tmp_path / "other"
    other.write_text("{}\n")
    other.replace(file.path)
    file._last = (-1, None)
    assert found.fields["context"] == LONG


def test_a_file_that_is_changed_is_told(tmp_path: Path) -> None:
    found, file = held(SAMPLE, tmp_path)
    file._last = (-1, None)
    size = file.path.stat().st_size
    file.path.write_bytes(b"x" * size)
    with pytest.raises(DamageError, match=r"rows.jsonl: was changed"):
        found.fields["context"]
    file.path.write_bytes(b"")
    with pytest.raises(DamageError, match=r"rows.jsonl: was cut short"):
        found.fields["context"]
    with pytest.raises(DamageError, match="cannot be read"):
        RowFile(tmp_path / "none")


def test_prompts_of_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows: list[Any] = [
        {"prompt": {"messages": [{"role": "user", "content": f"{n} {LONG}"}]}} for n in range(2)
    ]
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    path.write_bytes(b"".join(lines))
    prompts = tuple(
        Prompt(messages=(Message(role="user", content=f"{n} {LONG}"),)) for n in range(2)
    )
    short = Prompt(text="short")
    file = RowFile(path)
    found = HeldPrompts([(0, len(lines[0])), (len(lines[0]), len(lines[1])), short], file)
    assert tuple(found) == (*prompts, short)
    assert found == (*prompts, short)
    assert (found[0], found[-1], found[1:]) == (prompts[0], short, (prompts[1], short))
    assert pickle.loads(pickle.dumps(found)) == (*prompts, short)
    assert hash(found) == hash((*prompts, short))
