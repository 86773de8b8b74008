"""Doing something again whenever one of the files that decide it changes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from aisbench.base.errors import ExitCode
from aisbench.wording.spoken import say

PAUSE = 0.3
"""Seconds between two looks at the files."""
CLEAR = "\x1b[2J\x1b[3J\x1b[H"

Work = Callable[[Callable[[Iterable[Path]], None]], int]
"""Shows something; it is given what is told of files."""
Stamp = tuple[int, int]


def watch(work: Work, named: Iterable[Path]) -> int:
    """Do ``work`` in a process of its own, and again when ``named`` files or those that it tells
    of change, until Ctrl-C.

    What it imports, prints or breaks is gone with its process: each time begins as the first.
    """
    files = set(named)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            before = _stamps(files)
            if sys.stdout.isatty():
                print(CLEAR, end="")
            files |= _once(work)
            # A file that the work itself told of is compared with what it is now.
            before = {path: before.get(path, stamp) for path, stamp in _stamps(files).items()}
            say(f"\n-- watching {len(files)} files; Ctrl-C ends --", flush=True)
            while (now := _stamps(files)) == before:
                time.sleep(PAUSE)
            changed = sorted(str(path) for path in files if now[path] != before[path])
            say(f"-- changed: {', '.join(changed)} --", flush=True)
    say()
    return ExitCode.OK


def _once(work: Work) -> set[Path]:
    """The files that a process told of while it did the work."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    sys.stdout.flush()
    child = context.Process(target=_in_child, args=(work, sending), daemon=False)
    # A Ctrl-C while the process is made is for this one, and comes when it is there.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    child.start()
    sending.close()
    files: set[Path] = set()
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        with contextlib.suppress(EOFError):
            while True:
                files.update(receiving.recv())
        child.join()
    finally:
        if child.is_alive():
            child.terminate()
            child.join()
    if child.exitcode is not None and child.exitcode < 0:
        print(f"error: the process was ended by signal {-child.exitcode}", file=sys.stderr)
    return files


def _in_child(work: Work, sending: Connection) -> None:
    from aisbench.cli import guarded

    # Ctrl-C ends the watch, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = guarded(lambda: work(lambda files: sending.send([one.absolute() for one in files])))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _stamps(files: Iterable[Path]) -> dict[Path, Stamp]:
    """When each was changed, and how long it is; zeros for one that is not there."""
    found = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:
            found[path] = (0, 0)
        else:
            found[path] = (status.st_mtime_ns, status.st_size)
    return found
