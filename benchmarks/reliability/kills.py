"""Runs that are killed at random instants and at single system calls, and disks that fill up.

Whatever happened, the run is then resumed and compared with one that nobody disturbed: the same
figures and scores, nothing answered asked again beyond what was in flight, no process left.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import frozen
from tally import Row
from under_attack import (
    CountingServer,
    Place,
    copied,
    differences,
    figures,
    without_speed,
)

IN_FLIGHT = 8
SIGNALS = ("kill", "term", "hup", "int", "int twice", "group")
CALLS = (
    "rename", "unlink", "rmdir", "mkdir", "fsync", "write", "pwrite64", "openat", "ftruncate",
    "newfstatat", "flock",
)  # fmt: skip
"""System calls at which a stage is killed."""
MOST_CALLS = {"write": 400, "openat": 1500, "newfstatat": 1500}
"""How many of a kind are counted at most; of the others, all that there are (up to 60)."""
FULL = ("write", "pwrite64", "fsync", "openat", "mkdir", "rename")
"""System calls that fail for want of space."""

ACCURACY = """
[suite]
name = "k"
seed = 7
[models.m]
backend = "vllm-chat"
url = "{url}"
concurrency = 8
[datasets.g]
dataset = "gsm8k-demo"
repeats = 8
"""
JUDGED = (
    ACCURACY.replace("repeats = 8", "repeats = 3")
    + """evaluator = "judge-rating"
evaluation = {{ judge = "critic" }}
[models.critic]
backend = "vllm-chat"
role = "judge"
url = "{url}"
concurrency = 8
"""
)
LOADED = """
[suite]
name = "k"
mode = "both"
[models.m]
backend = "vllm-chat"
url = "{url}"
[datasets.g]
dataset = "gsm8k-demo"
[load]
shape = "closed"
requests = 84
workers = 2
warm_up = 0
sweep = {{ concurrency = [3, 6] }}
"""
SERVED = """
[suite]
name = "k"
[models.m]
backend = "vllm-chat"
server = "own"
[datasets.g]
dataset = "gsm8k-demo"
repeats = 4
[servers.own]
command = ["{{python}}", "server.py", "{{port}}"]
"""
SERVER = """
import os, subprocess, sys
subprocess.Popen(["sleep", "300"], start_new_session=True)
words = ["simulate", "--port", sys.argv[1], "--answers", "gsm8k-demo", "--ttft-ms", "40"]
os.execv(sys.executable, [sys.executable, "-m", "aisbench", *words])
"""
"""A server that leaves a child of another session behind."""


@frozen
class Kind:
    """A kind of run, and how long one takes at least (s)."""

    name: str
    suite: str
    delay: float
    seconds: float
    again: int
    """Requests that one interruption may cause to be asked again; -1: loads are run anew."""


KINDS = (
    Kind("accuracy", ACCURACY, 0.05, 3.0, IN_FLIGHT),
    Kind("judged", JUDGED, 0.05, 3.0, 2 * IN_FLIGHT),
    Kind("load of 2 workers", LOADED, 0.02, 4.0, -1),
)


def run(seeds: Sequence[int], quick: bool) -> list[Row]:
    """All attacks of this part."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="aisbench-kills-") as scratch:
        for kind in KINDS:
            rows.append(_signals(kind, seeds, 1 if quick else 10, Path(scratch)))
        rows.append(_servers(seeds, 1 if quick else 6, Path(scratch)))
        if shutil.which("strace") is None:
            print("kills: strace is not here: kills at system calls and full disks are skipped")
            return rows
        for name, prepare, command in STATES:
            rows.append(_calls(name, prepare, command, seeds, 4 if quick else 30, Path(scratch)))
        rows.append(_full(seeds, 2 if quick else 20, Path(scratch)))
    return rows


# -- signals at random instants


def _signals(kind: Kind, seeds: Sequence[int], count: int, scratch: Path) -> Row:
    faults = []
    with _served(kind.delay) as server:
        calm = _place(scratch, "calm", kind.suite, server)
        if calm.run("run", "s.toml") != 0:
            return Row("kills", kind.name, 1, 1, faults=(f"undisturbed: {calm.said[-300:]}",))
        want, asked = without_speed(figures(calm.folder)), len(server.asked)
        for seed in seeds:
            source = random.Random(f"{seed}/{kind.name}")
            for case in range(count):
                server.asked.clear()
                place = _place(scratch, "attacked", kind.suite, server)
                words = [_disturb(place, source, kind) for _ in range(source.choice((1, 1, 2, 3)))]
                if (code := place.run(*place.resume())) != 0:
                    place.notes.append(f"resumed, it ended with {code}: {place.said[-300:]}")
                _compare(place, want)
                again = sum(server.asked.values()) - len(server.asked)
                if kind.again >= 0 and again > kind.again * len(words):
                    place.notes.append(f"{again} requests were asked again")
                if kind.again >= 0 and len(server.asked) != asked:
                    place.notes.append(f"{len(server.asked)} requests instead of {asked}")
                faults += _told(place, f"seed {seed}, case {case}, {words}")
    return Row(
        "kills", f"signals, {kind.name}", count * len(seeds), len(faults), faults=tuple(faults)
    )


