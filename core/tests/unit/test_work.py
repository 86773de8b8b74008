"""Which row a conversation asks and with which words: by number alone, in every process."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aisbench.calibration.codec import make_task
from aisbench.config.load import LoadSettings
from aisbench.load.spec import LoadSpec
from aisbench.load.work import Salt, Work, other_words
from aisbench.secrets import Redactor
from aisbench.stages.prepare import Rows
from aisbench.types.load import ClosedLoop, OpenLoop, VirtualClient
from aisbench.types.prompt import Message, Prompt
from aisbench.types.sample import Sample

COUNT = 7
TEXT = Prompt(text="How far is it to the moon and back")
CHAT = Prompt(
    messages=(Message(role="system", content="Be brief"), Message(role="user", content="Hi"))
)
IDS = Prompt(tokens=tuple(range(100, 160)))


def work(*, rows: tuple[int, ...] | None = None, nonce: str = "a", **keys: Any) -> Work:
    schedule = (
        ClosedLoop(clients=[VirtualClient()])
        if rows is None
        else OpenLoop(due_ns=[0] * len(rows), rows=rows)
    )
    return Work(
        LoadSpec(
            task=make_task("http://127.0.0.1:1", 4),
            rows=Rows(
                samples=[Sample(id=str(i)) for i in range(COUNT)], examples=(), checksums={}
            ),
            model="m",
            urls=["http://127.0.0.1:1"],
            headers={},
            settings=LoadSettings(**keys),
            schedule=schedule,
            requests=None,
            duration_ns=None,
            seed=3,
            nonce=nonce,
            folder=Path("/nowhere"),
            workers=1,
            connections=1,
            most_connections=1,
            sources=(),
            keep_answers=False,
            abort_after=1,
            session=1,
            redactor=Redactor(),
        )
    )


def order(of: Work, count: int = 3 * COUNT) -> list[int]:
    return [of.begin(number)[0] for number in range(count)]


def words(of: Work, number: int) -> str:
    messages = of.begin(number)[1].request().prompt.messages
    assert messages is not None
    return messages[0].content


def test_rows_in_their_order_again_and_again() -> None:
    assert order(work()) == list(range(COUNT)) * 3


def test_shuffled_each_round_has_each_row_once() -> None:
    found = order(work(order="shuffle"))
    rounds = [found[i : i + COUNT] for i in range(0, len(found), COUNT)]
    assert all(sorted(one) == list(range(COUNT)) for one in rounds)
    assert rounds[0] != rounds[1]
    assert order(work(order="shuffle")) == found


def test_drawn_with_replacement() -> None:
    found = Counter(order(work(order="random"), 7000))
    assert set(found) == set(range(COUNT))
    assert max(found.values()) < 1200


def test_any_process_may_begin_any_of_them() -> None:
    for how in ("rows", "shuffle", "random"):
        straight = order(work(order=how))
        backwards = work(order=how)
        assert [backwards.begin(number)[0] for number in reversed(range(3 * COUNT))] == straight[
            ::-1
        ]


def test_a_trace_names_its_rows() -> None:
    assert order(work(rows=(5, 5, 0, 6)), 4) == [5, 5, 0, 6]


def test_salted_prompts_differ_from_each_other_and_from_another_run() -> None:
    plain, first, again, other = (
        work(),
        work(salt=True),
        work(salt=True),
        work(salt=True, nonce="b"),
    )
    assert words(plain, 0) == words(plain, COUNT)
    assert words(first, 0) != words(first, COUNT)
    assert words(first, 0) == words(again, 0)
    assert words(first, 0) != words(other, 0)
    assert words(first, 0).endswith(words(plain, 0))
    assert words(first, 0)[:5] != words(first, COUNT)[:5]


def test_the_warm_up_asks_other_words_of_the_same_length() -> None:
    one = work()
    row, talk = one.warm_up(0)
    assert row == COUNT - 1
    messages = talk.request().prompt.messages
    assert messages is not None
    real = words(one, 0)
    assert messages[0].content[:8] != real[:8]
    assert sorted(messages[0].content.split(" ")[1:]) == sorted(real.split(" "))
    assert one.warm_up(COUNT)[1].request().prompt != talk.request().prompt


@given(st.sampled_from([TEXT, CHAT, IDS]), st.integers(0, 5))
def test_salt_changes_the_beginning_and_nothing_else(prompt: Prompt, repeat: int) -> None:
    salted = Salt("x").apply(prompt, repeat)
    assert salted == Salt("x").apply(prompt, repeat)
    assert salted != Salt("y").apply(prompt, repeat)
    assert salted != Salt("x").apply(prompt, repeat + 1)
    if prompt.tokens is not None:
        assert salted.tokens is not None
        # As many ids, all of them known to the model, and the rest untouched.
        assert len(salted.tokens) == len(prompt.tokens)
        assert set(salted.tokens) <= set(prompt.tokens)
        assert salted.tokens[8:] == prompt.tokens[8:]
    elif prompt.messages is not None:
        assert salted.messages is not None
        assert salted.messages[0].content.endswith("] Be brief")
        assert salted.messages[1:] == prompt.messages[1:]
    else:
        assert salted.text is not None
        assert salted.text.endswith("] " + (prompt.text or ""))


@given(st.sampled_from([TEXT, CHAT, IDS]))
def test_other_words_keep_roles_and_lengths(prompt: Prompt) -> None:
    other = other_words(prompt, random.Random(1))
    if prompt.tokens is not None:
        assert other.tokens is not None
        assert sorted(other.tokens) == sorted(prompt.tokens)
        assert other.tokens != prompt.tokens
    elif prompt.messages is not None:
        assert [one.role for one in other.messages or ()] == ["system", "user"]
    else:
        assert sorted((other.text or "").split()[1:]) == sorted((prompt.text or "").split())
