"""Hostile programs against every kind of sandbox that works here, with honest ones between them.

After each: nothing of it runs any more, nothing outside has changed, the machine has lost no more
memory than was allowed, it ended in its time and was told. The honest ones have their results.
"""

from __future__ import annotations

import logging
import marshal
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import attrs
from attrs import define, field
from tally import Row
from tricks import hostile

from aisbench.api import Answer, Sample, Verdict
from aisbench.sandbox import Limits, ProgramEnd, Sandbox, SandboxError, open_sandbox
from aisbench.sandbox.host import KINDS, LAUNCH, launched, outcomes
from aisbench.sandbox.launching.groups import left_over

LIMITS = Limits(seconds=1.0, memory=128, processes=48, disk=16, output=16)
AT_ONCE = 2
SPARE = 768
"""MB that other programs of the machine may come to use within one program's time."""
LATE = 8.0
"""Seconds after a program's own within which its sandbox must have ended, on a busy machine."""
FIRST_UID = 1_900_000_000

Run = Callable[[str, str, Limits], ProgramEnd]
"""A file's name, its text, limits."""


def run(seeds: Sequence[int], quick: bool) -> list[Row]:
    logging.getLogger("aisbench_plugin_code").setLevel(logging.ERROR)
    rows = []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name, call, group in ways(Path(folder)):
            rows += attacked(name, call, group, seeds, 4 if quick else 40)
        rows += judged(seeds, 4 if quick else 40)
    return rows


def ways(folder: Path) -> Iterator[tuple[str, Run, Path | None]]:
    """Kinds of sandboxes, each with a control group and without, and as a user who is not root."""
    for kind in KINDS:
        try:
            sandbox = open_sandbox(kind)
        except SandboxError:
            continue
        if sandbox.group:
            yield f"{kind}, group", called(sandbox), Path(sandbox.group.folder)
        yield f"{kind}, watched", called(Sandbox(kind, Path(sandbox.python))), None
    setpriv, python = shutil.which("setpriv"), Path("/usr/bin/python3")
    if os.geteuid() == 0 and setpriv and python.exists():
        yield "as a user, watched", as_user(folder, setpriv, str(python)), None


def called(sandbox: Sandbox) -> Run:
    def call(name: str, text: str, limits: Limits) -> ProgramEnd:
        command = [sandbox.python, "-I", "-S", name]
        return sandbox.run({name: text.encode()}, command, limits=limits, stdin=b"x" * 100_000)

    return call


def as_user(folder: Path, setpriv: str, python: str) -> Run:
    """By nobody, with the system's Python, from a copy that nobody can read."""
    import aisbench.sandbox

    folder.chmod(0o755)
    source = Path(aisbench.sandbox.__file__).with_name("launching")
    shutil.copytree(source, folder / "launching", ignore=shutil.ignore_patterns("__pycache__"))
    binds = [one for one in ("/usr", "/bin", "/lib", "/lib64") if os.path.lexists(one)]
    command = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
    command += [python, "-I", "-S", "-c", LAUNCH, str(folder)]

    def call(name: str, text: str, limits: Limits) -> ProgramEnd:
        part = {
            "wrap": [], "number": 5, "stdin": b"x" * 100_000, "files": {name: text.encode()},
            "command": [python, "-I", "-S", name], "env": {}, "groups": [], "binds": binds,
            "limits": attrs.asdict(limits),
        }  # fmt: skip
        return outcomes(*launched(command, [marshal.dumps(part, 2)], limits.seconds + 10), 1)[0]

    return call


