"""A program that starts a server, and ends it with all of its processes when its owner ends.

It runs as a script and imports nothing of aisbench. The owner holds the other end of standard
input. Whatever ends the owner (kill -9, a closed terminal) closes that pipe, and then everything
that the server started is ended: its group, what left the group, and what became a daemon, since
this process adopts orphans (``PR_SET_CHILD_SUBREAPER``). Servers fork workers that hold an
accelerator's memory; a signal to the first process alone would leave them running.

usage: guardian.py OWNER STATUS GRACE COMMAND...

``OWNER`` is the owner's process id, ``STATUS`` an open descriptor for lines of JSON about the
server, ``GRACE`` the seconds between SIGTERM and SIGKILL.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.05


def main(words: list[str]) -> int:
    owner, status, grace, *command = words
    tell = int(status)
    os.set_inheritable(tell, False)
    # It is asked to end through the pipe, and not by signals.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_become_server,
        )
    except OSError as error:
        _tell(tell, {"error": error.strerror or str(error)})
        return 1
    _tell(tell, {"pid": server.pid, "started": _start_of(server.pid)})
    _wait(server, int(owner))
    if (code := server.poll()) is not None:
        _tell(tell, {"code": code})
    _end_all(server, float(grace))
    return 0


def _become_server() -> None:
    """In the child: default signals, and to be killed with this process."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(server: subprocess.Popen[bytes], owner: int) -> None:
    """Until the server or the owner ends, or the owner closes the pipe."""
    watched: list[int] = [0]
    with contextlib.suppress(OSError, AttributeError):
        # The pipe is not enough: a process that the owner forked may hold it open for a while.
        watched.append(os.pidfd_open(owner))
    if len(watched) == 1 and os.getppid() != owner:
        return
    with contextlib.suppress(OSError, AttributeError):
        watched.append(os.pidfd_open(server.pid))
    pause = None if len(watched) == 3 else POLL_SECONDS
    while server.poll() is None:
        if select.select(watched, [], [], pause)[0]:
            return


def _end_all(server: subprocess.Popen[bytes], grace: float) -> None:
    """End every process below this one, with SIGTERM, and after ``grace`` seconds with SIGKILL."""
    deadline = time.monotonic() + grace
    signalled: set[int] = set()
    while left := _below():
        hard = time.monotonic() > deadline
        for pid in left:
            if hard or pid not in signalled:
                signalled.add(pid)
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
        _reap(server)
        time.sleep(0.01 if hard else POLL_SECONDS)
    _reap(server)


def _reap(server: subprocess.Popen[bytes]) -> None:
    server.poll()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _below() -> list[int]:
    """Living processes whose chain of parents leads here."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if (fields := _stat(int(path.name))) and fields[0] not in "ZX":
            parents[int(path.name)] = int(fields[1])
    mine = os.getpid()
    found = []
    for pid in parents:
        above = parents[pid]
        while above in parents and above != mine:
            above = parents[above]
        if above == mine:
            found.append(pid)
    return found


def _start_of(pid: int) -> int:
    """When a process started, in ticks since boot: together with its id this identifies it."""
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat (proc(5)) from the third on; none when the process is gone."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return line.rpartition(")")[2].split()


def _prctl(option: int, value: int) -> None:
    """prctl(2), where it exists."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _tell(fd: int, message: dict[str, object]) -> None:
    with contextlib.suppress(OSError):
        os.write(fd, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
