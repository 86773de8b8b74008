"""The prompts of each turn, for each kind of history."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, Message, Prompt, Response, Sample
from aisbench.prompting.templates import ChatSettings, ChatTemplate, TextSettings, TextTemplate
from aisbench_plugin_conversations.mtbench import MtBenchTurns
from aisbench_plugin_conversations.settings import MtBenchTurnsSettings, ShareGptSettings
from aisbench_plugin_conversations.sharegpt import ShareGpt

HERE = Path(__file__).parent
DATA = HERE / "data"


def sharegpt(**settings: Any) -> ShareGpt:
    return ShareGpt(ShareGptSettings(path=DATA / "sharegpt.json", **settings))


def first(dataset: ShareGpt | MtBenchTurns, sample: Sample, variant: str = "chat") -> Prompt:
    texts: Any = dataset.variants()[variant].prompt
    if variant == "chat":
        return ChatTemplate(ChatSettings(**texts)).render(sample, ())
    return TextTemplate(TextSettings(**texts)).render(sample, ())


def played(
    dataset: ShareGpt | MtBenchTurns,
    name: str,
    variant: str = "chat",
    prompt: Prompt | None = None,
) -> list[Prompt]:
    """The prompts when the model answers "real 0", "real 1", ..."""
    (sample,) = (one for one in dataset.samples() if one.id == name)
    play = dataset.play(sample, prompt or first(dataset, sample, variant))
    prompts = [next(play)]
    try:
        while True:
            answer = Response(text=f"real {len(prompts) - 1}", reasoning="never shown")
            prompts.append(play.send(answer))
    except StopIteration:
        return prompts


def show(prompts: list[Prompt]) -> str:
    parts = []
    for number, prompt in enumerate(prompts):
        parts.append(f"=== turn {number} {dict(prompt.generation) or ''}".rstrip())
        if prompt.messages is None:
            parts.append(f"{prompt.text}|end of prompt|")
        else:
            parts += [f"[{turn.role}] {turn.content}" for turn in prompt.messages]
    return "\n".join(parts) + "\n"


CASES: dict[str, Any] = {
    "real-chat": ("tea_0", "chat", {}),
    "recorded-chat": ("tea_0", "chat", {"history": "recorded"}),
    "last-chat": ("tea_0", "chat", {"history": "last"}),
    "real-text": ("tea_0", "text", {}),
    "system-chat": ("pilot_0", "chat", {"history": "recorded"}),
    "system-text": ("pilot_0", "text", {}),
    "tools-chat": ("row-4", "chat", {"history": "recorded"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_turns_are_as_recorded(case: str) -> None:
    name, variant, settings = CASES[case]
    shown = show(played(sharegpt(**settings), name, variant))
    file = HERE / "snapshots" / f"{case}.txt"
    if os.environ.get("AISBENCH_UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    assert {file.stem for file in (HERE / "snapshots").iterdir()} == set(CASES)


def test_the_history_holds_what_was_said() -> None:
    real = played(sharegpt(), "tea_0")
    assert [len(prompt.messages or ()) for prompt in real] == [1, 3, 5]
    assert [one.content for one in (real[2].messages or ())[1::2]] == ["real 0", "real 1"]
    recorded = played(sharegpt(history="recorded"), "tea_0")
    assert (recorded[2].messages or ())[1].content == "A smoky one, such as Lapsang."
    assert played(sharegpt(history="last"), "tea_0") == recorded[2:]


def test_turns_cuts() -> None:
    assert len(played(sharegpt(turns=2), "tea_0")) == 2
    (only,) = played(sharegpt(turns=2, history="last"), "tea_0")
    assert (only.messages or ())[-1].content == "And with snow?"


def test_each_turn_has_its_own_limit(words: str) -> None:
    settings: dict[str, Any] = {"limit_output": True, "tokenizer": words}
    prompts = played(sharegpt(**settings), "tea_0")
    assert [prompt.generation for prompt in prompts] == [
        {"max_tokens": 6},
        {"max_tokens": 1},
        {"max_tokens": 8},
    ]
    (last,) = played(sharegpt(**settings, history="last", ignore_eos=True), "tea_0")
    assert last.generation == {"max_tokens": 8, "ignore_eos": True}


def test_what_the_template_adds_stays() -> None:
    given = Prompt(
        messages=(Message(role="user", content="salted"),),
        stop=("END",),
        generation={"top_p": 0.5},
    )
    for prompt in played(sharegpt(), "tea_0", prompt=given):
        assert (prompt.messages or ())[0].content == "salted"
        assert prompt.stop == ("END",)
        assert prompt.generation == {"top_p": 0.5}


def test_a_system_text_of_the_suite_wins() -> None:
    own = Message(role="system", content="mine")
    given = Prompt(messages=(own, Message(role="user", content="May we enter?")))
    (prompt, _) = played(sharegpt(), "pilot_0", prompt=given)
    assert prompt == given


def test_token_ids_are_refused() -> None:
    with pytest.raises(DataError, match="token ids"):
        played(sharegpt(), "tea_0", prompt=Prompt(tokens=(1, 2)))


def mtbench(**settings: Any) -> MtBenchTurns:
    return MtBenchTurns(MtBenchTurnsSettings(path=DATA / "question.jsonl", **settings))


def test_mtbench_questions() -> None:
    samples = mtbench().samples()
    assert [sample.id for sample in samples] == ["1", "2", "3"]
    assert [sample.target for sample in samples] == [None, ["42", "21"], ["56", ""]]
    assert samples[1].fields["category"] == "math"
    prompts = played(mtbench(), "2")
    assert [one.content for one in prompts[1].messages or ()] == [
        "What is 12 + 30?",
        "real 0",
        "Take half of it.",
    ]
    assert len(played(mtbench(turns=1), "2")) == 1


def test_mtbench_with_recorded_answers(words: str) -> None:
    made = mtbench(
        answers=DATA / "answers.jsonl", history="recorded", limit_output=True, tokenizer=words
    )
    assert [sample.id for sample in made.samples()] == ["1", "2"]
    prompts = played(made, "2")
    assert [prompt.generation for prompt in prompts] == [{"max_tokens": 3}, {"max_tokens": 4}]
    assert (prompts[1].messages or ())[1].content == "It is 42."
    assert made.files() == [DATA / "question.jsonl", Path(words), DATA / "answers.jsonl"]


@pytest.mark.parametrize("history", ["recorded", "last"])
def test_mtbench_needs_answers_for_a_recorded_history(history: str) -> None:
    with pytest.raises(DataError, match="needs recorded answers") as caught:
        mtbench(history=history).samples()
    assert "answers" in caught.value.hint
    with pytest.raises(DataError, match="needs recorded answers"):
        mtbench(history=history).files()


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        ('{"turns": ["a"]}', "", ":1: no question_id"),
        ('{"question_id": 1, "turns": []}', "", ":1: turns is not a list of texts"),
        ('{"question_id": 1, "turns": ["a", 2]}', "", ":1: turns is not a list of texts"),
        (
            '{"question_id": 1, "turns": ["a", "b"]}',
            '{"question_id": 1, "choices": [{"turns": ["x"]}]}',
            "question 1 has 2 turns, and its answer 1",
        ),
        (
            '{"question_id": 1, "turns": ["a"]}',
            '{"question_id": 1, "choices": []}',
            r":1: choices\[0\].turns is not a list of texts",
        ),
    ],
)
def test_mtbench_faults(tmp_path: Path, question: str, answer: str, message: str) -> None:
    (tmp_path / "question.jsonl").write_text(question)
    answers = tmp_path / "answers.jsonl" if answer else None
    if answers:
        answers.write_text(answer)
    with pytest.raises(DataError, match=message):
        MtBenchTurns(MtBenchTurnsSettings(path=tmp_path, answers=answers)).samples()
