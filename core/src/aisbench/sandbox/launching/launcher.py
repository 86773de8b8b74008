"""What the host starts for each program, or pair of programs that talk to each other.

What to do is read from standard input in marshal's format, which needs no import of any weight;
how they ended is written to standard output: a length and ``supervisor.told`` for each.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import sys
import time

from .namespaces import build, libc, new_namespaces
from .supervisor import broken, supervise, told

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any, NoReturn

    Spec = dict[str, Any]

FIRST_UID = 1_900_000_000
"""Of programs, when the launcher is root: each has a user of its own, whose processes count."""
PARTING = 1.0
"""Seconds that one of a pair has to end by itself when the other has ended."""


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
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    try:
        build(spec)
        write(result, supervise(spec, 0 if user else FIRST_UID + spec["number"]))
    except BaseException as error:
        write(result, broken(error))


def wrapped(spec: Spec, result: int) -> NoReturn:
    """Become bubblewrap, which starts this file again, inside."""
    given = os.memfd_create("spec")
    write(given, marshal.dumps({"inside": spec}, 2))
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    os.dup2(result, 1)
    for descriptor in spec["channel"]:
        os.set_inheritable(descriptor, True)
    os.execve(spec["wrap"][0], spec["wrap"], {})


def write(descriptor: int, content: bytes) -> None:
    waiting = memoryview(content)
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]


def start(parts: list[Spec], place: int, result: int) -> int:
    """The process that runs one of the parts; it holds no descriptor of the others."""
    child = os.fork()
    if child:
        return child
    try:
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)
        for other, spec in enumerate(parts):
            if other != place:
                for descriptor in spec["channel"]:
                    os.close(descriptor)
        (wrapped if parts[place]["wrap"] else outside)(parts[place], result)
    except BaseException as error:
        write(result, broken(error))
    finally:
        os._exit(0)


def run(parts: list[Spec]) -> list[bytes]:
    """Run all at once. When one has ended, the others are let go on for a moment only."""
    if len(parts) == 2:
        there, back = os.pipe(), os.pipe()
        parts[0]["channel"], parts[1]["channel"] = [back[0], there[1]], [there[0], back[1]]
    else:
        parts[0]["channel"] = []
    results: dict[int, bytearray] = {}
    children: dict[int, int] = {}
    for place in range(len(parts)):
        ours, theirs = os.pipe()
        children[ours] = start(parts, place, theirs)
        os.close(theirs)
        results[ours] = bytearray()
    for spec in parts:
        for descriptor in spec["channel"]:
            os.close(descriptor)
    waiting, end = set(results), float("inf")
    while waiting:
        left = end - time.monotonic()
        readable = select.select(waiting, [], [], None if left > 1e6 else max(0.0, left))[0]
        if not readable:
            for one in waiting:
                os.kill(children[one], signal.SIGKILL)
                results[one] = bytearray(told("parted", 0, 0.0, b"", b"", b""))
            break
        for one in readable:
            data = os.read(one, 1 << 20)
            results[one] += data
            if not data:
                waiting.discard(one)
                end = min(end, time.monotonic() + PARTING)
    for child in children.values():
        os.waitpid(child, 0)
    return [bytes(one) for one in results.values()]


def main() -> None:
    """What stands on standard input, be it one part of bubblewrap's or all of aisbench's."""
    given = marshal.loads(sys.stdin.buffer.read())
    # Text codecs are files of Python's own, which may not be there any more later.
    "é".encode().decode("unicode_escape")
    try:
        if "inside" in given:
            write(1, inside(given["inside"]))
            return
        for one in run(given["parts"]):
            write(1, len(one).to_bytes(8, "little") + one)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
