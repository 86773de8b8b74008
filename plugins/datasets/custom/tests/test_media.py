"""Pictures, sounds and films of a file of the user's, and rows as AISBench writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, Frames, FrameSettings, Media, Prompt
from aisbench_plugin_custom.rows import read_samples
from aisbench_plugin_custom.settings import CustomColumns
from aisbench_plugin_custom.templates import RowChat, RowChatSettings

CHAT = RowChatSettings(user="{question}", choice="{question}\n{options}")


def prompts(
    folder: Path, *rows: dict[str, Any], settings: RowChatSettings = CHAT, **columns: Any
) -> list[Prompt]:
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    samples = read_samples(file, "auto", CustomColumns(**columns), "row")
    return [RowChat(settings).render(one, ()) for one in samples]


def content(prompt: Prompt) -> tuple[Any, ...]:
    """Of the last turn: media, and texts."""
    assert prompt.messages is not None
    found = prompt.messages[-1].content
    return (found,) if isinstance(found, str) else tuple(one.media or one.text for one in found)


def test_rows_of_aisbench(tmp_path: Path) -> None:
    made = prompts(
        tmp_path,
        {"type": "image", "path": ["a.png", "/b.png"], "question": "Which?", "answer": "x"},
        {"type": "video", "path": ["https://a/c.mp4"], "question": "When?", "answer": "x"},
        {"type": "audio", "path": "d.wav", "question": "Who?", "answer": "x"},
        {"type": "essay", "path": ["a"], "question": "No picture?", "answer": "x"},
    )
    assert list(map(content, made)) == [
        (Media(kind="image", path=str(tmp_path / "a.png")), Media(kind="image", path="/b.png"),
         "Which?"),
        (Media(kind="video", url="https://a/c.mp4"), "When?"),
        (Media(kind="audio", path=str(tmp_path / "d.wav")), "Who?"),
        ("No picture?",),
    ]  # fmt: skip


def test_columns_of_each_kind_and_options(tmp_path: Path) -> None:
    row = {
        "question": "Which?", "A": "x", "B": "y", "answer": "B", "media": "kept",
        "pictures": ["a.png", ""], "film": "b.mp4", "sound": "",
    }  # fmt: skip
    columns = {"images": ("pictures",), "audio": ("sound",), "video": ("film",)}
    frames = FrameSettings(rate=2.0, most=4)
    settings = RowChatSettings(
        user="{question}", choice="{media}: {question}\n{options}", frames=frames, max_pixels=99
    )
    (prompt,) = prompts(tmp_path, row, settings=settings, **columns)
    picture, film, text = content(prompt)
    assert picture == Media(kind="image", path=str(tmp_path / "a.png"), max_pixels=99)
    assert film.frames == Frames(rate=2.0, most=4)
    assert text == "kept: Which?\nA. x\nB. y"
    with pytest.raises(DataError, match=r"no column 'fil', which columns\.video names"):
        prompts(tmp_path, row, video=("fil",))
