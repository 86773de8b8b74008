"""Answers that have ended are seen to between reads, in their order."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from aisbench.engine.exchange import Exchange
from aisbench.loadgen import backlog as backlog_module
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.backlog import Backlog
from aisbench.loadgen.load_end import LoadEnd
from aisbench.loadgen.prefetch import Prefetch

pytestmark = pytest.mark.alone


class Ready:
    """Stands for the requests made ahead."""

    closed = True

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.made: list[str] = []

    def wanting(self, now: int) -> bool:
        return len(self.made) < self.wanted

    def make_one(self) -> bool:
        self.made.append("made")
        return True


class Open:
    """Stands for a load that goes on."""

    def over(self, now: int) -> bool:
        return False


def attempt(number: int) -> Attempt:
    made = Attempt.__new__(Attempt)
    made.number = number
    return made


def backlog(
    see_to: Callable[[Attempt], None], prefetch: Ready, failed: Callable[[BaseException], None]
) -> Backlog:
    loop = asyncio.get_running_loop()
    return Backlog(loop, cast("Prefetch", prefetch), cast("LoadEnd", Open()), see_to, failed)


def fail(error: BaseException) -> None:
    raise AssertionError(error)


def spin(seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def test_a_socket_is_read_before_the_rest_is_seen_to() -> None:
    log: list[Any] = []

    async def main() -> None:
        reader, writer = os.pipe()
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def see_to(ended: Attempt) -> None:
            if ended.number == 3:
                os.write(writer, b"x")  # an answer comes while others are seen to
            spin(0.0002)
            log.append(ended.number)
            if ended.number == 19:
                done.set_result(None)

        def read() -> None:
            os.read(reader, 1)
            log.append("read")

        loop.add_reader(reader, read)
        queue = backlog(see_to, Ready(0), fail)
        for number in range(20):
            queue.add(attempt(number))
        await done
        loop.remove_reader(reader)
        os.close(reader)
        os.close(writer)

    asyncio.run(main())
    assert [one for one in log if one != "read"] == list(range(20))
    assert log.index("read") <= 5


def test_what_is_quick_is_seen_to_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_module, "SLICE_NS", 10**10)
    seen: list[int] = []

    async def main() -> None:
        queue = backlog(lambda ended: seen.append(ended.number), Ready(0), fail)
        for number in range(100):
            queue.add(attempt(number))
        assert not seen, "never inside the read"
        await asyncio.sleep(0)
        assert seen == list(range(100))

    asyncio.run(main())


def test_requests_are_made_ahead_after_all_is_seen_to() -> None:
    log: list[str] = []

    async def main() -> None:
        prefetch = Ready(5)
        prefetch.made = log
        queue = backlog(lambda ended: log.append("seen"), prefetch, fail)
        prefetch.wanted = 8
        for number in range(3):
            queue.add(attempt(number))
        for _ in range(20):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert log == ["seen"] * 3 + ["made"] * 5


def test_an_error_reaches_who_waits_for_the_end() -> None:
    failed: list[BaseException] = []

    async def main() -> None:
        def broken(ended: Exchange) -> None:
            raise ValueError("broken")

        backlog(broken, Ready(0), failed.append).add(attempt(0))
        await asyncio.sleep(0.01)

    asyncio.run(main())
    assert [str(one) for one in failed] == ["broken"]
