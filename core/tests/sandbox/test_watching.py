"""What is added up where no control group counts: in itself, without programs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

from aisbench.sandbox.launching import watching  # noqa: E402
from aisbench.sandbox.launching.watching import CloserLook, Watch  # noqa: E402

SPEC = {"limits": {"memory": 64, "processes": 1 << 20}}


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A closer look that a program's lock lets wait."""
    freed = threading.Event()

    def waits(pids: list[str], most: int) -> int:
        freed.wait(10)
        return 5

    monkeypatch.setattr(watching, "_closely", waits)
    return freed


def test_a_closer_look_that_is_held_up(held_up: threading.Event) -> None:
    look = CloserLook()
    begun = time.monotonic()
    assert look.ask(["1"], 100) is None
    assert look.ask(["1"], 100) is None
    assert time.monotonic() - begun < 1
    assert not look.late(begun)
    assert look.late(begun + 60)
    held_up.set()
    time.sleep(0.05)
    assert look.ask(["1"], 100) == 5
    assert not look.late(begun + 60)


def test_the_limit_holds_all_the_same(
    held_up: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is told without any lock: memory that is in no file."""
    monkeypatch.setattr(watching, "FOLDER", "/proc")
    hog = subprocess.Popen(
        [sys.executable, "-c", "x = b'1' * (200 << 20); print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert hog.stdout is not None
    hog.stdout.readline()
    monkeypatch.setattr(os, "listdir", lambda _: ["1", str(hog.pid), "meminfo"])
    try:
        watch = Watch(SPEC, grouped=False)
        begun = time.monotonic()
        while not (found := watch.look())[0] and time.monotonic() - begun < 5:
            time.sleep(watch.pause())
        assert found[0] == "memory"
        assert 0.2 < time.monotonic() - begun < 3
        # One that has what is allowed is let go on.
        assert Watch({"limits": {"memory": 4096, "processes": 9}}, grouped=False).look()[0] == ""
    finally:
        held_up.set()
        hog.communicate(b"\n")


def test_a_closer_look_that_fails_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(pids: list[str], most: int) -> int:
        raise MemoryError

    monkeypatch.setattr(watching, "_closely", fails)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    found = None
    look = CloserLook()
    for _ in range(20):
        if (found := look.ask(["1"], 100)) is not None:
            break
    assert found is not None
    assert found > 100


def test_looking_takes_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FOLDER", "/proc")
    monkeypatch.setattr(os, "listdir", lambda _: [])
    watch = Watch(SPEC, grouped=False)
    monkeypatch.setattr(watch, "_look", lambda _: (time.sleep(0.01), ("", ""))[1])
    watch.look()
    assert watch.pause() > 0.08
    monkeypatch.setattr(watch, "_look", lambda _: (time.sleep(0.5), ("", ""))[1])
    watch.look()
    assert watch.pause() <= watching.LONGEST
