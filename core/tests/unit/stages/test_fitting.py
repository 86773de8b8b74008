"""Bounds on answers and the context that a server tells."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from forged_tasks import make_task
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import AisbenchError, ServerError
from aisbench.calibration.codec import PlainBackend
from aisbench.config.plan import Task
from aisbench.conversation.asking import conversations_of
from aisbench.conversation.prepare import Rows
from aisbench.engine.discover import DiscoveredModel
from aisbench.stages.fitting import LEAST, Room, fitting_notes, room_of
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request
from aisbench.types.sample import Sample

ROWS = Rows(samples=[Sample(id="0")], examples=(), checksums={})


class Open(PlainBackend):
    """A server that fills the context."""

    open_ended = True

    def served_models(self, body: bytes) -> Any:
        raise NotImplementedError

    context_request = parse_context = served_models


def task(origin: str = "variant chat", *, backend: Any = None, **generation: Any) -> Task:
    made = make_task("http://h", 4)
    return attrs.evolve(
        made,
        model=attrs.evolve(made.model, backend=backend or PlainBackend()),
        generation=generation,
        generation_origin=dict.fromkeys(generation, origin),
    )


def request(text: str, limit: int, **prompt: Any) -> Request:
    return Request(
        key="k", sample_id="0", repeat=0, turn=0, model="m", stream=True, seed=None,
        prompt=Prompt(messages=(Message(role="user", content=text),), **prompt),
        generation={"max_tokens": limit, "temperature": 0},
    )  # fmt: skip


@given(st.text(max_size=300), st.integers(1, 9000), st.integers(100, 9000))
def test_what_is_sent_never_asks_for_more_than_is_there(
    text: str, limit: int, context: int
) -> None:
    plain = request(text, limit)
    for open_ended in (True, False):
        room = Room(context=context, limit="max_tokens", open_ended=open_ended)
        made = room.fit(plain)
        assert made.key == plain.key
        sent = made.generation.get("max_tokens")
        most = len(text.encode("utf-8", "replace")) + 80
        if limit + most <= context:
            assert made is plain
        elif open_ended:
            assert sent is None
        elif context - most >= LEAST:
            assert sent == context - most
        else:
            assert made is plain
        assert made.generation["temperature"] == 0


def test_with_a_tokenizer_what_is_left_is_known() -> None:
    room = Room(context=200, limit="max_tokens", open_ended=False, count=len)
    assert room.fit(request("x" * 100, 4096)).generation["max_tokens"] == 20
    assert room.fit(request("x" * 100, 20)).generation["max_tokens"] == 20


def test_a_prompts_own_bound_is_left_alone() -> None:
    room = Room(context=200, limit="max_tokens", open_ended=True)
    own = request("x", 4096, generation={"max_tokens": 4096})
    assert room.fit(own) is own


def test_only_a_bound_that_nobody_asked_for_is_changed() -> None:
    found = DiscoveredModel("m", 2048)
    assert room_of(task(max_tokens=4096), found) is not None
    assert room_of(task("[models.m.generation]", max_tokens=4096), found) is None
    assert room_of(task(max_tokens=4096), DiscoveredModel("m")) is None
    assert room_of(task(max_tokens=4096), DiscoveredModel("m", 2048, strict=False)) is None
    assert room_of(task(temperature=0), found) is None


def test_it_is_told_once_with_what_to_write() -> None:
    one = task(backend=Open(), max_tokens=4096)
    (note,) = fitting_notes(one, ROWS, DiscoveredModel("m", 2048), 0)
    assert "max_tokens = 4096 may not fit the context of 2048 tokens" in note
    assert "generation] max_tokens" in note
    assert list(fitting_notes(one, ROWS, DiscoveredModel("m", 32768), 0)) == []
    assert list(fitting_notes(one, ROWS, DiscoveredModel("m"), 0)) == []


def test_the_key_is_the_same_whatever_the_context_is() -> None:
    one = task(backend=Open(), max_tokens=4096)
    room = room_of(one, DiscoveredModel("m", 2048))
    assert room is not None
    (plain,), (fitted,) = (
        [conversation.request() for conversation in conversations_of(one, ROWS, "m", 0, fit)]
        for fit in (None, room.fit)
    )
    assert plain.generation["max_tokens"] == 4096
    assert "max_tokens" not in fitted.generation
    assert plain.key == fitted.key


@pytest.mark.parametrize("limit", ["max_tokens", "max_output_tokens", "max_new_tokens"])
def test_a_bound_of_the_suite_that_cannot_be_is_refused_before_anything_is_sent(
    limit: str,
) -> None:
    one = task("[models.m.generation]", **{limit: 2048})
    with pytest.raises(AisbenchError, match="do not fit the context of 2048") as caught:
        list(fitting_notes(one, ROWS, DiscoveredModel("m", 2048), 0))
    assert caught.value.exit_code == 2
    assert not isinstance(caught.value, ServerError)
    assert limit in caught.value.message
    assert "[models.m.generation]" in caught.value.message
    assert list(fitting_notes(one, ROWS, DiscoveredModel("m", 2049), 0)) == []
    assert list(fitting_notes(one, ROWS, DiscoveredModel("m", 100, strict=False), 0)) == []


def test_a_row_that_asks_for_more_than_there_is() -> None:
    rows = Rows(samples=[Sample(id="0", generation={"max_tokens": 50})], examples=(), checksums={})
    with pytest.raises(AisbenchError, match=r"max_tokens = 50 .*\(datasets.calibration\)"):
        list(fitting_notes(task(), rows, DiscoveredModel("m", 30), 0))
    assert list(fitting_notes(task(), rows, DiscoveredModel("m", 51), 0)) == []