def _disturb(place: Place, source: random.Random, kind: Kind) -> str:
    """Begin or go on, and send a signal at some instant; what was done."""
    process = place.start(*place.resume())
    wait = source.uniform(0.3, kind.seconds)
    how = source.choice(SIGNALS)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(wait)
        place.wait(process)
        return f"ended within {wait:.2f} s"
    begun = "run " in (place.path / "said").read_text(errors="replace")
    _send(process, how, source)
    code = place.wait(process)
    # Before the program is read, a signal does what it does to any.
    if how in ("term", "hup", "int") and code not in (3, 0) and begun:
        place.notes.append(f"exit code {code} after {how}")
    place.orphans()
    return f"{how} after {wait:.2f} s"


def _send(process: subprocess.Popen[bytes], how: str, source: random.Random) -> None:
    with contextlib.suppress(ProcessLookupError):
        if how == "group":
            os.killpg(process.pid, signal.SIGKILL)
        elif how == "int twice":
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(source.uniform(0, 0.3))
            os.killpg(process.pid, signal.SIGINT)
        elif how == "int":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(getattr(signal, f"SIG{how.upper()}"))


def _servers(seeds: Sequence[int], count: int, scratch: Path) -> Row:
    """Servers that the run started must be gone whatever ended it, with all of their children."""
    faults = []
    for seed in seeds:
        source = random.Random(f"{seed}/servers")
        for case in range(count):
            place = Place(scratch / "served", "k")
            shutil.rmtree(place.path, ignore_errors=True)
            place.path.mkdir()
            (place.path / "s.toml").write_text(SERVED.format())
            (place.path / "server.py").write_text(SERVER)
            kind = Kind("servers", SERVED, 0, 4.0, -1)
            words = _disturb(place, source, kind)
            if (code := place.run(*place.resume())) != 0:
                place.notes.append(f"resumed, it ended with {code}: {place.said[-300:]}")
            place.orphans()
            faults += _told(place, f"seed {seed}, case {case}, {words}")
    return Row(
        "kills", "signals, [servers]", count * len(seeds), len(faults), faults=tuple(faults)
    )


# -- kills at a system call


def _half(place: Place) -> None:
    """An accuracy run that is whole but for its last answers and its figures."""
    process = place.start("run", "s.toml")
    deadline = time.monotonic() + 60
    journals = f"outputs/{place.name}/*/predictions/m/g.jsonl"
    while time.monotonic() < deadline:
        if any(path.read_bytes().count(b"\n") > 180 for path in place.path.glob(journals)):
            break
        time.sleep(0.01)
    process.kill()
    place.wait(process)


def _whole(place: Place) -> None:
    place.run("run", "s.toml")


def _raw(place: Place) -> None:
    """A load that ran to its end, and none of whose files is in its lasting form: the libraries
    that write these are loaded in between."""
    pattern = f"outputs/{place.name}/*/performance/m/g/*"
    for _ in range(10):
        shutil.rmtree(place.path / "outputs", ignore_errors=True)
        process = place.start("run", "s.toml")
        while process.poll() is None:
            found = place.path.glob(f"{pattern}/load.json")
            if any(b'"finished"' in path.read_bytes() for path in found):
                break
        process.kill()
        place.wait(process)
        if not list(place.path.glob(f"{pattern}/*.parquet")):
            return
    place.notes.append("was always too late to catch a load before its conversion")


State = tuple[str, Callable[[Place], None], Sequence[str]]
STATES: Sequence[State] = (
    ("evaluate", _whole, ("evaluate",)),
    ("run --resume", _half, ("run", "--resume")),
    ("report", _whole, ("report",)),
    ("conversion of a load", _raw, ("report",)),
)


