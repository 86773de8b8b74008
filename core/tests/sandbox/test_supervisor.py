"""The supervisor (process 1) and what is outside: no program reads, changes, stops or ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.sandbox import Limits, Program, ProgramEnd, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

AsNobody = Callable[..., list[ProgramEnd]]

SMALL = Limits(seconds=5.0, memory=256, processes=32, disk=8, output=16)
TRIED = """
import ctypes, errno, fcntl, os, resource, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*words):
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), 'call')
def every(act, values):
    for value in values:
        try: act(value)
        except (OSError, ValueError, OverflowError): pass
class Limit(ctypes.Structure):
    _fields_ = [('soft', ctypes.c_ulong), ('hard', ctypes.c_ulong)]
buffer = ctypes.create_string_buffer(64)
part = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
"""
ATTACKS = {
    "inherited descriptors": "if found := set(os.listdir('/proc/self/fd')) - set('012345'):\n"
    "    print(found)\nraise OSError",
    "signals": "every(lambda n: os.kill(1, n), range(1, 65))",
    "signals to its threads": "every(lambda n: call(234, 1, 1, n), range(1, 65))",
    "queued signals": "every(lambda n: call(129, 1, n, buffer), range(1, 65))",
    "a descriptor of it": "every(lambda n: signal.pidfd_send_signal(os.pidfd_open(1), n),"
    " range(1, 32))",
    "signals to all": "signal.signal(2, signal.SIG_IGN); every(lambda n: os.kill(-1, n), [2, 23])",
    "signals to groups": "signal.signal(2, signal.SIG_IGN)\n"
    "every(lambda g: os.killpg(g, 2), range(0, 40))",
    "signals of files": "one, other = socket.socketpair()\n"
    "every(lambda n: (fcntl.fcntl(one, fcntl.F_SETOWN, 1), fcntl.fcntl(one, 10, n),\n"
    "    fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK), other.send(b'x')),\n"
    "    range(1, 65))",
    "its time": "every(lambda n: resource.prlimit(1, n, (0, 0)), range(16))",
    "its time, by the call": "every(lambda n: call(302, 1, n, ctypes.byref(Limit(1, 1)), None),"
    " range(16))",
    "its turn": "os.setpriority(os.PRIO_PROCESS, 1, 19)",
    "everybody's turn": "os.setpriority(os.PRIO_USER, 0, 19)",
    "its scheduler": "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
    "its cores": "os.sched_setaffinity(1, [0])",
    "its memory": "open('/proc/1/mem', 'r+b')",
    "its map": "open('/proc/1/maps').read()[0]",
    "its environment": "open('/proc/1/environ').read()",
    "its descriptors": "[os.readlink(f'/proc/1/fd/{n}') for n in range(9)]",
    "what it writes": "for n in range(9):\n    if os.path.exists(f'/proc/1/fd/{n}'): break\n"
    "else: raise OSError",
    "its root": "os.listdir('/proc/1/root')",
    "its folder": "os.listdir('/proc/1/cwd')",
    "its namespaces": "os.open('/proc/1/ns/mnt', os.O_RDONLY)",
    "its system calls": "open('/proc/1/syscall').read()",
    "its score": "open('/proc/1/oom_score_adj', 'w').write('1000')",
    "its trace": "call(101, 16, 1, 0, 0)",
    "its seized trace": "call(101, 0x4206, 1, 0, 0)",
    "its memory, read": "call(310, 1, part, 1, part, 1, 0)",
    "its memory, written": "call(311, 1, part, 1, part, 1, 0)",
    "its descriptors, taken": "call(438, os.pidfd_open(1), 0, 0)",
    "its advice": "call(440, os.pidfd_open(1), part, 1, 4, 0)",
    "namespaces": "call(308, os.open('/proc/self/ns/mnt', os.O_RDONLY), 0)",
    "hiding": "call(157, 4, 0, 0, 0, 0)",
    "the core": "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "its own memory, by its file": "open('/proc/self/mem', 'r+b')",
    "Python's files": "open(os.__file__, 'a')",
    "Python's modes": "os.chmod(os.__file__, 0o777)",
    "a file in Python's place": "os.rename(os.path.dirname(os.__file__), '/sandbox/lib')",
    "a link to outside": "os.link(os.__file__, '/sandbox/os.py')\nopen('/sandbox/os.py', 'a')",
    "a device": "os.mknod('/sandbox/sda', 0o60666, os.makedev(8, 0))",
    "the kernel's settings": "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh')",
    "sysrq": "open('/proc/sysrq-trigger', 'w').write('c')",
    "the host's name": "socket.sethostname('x')",
    "the clock": "__import__('time').clock_settime(0, 0)",
    "groups of control": "os.listdir('/sys/fs/cgroup')",
}
SILENT = {"signals", "signals to its threads", "queued signals", "a descriptor of it",
          "signals to all", "signals to groups", "signals of files", "its time",
          "its time, by the call"}  # fmt: skip
"""Those that try much, and tell nothing of it."""


def attacks() -> str:
    code = TRIED
    for name, attack in ATTACKS.items():
        lines = "".join(f"    {line}\n" for line in attack.splitlines())
        told = "    pass" if name in SILENT else f"    print('through', {name!r})"
        code += f"try:\n{lines}{told}\nexcept (OSError, ValueError, IndexError): pass\n"
    return code + "print('alive', flush=True)\n"


def run(sandbox: Sandbox, code: str, limits: Limits = SMALL) -> ProgramEnd:
    command = [sandbox.python, "-I", "main.py"]
    return sandbox.run({"main.py": code.encode()}, command, limits=limits)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64's calls")
def test_attacked(sandbox: Sandbox) -> None:
    found = run(sandbox, attacks() + "import time; time.sleep(0.2); sys.exit(7)\n")
    assert (found.stdout, found.status, found.code) == ("alive\n", "exited", 7), found


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64's calls")
def test_attacked_by_the_same_user(as_nobody: AsNobody) -> None:
    (found,) = as_nobody(attacks() + "import time; time.sleep(0.2); sys.exit(7)\n")
    assert (found.stdout, found.status, found.code) == ("alive\n", "exited", 7), found


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64's calls")
def test_attacked_in_a_pair(sandbox: Sandbox) -> None:
    waits = "import os, sys\nprint(os.read(3, 9).decode())\nsys.exit(5)\n"
    codes = (attacks() + "os.write(4, b'mine')\n", waits)
    one, other = sandbox.run_pair(
        *(
            Program(
                files={"main.py": code.encode()},
                command=[sandbox.python, "-I", "main.py"],
                limits=SMALL,
            )
            for code in codes
        )
    )
    assert (one.stdout, one.status) == ("alive\n", "exited"), one
    assert (other.stdout, other.code) == ("mine\n", 5), other


def test_no_process_on_the_way_holds_what_the_other_is_given(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program's supervisor never had the tests in its memory: looked at from outside."""
    mark = b"expected-" + os.urandom(8).hex().encode()
    waits = "import os\nos.read(3, 9)\n"
    programs = [
        Program(
            files={"main.py": waits.encode()},
            command=[sandbox.python, "-I", "main.py"],
            stdin=stdin,
            limits=Limits(seconds=2.0),
        )
        for stdin in (b"", mark)
    ]
    before = set(Path("/proc").glob("[0-9]*"))
    import threading

    thread = threading.Thread(target=sandbox.run_pair, args=programs)
    thread.start()
    time.sleep(1.0)
    holding: dict[str, bool] = {}
    for entry in set(Path("/proc").glob("[0-9]*")) - before:
        try:
            known = (entry / "cmdline").read_bytes()
            ours = b"launching.launcher" in known or b"main.py" in known
            if ours and os.getpgid(int(entry.name)) != os.getpgid(0):
                holding[entry.name] = mark in memory_of(entry)
        except OSError:
            continue
    thread.join()
    if not holding:
        pytest.skip("this user may not look into the memory of its own processes")
    # The tests' own: process 1 and what made its namespaces. Nobody of the program's, not the
    # launcher.
    assert 0 < sum(holding.values()) < len(holding), holding
    assert sum(not held for held in holding.values()) >= 3, holding


