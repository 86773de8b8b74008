"""Running one program within its limits, and reporting how it ended."""

from __future__ import annotations

import os
import resource
import select
import signal
import time

from . import groups
from .filter import install
from .namespaces import FOLDER, check, libc
from .watching import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any, NoReturn

    Spec = dict[str, Any]

REAPED = 256
"""Ended processes that are reaped between two looks at the clock: there may be endlessly many."""


def fill(spec: Spec, uid: int) -> None:
    """Write the program's files, which it owns."""
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
    """In the child: give up all rights, then become the program. Never returns."""
    try:
        limits = spec["limits"]
        os.setsid()
        # First to numbers out of the way of those that they are to have.
        for place, descriptor in enumerate([os.dup2(one, 200 + one) for one in descriptors]):
            os.dup2(descriptor, place)
        os.closerange(len(descriptors), 1 << 16)
        memory, seconds = limits["memory"] << 20, int(limits["seconds"]) + 1
        for kind, value in (
            # Not 0: the machine's crash handler would be started nevertheless (core(5)).
            (resource.RLIMIT_CORE, 1),
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_FSIZE, limits["disk"] << 20),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_NPROC, limits["processes"]),
            (resource.RLIMIT_SIGPENDING, 1024),
            (resource.RLIMIT_RTPRIO, 0),
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
    """What the program writes: the first ``most`` bytes are kept, the rest is read and dropped."""

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


def report(status: str, code: int, seconds: float, *texts: bytes) -> bytes:
    """A line of status, code, seconds and lengths; then standard output, error and detail."""
    lengths = " ".join(str(len(one)) for one in texts)
    return f"{status} {code} {seconds} {lengths}\n".encode() + b"".join(texts)


def broken(error: BaseException) -> bytes:
    """A report with the places that the error came through; ``traceback`` may be out of reach."""
    lines, trace = [f"{type(error).__name__}: {error}"], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return report("broken", 0, 0.0, b"", b"", "\n  at ".join(lines).encode(errors="replace"))


def harden() -> None:
    """Protect this process from the program, which may run as the same user: from access through
    /proc, and from signals that Python handles."""
    libc.prctl(4, 0, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def begin(
    spec: Spec, uid: int, theirs: list[int], group: dict[str, int] | None
) -> tuple[int, bool]:
    """Start the program. Returns its process id, and whether it is in the control group."""
    go, went = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(went)
        os.read(go, 1)
        become(spec, uid, theirs)
    entered = False
    if group is not None:
        try:
            os.write(group["enter"], str(child).encode())
            entered = True
        except OSError:
            pass  # its memory is watched instead
        os.close(group["enter"])
    os.close(went)
    os.close(go)
    for descriptor in theirs:
        os.close(descriptor)
    return child, entered


def ending(child: int) -> list[int]:
    """A descriptor that becomes readable when the process ends; [] where pidfds are unknown."""
    try:
        return [os.pidfd_open(child)]
    except (AttributeError, OSError):  # before Linux 5.3
        return []


def reap(child: int) -> tuple[str, int] | None:
    """How the program ended; None while it runs. Orphans are reaped as well."""
    found = None
    for _ in range(REAPED):
        try:
            pid, wait = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            break
        if pid == child:
            killed = os.WIFSIGNALED(wait)
            found = ("signal", os.WTERMSIG(wait)) if killed else ("exited", os.WEXITSTATUS(wait))
    return found


class Feed:
    """Standard input, as the program takes it."""

    def __init__(self, descriptor: int, content: bytes) -> None:
        self._descriptor, self._waiting = descriptor, memoryview(content)
        os.set_blocking(descriptor, False)
        self._close_if_done()

    @property
    def open(self) -> list[int]:
        return [self._descriptor] if self._descriptor >= 0 else []

    def write(self) -> None:
        try:
            self._waiting = self._waiting[os.write(self._descriptor, self._waiting[:65536]) :]
        except BlockingIOError:
            return  # the pipe is full
        except OSError:
            self._waiting = self._waiting[:0]
        self._close_if_done()

    def _close_if_done(self) -> None:
        if not self._waiting:
            os.close(self._descriptor)
            self._descriptor = -1


def supervise(spec: Spec, uid: int) -> bytes:
    """Run the program to its end, or end it. Returns the report (see :func:`report`)."""
    harden()
    limits, group = spec["limits"], spec.get("group")
    fill(spec, uid)
    given, out, err = os.pipe(), os.pipe(), os.pipe()
    begun = time.monotonic()
    child, grouped = begin(spec, uid, [given[0], out[1], err[1], *spec["channel"]], group)
    if not grouped:
        group = None
    feed = Feed(given[1], spec["stdin"])
    outputs = Outputs([Pipe(one, limits["output"] << 10) for one in (out[0], err[0])])
    watch = Watch(spec, grouped)
    end = begun + limits["seconds"]
    status, code, detail = wait(child, end, feed, outputs, watch, group)
    seconds = time.monotonic() - begun
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    outputs.drain()
    if status == "signal" and code == signal.SIGXCPU:
        status = "timeout"
    # A program that catches its MemoryError was not killed, and ends in its own way.
    if status == "signal" and code == signal.SIGKILL and group and groups.kills(group):
        status = "memory"
    return report(status, code, seconds, *outputs.kept(), detail.encode())


def wait(
    child: int,
    end: float,
    feed: Feed,
    outputs: Outputs,
    watch: Watch,
    group: dict[str, int] | None,
) -> tuple[str, int, str]:
    """Until the program ends or breaks a limit: status, code and detail."""
    ends = ending(child)
    while True:
        pause = max(0.0, min(watch.pause(), end - time.monotonic()))
        readable, writable, _ = select.select([*outputs.open, *ends], feed.open, [], pause)
        outputs.read(readable)
        if writable:
            feed.write()
        if ended := reap(child):
            return (*ended, "")
        if time.monotonic() > end:
            return "timeout", 0, ""
        if not watch.pause():
            status, detail = watch.look()
            if group and groups.kills(group):
                status = "memory"
            if status:
                return status, 0, detail


class Outputs:
    """Standard output and error."""

    def __init__(self, pipes: list[Pipe]) -> None:
        self._pipes = pipes
        self.open = {pipe.descriptor: pipe for pipe in pipes}

    def read(self, readable: list[int]) -> None:
        for descriptor in readable:
            if descriptor in self.open and not self.open[descriptor].read():
                del self.open[descriptor]

    def drain(self) -> None:
        """Read what the ended program left in the pipes."""
        for pipe in self.open.values():
            for _ in range(64):
                before = len(pipe.kept)
                if not pipe.read() or len(pipe.kept) == before:
                    break

    def kept(self) -> list[bytes]:
        return [bytes(pipe.kept) for pipe in self._pipes]