def _calls(
    name: str,
    prepare: Callable[[Place], None],
    command: Sequence[str],
    seeds: Sequence[int],
    count: int,
    scratch: Path,
) -> Row:
    """Kill ``command`` at the N-th system call of a kind, then resume and compare."""
    faults = []
    load = prepare is _raw
    with _served(0.004) as server:
        first = _place(scratch, "prepared", LOADED if load else ACCURACY, server)
        prepare(first)
        recover = ("report",) if load else ("run", "--resume")
        calm = _copy(first, scratch / "calm")
        if calm.run(*recover, str(calm.folder)) != 0:
            return Row("kills", name, 1, 1, faults=(f"undisturbed: {calm.said[-300:]}",))
        want = without_speed(figures(calm.folder))
        totals = _count(first, scratch, command)
        for seed in seeds:
            source = random.Random(f"{seed}/{name}")
            for case in range(count):
                call = source.choice([one for one in CALLS if totals.get(one)])
                number = source.randint(1, totals[call])
                place = _copy(first, scratch / "attacked")
                trap = _strace(f"inject={call}:signal=SIGKILL:when={number}", call)
                place.run(*command, str(place.folder), around=trap)
                if (code := place.run(*recover, str(place.folder))) != 0:
                    place.notes.append(f"afterwards {recover[0]} ended with {code}: {place.said}")
                _compare(place, want)
                faults += _told(place, f"seed {seed}, case {case}, {call} {number}")
    return _row(f"at a system call, {name}", count * len(seeds), faults)


def _strace(inject: str, call: str) -> tuple[str, ...]:
    """Only the main process: a thread or a child would count for itself."""
    return ("strace", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject)


def _count(first: Place, scratch: Path, command: Sequence[str]) -> dict[str, int]:
    """How often each system call is made by the command."""
    place = _copy(first, scratch / "counted")
    trace = place.path / "trace"
    calls = ",".join(CALLS)
    place.run(
        *command, str(place.folder),
        around=("strace", "-qq", "-o", str(trace), "-e", f"trace={calls}"),
    )  # fmt: skip
    lines = trace.read_text(errors="replace").splitlines()
    found = {call: sum(line.startswith(f"{call}(") for line in lines) for call in CALLS}
    return {call: min(count, MOST_CALLS.get(call, 10_000)) for call, count in found.items()}


# -- no space


def _full(seeds: Sequence[int], count: int, scratch: Path) -> Row:
    """From the N-th system call of a kind on there is no space; then there is again."""
    faults = []
    with _served(0.004) as server:
        calm = _place(scratch, "calm", ACCURACY, server)
        calm.run("run", "s.toml")
        want = without_speed(figures(calm.folder))
        for seed in seeds:
            source = random.Random(f"{seed}/full")
            for case in range(count):
                place = _place(scratch, "attacked", ACCURACY, server)
                _half(place)
                call = source.choice(FULL)
                folder = place.folder
                assert folder is not None
                number = source.randint(1, 12)
                trap = (
                    *_strace(f"inject={call}:error=ENOSPC:when={number}+", call), "-f",
                    *(word for path in _written(folder) for word in ("-P", str(path))),
                )  # fmt: skip
                code = place.run("run", "--resume", str(folder), around=trap)
                if code not in (0, 3):
                    place.notes.append(f"exit code {code}: {place.said[-300:]}")
                if code == 3 and "space" not in place.said:
                    place.notes.append(f"the cause is not told: {place.said[-300:]}")
                if (code := place.run("run", "--resume", str(folder))) != 0:
                    place.notes.append(f"resumed, it ended with {code}: {place.said[-300:]}")
                _compare(place, want)
                faults += _told(place, f"seed {seed}, case {case}, {call} from {number} on")
    return Row(
        "kills", "no space from a call on", count * len(seeds), len(faults), faults=tuple(faults)
    )


def _written(folder: Path) -> list[Path]:
    """What a resumed run writes: strace must see paths before they are there."""
    temporary = [
        one.with_name(f".{one.name}.tmp")
        for one in (
            folder / "suite.toml", folder / "environment.json", folder / "seals.json",
            folder / "samples/g.jsonl", folder / ".results.new/m/g.json",
            folder / ".results.new/m/g.scores.jsonl",
        )
    ]  # fmt: skip
    return [folder / "predictions/m/g.jsonl", folder / "log.jsonl", folder / "summary", *temporary]


# -- parts


@contextlib.contextmanager
def _served(delay: float) -> Iterator[CountingServer]:
    server = CountingServer(delay)
    try:
        yield server
    finally:
        server.close()


def _place(scratch: Path, name: str, suite: str, server: CountingServer) -> Place:
    path = scratch / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    (path / "s.toml").write_text(suite.format(url=server.url))
    return Place(path, "k")


def _copy(first: Place, target: Path) -> Place:
    copied(first.path, target)
    return Place(target, first.name)


def _compare(place: Place, want: dict[str, object]) -> None:
    if found := differences(want, without_speed(figures(place.folder))):
        place.notes.append(found)


def _row(attack: str, tried: int, faults: Sequence[str]) -> Row:
    return Row("kills", attack, tried, len(faults), faults=tuple(faults))


def _told(place: Place, case: str) -> list[str]:
    return [f"{case}: {'; '.join(place.notes)}"] if place.notes else []
