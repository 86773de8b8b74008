"""Scores hostile answers in a process where nothing but scoring is allowed.

``python audited.py MARK SHARE NAME ...`` prints a line of JSON: how many answers were scored, and
the slowest. SHARE is "all" or "some" of them, NAME an evaluator, "steps" or "core". An event of
Python's audit hook that scoring has no use for (running, compiling, importing, opening, processes,
sockets, ...) ends the process at once with exit code 3 and says which answer caused it: nothing
that swallows exceptions can hide it. An answer that takes too long ends it with exit code 4 or a
traceback.

What libraries load when they are first used is loaded before: ordinary answers come first, and
nothing is armed while they are scored.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS = 5.0
"""Processor time of one answer."""
WALL = 90.0
"""Real time of one, on a machine that does much else."""
HARMLESS = frozenset(
    {
        "sys._getframe",  # warnings and logging look who calls them
        "object.__getattr__",  # attributes of frames and code, read by the same
        "builtins.id",  # copies and representations of nested values
    }
)
SANDBOXED = frozenset(
    {
        "python-tests",
        "evalplus",
        "stdin-tests",
        "program-tests",
        "unittest-tests",
        "code-reasoning",
    }
)
"""Runs programs of answers: through aisbench.sandbox, which may do what it must."""

_now = ["", "warm-up"]
"""The evaluator, and the answer in words."""


def main() -> None:
    mark, share, *names = sys.argv[1:]
    sys.path.insert(0, str(Path(__file__).parent))
    from audited_trials import WARM, trials
    from hostile_answers import answers, arguments, some

    texts, calls = answers(mark), arguments(mark)
    if share == "some":
        texts, calls = some(texts), some(calls)
    made = [(name, kind, trial) for name in names for kind, trial in trials(name)]
    for name, _, trial in made:
        for text in WARM[::9] if name in SANDBOXED else WARM:
            trial(text)
    scored, slowest = 0, (0.0, "")
    sys.addaudithook(_audit)
    for name, kind, trial in made:
        corpus = calls if kind.endswith("tools") else texts
        if name in SANDBOXED:
            corpus = corpus[::15]  # each is a process
        _now[:] = [name, ""]
        for label, text in corpus:
            _now[1] = f"{name} ({kind}), {label}"
            faulthandler.dump_traceback_later(WALL, exit=True)
            begin = time.process_time()
            trial(text)
            took = time.process_time() - begin
            faulthandler.cancel_dump_traceback_later()
            slowest = max(slowest, (round(took, 3), _now[1]))
            if took > SECONDS:
                _stop(4, f"took {took:.1f} s of processor time")
        scored += len(corpus)
    _say({"scored": scored, "slowest": slowest})
    os._exit(0)


def _audit(event: str, details: tuple[Any, ...]) -> None:
    if event in HARMLESS:
        return
    frames = list(_frames(sys._getframe(1)))
    if _now[0] in SANDBOXED and any(map(_of_the_sandbox, frames)):
        return
    where = [f"{frame.f_code.co_filename}:{frame.f_lineno}" for frame in frames[:12]]
    _stop(3, f"{event} {str(details)[:200]}", where)


def _of_the_sandbox(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("aisbench.sandbox")


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _stop(code: int, why: str, where: list[str] | None = None) -> None:
    _say({"answer": _now[1], "why": why, "where": where or []})
    os._exit(code)


def _say(what: dict[str, object]) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    main()
