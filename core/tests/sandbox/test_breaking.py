"""Programs that would break what runs them: each ends, is told, and harms no other."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.sandbox import Limits, Program, ProgramEnd, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

AsNobody = Callable[..., list[ProgramEnd]]

SMALL = Limits(seconds=0.8, memory=256, processes=32, disk=16, output=16)
HEAD = "import os, signal, sys, time\n"
PROGRAMS: dict[str, tuple[str, set[str]]] = {
    "stops itself": ("os.kill(os.getpid(), signal.SIGSTOP)", {"timeout"}),
    "stops everything": ("os.fork()\nos.kill(-1, signal.SIGSTOP)\nwhile True: pass", {"timeout"}),
    "closes everything": ("os.closerange(0, 4096)\ntime.sleep(60)", {"timeout"}),
    "closes and ends": ("os.closerange(0, 4096)\nos._exit(0)", {"exited"}),
    "reads what never comes": ("os.read(os.pipe()[0], 1)", {"timeout"}),
    "opens a named pipe": ("os.mkfifo('p')\nopen('p').read()", {"timeout"}),
    "waits for a lock": (
        "import fcntl\na = open('l', 'w'); fcntl.flock(a, 2)\n"
        "b = open('l', 'w'); fcntl.flock(b, 2)",
        {"timeout"},
    ),
    "starts as a child that never begins": (
        "import ctypes\nctypes.CDLL(None).vfork() or time.sleep(60)",
        {"timeout", "signal", "exited"},
    ),
    "an endless number of ended children": (
        "while True:\n    try:\n        if os.fork() == 0: os._exit(0)\n    except OSError: pass",
        {"timeout", "processes", "memory"},
    ),
    "an endless number of orphans": (
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "def hand_on():\n"
        "    while True:\n"
        "        try:\n            if os.fork(): os._exit(0)\n"
        "        except OSError: pass\n"
        "for _ in range(8):\n    if os.fork() == 0: hand_on()\n"
        "time.sleep(60)",
        {"timeout", "processes", "memory"},
    ),
    "a storm that has much memory": (
        "x = b'1' * 60_000_000\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        {"timeout", "processes", "memory"},
    ),
    "many sessions, to have more than one program's share of the cores": (
        "for _ in range(20):\n"
        "    if os.fork() == 0:\n        os.setsid()\n        while True: pass\n"
        "time.sleep(60)",
        {"processes"},
    ),
    "fills its own input": (
        "writes = os.open('/proc/self/fd/0', os.O_WRONLY | os.O_NONBLOCK)\n"
        "while True:\n"
        "    try: os.write(writes, bytes(4096))\n    except BlockingIOError: pass",
        {"timeout", "exited"},  # where its user is another, it may not
    ),
    "reads its own output": (
        "reads = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK)\n"
        "for _ in range(1000): os.write(1, b'x' * 4096); os.read(reads, 4096)",
        {"exited"},
    ),
    "writes what is no text": ("os.write(1, bytes(range(256)) * 40)", {"exited"}),
    "writes as the supervisor does": (
        "os.write(1, b'exited 0 0.1 1 0 0\\nx' * 9)\nos.write(2, b'\\x08' + bytes(7))",
        {"exited"},
    ),
    "writes to all that is open": (
        "for n in range(256):\n    try: os.write(n, b'exited 0 0.1 1 0 0\\nx')\n"
        "    except OSError: pass",
        {"exited"},
    ),
    "uses up descriptors": (
        "held = []\n"
        "for _ in range(40):\n    if os.fork() == 0: break\n"
        "try:\n    while True: held += os.pipe()\nexcept OSError: time.sleep(60)",
        {"timeout", "processes", "exited"},
    ),
    "is killed by its own timer": (
        "signal.setitimer(signal.ITIMER_REAL, 0.1)\ntime.sleep(60)",
        {"signal"},
    ),
    "breaks off with a core": ("os.chdir('/sandbox/tmp')\nos.abort()", {"signal"}),
    "deep folders": (
        "try:\n    while True:\n        os.mkdir('d' * 250)\n        os.chdir('d' * 250)\n"
        "except OSError: sys.exit(3)",
        {"exited", "files"},
    ),
    "folders that nobody may read": (
        "for n in range(500):\n    os.mkdir(f'd{n}')\n    os.chmod(f'd{n}', 0)\n"
        "os.chmod('/sandbox', 0)",
        {"exited"},
    ),
    "names that are no text": (
        "for n in range(1, 256):\n    if n != 47: open(b'/sandbox/' + bytes([n]) * 9, 'w')",
        {"exited"},
    ),
    "a loop of links": (
        "os.symlink('a', 'b')\nos.symlink('b', 'a')\nos.symlink('/', 'root')\nopen('a')",
        {"exited"},
    ),
    "a large environment": (
        "os.environ.update({f'n{n}': 'x' * 100_000 for n in range(12)})\n"
        "os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
        {"exited"},
    ),
    "becomes itself without end": (
        "os.execv(sys.executable, [sys.executable, '-I', '-S', __file__])",
        {"timeout"},
    ),
}


EVERY_DAY = {
    "stops everything", "closes everything", "an endless number of orphans", "deep folders",
    "fills its own input", "writes to all that is open", "breaks off with a core",
    "many sessions, to have more than one program's share of the cores",
}  # fmt: skip
KINDS_OF_IT = [
    how if how in EVERY_DAY else pytest.param(how, marks=pytest.mark.slow) for how in PROGRAMS
]


def run(sandbox: Sandbox, code: str, limits: Limits = SMALL, stdin: bytes = b"") -> ProgramEnd:
    command = [sandbox.python, "-I", "-S", "main.py"]
    return sandbox.run({"main.py": code.encode()}, command, limits=limits, stdin=stdin)


@pytest.mark.parametrize("how", KINDS_OF_IT)
def test_it_ends_and_is_told(sandbox: Sandbox, how: str) -> None:
    code, wanted = PROGRAMS[how]
    begun = time.monotonic()
    found = run(sandbox, HEAD + code + "\n", stdin=b"x" * 200_000)
    assert found.status in wanted, found
    assert time.monotonic() - begun < 6
    assert len(found.stdout) <= 16 << 10


def test_all_of_it_as_a_user(as_nobody: AsNobody) -> None:
    """Where program and supervisor are the same user."""
    for how in (
        "stops everything",
        "an endless number of orphans",
        "a storm that has much memory",
        "fills its own input",
    ):
        code, wanted = PROGRAMS[how]
        (found,) = as_nobody(HEAD + code + "\n", limits=SMALL)
        assert found.status in wanted, (how, found)
        assert found.seconds < 2.5


def test_files_are_few(counted: Sandbox) -> None:
    """Each is memory of the kernel's, however little is in it."""
    code = (
        "import os\nmade = 0\n"
        "try:\n"
        "    while True:\n"
        "        os.mkdir(f'd{made}')\n"
        "        for n in range(200): os.symlink('x' * 60, f'd{made}/{n}')\n"
        "        made += 1\n"
        "except OSError: print(made * 200 < 9000)\n"
    )
    found = run(counted, code, Limits(seconds=20.0, memory=256, disk=16))
    assert found.status == "files" or found.stdout == "True\n", found


