"""Reading devices beside a load, in a process of its own for each sampler.

The load's processes are not disturbed: nothing of theirs waits for a device, and what the reading
takes of the machine is measured and told.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.process
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import orjson
from attrs import define, field, frozen

from aisbench.base.clock import now_ns
from aisbench.base.errors import AisbenchError
from aisbench.contract.device_samplers import DeviceSampler
from aisbench.store.files import make_folder, write_atomically
from aisbench.telemetry.device_files import DeviceFiles, DevicesAsked

OPEN_SECONDS = 15.0
"""For the first reading; a load does not wait longer for it."""
END_SECONDS = 15.0
"""For the last one."""
NICENESS = 5


@frozen(kw_only=True)
class WatchedDevices:
    """A sampler that is to run beside loads."""

    label: str
    offer: str
    sampler: DeviceSampler
    interval: float
    idle: float
    counted: bool


@define
class _Child:
    process: multiprocessing.process.BaseProcess
    stop: int
    ready: int


@define
class DeviceWatch:
    """All samplers beside one load: :meth:`begin` before anything is sent, :meth:`end` after."""

    watched: Sequence[WatchedDevices]
    folder: Path
    clean: Callable[[bytes], bytes]
    """Takes the secrets out of a line."""
    _children: list[_Child] = field(factory=list)

    def begin(self, stopped: Callable[[], bool]) -> None:
        """Start them, wait for their first readings, and then let the devices be idle."""
        if not self.watched:
            return
        make_folder(DeviceFiles(self.folder).rows("").parent)
        idle_from = now_ns()  # the first reading is made while nothing is sent
        for one in self.watched:
            self._children.append(self._started(one))
        waiting = {child.ready for child in self._children}
        deadline = time.monotonic() + OPEN_SECONDS
        while waiting and time.monotonic() < deadline and not stopped():
            for ready in select.select(list(waiting), [], [], 0.05)[0]:
                waiting.discard(ready)
        reading = zip(self.watched, self._children, strict=True)
        idle = max((one.idle for one, it in reading if it.process.is_alive()), default=0.0)
        until = time.monotonic() + idle
        while time.monotonic() < until and not stopped():
            time.sleep(0.02)
        asked = DevicesAsked(
            samplers={one.label: one.offer for one in self.watched},
            counted={one.label: one.counted for one in self.watched},
            idle_from_ns=idle_from,
            idle_until_ns=now_ns(),
        )
        content = orjson.dumps(attrs.asdict(asked), option=orjson.OPT_INDENT_2)
        write_atomically(DeviceFiles(self.folder).asked, content)

    def end(self) -> None:
        """Have each read once more, and wait for it; one that is stuck is killed."""
        for child in self._children:
            with contextlib.suppress(OSError):
                os.write(child.stop, b"x")
        deadline = time.monotonic() + END_SECONDS
        for child in self._children:
            child.process.join(max(0.1, deadline - time.monotonic()))
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
            os.close(child.stop)
            os.close(child.ready)
        self._children.clear()

    def _started(self, one: WatchedDevices) -> _Child:
        stop_read, stop_write = os.pipe()
        ready_read, ready_write = os.pipe()
        path = DeviceFiles(self.folder).rows(one.label)
        process = multiprocessing.get_context("fork").Process(
            target=_work, args=(one, path, self.clean, (stop_read, stop_write), ready_write)
        )
        process.daemon = True
        process.start()
        os.close(stop_read)
        os.close(ready_write)
        return _Child(process, stop_write, ready_read)


def _work(
    one: WatchedDevices,
    path: Path,
    clean: Callable[[bytes], bytes],
    stop: tuple[int, int],
    ready: int,
) -> None:
    """In the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the load is stopped first
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.close(stop[1])  # so that the parent's end is noticed
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with path.open("ab", buffering=0) as file:
        _Sampling(one, file.write, clean, stop[0], ready).run()


@define
class _Sampling:
    one: WatchedDevices
    write: Callable[[bytes], Any]
    clean: Callable[[bytes], bytes]
    stop: int
    ready: int
    reads: int = 0
    longest_ns: int = 0

    def run(self) -> None:
        before = _cpu_ns()
        began = now_ns()
        try:
            self.one.sampler.open()
        except Exception as error:  # noqa: BLE001 (a load goes on whatever a plugin does)
            self._row(began, {"error": _words(error)})
            return
        interval = self.one.interval
        due = time.monotonic()
        last = False
        while True:
            self._read()
            if self.reads == 1:
                os.write(self.ready, b"r")
            if last:
                break
            due = max(due + interval, time.monotonic())
            pause = max(0.0, due - time.monotonic())
            last = bool(select.select([self.stop], [], [], pause)[0])
        with contextlib.suppress(Exception):
            self.one.sampler.close()
        taken = {
            "cpu_ns": _cpu_ns() - before, "reads": self.reads, "longest_ns": self.longest_ns,
        }  # fmt: skip
        self._row(now_ns(), taken)

    def _read(self) -> None:
        at = now_ns()
        self.reads += 1
        try:
            readings = [attrs.asdict(one) for one in self.one.sampler.read()]
            said: Mapping[str, Any] = {"readings": readings}
        except Exception as error:  # noqa: BLE001 (a load goes on whatever a plugin does)
            said = {"error": _words(error)}
        self.longest_ns = max(self.longest_ns, now_ns() - at)
        self._row(at, said)

    def _row(self, at: int, said: Mapping[str, Any]) -> None:
        row = orjson.dumps(
            {"at_ns": at, "until_ns": now_ns(), **said}, option=orjson.OPT_APPEND_NEWLINE
        )
        self.write(self.clean(row))


def _words(error: Exception) -> str:
    if isinstance(error, AisbenchError):
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return f"{type(error).__name__}: {error}"


def _cpu_ns() -> int:
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(1e9 * (own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime))
