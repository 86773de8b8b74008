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
from aisbench.sandbox.launching.proc import Proc  # noqa: E402
from aisbench.sandbox.launching.watching import CloserLook, Watch  # noqa: E402

SPEC = {"limits": {"memory": 64, "processes": 1 << 20}}


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A closer look that a program's lock lets wait."""
    freed = threading.Event()

    def waits(proc: Proc, pids: list[str], most: int) -> int:
        freed.wait(10)
        return 5

    monkeypatch.setattr(watching, "_closely", waits)
    return freed


@pytest.mark.alone
def test_a_closer_look_that_is_held_up(held_up: threading.Event) -> None:
    look = CloserLook(Proc())
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


@pytest.mark.alone
def test_the_limit_holds_all_the_same(
    held_up: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is told without any lock: memory that is in no file."""
    monkeypatch.setattr(watching, "FOLDER", "/proc")
    monkeypatch.setattr(watching, "_sockets", lambda _: 0)  # there may be many on this machine
    hog = subprocess.Popen(
        [sys.executable, "-c", "x = b'1' * (200 << 20); print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert hog.stdout is not None
    hog.stdout.readline()
    monkeypatch.setattr(Proc, "pids", lambda _: [str(hog.pid)])
    try:
        watch = Watch(SPEC, grouped=False)
        begun = time.monotonic()
        while not (found := watch.look())[0] and time.monotonic() - begun < 5:
            time.sleep(watch.pause())
        assert found[0] == "memory"
        assert 0.2 < time.monotonic() - begun < 3
        # One that has what is allowed is let go on.
        assert Watch({"limits": {"memory": 4096, "processes": 99}}, grouped=False).look()[0] == ""
    finally:
        held_up.set()
        hog.communicate(b"\n")


def test_a_closer_look_that_fails_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(proc: Proc, pids: list[str], most: int) -> int:
        raise MemoryError

    monkeypatch.setattr(watching, "_closely", fails)
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    found = None
    look = CloserLook(Proc())
    for _ in range(20):
        if (found := look.ask(["1"], 100)) is not None:
            break
    assert found is not None
    assert found > 100


def test_looking_takes_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "FOLDER", "/proc")
    watch = Watch(SPEC, grouped=False)
    monkeypatch.setattr(watch, "_look", lambda _: (time.sleep(0.01), ("", ""))[1])
    watch.look()
    assert watch.pause() > 0.08
    monkeypatch.setattr(watch, "_look", lambda _: (time.sleep(0.5), ("", ""))[1])
    watch.look()
    assert watch.pause() <= watching.LONGEST


def test_by_the_machines_own_processes() -> None:
    """As where no other /proc can be mounted: the descendants of a process, and nobody else."""
    code = (
        "import os, threading, time\n"
        "threading.Thread(target=os.fork).start()\n"
        "if os.fork() == 0: os.fork()\n"
        "print(os.getpid(), flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    folder = os.open("/proc", os.O_RDONLY)
    try:
        assert parent.stdout is not None
        proc = Proc((folder, parent.pid))
        end = time.monotonic() + 10
        while len(proc.pids()) < 3 and time.monotonic() < end:
            time.sleep(0.02)
        found = proc.pids()
        if not found:
            pytest.skip("this kernel does not list children (CONFIG_PROC_CHILDREN)")
        assert len(found) == 3
        assert str(os.getpid()) not in found
        assert all(os.getpgid(int(pid)) == os.getpgid(0) for pid in found)
        assert proc.read(f"{found[0]}/statm").split()
    finally:
        for pid in [*proc.pids(), parent.pid]:
            os.kill(int(pid), 9)
        parent.communicate()
        os.close(folder)
