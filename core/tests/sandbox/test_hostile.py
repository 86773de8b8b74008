"""Programs that try to do harm: none gets through, each is told, and the next one runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import aisbench.sandbox
from aisbench.sandbox import Limits, ProgramEnd, Sandbox, SandboxError, open_sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

AsNobody = Callable[..., list[ProgramEnd]]

SMALL = Limits(seconds=5.0, memory=256, processes=32, disk=8, output=16)


def run(
    sandbox: Sandbox, code: str, limits: Limits = SMALL, stdin: bytes = b"", **files: str
) -> ProgramEnd:
    written = {"main.py": code.encode(), **{name: text.encode() for name, text in files.items()}}
    return sandbox.run(written, [sandbox.python, "-I", "main.py"], limits=limits, stdin=stdin)


def test_a_harmless_program(sandbox: Sandbox) -> None:
    code = (
        "import sys, tempfile, json, pathlib\n"
        "pathlib.Path('out.txt').write_text('x')\n"
        "tempfile.NamedTemporaryFile().write(b'y')\n"
        "print(open('data').read(), input(), open('out.txt').read())\n"
        "print('wrong', file=sys.stderr)\nsys.exit(3)\n"
    )
    found = run(sandbox, code, stdin=b"typed\n", data="read")
    assert (found.status, found.code) == ("exited", 3)
    assert (found.stdout, found.stderr) == ("read typed x\n", "wrong\n")
    assert found.seconds < 3


@pytest.fixture(scope="module")
def python_in_tmp() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        venv.create(Path(folder) / "there", symlinks=True)
        yield Path(folder) / "there" / "bin" / "python"


def test_a_python_that_lies_in_tmp(sandbox: Sandbox, python_in_tmp: Path) -> None:
    # It has links (lib64), and the program's own /tmp is none of the machine's.
    other = open_sandbox(sandbox.kind, python_in_tmp)
    home = python_in_tmp.parent.parent
    code = (
        "import os, sys, tempfile\n"
        "tempfile.NamedTemporaryFile().write(b'y')\nopen('/tmp/own', 'w').write('x')\n"
        "print(sys.prefix, *os.listdir('/tmp'))\n"
        f"for name in ('bin', 'lib'):\n"
        f"    try: open('{home}/' + name + '/new', 'w')\n    except OSError: print('no')\n"
    )
    found = run(other, code)
    first, *rest = found.stdout.splitlines()
    prefix, *names = first.split()
    assert (prefix, rest) == (str(home), ["no", "no"]), found
    # What runs aisbench itself may lie there too: a checkout below /tmp.
    places = map(Path, (sys.prefix, sys.base_prefix, aisbench.__file__))
    ours = {place.parts[2] for place in places if place.is_relative_to("/tmp")}
    assert set(names) - ours == {home.parts[2], "own"}
    assert not Path("/tmp/own").exists()


def test_a_python_by_a_roundabout_path(sandbox: Sandbox) -> None:
    """As ``../.venv/bin/python`` is called from a folder beside it."""
    there = Path(sys.executable)
    roundabout = there.parent / ".." / there.parent.name / there.name
    assert run(open_sandbox(sandbox.kind, roundabout), "print(1)").stdout == "1\n"


def test_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket\n"
            f"for place in (('127.0.0.1', {port}), ('10.0.0.1', 80), ('1.1.1.1', 53)):\n"
            "    try:\n"
            "        socket.create_connection(place, 1)\n        print('through')\n"
            "    except OSError as error:\n        print('no')\n"
            "try:\n    socket.socket(40, socket.SOCK_STREAM)\n    print('through')\n"
            "except OSError:\n    print('no')\n"
        )
        found = run(sandbox, code)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert found.stdout == "no\n" * 4, found


def test_a_fork_bomb(sandbox: Sandbox) -> None:
    begun = time.monotonic()
    found = run(sandbox, "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n")
    assert found.status in ("timeout", "processes", "memory"), found
    assert time.monotonic() - begun < 12
    assert run(sandbox, "print(1)").stdout == "1\n"


def test_threads_without_end(sandbox: Sandbox) -> None:
    code = (
        "import threading, time\ncount = 0\n"
        "try:\n"
        "    while True:\n"
        "        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "        count += 1\n"
        "except RuntimeError:\n    print(count < 70)\n"
    )
    found = run(sandbox, code)
    assert found.stdout == "True\n" or found.status in ("timeout", "memory", "processes"), found


def test_a_memory_bomb(sandbox: Sandbox) -> None:
    found = run(sandbox, "x = []\nwhile True: x.append(bytearray(10_000_000))\n")
    assert (found.status, "MemoryError" in found.stderr) in (("exited", True), ("memory", False))


def test_a_memory_bomb_of_many_processes(sandbox: Sandbox) -> None:
    code = (
        "import os, time\n"
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n        x = b'1' * 100_000_000\n        time.sleep(9)\n"
        "time.sleep(9)\n"
    )
    assert run(sandbox, code).status == "memory"


@pytest.mark.parametrize(
    "code",
    [
        "import os\nfd = os.memfd_create('x')\nprint('through')",
        "import ctypes\nprint(ctypes.CDLL(None).shmget(0, 1 << 30, 0o1600) < 0 and 'no')",
    ],
)
def test_memory_that_is_nobodys(sandbox: Sandbox, code: str) -> None:
    assert "through" not in run(sandbox, code).stdout


def test_an_endless_loop(sandbox: Sandbox) -> None:
    found = run(sandbox, "while True: pass", Limits(seconds=1.0))
    assert found.status == "timeout"
    assert 0.9 < found.seconds < 3
    slept = run(sandbox, "import time; time.sleep(60)", Limits(seconds=0.5))
    assert slept.status == "timeout"


def test_signals_ignored(sandbox: Sandbox) -> None:
    code = (
        "import signal, time\n"
        "for n in range(1, 65):\n"
        "    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True: pass\n"
    )
    assert run(sandbox, code, Limits(seconds=1.0)).status == "timeout"


def test_nothing_outside_is_written(sandbox: Sandbox, tmp_path: Path) -> None:
    target = tmp_path / "mark"
    code = (
        "import os, sys\n"
        f"places = [{str(target)!r}, '/mark', '/usr/mark', '/usr/bin/mark', '/etc/mark',\n"
        "          '/dev/mark', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger',\n"
        "          '/dev/shm/mark',\n"
        "          os.path.join(os.path.dirname(os.__file__), 'mark.py'), sys.executable]\n"
        "for place in places:\n"
        "    try:\n        open(place, 'a').write('x')\n        print('through', place)\n"
        "    except OSError:\n        print('no')\n"
    )
    found = run(sandbox, code)
    assert found.stdout == "no\n" * 11, found
    assert not target.exists()


def test_nothing_of_the_users_is_read(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("swordfish")
    monkeypatch.setenv("MY_API_KEY", "swordfish")
    code = (
        "import os, glob\n"
        "found = [str(dict(os.environ))]\n"
        f"names = [{str(secret)!r}, '/etc/shadow', '/etc/passwd', '/root/.ssh', '/home']\n"
        "for name in names + glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline'):\n"
        "    try: found.append(open(name, 'rb').read().decode(errors='replace'))\n"
        "    except OSError: pass\n"
        "print(os.path.exists('/home'), os.path.exists('/etc/shadow'))\n"
        "print('\\n'.join(found))\n"
    )
    found = run(sandbox, code)
    assert found.status == "exited", found
    assert "swordfish" not in found.stdout
    assert found.stdout.startswith("False False\n")


def test_other_processes_cannot_be_seen_or_killed(sandbox: Sandbox) -> None:
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        code = (
            "import os, signal\n"
            f"pids = {{{victim.pid}, os.getppid(), 1, {os.getpid()}}}\n"
            "for pid in sorted(pids):\n"
            "    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):\n"
            "        try: os.kill(pid, number)\n"
            "        except OSError: pass\n"
            "print('alive', flush=True)\nos.kill(-1, signal.SIGKILL)\n"
        )
        found = run(sandbox, code)
        assert found.stdout == "alive\n"
        assert found.status in ("exited", "signal"), found
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_the_disk_cannot_be_filled(sandbox: Sandbox) -> None:
    code = (
        "import os\nwritten = 0\n"
        "try:\n"
        "    for n in range(100):\n"
        "        with open(f'f{n}', 'wb') as f:\n"
        "            for _ in range(10):\n                written += f.write(bytes(1_000_000))\n"
        "except OSError: pass\n"
        "print(written < 9_000_000, flush=True)\n"
        "try:\n"
        "    for n in range(100_000): open(f'g{n}', 'w').close()\n"
        "    print('through')\n"
        "except OSError: print('no')\n"
    )
    found = run(sandbox, code, Limits(seconds=20.0, disk=8))
    # bubblewrap cannot limit the number of files: there it is ended when there are too many.
    wanted = "True\nno\n" if sandbox.kind == "namespaces" else "True\n"
    assert found.stdout == wanted, found
    assert found.status == ("exited" if sandbox.kind == "namespaces" else "files")


def test_a_child_that_would_outlive_it(sandbox: Sandbox) -> None:
    name = f"outlives-{os.getpid()}-{sandbox.kind}"
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        os.execv({sys.executable!r}, ['{name}', '-c', 'import time; time.sleep(60)'])\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)\nprint('done')\n"
    )
    found = run(sandbox, code)
    assert found.stdout == "done\n"
    time.sleep(0.3)
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert name.encode() not in entry.read_bytes()
        except OSError:
            continue


def test_output_without_end(sandbox: Sandbox) -> None:
    code = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
    found = run(sandbox, code, Limits(seconds=1.0, output=16))
    assert found.status == "timeout"
    assert len(found.stdout) == 16384


def test_it_cannot_make_namespaces_or_mounts(sandbox: Sandbox) -> None:
    code = (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000), libc.mount(b'none', b'/sandbox', b'tmpfs', 0, b''),\n"
        "      libc.umount2(b'/proc', 2), libc.ptrace(16, 1, 0, 0), libc.chroot(b'/sandbox'))\n"
        "print(os.geteuid() != 0, libc.setuid(0))\n"
    )
    assert run(sandbox, code).stdout == "-1 -1 -1 -1 -1\nTrue -1\n"


def test_a_program_that_cannot_start(sandbox: Sandbox) -> None:
    found = sandbox.run({}, ["/no/such/program"], limits=SMALL)
    assert (found.status, found.code) == ("exited", 126)
    assert "cannot start the program" in found.stderr


def test_many_at_once(sandbox: Sandbox) -> None:
    """A fork bomb beside them takes nothing from the others."""
    found: dict[int, ProgramEnd] = {}

    def one(number: int) -> None:
        code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
        if number:
            code = (
                f"import subprocess\nprint(subprocess.run(['/bin/echo', '{number}']).returncode)"
            )
        found[number] = run(sandbox, code, Limits(seconds=4.0, processes=32))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(1, 6):
        assert found[number].stdout == f"{number}\n0\n", found[number]


def test_where_none_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with what to do, before any program is run."""
    broken = ProgramEnd(status="broken", detail="PermissionError: a user namespace: not permitted")
    monkeypatch.setattr(Sandbox, "run", lambda *_, **__: broken)
    with pytest.raises(SandboxError) as caught:
        open_sandbox()
    assert "a user namespace: not permitted" in str(caught.value)
    assert "apt install bubblewrap" in str(caught.value)


def test_as_a_user_who_is_not_root(as_nobody: AsNobody) -> None:
    """User namespaces, which is what most machines offer."""
    code = (
        "import os\n"
        "print(os.getuid(), sorted(os.listdir('.')), len(os.listdir('/proc')) > 0)\n"
        "try:\n    open('/usr/x', 'w')\n    print('through')\n"
        "except OSError:\n    print('no')\n"
        "try: os.kill(1, 9)\nexcept OSError: pass\n"
        "print('alive', flush=True)\n"
        "while True:\n    try: os.fork()\n    except OSError: pass\n"
    )
    (found,) = as_nobody(code)
    assert found.stdout.startswith("65534 ['main.py', 'tmp'] True\nno\nalive\n"), found
    assert found.status in ("timeout", "processes", "memory")
