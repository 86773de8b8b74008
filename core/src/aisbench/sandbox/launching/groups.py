"""A control group for one program: with it the kernel counts all memory that the program causes,
also what is in no process (files, shared memory, sockets, pipes, page tables).

A group is made below one that the host has found usable (``aisbench.sandbox.groups``), and removed
by the launcher, which outlives the program.
"""

from __future__ import annotations

import os
import signal
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any

PREFIX = "aisbench-"
PATIENCE = 5.0
"""Seconds after which a group that cannot be removed is left behind."""


def started(pid: int | str) -> str:
    """When a process started, in the kernel's ticks: together with its number this identifies it.
    "" for one that has ended and was not reaped yet. Raises OSError."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        words = file.read().rpartition(b")")[2].split()
    return "" if words[0] in b"ZX" else words[19].decode()


def name_of(pid: int, place: int) -> str:
    """The name of a group of this launcher's. It says who made it, so that others can see whether
    it is left over. Raises OSError."""
    return f"{PREFIX}{os.stat('/proc/self/ns/pid').st_ino}-{pid}-{started(pid)}-{place}"


def left_over(name: str) -> bool:
    """Whether the process that made a group of this name has ended."""
    try:
        namespace, pid, start = name.removeprefix(PREFIX).split("-")[:3]
        if int(namespace) != os.stat("/proc/self/ns/pid").st_ino:
            return False  # its maker cannot be seen from here
        return started(int(pid)) != start
    except ValueError:
        return False
    except OSError:
        return True


def make(parent: str, version: int, name: str, limits: dict[str, Any]) -> dict[str, int] | None:
    """Descriptors of a new group below ``parent``, for entering it and for seeing kills from where
    its folder is out of reach; None where it cannot be made."""
    folder = f"{parent}/{name}"
    memory = str(limits["memory"] << 20)
    wanted = (
        [("memory.max", memory, True), ("memory.oom.group", "1", False),
         ("memory.swap.max", "0", False), ("pids.max", str(limits["processes"]), False)]
        if version == 2
        else [("memory.limit_in_bytes", memory, True),
              ("memory.memsw.limit_in_bytes", memory, False)]
    )  # fmt: skip
    try:
        os.mkdir(folder)
        for file, value, needed in wanted:
            try:
                descriptor = os.open(f"{folder}/{file}", os.O_WRONLY)
                try:
                    os.write(descriptor, value.encode())
                finally:
                    os.close(descriptor)
            except OSError:  # some depend on the kernel's configuration
                if needed:
                    raise
        events = "memory.events" if version == 2 else "memory.oom_control"
        return {
            "events": os.open(f"{folder}/{events}", os.O_RDONLY),
            "enter": os.open(f"{folder}/cgroup.procs", os.O_WRONLY),
        }
    except OSError:
        remove(folder)
        return None


def kills(group: dict[str, int]) -> int:
    """How many processes of the group the kernel has killed for its memory."""
    for line in os.pread(group["events"], 4096, 0).splitlines():
        name, _, value = line.partition(b" ")
        if name == b"oom_kill":
            return int(value)
    return 0


def remove(folder: str) -> bool:
    """Kill what is left in a group, and remove it. Returns whether it is gone."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return True
        except OSError:
            if time.monotonic() > end:
                return False
        else:
            return True
        try:
            with open(f"{folder}/cgroup.procs", "rb") as file:
                left = [int(line) for line in file.read().split()]
            for pid in left:
                if pid > 0:  # 0: it cannot be seen from here
                    os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
        time.sleep(0.005)
