"""What the host starts for each program, or pair of programs that talk to each other.

What to do is read from files that the host has opened, one for each program, so that no process on
the way to one program ever holds what the other was given. They are in marshal's format, which
needs no slow import. How the programs ended is written to standard output: a length and a
``supervisor.report`` for each. Standard input is a pipe that nothing is written to; when it ends,
the host is gone.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import sys
import time

from . import groups
from .namespaces import build, libc, new_namespaces
from .supervisor import broken, report, supervise

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any, NoReturn

    Spec = dict[str, Any]

FIRST_UID = 1_900_000_000
"""First user id of programs when the launcher is root. Each has its own, so that the limit on
processes counts its own alone."""
PARTING = 1.0
"""Seconds that one of a pair has to end once the other has ended."""
_HOST = 0


def inside(spec: Spec) -> bytes:
    """As process 1 of a sandbox that bubblewrap has built."""
    try:
        return supervise(spec, 0)
    except BaseException as error:
        return broken(error)


def outside(spec: Spec, result: int) -> None:
    """Build the sandbox, then supervise from within."""
    user = new_namespaces()
    child = os.fork()
    if child:
        for descriptor in (result, *spec["channel"]):
            os.close(descriptor)
        os.waitpid(child, 0)
        return
    die_with_parent()
    try:
        build(spec)
        write(result, supervise(spec, 0 if user else FIRST_UID + spec["number"]))
    except BaseException as error:
        write(result, broken(error))


def wrapped(spec: Spec, result: int) -> NoReturn:
    """Become bubblewrap, which starts this file again, inside."""
    given = os.memfd_create("spec")
    write(given, marshal.dumps(spec, 2))
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    os.dup2(result, 1)
    for descriptor in (*spec["channel"], *(spec["group"] or {}).values()):
        os.set_inheritable(descriptor, True)
    os.execve(spec["wrap"][0], spec["wrap"], {})


def write(descriptor: int, content: bytes) -> None:
    waiting = memoryview(content)
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]


def die_with_parent() -> None:
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)


def start(files: list[int], place: int, channels: list[list[int]], result: int) -> int:
    """Fork the process that runs one of the programs; it holds no descriptor of the other."""
    launcher = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        die_with_parent()
        if os.getppid() != launcher:
            os._exit(0)  # it had ended before
        os.dup2(os.open(os.devnull, os.O_RDONLY), _HOST)
        for other, file in enumerate(files):
            if other != place:
                for descriptor in (file, *channels[other]):
                    os.close(descriptor)
        with open(files[place], "rb") as given:
            spec = marshal.loads(given.read())
        spec["channel"] = channels[place]
        spec["group"] = None
        if spec["groups"]:
            name = groups.name_of(launcher, place)
            parent, version = spec["groups"]
            spec["group"] = groups.make(parent, version, name, spec["limits"])
        with open("/proc/self/oom_score_adj", "wb") as score:
            # When the machine runs out of memory, programs of models are killed first.
            score.write(b"1000")
        (wrapped if spec["wrap"] else outside)(spec, result)
    except BaseException as error:
        write(result, broken(error))
    finally:
        os._exit(0)


def run(files: list[int], parent: str) -> list[bytes]:
    """Run all at once. When one has ended, the other may go on only for a moment. ``parent`` is
    the folder of their control groups."""
    libc.prctl(36, 1, 0, 0, 0)  # orphans become children of this process
    channels: list[list[int]] = [[] for _ in files]
    if len(files) == 2:
        there, back = os.pipe(), os.pipe()
        channels = [[back[0], there[1]], [there[0], back[1]]]
    results: dict[int, bytearray] = {}
    children: dict[int, int] = {}
    for place in range(len(files)):
        ours, theirs = os.pipe()
        children[ours] = start(files, place, channels, theirs)
        os.close(theirs)
        results[ours] = bytearray()
    for descriptor in [one for channel in channels for one in channel] + files:
        os.close(descriptor)
    try:
        gather(results, children)
    finally:
        for child in children.values():
            os.kill(child, signal.SIGKILL)  # it has reported, or its time is over
        while True:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        if parent:
            for place in range(len(files)):
                groups.remove(f"{parent}/{groups.name_of(os.getpid(), place)}")
    return [bytes(one) for one in results.values()]


def gather(results: dict[int, bytearray], children: dict[int, int]) -> None:
    """Read each one's report, until all have ended, or the host has."""
    waiting, end = set(results), float("inf")
    while waiting:
        left = end - time.monotonic()
        given = None if left > 1e6 else max(0.0, left)
        readable = select.select([_HOST, *waiting], [], [], given)[0]
        if _HOST in readable:
            return
        if not readable:
            for one in waiting:
                results[one] = bytearray(report("parted", 0, 0.0, b"", b"", b""))
            return
        for one in readable:
            data = os.read(one, 1 << 20)
            results[one] += data
            if not data:
                waiting.discard(one)
                end = min(end, time.monotonic() + PARTING)


def main() -> None:
    """Arguments: this package's folder; and from aisbench the descriptors of the files, joined by
    commas, and the folder of control groups or "".
    """
    # Loads the text codecs now: they are files of Python, which may be out of reach later.
    "é".encode().decode("unicode_escape")
    try:
        if len(sys.argv) < 3:
            write(1, inside(marshal.loads(sys.stdin.buffer.read())))
            return
        files = [int(word) for word in sys.argv[2].split(",")]
        for one in run(files, sys.argv[3]):
            write(1, len(one).to_bytes(8, "little") + one)
    except BaseException as error:
        sys.stderr.write(broken(error).decode(errors="replace"))
