"""Two programs that share nothing but a channel."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import attrs
import pytest

from aisbench.sandbox import Limits, Program, ProgramEnd, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

AsNobody = Callable[..., list[ProgramEnd]]

SMALL = Limits(seconds=4.0, memory=256, processes=32, disk=8, output=16)
ECHO = "import os\nwhile data := os.read(3, 65536): os.write(4, data.upper())\n"
"""Answers what the other says, until it has ended."""


def pair(
    sandbox: Sandbox, first: str, second: str, limits: Limits = SMALL, stdin: bytes = b""
) -> tuple[ProgramEnd, ProgramEnd]:
    one, other = (
        Program(
            files={"main.py": code.encode()},
            command=[sandbox.python, "-I", "main.py"],
            stdin=stdin,
            limits=limits,
        )
        for code in (first, second)
    )
    return sandbox.run_pair(one, other)


def test_they_talk(sandbox: Sandbox) -> None:
    asks = (
        "import os\nos.write(4, b'x' * 60_000)\nleft = 60_000\n"
        "while left: left -= len(os.read(3, 65536))\n"
        "os.write(4, b'ok')\nprint(os.read(3, 9), input())\n"
    )
    one, other = pair(sandbox, asks, ECHO, stdin=b"typed\n")
    assert (one.status, one.code, one.stdout) == ("exited", 0, "b'OK' typed\n"), one
    assert (other.status, other.code) == ("exited", 0)


@pytest.mark.parametrize("place", [0, 1])
def test_one_sees_the_end_of_the_other(sandbox: Sandbox, place: int) -> None:
    waits = "import os\nprint(os.read(3, 1))\n"
    codes = [waits, "import os\nos._exit(3)\n"][:: -1 if place else 1]
    found = pair(sandbox, *codes)
    assert found[place].stdout == "b''\n"
    assert found[1 - place].code == 3


def test_one_that_goes_on(sandbox: Sandbox) -> None:
    """It has a moment to end, and its limits are its own."""
    begun = time.monotonic()
    limits = Limits(seconds=30.0, memory=256)
    one, other = pair(sandbox, "import time\ntime.sleep(60)\n", "print('done')\n", limits)
    assert (one.status, other.stdout) == ("parted", "done\n")
    assert one.told == "did not end with the other of its pair"
    assert time.monotonic() - begun < 10
    one, other = pair(sandbox, "while True: pass\n", ECHO, Limits(seconds=1.0))
    assert one.status == "timeout"
    assert other.status in ("exited", "timeout")


@pytest.mark.alone  # it walks over all files and processes
def test_they_cannot_reach_each_other(sandbox: Sandbox) -> None:
    """Neither sees files, processes, memory or standard input of the other, nor reads what it
    wrote itself."""
    secret = "import os\nmark = 'gl4mp' + 'orx'\nopen('mark', 'w').write(mark)\n"
    spies = (
        # Where the Python itself lies in /tmp, its files are there to be walked over too.
        "import os, signal, socket\nfound = []\n"
        "for folder, _, names in os.walk('/sandbox'):\n"
        "    for name in names:\n"
        "        said = open(os.path.join(folder, name), 'rb').read(1 << 16)\n"
        "        found += [said] if b'gl4mp' + b'orx' in said else []\n"
        "for pid in [name for name in os.listdir('/proc') if name.isdigit()]:\n"
        "    for name in ('mem', 'maps', 'environ', 'cwd/mark', 'root/mark'):\n"
        "        try:\n"
        "            found.append(open(f'/proc/{pid}/{name}', 'rb').read(1 << 20))\n"
        "        except OSError: pass\n"
        "for number in (signal.SIGKILL, signal.SIGSTOP):\n"
        "    for pid in (1, os.getppid()):\n"
        "        try: os.kill(pid, number)\n        except OSError: pass\n"
        "print(any(b'gl4mp' + b'orx' in one for one in found), os.read(3, 5))\n"
    )
    stays = secret + "os.write(4, b'hello')\nprint(os.read(3, 1))\n"
    one, other = pair(sandbox, stays, spies, attrs.evolve(SMALL, seconds=30.0))
    assert other.stdout == "False b'hello'\n", other
    assert one.stdout == "b''\n", one


def test_the_supervisor_cannot_be_read(sandbox: Sandbox) -> None:
    """Process 1 holds what its program was given, and on the way to it what the other was."""
    reads = (
        "try: print(len(open('/proc/1/mem', 'rb').read(1)))\nexcept OSError: print('no')\n"
        "try: print(len(open('/proc/1/maps', 'rb').read()))\nexcept OSError: print('no')\n"
    )
    one, _ = pair(sandbox, reads, "print(1)\n")
    assert set(one.stdout.split()) <= {"no", "0"}, one


def test_a_program_that_cannot_start(sandbox: Sandbox) -> None:
    one, other = sandbox.run_pair(
        Program(files={}, command=["/no/such/program"], limits=SMALL),
        Program(files={"e.py": ECHO.encode()}, command=[sandbox.python, "e.py"], limits=SMALL),
    )
    assert (one.status, one.code) == ("exited", 126)
    assert (other.status, other.code) == ("exited", 0)


def test_as_a_user_who_is_not_root(as_nobody: AsNobody) -> None:
    """Both then run as the same user, in user namespaces, and reach each other as little."""
    reads = (
        "import os\nfor name in ('mem', 'maps', 'environ', 'cwd/main.py', 'fd/0'):\n"
        "    try: print('through', len(open('/proc/1/' + name, 'rb').read(100)))\n"
        "    except OSError: print('no')\n"
        "print(sum(name.isdigit() for name in os.listdir('/proc')), os.read(3, 5))\n"
    )
    one, other = as_nobody(reads, "import os\nos.write(4, b'hello')\nprint(os.read(3, 1))\n")
    assert one.stdout == "no\n" * 5 + "2 b'hello'\n", one
    assert other.stdout == "b''\n", other
