"""Starting sandboxes from aisbench."""

from __future__ import annotations

import contextlib
import itertools
import marshal
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import attrs

from aisbench.sandbox.types import Limits, Outcome, Program, SandboxError, Status

Kind = Literal["namespaces", "bubblewrap"]
KINDS: tuple[Kind, ...] = ("namespaces", "bubblewrap")

_HERE = Path(__file__).parent
LAUNCH = "import sys; sys.path.append(sys.argv[1]); from launching.launcher import main; main()"
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/alternatives",
    "/etc/localtime", "/nix/store",
)  # fmt: skip
_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")
_GRACE = 10.0
"""Seconds beyond a program's own until a sandbox that does not end is killed."""
_MOST_AT_ONCE = 1 << 20


class Sandbox:
    """Runs programs of one kind of confinement. Threads may share it."""

    def __init__(self, kind: Kind, python: Path | None = None) -> None:
        self.kind = kind
        self.python = os.path.abspath(python or sys.executable)  # noqa: PTH100
        """The Python that programs may be started with, and whose packages they may import."""
        self._binds = _binds(self.python)
        # A counter's next() is one step: threads get numbers of their own.
        self._numbers = itertools.count(os.getpid() % 1000 * 1000)

    def run(
        self,
        files: Mapping[str, bytes],
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> Outcome:
        """Run ``command`` in a folder that holds ``files``; its first word is an absolute path.

        Never raises for what the program does.
        """
        program = Program(files=files, command=command, stdin=stdin, limits=limits or Limits())
        (outcome,) = self._run([program])
        return outcome

    def run_pair(self, first: Program, second: Program) -> tuple[Outcome, Outcome]:
        """Run two programs, each in a sandbox of its own, that share nothing but a channel: each
        reads from descriptor 3 what the other writes to descriptor 4.

        When one has ended, the other is given a second to do so, then it is "parted". Never
        raises for what the programs do.
        """
        one, other = self._run([first, second])
        return one, other

    def _run(self, programs: Sequence[Program]) -> list[Outcome]:
        parts = [self._part(program) for program in programs]
        longest = max(program.limits.seconds for program in programs)
        process = subprocess.Popen(
            self._launcher(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            start_new_session=True,
            cwd="/",
        )
        try:
            out, err = process.communicate(marshal.dumps({"parts": parts}, 2), longest + _GRACE)
        except subprocess.TimeoutExpired:
            out, err = b"", b"it did not end"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        return outcomes(out, err, len(parts))

    def _part(self, program: Program) -> dict[str, Any]:
        return {
            "wrap": self._bubblewrap(program.limits) if self.kind == "bubblewrap" else [],
            "number": next(self._numbers) % _MOST_AT_ONCE,
            "files": dict(program.files),
            "command": list(program.command),
            "stdin": program.stdin,
            "binds": self._binds,
            "limits": attrs.asdict(program.limits),
            "env": {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": "/sandbox",
                "TMPDIR": "/sandbox/tmp",
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONHASHSEED": "0",
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            },
        }

    def _launcher(self) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", LAUNCH, str(_HERE)]

    def _bubblewrap(self, limits: Limits) -> list[str]:
        """The launcher once more, inside what bubblewrap builds."""
        words = [
            shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent",
            "--new-session", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534",
            "--as-pid-1", "--proc", "/proc", "--remount-ro", "/proc",
            "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/zero", "/dev/zero",
            "--dev-bind", "/dev/urandom", "/dev/urandom",
            "--size", str(limits.disk << 20), "--tmpfs", "/sandbox",
            "--dir", "/sandbox/tmp", "--symlink", "sandbox/tmp", "/tmp",
        ]  # fmt: skip
        own = [*_binds(sys.executable), str(_HERE / "launching")]
        for path in dict.fromkeys([*self._binds, *own]):
            if Path(path).is_symlink():
                words += ["--symlink", str(Path(path).readlink()), path]
            else:
                words += ["--ro-bind", path, path]
        return [*words, "--remount-ro", "/", *self._launcher()]


def open_sandbox(kind: Literal["auto", Kind] = "auto", python: Path | None = None) -> Sandbox:
    """The first kind that works on this machine, tried out. Raises SandboxError."""
    problems = []
    for one in KINDS if kind == "auto" else (kind,):
        if sys.platform != "linux":
            problems.append(f"{one}: needs Linux")
            continue
        if one == "bubblewrap" and shutil.which("bwrap") is None:
            problems.append("bubblewrap: no program bwrap is installed")
            continue
        sandbox = Sandbox(one, python)
        outcome = sandbox.run(
            {"hello.py": b"print('hello')"},
            [sandbox.python, "-I", "hello.py"],
            limits=Limits(seconds=20.0),
        )
        if outcome.status == "exited" and outcome.stdout == "hello\n":
            return sandbox
        problems.append(f"{one}: {outcome.stderr.strip() or outcome.told}")
    raise SandboxError(
        "programs that models write cannot be run safely on this machine\n  "
        + "\n  ".join(problems),
        hint="install bubblewrap (apt install bubblewrap), or allow user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns=0; in a container: --cap-add SYS_ADMIN, or "
        "--security-opt seccomp=unconfined)",
    )


def _binds(python: str) -> list[str]:
    """Paths that a program may read: the system's programs, and a Python with its packages."""
    # Not resolved: its links lead to its packages.
    executable = Path(os.path.abspath(python))  # noqa: PTH100
    places = [Path(one) for one in _SYSTEM if os.path.lexists(one)]
    home = executable.parent.parent
    for one in dict.fromkeys((home, *_base(home), executable.resolve().parent.parent)):
        # Not the whole of it: a Python may lie in somebody's home.
        places += [part for name in _PYTHON if (part := one / name).exists()]
    found: list[str] = []
    for place in places:
        path = str(place)
        if not any(path == one or path.startswith(f"{one}/") for one in found if _folder(one)):
            found.append(path)
    return found


def _folder(path: str) -> bool:
    return not Path(path).is_symlink()


def _base(home: Path) -> list[Path]:
    """The installation that a virtual environment is made of."""
    try:
        lines = (home / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    stripped = {key.strip(): value.strip() for key, value in values.items()}
    return [Path(stripped["home"]).parent] if "home" in stripped else []


def outcomes(out: bytes, err: bytes, count: int) -> list[Outcome]:
    """What the launcher told of each program; "broken" where it told nothing that can be read."""
    found = []
    for _ in range(count):
        length = int.from_bytes(out[:8], "little")
        found.append(_outcome(out[8 : 8 + length], err))
        out = out[8 + length :]
    return found


def _outcome(told: bytes, err: bytes) -> Outcome:
    head, _, rest = told.partition(b"\n")
    words = head.decode(errors="replace").split()
    statuses: dict[str, Status] = {one: one for one in get_args(Status)}
    try:
        status, code, seconds = statuses[words[0]], int(words[1]), float(words[2])
        lengths = [int(word) for word in words[3:6]]
    except (KeyError, IndexError, ValueError):
        return Outcome(status="broken", detail=err.decode(errors="replace").strip()[-500:])
    texts = []
    for length in lengths:
        texts.append(rest[:length].decode(errors="replace"))
        rest = rest[length:]
    stdout, stderr, detail = texts
    return Outcome(
        status=status, code=code, seconds=seconds, stdout=stdout, stderr=stderr, detail=detail
    )
