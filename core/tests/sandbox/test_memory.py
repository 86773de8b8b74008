"""Memory that lies in no process, in several, or nowhere that one would look: all of it counts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.sandbox import Limits, ProgramEnd, Sandbox
from aisbench.sandbox.groups import find_parent
from aisbench.sandbox.launching.groups import left_over

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

AsNobody = Callable[..., list[ProgramEnd]]

LIMITS = Limits(seconds=12.0, memory=96, processes=64, disk=8, output=16)
FORKED = """
import os, time
def each(count, act):
    for n in range(count):
        if os.fork() == 0:
            act(n)
            os.mkdir(f'had{n}')
            time.sleep(30)
"""
HOGS = {
    "of many processes": FORKED + "each(8, lambda n: globals().update(x=b'1' * 30_000_000))",
    # Not resident in any process once it is let go of, and there all the same.
    "shared, and let go of": FORKED + "import mmap\nheld = []\n"
    "def act(n):\n"
    "    for _ in range(2):\n"
    "        part = mmap.mmap(-1, 12 << 20)\n        part.write(b'1' * (12 << 20))\n"
    "        part.madvise(mmap.MADV_DONTNEED)\n        held.append(part)\n"
    "each(12, act)",
    "in sockets": FORKED + "import socket\nheld = []\n"
    "def act(n):\n"
    "    for _ in range(100):\n"
    "        pair = socket.socketpair()\n        held.append(pair)\n"
    "        for one in pair:\n"
    "            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)\n"
    "            one.setblocking(False)\n"
    "            try:\n                while True: one.send(bytes(65536))\n"
    "            except BlockingIOError: pass\n"
    "each(12, act)",
    "in mappings": FORKED
    + "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_void_p\n"
    "def act(n):\n"
    "    for k in range(10_000):\n"
    "        at = libc.mmap(None, 4096, 1 + 2 * (k % 2), 0x22, -1, ctypes.c_long(0))\n"
    "        if at == 2**64 - 1: raise MemoryError\n"
    "each(48, act)",
}


EACH = [pytest.param(hog, marks=pytest.mark.slow) if hog == "in mappings" else hog for hog in HOGS]


def through(found: ProgramEnd) -> bool:
    """Whether most of its processes had what they wanted, and kept it."""
    told = found.stdout.partition("had:")[2]
    return bool(told) and int(told) > 6


def code_of(hog: str) -> str:
    return HOGS[hog] + (
        "\nend = time.monotonic() + 5\n"
        "while time.monotonic() < end: time.sleep(0.1)\n"
        "print('had:', sum(os.path.exists(f'had{n}') for n in range(99)), flush=True)\n"
    )


def run(sandbox: Sandbox, code: str, limits: Limits = LIMITS) -> ProgramEnd:
    command = [sandbox.python, "-I", "main.py"]
    return sandbox.run({"main.py": code.encode()}, command, limits=limits)


@pytest.mark.parametrize("hog", EACH)
def test_counted(counted: Sandbox, hog: str) -> None:
    found = run(counted, code_of(hog))
    assert not through(found), found


@pytest.mark.parametrize("hog", EACH)
def test_counted_for_a_user(as_nobody: AsNobody, hog: str) -> None:
    (found,) = as_nobody(code_of(hog), limits=LIMITS)
    assert not through(found), found


@pytest.mark.skipif(not Path("/usr/bin/unshare").exists(), reason="needs unshare of util-linux")
@pytest.mark.parametrize("hog", EACH)
def test_counted_where_proc_is_hidden(as_nobody: AsNobody, hog: str) -> None:
    """In a container, where the sandbox gets no /proc of its own."""
    code = "import os\nprint(os.path.exists('/proc/self'), flush=True)\n" + code_of(hog)
    (found,) = as_nobody(code, limits=LIMITS, hidden=True)
    assert found.stdout.startswith("False\n"), found
    assert not through(found), found


LOCKS = """
import fcntl, struct
with open('held', 'wb') as file:
    for place in range(400_000, 0, -2):
        fcntl.fcntl(file, fcntl.F_SETLK, struct.pack('hhlli', fcntl.F_WRLCK, 0, place, 1, 0))
    print('had all of it', flush=True)
