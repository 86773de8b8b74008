"""Requests of a sample: keys by content, seeds, turns."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit_fakes import GOOD, plan_of

from aisbench.base.errors import DataError
from aisbench.conversation.asking import conversations_of, each_choice
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.keys import derive_seed, prompt_parts, request_key
from aisbench.conversation.playing import LightPlay
from aisbench.conversation.prepare import Rows
from aisbench.stages.preflight import check_prompts
from aisbench.types.media import Media
from aisbench.types.prompt import Choice, ContentPart, Message, Prompt
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.sample import Sample

SAMPLE = Sample(id="gsm8k/7", fields={"question": "1+1?"})


def answer(talk: Conversation, response: Response) -> None:
    talk.take(response)
    talk.play()


def conversation(**changes: Any) -> Conversation:
    """A conversation of one turn."""
    values: dict[str, Any] = {
        "sample": SAMPLE,
        "repeat": 1,
        "model": "qwen",
        "identity": {"backend": "chatty", "settings": {"echo": True}},
        "generation": {"temperature": 0.5, "stop": ["a"]},
        "stream": True,
        "seed": 42,
        "turns": None,
        "next_prompt": Prompt(text="1+1?", stop=("\n",)),
    }
    return Conversation(**{**values, **changes})


# -- stored runs are resumed by these values: a change of one makes every old answer stale


def test_seeds_are_the_same_in_every_process() -> None:
    assert derive_seed(42, "gsm8k/7", 1, 0) == 1258719534


def test_keys_are_the_same_in_every_process() -> None:
    parts = ["s", 0, 1, "m", {"b": 1, "a": 2}, [None, ["x"]]]
    assert request_key(parts) == "ab5deab24aec164449a839446dcb5a8d"
    assert conversation().request().key == KEY


KEY = "01a41f7c42f57f1bf2b5d2fc15af3a9b"


def test_the_request_says_what_is_asked() -> None:
    request = conversation().request()
    assert request.sample_id == "gsm8k/7"
    assert (request.repeat, request.turn, request.model) == (1, 0, "qwen")
    assert request.prompt == Prompt(text="1+1?", stop=("\n",))
    assert request.generation == {"temperature": 0.5, "stop": ["a"]}
    assert request.stream is True
    assert request.seed == derive_seed(42, "gsm8k/7", 1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"sample": attrs.evolve(SAMPLE, id="gsm8k/8")},
        {"repeat": 2},
        {"model": "llama"},
        {"identity": {"backend": "texty", "settings": {"echo": True}}},
        {"identity": {"backend": "chatty", "settings": {}}},
        {"generation": {"temperature": 0.6, "stop": ["a"]}},
        {"generation": {"temperature": 0.5}},
        {"generation": {}},
        {"seed": 43},
        {"next_prompt": Prompt(text="1+1? ", stop=("\n",))},
        {"next_prompt": Prompt(text="1+1?")},
        {"next_prompt": Prompt(messages=(Message(role="user", content="1+1?"),), stop=("\n",))},
        {"prompts": [Prompt(text="earlier")]},
    ],
)
def test_every_ingredient_changes_the_key(changes: dict[str, Any]) -> None:
    assert conversation(**changes).request().key != KEY


@pytest.mark.parametrize(
    "changes",
    [
        {"stream": False},
        {"generation": {"stop": ["a"], "temperature": 0.5}},
        {"sample": attrs.evolve(SAMPLE, target="2")},
    ],
)
def test_what_cannot_change_the_answer_does_not_change_the_key(changes: dict[str, Any]) -> None:
    assert conversation(**changes).request().key == KEY


def test_roles_and_the_cut_between_messages_are_in_the_key() -> None:
    prompts = [
        Prompt(messages=tuple(Message(role=role, content=text) for role, text in turns))
        for turns in (
            [("user", "ab")],
            [("system", "ab")],
            [("user", "a"), ("user", "b")],
            [("user", "a"), ("assistant", "b")],
            [],
        )
    ]
    keys = {request_key(prompt_parts(prompt)) for prompt in [*prompts, Prompt(text="ab")]}
    assert len(keys) == 6


def test_each_choice_is_asked_behind_its_context() -> None:
    prompt = Prompt(
        text="own", choices=(" a", Choice(" b", context="other")), unconditional="?", stop=("\n",)
    )
    asked = each_choice(prompt)
    assert [(one.text, one.continuation, one.choice, one.unconditional) for one in asked] == [
        ("own", " a", 0, ""), ("other", " b", 1, ""), ("?", " a", 0, "?"), ("?", " b", 1, "?"),
    ]  # fmt: skip
    # The key is that of the words alone: answers to choices that earlier versions asked hold.
    plain = [Prompt(text=one.text, continuation=one.continuation, stop=("\n",)) for one in asked]
    assert [prompt_parts(one) for one in asked] == [prompt_parts(one) for one in plain]


def test_a_context_in_a_chat_stands_in_the_last_message() -> None:
    picture = ContentPart(media=Media(kind="image", url="http://x/a.png"))
    turns = (
        Message(role="user", content="first"),
        Message(role="user", content=(picture, ContentPart(text="own"))),
    )
    (asked,) = each_choice(Prompt(messages=turns, choices=(Choice("a", context="other"),)))
    assert asked.messages == (
        turns[0], Message(role="user", content=(picture, ContentPart(text="other"))),
    )  # fmt: skip


@given(st.integers(0), st.text(), st.integers(0, 9999), st.integers(0, 99))
@settings(deadline=None)
def test_seeds_fit_31_bits(seed: int, sample: str, repeat: int, turn: int) -> None:
    assert 0 <= derive_seed(seed, sample, repeat, turn) < 2**31


def test_seeds_differ_by_every_ingredient() -> None:
    seeds = {
        derive_seed(seed, sample, repeat, turn)
        for seed in (1, 2)
        for sample in ("a", "a/1", "1/a")
        for repeat in range(3)
        for turn in range(3)
    }
    assert len(seeds) == 2 * 3 * 3 * 3


# -- turns


def test_a_single_turn() -> None:
    talk = conversation()
    assert not talk.finished
    answer(talk, Response(text="2"))
    assert talk.finished
    assert talk.transcript.response.text == "2"
    assert talk.transcript.prompts == (Prompt(text="1+1?", stop=("\n",)),)


def test_several_turns_see_the_answers() -> None:
    def play() -> Generator[Prompt, Response, None]:
        first = yield Prompt(text="one")
        second = yield Prompt(text=f"two after {first.text}")
        assert second.text == "b"

    turns = play()
    talk = conversation(turns=LightPlay(turns), next_prompt=next(turns))
    first = talk.request()
    answer(talk, Response(text="a"))
    second = talk.request()
    assert (second.turn, second.prompt.text) == (1, "two after a")
    assert second.seed != first.seed
    assert second.key != first.key
    answer(talk, Response(text="b"))
    assert talk.finished
    assert [one.text for one in talk.transcript.prompts] == ["one", "two after a"]
    assert [one.text for one in talk.transcript.responses] == ["a", "b"]


def test_a_failed_turn_ends_the_conversation() -> None:
    def play() -> Generator[Prompt, Response, None]:
        yield Prompt(text="one")
        yield Prompt(text="never")

    turns = play()
    talk = conversation(turns=LightPlay(turns), next_prompt=next(turns))
    answer(talk, Response(fault=Fault(kind=FaultKind.CUT, message="cut")))
    assert talk.finished
    assert len(talk.transcript.responses) == 1


# -- of a task


def rows(text: str) -> tuple[Any, Rows]:
    """The task of a suite and its rows."""
    (task,) = plan_of(text).tasks
    dataset = task.dataset.dataset
    return task, Rows(samples=dataset.samples(), examples=dataset.examples(), checksums={})


def test_a_picture_that_is_gone_in_a_later_turn_fails_its_sample_alone(tmp_path: Path) -> None:
    gone = ContentPart(media=Media(kind="image", path=str(tmp_path / "gone.png")))

    def play() -> Generator[Prompt, Response, None]:
        yield Prompt(messages=(Message(role="user", content="first"),))
        yield Prompt(messages=(Message(role="user", content=(gone,)),))

    talk = conversation(
        turns=LightPlay(play(), "data set 'talks'"), next_prompt=None, playing=True
    )
    talk.play()
    talk.request()
    answer(talk, Response(text="ok"))
    assert talk.finished
    assert talk.broken is not None
    assert "data set 'talks' fails" in talk.broken.message
    assert "gone.png" in talk.broken.message


def test_a_picture_that_is_gone_in_the_first_turn_is_told_before_a_run(tmp_path: Path) -> None:
    gone = ContentPart(media=Media(kind="image", path=str(tmp_path / "gone.png")))

    def play() -> Generator[Prompt, Response, None]:
        yield Prompt(messages=(Message(role="user", content=(gone,)),))

    talk = conversation(turns=LightPlay(play()), next_prompt=None, playing=True)
    talk.play()
    assert talk.broken is None
    with pytest.raises(DataError, match=r"gone\.png"):
        talk.request()


def test_all_samples_come_before_the_next_repeat() -> None:
    task, chosen = rows(GOOD + "repeats = 2\n")
    talks = list(conversations_of(task, chosen, "the-model", 7))
    assert [(talk.repeat, talk.sample.id) for talk in talks] == [
        (0, "0"), (0, "1"), (0, "2"), (1, "0"), (1, "1"), (1, "2"),
    ]  # fmt: skip
    requests = [talk.request() for talk in talks]
    assert len({request.key for request in requests}) == 6
    assert len({request.seed for request in requests}) == 6
    assert {request.model for request in requests} == {"the-model"}
    assert len(requests[0].prompt.messages or ()) == 9


def test_keys_do_not_depend_on_what_else_is_asked() -> None:
    def keys(text: str) -> set[str]:
        return {talk.request().key for talk in conversations_of(*rows(text), "m", 7)}

    one = keys(GOOD)
    assert one < keys(GOOD + "repeats = 2\n")
    assert one == keys(GOOD.replace("[models.m1]", "[models.renamed]"))
    assert one == keys(GOOD.replace("[datasets", "concurrency = 1\n[datasets"))
    assert one.isdisjoint(keys(GOOD.replace("[datasets", "echo = true\n[datasets")))
    assert one.isdisjoint(keys(GOOD + "generation = { temperature = 1.0 }\n"))
    assert one.isdisjoint(keys(GOOD + "shots = 1\n"))


def test_dialogues_are_played() -> None:
    text = GOOD.replace('"sums"\npath = "sums.jsonl"', '"talks"')
    (talk,) = conversations_of(*rows(text), "m", 7)
    assert isinstance(talk, Conversation)
    talk.play()
    assert talk.request().prompt.messages == (Message(role="user", content="hello"),)
    answer(talk, Response(text="hi"))
    assert talk.request().prompt.text == "You said hi. Why?"
    answer(talk, Response(text="so"))
    assert talk.finished


def test_prompts_that_ask_for_a_refused_setting_are_told_before_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_of(GOOD)
    chosen = {"d1": rows(GOOD)[1]}
    check_prompts(plan, chosen)
    for key, refused in (("best_of", True), ("max_tokens", False)):
        prompt = Prompt(text="1+1?", generation={key: 3})
        monkeypatch.setattr(
            "aisbench.conversation.asking.rendered", lambda *_, prompt=prompt: prompt
        )
        if not refused:
            check_prompts(plan, chosen)
            continue
        with pytest.raises(DataError, match=r"ask for generation\.best_of.* refuses") as caught:
            check_prompts(plan, chosen)
        assert caught.value.hint == "use repeats"