def test_a_pair_that_writes_without_end(sandbox: Sandbox) -> None:
    floods = "import os\nwhile True: os.write(4, bytes(65536))\n"
    deaf = "import time\ntime.sleep(60)\n"
    limits = Limits(seconds=1.0, memory=128)
    one, other = (
        Program(
            files={"main.py": code.encode()},
            command=[sandbox.python, "-I", "-S", "main.py"],
            limits=limits,
        )
        for code in (floods, deaf)
    )
    flooding, sleeping = sandbox.run_pair(one, other)
    # Both times are over at once: the one that writes may see the pipe broken before its own end.
    assert flooding.status in ("timeout", "parted", "exited")
    assert sleeping.status in ("timeout", "parted")
    assert max(flooding.seconds, sleeping.seconds) < 2.5


def test_the_others_go_on(sandbox: Sandbox) -> None:
    """Each of them beside honest programs, which have their own results."""
    said: list[str] = []
    over = threading.Event()

    def honest() -> None:
        number = 0
        while not over.is_set():
            number += 1
            found = run(sandbox, f"print({number})", Limits(seconds=20.0))
            said.append("" if found.stdout == f"{number}\n" else str(found))

    thread = threading.Thread(target=honest)
    thread.start()
    try:
        for how in ("stops everything", "an endless number of ended children", "deep folders"):
            run(sandbox, HEAD + PROGRAMS[how][0] + "\n")
    finally:
        over.set()
        thread.join()
    assert said
    assert not any(said), said


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_without_descriptors(sandbox: Sandbox) -> None:
    """What this process lacks is told as the sandbox's fault, not raised, and passes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (_descriptors() + 20, hard))
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        found = run(sandbox, "print(1)")
        assert found.status == "broken"
        assert "Too many open files" in found.detail
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert run(sandbox, "print(1)").stdout == "1\n"


def test_where_a_broken_sandbox_was_broken(sandbox: Sandbox) -> None:
    """With the places of its code, for whoever looks into the log."""
    program = Program(files={"a/../../../b": b"x"}, command=["/bin/true"], limits=SMALL)
    one, other = sandbox.run_pair(program, Program(files={}, command=["/bin/true"], limits=SMALL))
    assert (one.status, other.status) == ("broken", "exited")
    assert "in fill" in one.detail
    assert one.detail.splitlines()[0].startswith(("OSError", "PermissionError", "FileNotFound"))
