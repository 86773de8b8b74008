"""Requests to stop reach the stage that runs, and handlers are as before afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from aisbench.runs.apart import apart, in_running_loop
from aisbench.runs.interrupts import Interrupts

BOTH = (signal.SIGINT, signal.SIGTERM)


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in BOTH]


def test_signals_and_other_threads_reach_a_loop() -> None:
    interrupts = Interrupts(BOTH)
    before = handlers()
    found: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with interrupts.reaching_loop(loop, lambda: found.append(threading.get_ident())):
            os.kill(os.getpid(), signal.SIGTERM)
            threading.Thread(target=interrupts.ask).start()
            while len(found) < 2:
                await asyncio.sleep(0.001)

    asyncio.run(main())
    assert found == [threading.get_ident()] * 2
    assert handlers() == before


def test_a_signal_interrupts_the_main_thread() -> None:
    interrupts = Interrupts(BOTH)
    before = handlers()
    asked: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        interrupts.reaching_main_thread(interrupt, lambda: asked.append("stop")),
    ):
        interrupts.ask()
        assert asked == ["stop"]
        interrupts.ignore()
        os.kill(os.getpid(), signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *_: interrupt())
        os.kill(os.getpid(), signal.SIGTERM)
    assert handlers() == before


def test_who_asks_before_anything_reacts_is_heard_once() -> None:
    interrupts = Interrupts()
    interrupts.check()
    interrupts.ask()
    interrupts.ask()
    with pytest.raises(KeyboardInterrupt):
        interrupts.check()
    asked: list[str] = []
    with interrupts.reaching_main_thread(lambda: None, lambda: asked.append("stop")):
        assert asked == ["stop"]
    interrupts.check()


def test_work_apart_is_asked_to_stop_by_signals() -> None:
    interrupts = Interrupts()
    before = handlers()
    stop = threading.Event()

    def work() -> str:
        with interrupts.reaching_main_thread(lambda: None, stop.set):
            os.kill(os.getpid(), signal.SIGTERM)
            assert stop.wait(10)
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        apart(work, interrupts, BOTH)
    assert handlers() == before


def test_an_interrupt_is_not_lost_when_the_work_ends_well() -> None:
    interrupts = Interrupts()

    def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        while not interrupts._waiting:
            threading.Event().wait(0.001)

    with pytest.raises(KeyboardInterrupt):
        apart(work, interrupts, BOTH)


def test_work_apart_gives_its_result_and_its_errors() -> None:
    async def main() -> int:
        assert in_running_loop()
        return apart(lambda: asyncio.run(other()), Interrupts())

    async def other() -> int:
        return threading.get_ident()

    assert not in_running_loop()
    assert asyncio.run(main()) != threading.get_ident()
    asked = Interrupts()
    asked.ask()
    with pytest.raises(KeyboardInterrupt):
        apart(asked.check, Interrupts())
