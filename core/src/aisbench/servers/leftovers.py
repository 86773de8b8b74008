"""Servers that a session left running: it was killed together with their guardians."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from aisbench.store.run import RunFolder, read_json, write_json

MARK = "AISBENCH_SERVER_OF"
"""Variable in the environment of a run's servers, which their children inherit."""
GRACE_SECONDS = 10.0


def mark_of(run: RunFolder) -> str:
    """The value of :data:`MARK`: one for each run, which stays when its folder is moved."""
    path = _path(run)
    if path.exists():
        mark = read_json(path).get("mark")
        if isinstance(mark, str):
            return mark
    mark = f"{run.path.name}-{os.urandom(8).hex()}"
    write_json(path, {"mark": mark, "host": platform.node(), "servers": {}})
    return mark


def note_server(run: RunFolder, name: str, pid: int, started: int) -> None:
    """Write down that a server runs. ``started`` is in ticks since the machine's start."""
    document = read_json(_path(run))
    document["host"] = platform.node()
    document.setdefault("servers", {})[name] = {"pid": pid, "started": started}
    write_json(_path(run), document)


def note_end(run: RunFolder) -> None:
    """Write down that no server runs any more."""
    with contextlib.suppress(OSError):  # a note about a server that no longer runs does no harm
        _path(run).unlink(missing_ok=True)


def end_leftovers(run: RunFolder) -> Iterator[str]:
    """End what earlier sessions left, with sentences for the user. The caller holds the run's
    lock, so that no session that needs a server is alive."""
    path = _path(run)
    if not path.exists():
        return
    document = read_json(path)
    host, servers = document.get("host"), document.get("servers") or {}
    if host != platform.node():
        for name, one in servers.items():
            yield (
                f"servers.{name} was started on {host} by a session that was killed; if it still "
                f"runs there (process {one.get('pid')}), end it"
            )
        return
    found = _marked(str(document.get("mark")))
    if found:
        _end(str(document.get("mark")))
        names = ", ".join(sorted(servers)) or "?"
        yield (
            f"servers of a session that was killed were still running and were ended: {names} "
            f"(process{'es' if len(found) > 1 else ''} {', '.join(map(str, found))})"
        )
    note_end(run)


def _end(mark: str) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    signalled: set[int] = set()
    while left := _marked(mark):
        hard = time.monotonic() > deadline
        for pid in left:
            if hard or pid not in signalled:
                signalled.add(pid)
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
        time.sleep(0.05)


def _marked(mark: str) -> list[int]:
    """Living processes that inherited the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
    return sorted(one for one in found if one != os.getpid())


def _path(run: RunFolder) -> Path:
    return run.path / "servers" / "running.json"
