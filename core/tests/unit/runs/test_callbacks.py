"""A program's functions get how a run goes; what they raise ends it in good order."""

from __future__ import annotations

import asyncio

import pytest

from aisbench.loadgen.live import LiveLoad
from aisbench.runs import callbacks
from aisbench.runs.callbacks import CallbackDisplay
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.progress import RunProgress
from aisbench.stages.loads_progress import LoadsProgress
from aisbench.stages.progress import Progress, TaskProgress
from aisbench.store.redactor import HIDDEN, Redactor

KEY = "sk-live-4fGh92kLmQw8"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "PERIOD_SECONDS", 0.005)


def test_what_is_told_commands_nothing_and_holds_no_secret() -> None:
    told: list[str] = []
    display = CallbackDisplay(told.append, None, Interrupts())
    redactor = Redactor()
    redactor.add([KEY])
    display.say(KEY)
    with display.hiding(redactor):
        display.say(f"\x1b[2J{KEY}")
    display.say("after")
    assert told == [KEY, f"\\x1b[2J{HIDDEN}", "after"]
    CallbackDisplay(None, None, Interrupts()).say("to nobody")


def test_requests_are_told_while_they_are_sent_and_once_more_at_the_end() -> None:
    seen: list[RunProgress] = []
    display = CallbackDisplay(None, seen.append, Interrupts())
    task = TaskProgress(model="m", dataset="d", variant="v", total=8, reused=2, done=3)
    progress = Progress(tasks=[task])

    async def main() -> None:
        async with display.around_requests(progress):
            while not seen:
                await asyncio.sleep(0.001)
            task.done, task.failed, task.right, task.scored = 8, 1, 3.0, 4

    asyncio.run(main())
    assert (seen[0].label, seen[0].done, seen[0].total, seen[0].reused) == ("m / d", 3, 8, 2)
    assert seen[0].accuracy is None and not seen[0].finished
    assert (seen[-1].done, seen[-1].failed, seen[-1].accuracy) == (8, 1, 0.75)
    assert seen[-1].finished and not any(one.finished for one in seen[:-1])


def test_a_load_is_told_and_its_rates_are_those_of_all_of_it_at_the_end() -> None:
    seen: list[RunProgress] = []
    display = CallbackDisplay(None, seen.append, Interrupts())
    live = LiveLoad(label="m / d: rate=4", wanted=10)

    async def main() -> None:
        async with display.around_load(live, LoadsProgress()):
            live.done, live.failed, live.in_flight = 4, 1, 2
            live.ttft_ms = (5.0, 9.0)
            while not seen:
                await asyncio.sleep(0.001)

    asyncio.run(main())
    assert (seen[0].done, seen[0].failed, seen[0].total, seen[0].in_flight) == (5, 1, 10, 2)
    assert seen[0].ttft_ms == (5.0, 9.0) and seen[0].tokens_per_second is None
    assert live.closed and seen[-1].finished


def test_the_first_thing_that_is_raised_is_kept_and_the_run_is_asked_to_stop_once() -> None:
    asked: list[str] = []
    interrupts = Interrupts()

    def fail(_: object) -> None:
        raise ValueError(len(asked))

    display = CallbackDisplay(fail, fail, interrupts)
    with interrupts.reaching_main_thread(lambda: None, lambda: asked.append("stop")):
        display.say("one")
        display.say("two")
    assert asked == ["stop"]
    assert isinstance(display.error, ValueError) and display.error.args == (0,)