def memory_of(entry: Path) -> bytes:
    found = b""
    with (entry / "maps").open() as maps, (entry / "mem").open("rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            low, high = (int(word, 16) for word in span.split("-"))
            if rights.startswith("rw") and high - low < 1 << 28:
                try:
                    memory.seek(low)
                    found += memory.read(high - low)
                except (OSError, OverflowError):
                    continue
    return found


def left(name: bytes) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if name in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


HOST = """
import sys
from aisbench.sandbox import Limits, open_sandbox
sandbox = open_sandbox(sys.argv[1])
name = f"outlives-{sys.argv[2]}-{sys.argv[3]}.py"
code = b"import os, time\\nos.fork()\\nos.fork()\\nprint(1, flush=True)\\ntime.sleep(60)\\n"
print('ready', flush=True)
sandbox.run({name: code}, [sandbox.python, name], limits=Limits(seconds=50.0))
"""


@pytest.mark.parametrize("victim", ["host", "launcher", "both"])
def test_nothing_outlives_a_kill(sandbox: Sandbox, victim: str) -> None:
    name = f"outlives-{os.getpid()}-{victim}.py"
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, sandbox.kind, str(os.getpid()), victim],
        stdout=subprocess.PIPE,
    )
    assert host.stdout is not None
    with host.stdout:
        host.stdout.readline()
    end = time.monotonic() + 30
    while len(left(name.encode())) < 4 and time.monotonic() < end:
        time.sleep(0.02)
    assert len(left(name.encode())) >= 4
    children = Path(f"/proc/{host.pid}/task/{host.pid}/children")
    if not children.exists():
        host.kill()
        pytest.skip("this kernel does not list children (CONFIG_PROC_CHILDREN)")
    launcher = int(children.read_text().split()[0])
    if victim in ("host", "both"):
        host.kill()
    if victim in ("launcher", "both"):
        os.kill(launcher, signal.SIGKILL)
    try:
        while left(name.encode()) and time.monotonic() < end:
            time.sleep(0.02)
        assert not left(name.encode())
        host.wait(30)
    finally:
        host.kill()
    if sandbox.group:
        if victim == "both":
            sandbox.group.sweep()  # as the next run does
        folder = Path(sandbox.group.folder)
        while (there := list(folder.glob(f"aisbench-*-{launcher}-*"))) and time.monotonic() < end:
            time.sleep(0.02)
        assert not there