@define
class Watcher:
    """What must not change, and what must not be used up."""

    group: Path | None
    canary: Path
    victim: subprocess.Popen[bytes]
    least: int = 1 << 62
    before: dict[str, str] = field(factory=dict)
    over: threading.Event = field(factory=threading.Event)

    def state(self) -> dict[str, str]:
        import aisbench.sandbox

        places = (os.__file__, sys.executable, aisbench.sandbox.__file__)
        found = {
            "the canary": self.canary.read_text(),
            "the victim": f"{self.victim.poll()} {os.getpriority(0, self.victim.pid)}",
            "the host's name": os.uname().nodename,
            "the root": str(sorted(Path("/").iterdir())),
            "System V": "".join(
                one.read_text() for one in sorted(Path("/proc/sysvipc").iterdir())
            ),
            "shared memory": str(list(Path("/dev/shm").glob("hostile*"))),
            "Python's folder": str(sorted(Path(os.__file__).parent.iterdir())),
        }
        for place in places:
            told = Path(place).stat()
            found[place] = f"{told.st_mode} {told.st_size} {told.st_mtime_ns}"
        return found

    def faults(self, mark: str) -> list[str]:
        """After a program: what is wrong by now."""
        now = self.state()
        found = [f"{name} changed" for name, value in now.items() if value != self.before[name]]
        end = time.monotonic() + 3
        while (alive := running(mark)) and time.monotonic() < end:
            time.sleep(0.02)
        return found + [f"process {one} is left" for one in alive]

    def sample(self) -> None:
        while not self.over.wait(0.02):
            self.least = min(self.least, available())


def available() -> int:
    """MB."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return 0


def running(mark: str) -> list[str]:
    """Processes whose command line has the mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "cmdline").read_bytes():
                found.append(entry.name)
        except OSError:
            continue
    return found


@contextmanager
def watched(group: Path | None) -> Iterator[Watcher]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        canary = Path(folder) / "canary"
        canary.write_text("untouched")
        canary.chmod(0o666)
        victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100_000)"])
        watcher = Watcher(group, canary, victim)
        watcher.before = watcher.state()
        thread = threading.Thread(target=watcher.sample)
        thread.start()
        try:
            yield watcher
        finally:
            watcher.over.set()
            thread.join()
            victim.kill()
            victim.wait()


def attacked(
    way: str, call: Run, group: Path | None, seeds: Sequence[int], count: int
) -> list[Row]:
    faults: list[str] = []
    honest: list[str] = []
    scored = 0
    with watched(group) as watcher, ThreadPoolExecutor(AT_ONCE) as pool:
        before = available()

        def one(case: tuple[int, int]) -> None:
            seed, number = case
            mark = f"hostile-{os.getpid()}-{seed}-{number}"
            names, text = hostile(random.Random(f"{seed} {number}"), mark, str(watcher.canary))
            begun = time.monotonic()
            found = call(f"{mark}.py", text, LIMITS)
            took = time.monotonic() - begun
            wrong = watcher.faults(mark)
            if found.status == "broken":
                wrong.append(f"the sandbox broke: {found.detail}")
            if took > LIMITS.seconds + LATE:
                wrong.append(f"took {took:.1f} s")
            faults.extend(
                f"seed {seed}, program {number} ({', '.join(names)}): {x}" for x in wrong
            )

        over = threading.Event()

        def between() -> None:
            nonlocal scored
            while not over.is_set():
                scored += 1
                text = f"import sys\nprint({scored} * 7, len(sys.stdin.read()))"
                found = call("honest.py", text, attrs.evolve(LIMITS, seconds=30.0))
                if found.stdout != f"{scored * 7} 100000\n":
                    honest.append(f"program {scored}: {found}")

        thread = threading.Thread(target=between)
        thread.start()
        list(pool.map(one, [(seed, number) for seed in seeds for number in range(count)]))
        over.set()
        thread.join()
        lost = before - watcher.least - (AT_ONCE + 1) * LIMITS.memory
        if lost > SPARE:
            faults.append(f"{lost} MB more than allowed were used at some moment")
        if group and (left := [x.name for x in group.glob("aisbench-*") if left_over(x.name)]):
            faults.append(f"control groups are left: {left}")
    tried = len(seeds) * count
    return [
        Row("programs", f"hostile ({way})", tried, len(faults), faults=tuple(faults)),
        Row("programs", f"honest beside them ({way})", scored, len(honest), faults=tuple(honest)),
    ]