"""


def test_locks_of_files(counted: Sandbox) -> None:
    """Of which a kernel limits no number, and which some count for nobody."""
    found = run(counted, LOCKS)
    assert found.status == "memory", found


def test_what_is_shared_counts_once(counted: Sandbox) -> None:
    """Workers that were forked from a large process are not large."""
    code = (
        FORKED + "data = b'1' * 40_000_000\ndef act(n):\n    time.sleep(1)\n"
        "    print(len(data), flush=True)\n    os._exit(0)\n"
        "each(8, act)\nfor _ in range(8): os.wait()\n"
    )
    found = run(counted, code, Limits(seconds=8.0, memory=128, processes=16))
    assert found.stdout == "40000000\n" * 8, found


NOBODYS = {
    "memfd": "os.memfd_create('x')",
    "secret memory": "call(447, 0)",
    "System V memory": "call(29, 0, 1 << 24, 0o1600)",
    "System V messages": "call(68, 0, 0o1600)",
    "System V semaphores": "call(64, 0, 32000, 0o1600)",
    "POSIX messages": "call(240, b'/x', 0o102, 0o600, None)",
    "keys": "call(248, b'user', b'x', b'y' * 1000, 1000, -3)",
    "a ring": "call(425, 1024, ctypes.create_string_buffer(120))",
    "asynchronous input": "call(206, 1024, ctypes.create_string_buffer(8))",
    "watches": "call(294, 0)",
    "page faults": "call(323, 1)",
    "huge pages": "mmap.mmap(-1, 2 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)",
    "a large pipe": "fcntl.fcntl(os.pipe()[1], 1031, 1 << 20)",
    "pages in a pipe": "call(278, os.pipe()[1], None, 0, 0)",
    "performance counters": "call(298, ctypes.create_string_buffer(120), 0, -1, -1, 0)",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "netlink": "socket.socket(16, socket.SOCK_RAW)",
    "sctp": "socket.socket(2, socket.SOCK_STREAM, 132)",
    "calls of later kernels": "call(600)",
}
CALLS = (
    "import ctypes, fcntl, mmap, os, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def call(*words):\n"
    "    if libc.syscall(*words) < 0:\n        raise OSError(ctypes.get_errno(), 'call')\n"
)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64's calls")
def test_memory_of_the_kernels(sandbox: Sandbox) -> None:
    tried = "".join(
        f"try:\n    {code}\n    print('through', {name!r})\nexcept OSError as e: print(e.errno)\n"
        for name, code in NOBODYS.items()
    )
    found = run(sandbox, CALLS + tried)
    assert "through" not in found.stdout, found.stdout
    numbers = found.stdout.split()
    assert len(numbers) == len(NOBODYS), found
    # Numbers at which libraries go on without it.
    assert set(numbers) <= {"1", "12", "38", "93", "97"}, dict(zip(NOBODYS, numbers, strict=True))


HONEST = """
import asyncio, mmap, multiprocessing, os, resource, socket, sqlite3, subprocess, tempfile
from concurrent.futures import ThreadPoolExecutor

def square(n): return n * n

async def talk():
    async def answer(reader, writer):
        writer.write(await reader.read(9))
        await writer.drain()
        writer.close()
    server = await asyncio.start_unix_server(answer, 'here')
    reader, writer = await asyncio.open_unix_connection('here')
    writer.write(b'hello')
    child = await asyncio.create_subprocess_exec('/bin/echo', 'x', stdout=subprocess.PIPE)
    said = (await child.communicate())[0]
    return await reader.read(9), said

if __name__ == '__main__':
    with ThreadPoolExecutor(8) as pool: print(sum(pool.map(square, range(50))))
    near, far = multiprocessing.Pipe()
    worker = multiprocessing.Process(target=far.send, args=([1.5],))
    worker.start(); print(near.recv()); worker.join()
    print(asyncio.run(talk()))
    one, other = socket.socketpair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    one.send(b'x'); print(other.recv(1))
    base = sqlite3.connect('base'); base.execute('create table t (x)'); base.commit()
    with tempfile.TemporaryDirectory() as folder, open(folder + '/x', 'w+b') as file:
        file.write(bytes(8192)); file.flush(); print(len(mmap.mmap(file.fileno(), 0)))
    area = mmap.mmap(-1, 1 << 20); area.write(b'x' * (1 << 20)); print(len(area))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.sched_setaffinity(0, {0}); os.nice(1)
    socket.socket().bind(('127.0.0.1', 0)); os.kill(os.getpid(), 0); print('end')
"""


def test_honest_programs_go_on(counted: Sandbox) -> None:
    found = run(counted, HONEST.replace("{0}", "os.sched_getaffinity(0)"), Limits(seconds=20.0))
    assert (found.status, found.code) == ("exited", 0), found
    assert found.stdout == ("40425\n[1.5]\n(b'hello', b'x\\n')\nb'x'\n8192\n1048576\nend\n")


@pytest.mark.skipif(find_parent() is None, reason="no control group can be made here")
def test_no_group_is_left(sandbox: Sandbox) -> None:
    parent = sandbox.group
    assert parent is not None
    run(sandbox, code_of("of many processes"))
    run(sandbox, "pass")
    found = [one.name for one in Path(parent.folder).glob("aisbench-*") if left_over(one.name)]
    assert not found
