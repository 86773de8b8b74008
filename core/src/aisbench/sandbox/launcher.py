"""Started for each program: builds the sandbox around itself, runs the program, tells how it
ended. Standard library alone, and nothing of aisbench: it must start fast and see little.

Three processes: this one (outside the new process namespace); the supervisor, process 1 inside,
which cannot be killed from inside and whose end is the end of all others there; the program.
What to do is read from standard input as JSON, how it ended is written to standard output.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from typing import Any, NoReturn

FOLDER = "/sandbox"
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
FIRST_UID = 1_900_000_000
"""Of programs, when the launcher is root: each has a user of its own, whose processes count."""
TICK = 0.02

Spec = dict[str, Any]
Told = dict[str, Any]

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    texts = [None if one is None else os.fsencode(one) for one in (source, target, kind)]
    check(libc.mount(*texts, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def read_only(target: str) -> None:
    """``target`` and everything mounted below it."""
    attributes = struct.pack("=QQQQ", RDONLY | NOSUID | NODEV, 0, 0, 0)
    done = libc.syscall(442, -100, os.fsencode(target), 0x8000, attributes, len(attributes))
    if done == 0:
        return
    # Kernels before 5.12: the mount itself, and each that is listed below it.
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        places = [line.split()[4].encode().decode("unicode_escape") for line in file]
    for place in sorted({one for one in places if one == target or one.startswith(target + "/")}):
        mount(None, place, None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)


def new_namespaces() -> bool:
    """Whether a user namespace was needed."""
    flags = NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    if os.geteuid() == 0 and libc.unshare(flags) == 0:
        return False
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(flags | NEWUSER), "a user namespace")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"65534 {uid} 1"),
        ("gid_map", f"65534 {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return True


def build(spec: Spec) -> None:
    """A root of its own, at /tmp: what the program may read, and one folder to write into."""
    mount(None, "/", None, REC | PRIVATE)
    root = "/tmp"
    # All is looked at before the new root hides what lies in /tmp, a Python of the user's as well.
    links = {path: os.readlink(path) for path in spec["binds"] if os.path.islink(path)}
    held = {path: os.open(path, os.O_PATH) for path in spec["binds"] if path not in links}
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in ("null", "zero", "urandom")}
    mount("tmpfs", root, "tmpfs", NOSUID | NODEV, "size=1m,mode=755")
    os.mkdir(root + FOLDER)
    options = f"size={spec['limits']['disk']}m,nr_inodes=8192,mode=755"
    mount("tmpfs", root + FOLDER, "tmpfs", NOSUID | NODEV, options)
    os.mkdir(f"{root}{FOLDER}/tmp")
    os.symlink(f"{FOLDER[1:]}/tmp", root + "/tmp")
    for path in spec["binds"]:
        # The program's /tmp is in its own folder: so is what it may read of this machine's.
        target = root + (FOLDER + path if path.startswith("/tmp/") else path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if path in links:
            os.symlink(links[path], target)
            continue
        if os.path.isdir(f"/proc/self/fd/{held[path]}"):
            os.makedirs(target, exist_ok=True)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        mount(f"/proc/self/fd/{held[path]}", target, None, BIND | REC)
        read_only(target)
    os.mkdir(root + "/dev")
    for name, descriptor in devices.items():
        os.close(os.open(f"{root}/dev/{name}", os.O_CREAT | os.O_WRONLY, 0o666))
        mount(f"/proc/self/fd/{descriptor}", f"{root}/dev/{name}", None, BIND)
    for name in ("proc", "old"):
        os.mkdir(f"{root}/{name}")
    try:
        # While the old one can still be seen: the kernel lets users mount no other.
        mount("proc", root + "/proc", "proc", RDONLY | NOSUID | NODEV | NOEXEC)
    except OSError:
        pass  # inside some containers; memory is then limited by process alone
    os.chdir(root)
    check(libc.syscall(155 if os.uname().machine == "x86_64" else 41, b".", b"old"), "pivot_root")
    os.chdir("/")
    check(libc.umount2(b"/old", 2), "umount")
    os.rmdir("/old")
    mount(None, "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    for descriptor in (*held.values(), *devices.values()):
        os.close(descriptor)


def fill(spec: Spec, uid: int) -> None:
    """The program's files, which belong to it."""
    os.makedirs(FOLDER + "/tmp", exist_ok=True)
    paths = [FOLDER, FOLDER + "/tmp"]
    for name, content in spec["files"].items():
        path = os.path.join(FOLDER, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(content))
        paths.append(path)
    if uid:
        for path in paths:
            os.chown(path, uid, uid)


def become(spec: Spec, uid: int, pipes: tuple[int, int, int]) -> NoReturn:
    """In the child: give up everything, then be the program. Never returns."""
    try:
        limits = spec["limits"]
        os.setsid()
        for place, descriptor in enumerate(pipes):
            os.dup2(descriptor, place)
        os.closerange(3, 1 << 16)
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


def supervise(spec: Spec, uid: int) -> Told:
    """Run the program to its end, or end it. Returns what is told of it."""
    limits = spec["limits"]
    fill(spec, uid)
    given, out, err = os.pipe(), os.pipe(), os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        become(spec, uid, (given[0], out[1], err[1]))
    for descriptor in (given[0], out[1], err[1]):
        os.close(descriptor)
    pipes = [Pipe(one, limits["output"] << 10) for one in (out[0], err[0])]
    open_ = {pipe.descriptor: pipe for pipe in pipes}
    waiting = memoryview(base64.b64decode(spec["stdin"]))
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
    kept = [base64.b64encode(bytes(pipe.kept)).decode() for pipe in pipes]
    return {
        "status": status,
        "code": code,
        "seconds": seconds,
        "stdout": kept[0],
        "stderr": kept[1],
    }


def tell(result: Told) -> None:
    os.write(result_descriptor, json.dumps(result).encode() + b"\n")


def inside(spec: Spec) -> None:
    """As process 1 of a sandbox that bubblewrap has built."""
    try:
        tell(supervise(spec, 0))
    except BaseException as error:
        tell({"status": "broken", "detail": f"{type(error).__name__}: {error}"})


def outside(spec: Spec) -> None:
    """Build the sandbox, then supervise from within."""
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    user = new_namespaces()
    ready = os.pipe()
    child = os.fork()
    if child:
        os.close(ready[1])
        os.waitpid(child, 0)
        return
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    try:
        build(spec)
        tell(supervise(spec, 0 if user else FIRST_UID + spec["number"]))
    except BaseException as error:
        tell({"status": "broken", "detail": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from filter import install  # type: ignore[import-not-found]

    result_descriptor = os.dup(1)
    given_spec = json.loads(sys.stdin.buffer.read())
    # Text codecs are files of Python's own, which may not be there any more later.
    "é".encode().decode("unicode_escape")
    try:
        if given_spec["mode"] == "inside":
            inside(given_spec)
        else:
            outside(given_spec)
    except BaseException as error:
        tell({"status": "broken", "detail": f"{type(error).__name__}: {error}"})
