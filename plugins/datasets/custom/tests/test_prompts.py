"""The prompts exactly as they are sent, beside this file; made anew with
AISBENCH_UPDATE_SNAPSHOTS=1."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, Prompt, Sample
from aisbench_plugin_custom.dataset import Custom
from aisbench_plugin_custom.settings import CustomSettings
from aisbench_plugin_custom.templates import (
    RowChat,
    RowChatSettings,
    RowText,
    RowTextSettings,
)

HERE = Path(__file__).parent
DATA = HERE / "data"


def custom(name: str) -> Custom:
    return Custom(CustomSettings(path=DATA / name, examples=DATA / "examples.jsonl"))


def template(variant: str, **texts: Any) -> RowChat | RowText:
    made: Any = {**custom("questions.jsonl").variants()[variant].prompt, **texts}
    made["stop"] = tuple(made.get("stop", ()))
    if variant == "chat":
        return RowChat(RowChatSettings(**made))
    return RowText(RowTextSettings(**made))


def show(prompt: Prompt) -> str:
    if prompt.messages is None:
        body = f"{prompt.text}|end of prompt|"
    else:
        body = "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in prompt.messages)
    return f"{body}\n\nstop: {list(prompt.stop)!r}\n"


CASES: dict[str, Any] = {
    "questions-chat": ("questions.jsonl", "chat", 0),
    "questions-chat-shots": ("questions.jsonl", "chat", 2),
    "questions-text": ("questions.jsonl", "text", 0),
    "questions-text-shots": ("questions.jsonl", "text", 2),
    "choices-chat": ("choices.csv", "chat", 0),
    "choices-text": ("choices.csv", "text", 0),
    "chats-chat": ("chats.jsonl", "chat", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_the_prompts_are_as_recorded(case: str) -> None:
    name, variant, count = CASES[case]
    shots: Sequence[Sample] = custom(name).examples()[:count]
    shown = "----\n".join(
        show(template(variant).render(sample, shots)) for sample in custom(name).samples()
    )
    file = HERE / "snapshots" / f"{case}.txt"
    if os.environ.get("AISBENCH_UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    assert {file.stem for file in (HERE / "snapshots").iterdir()} == set(CASES)


def test_variants_need_no_file(tmp_path: Path) -> None:
    assert list(Custom(CustomSettings(path=tmp_path / "nowhere.jsonl")).variants()) == [
        "chat",
        "text",
    ]


def test_a_chat_is_no_text_and_shows_no_examples() -> None:
    (sample, _) = custom("chats.jsonl").samples()
    with pytest.raises(DataError, match="is a chat, and the backend continues plain strings"):
        template("text").render(sample, ())
    with pytest.raises(DataError, match="no few-shot examples"):
        template("chat").render(sample, custom("questions.jsonl").examples())


def test_the_suite_s_system_text_is_for_rows_without_one() -> None:
    samples = custom("questions.jsonl").samples()
    chat, text = template("chat", system="All."), template("text", introduction="All.")
    for sample, wanted in zip(samples, ("All.", "Be brief.", "All."), strict=True):
        assert (chat.render(sample, ()).messages or ())[0].content == wanted
        assert str(text.render(sample, ()).text).startswith(f"{wanted}\n\nQuestion: ")
    chats = [chat.render(sample, ()).messages for sample in custom("chats.jsonl").samples()]
    assert [(one or ())[0].content for one in chats] == ["You know tides.", "All."]


def test_any_column_can_be_named() -> None:
    sample = custom("questions.jsonl").samples()[0]
    made = template("chat", user="{context}: {{{question}}}").render(sample, ())
    assert (made.messages or ())[0].content == "Zoology: {How many legs has a spider?}"
    with pytest.raises(DataError, match=r"names \{kontext\}, which sample row-0") as caught:
        template("chat", user="{kontext}").render(sample, ())
    assert "context" in caught.value.hint


def test_an_example_without_an_answer_is_told() -> None:
    samples = custom("questions.jsonl").samples()
    with pytest.raises(DataError, match=r"names \{answer\}, which sample last"):
        template("chat").render(samples[0], samples[2:])
