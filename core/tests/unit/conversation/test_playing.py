"""Steps of data sets: in a thread of their own, asynchronous, or inline; and how they end."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest

from aisbench.conversation.playing import Plays, Turns
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response

Made = Generator[Prompt, Response, None]


def said(text: str) -> Response:
    return Response(text=text)


def turns(threads: list[int], closed: threading.Event) -> Made:
    try:
        for number in range(3):
            threads.append(threading.get_ident())
            answer = yield Prompt(text=f"turn {number}")
            assert answer.text == str(number)
    finally:
        threads.append(threading.get_ident())
        closed.set()


def test_a_generator_lives_in_one_thread_from_its_first_step_to_its_end() -> None:
    threads: list[int] = []
    closed = threading.Event()
    play = Plays("d", light=False).of(lambda: turns(threads, closed))
    assert [play.now(None), play.now(said("0"))] == [Prompt(text="turn 0"), Prompt(text="turn 1")]
    del play
    gc.collect()
    assert closed.wait(5), "it is closed when it is let go of"
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_after_a_rest_it_plays_its_steps_again() -> None:
    threads: list[int] = []
    closed = threading.Event()
    play = Plays("d", light=False).of(lambda: turns(threads, closed))
    play.now(None)
    play.now(said("0"))
    play.rest()
    assert closed.wait(5), "nothing is held"
    assert play.now(said("1")) == Prompt(text="turn 2")
    assert play.now(said("2")) is None


async def talk(begun: list[float]) -> AsyncGenerator[Prompt, Response]:
    begun.append(time.monotonic())
    await asyncio.sleep(0.2)
    answer = yield Prompt(text="one")
    yield Prompt(text=f"after {answer.text}")


def test_asynchronous_ones_wait_at_the_same_time() -> None:
    begun: list[float] = []
    plays = Plays("d", light=True)
    many = [plays.of(lambda: talk(begun)) for _ in range(5)]
    steps = [one.soon(None) for one in many]
    assert [one.result(5) for one in steps] == [Prompt(text="one")] * 5
    assert max(begun) - min(begun) < 0.2
    assert many[0].now(said("a")) == Prompt(text="after a")
    assert many[0].now(said("b")) is None


def odd(given: Any) -> Callable[[], Made]:
    def made() -> Made:
        yield given

    return made


@pytest.mark.parametrize("light", [True, False])
def test_what_a_step_gives_is_a_prompt(light: bool) -> None:
    with pytest.raises(TypeError, match="it yielded str, not a Prompt"):
        Plays("d", light).of(odd("first")).now(None)


def test_a_play_is_a_generator() -> None:
    made: Callable[[], Turns] = lambda: [Prompt(text="one")]  # type: ignore[assignment,return-value] # noqa: E731
    with pytest.raises(TypeError, match="it gave list, not a generator of prompts"):
        Plays("d", light=False).of(made)