TESTS = "assert f(3) == [0, 1, 2]\nassert f(0) == []\n"
HONEST = "def f(n):\n    return list(range(n))\n"
FORGED = (
    "os._exit(0)",
    "sys.exit(0)",
    'os.write(1, b\'{"verdict": "passed", "reason": ""}\')',
    'os.write({n}, b\'{"verdict": "passed", "reason": ""}\'); os._exit(0)',
    "send(['value'], {'v': {tree}})",
    "send(['loaded']); send(['value'], {'v': {tree}})",
    "send(['error'], {'e': {tree}})",
    "send(['back', {n}], [[], {}])",
    "send([{tree}], {'v': 1, 'm': [[0, {tree}]]})",
    "os.write(4, {noise})",
    "os.write(4, (8).to_bytes(4, 'little') + (1 << {n}).to_bytes(4, 'little') + bytes(9))",
    "os.close(4)",
    "os.close(3)",
    "os.kill(os.getpid(), {n})",
    "return __import__('numpy').zeros(3).view('i4,i4')",
    "async def g(): return {tree}\n    return g()",
    "import inspect; return [x.frame.f_locals for x in inspect.stack()]",
)
WIRE = """
import os, sys, json, time
def send(head, body=''):
    first, second = json.dumps(head).encode(), json.dumps(body).encode()
    os.write(4, len(first).to_bytes(4, 'little') + len(second).to_bytes(4, 'little')
             + first + second)
"""


def tree(draw: random.Random, deep: int = 0) -> object:
    """Data as the channel has it, or nearly."""
    if deep > 3 or draw.random() < 0.3:
        return draw.choice([None, True, 0, 1, -1, 2**70, 0.5, "", "20", "x" * 99, []])
    tags = [
        "l", "t", "d", "s", "f", "r", "a", "i", "c", "b", "B", "R", "S", "E", "q", "D", "v", "e",
        "n", "np", "o", "h", "H", "g", "zz",
    ]  # fmt: skip
    words = ["keys", "Counter", "Decimal", "<i8", "i4,i4", "<U99999999", "Ellipsis", "exception"]
    rest: list[object] = [
        draw.choice(words) if draw.random() < 0.3 else tree(draw, deep + 1)
        for _ in range(draw.randint(0, 4))
    ]
    return [draw.choice(tags), *rest]


def judged(seeds: Sequence[int], count: int) -> list[Row]:
    """Through the evaluator: none passes that is not right, none is left out, and honest answers
    between them are right."""
    from aisbench_plugin_code.evaluator import PythonTests
    from aisbench_plugin_code.settings import PythonTestsSettings

    hasty = PythonTests(PythonTestsSettings(run_code=True, limits=Limits(seconds=1.0)))
    patient = PythonTests(PythonTestsSettings(run_code=True))
    fields = {"prompt": "", "entry_point": "f", "tests": TESTS}

    def score(evaluator: PythonTests, code: str) -> Verdict | str:
        said = Answer.of(f"```python\n{code}```")
        try:
            return evaluator.score(Sample(id="s", fields=fields), said).verdict
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"

    def one(case: tuple[int, int]) -> tuple[str, Verdict | str, Verdict | str]:
        seed, number = case
        draw = random.Random(f"forged {seed} {number}")
        body = draw.choice(FORGED)
        for name, value in {
            "{n}": str(draw.randrange(1, 40)),
            "{tree}": repr(tree(draw)),
            "{noise}": repr(draw.randbytes(draw.randrange(1, 99))),
        }.items():
            body = body.replace(name, value)
        code = WIRE + f"def f(n):\n    {body}\n    return {tree(draw)!r}\n"
        return f"seed {seed}, answer {number} ({body})", score(hasty, code), score(patient, HONEST)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, [(seed, n) for seed in seeds for n in range(count)]))
    wrong = {Verdict.WRONG}
    forged = [f"{told}: {verdict}" for told, verdict, _ in found if verdict not in wrong]
    honest = [f"{told}, then: {v}" for told, _, v in found if v is not Verdict.RIGHT]
    return [
        Row("programs", "forged verdicts", len(found), len(forged), faults=tuple(forged)),
        Row("programs", "honest between them", len(found), len(honest), faults=tuple(honest)),
    ]
