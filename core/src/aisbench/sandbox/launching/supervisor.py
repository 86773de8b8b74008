"""Running one program within limits, and telling how it ended."""

from __future__ import annotations

import os
import resource
import select
import signal
import time

from .filter import install
from .namespaces import FOLDER, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any, NoReturn

    Spec = dict[str, Any]

TICK = 0.02


def fill(spec: Spec, uid: int) -> None:
    """The program's files, which belong to it."""
    os.makedirs(FOLDER + "/tmp", exist_ok=True)
    paths = [FOLDER, FOLDER + "/tmp"]
    for name, content in spec["files"].items():
        path = os.path.join(FOLDER, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        paths.append(path)
    if uid:
        for path in paths:
            os.chown(path, uid, uid)


def become(spec: Spec, uid: int, descriptors: list[int]) -> NoReturn:
    """In the child: give up everything, then be the program. Never returns."""
    try:
        limits = spec["limits"]
        os.setsid()
        # First out of the way of the numbers that they are to have.
        for place, descriptor in enumerate([os.dup2(one, 200 + one) for one in descriptors]):
            os.dup2(descriptor, place)
        os.closerange(len(descriptors), 1 << 16)
        memory, seconds = limits["memory"] << 20, int(limits["seconds"]) + 1
        for kind, value in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, limits["disk"] << 20),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_NPROC, limits["processes"]),
        ):
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
        check(libc.prctl(38, 1, 0, 0, 0), "no_new_privs")
        if uid:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        install(libc)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.chdir(FOLDER)
        os.execve(spec["command"][0], spec["command"], spec["env"])
    except BaseException as error:
        os.write(2, f"the sandbox cannot start the program: {error}\n".encode())
    finally:
        os._exit(126)


class Pipe:
    """What the program writes; only the first of it is kept, the rest is read and dropped."""

    def __init__(self, descriptor: int, most: int) -> None:
        self.descriptor, self.most, self.kept = descriptor, most, bytearray()
        os.set_blocking(descriptor, False)

    def read(self) -> bool:
        """Whether there may be more."""
        try:
            data = os.read(self.descriptor, 65536)
        except BlockingIOError:
            return True
        self.kept += data[: max(0, self.most - len(self.kept))]
        return bool(data)


def usage() -> tuple[int, int]:
    """(processes, resident bytes) of everything but the supervisor."""
    count = pages = 0
    try:
        names = os.listdir("/proc")
    except OSError:
        return 0, 0
    for name in names:
        if name.isdigit() and name != "1":
            try:
                with open(f"/proc/{name}/statm", "rb") as file:
                    pages += int(file.read().split()[1])
                count += 1
            except (OSError, ValueError, IndexError):
                continue
    return count, pages * 4096


def told(status: str, code: int, seconds: float, *texts: bytes) -> bytes:
    """A line of status, code, seconds and lengths; then standard output, error and detail."""
    lengths = " ".join(str(len(one)) for one in texts)
    return f"{status} {code} {seconds} {lengths}\n".encode() + b"".join(texts)


def broken(error: BaseException) -> bytes:
    return told("broken", 0, 0.0, b"", b"", f"{type(error).__name__}: {error}".encode())


def supervise(spec: Spec, uid: int) -> bytes:
    """Run the program to its end, or end it. Returns what is told of it."""
    # What runs inside as the same user must not reach this process through its /proc.
    libc.prctl(4, 0, 0, 0, 0)
    limits = spec["limits"]
    fill(spec, uid)
    given, out, err = os.pipe(), os.pipe(), os.pipe()
    theirs = [given[0], out[1], err[1], *spec["channel"]]
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        become(spec, uid, theirs)
    for descriptor in theirs:
        os.close(descriptor)
    pipes = [Pipe(one, limits["output"] << 10) for one in (out[0], err[0])]
    open_ = {pipe.descriptor: pipe for pipe in pipes}
    waiting = memoryview(spec["stdin"])
    os.set_blocking(given[1], False)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    status, code = "", 0
    while not status:
        writers = [given[1]] if waiting else []
        if not waiting and given[1] >= 0:
            os.close(given[1])
            given = (given[0], -1)
        readable, writable, _ = select.select(list(open_), writers, [], TICK)
        for descriptor in readable:
            if not open_[descriptor].read():
                del open_[descriptor]
        if writable:
            try:
                waiting = waiting[os.write(given[1], waiting[:65536]) :]
            except BrokenPipeError:
                waiting = waiting[:0]
        while True:
            try:
                pid, wait = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid == child:
                status = "signal" if os.WIFSIGNALED(wait) else "exited"
                code = os.WTERMSIG(wait) if status == "signal" else os.WEXITSTATUS(wait)
        count, resident = usage()
        if not status and time.monotonic() - begun > limits["seconds"]:
            status = "timeout"
        elif not status and resident > limits["memory"] << 20:
            status = "memory"
        elif not status and count > 2 * limits["processes"]:
            status = "processes"
    seconds = time.monotonic() - begun
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for pipe in open_.values():
        for _ in range(64):
            before = len(pipe.kept)
            if not pipe.read() or len(pipe.kept) == before:
                break
    if status == "signal" and code == signal.SIGXCPU:
        status = "timeout"
    return told(status, code, seconds, *(bytes(pipe.kept) for pipe in pipes), b"")
