"""Starting sandboxes from aisbench."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from aisbench.sandbox.types import Limits, Outcome, SandboxError

Kind = Literal["namespaces", "bubblewrap"]
KINDS: tuple[Kind, ...] = ("namespaces", "bubblewrap")

_LAUNCHER = Path(__file__).with_name("launcher.py")
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
        self.python = str(python or sys.executable)
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
        limits = limits or Limits()
        spec = {
            "mode": "inside" if self.kind == "bubblewrap" else "outside",
            "number": next(self._numbers) % _MOST_AT_ONCE,
            "files": {name: base64.b64encode(content).decode() for name, content in files.items()},
            "command": list(command),
            "stdin": base64.b64encode(stdin).decode(),
            "binds": self._binds,
            "limits": attrs.asdict(limits),
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
        process = subprocess.Popen(
            self._launch(limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            start_new_session=True,
            cwd="/",
        )
        try:
            out, err = process.communicate(json.dumps(spec).encode(), limits.seconds + _GRACE)
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
        return _outcome(out, err)

    def _launch(self, limits: Limits) -> list[str]:
        inner = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        if self.kind == "namespaces":
            return inner
        words = [
            shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent",
            "--new-session", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534",
            "--as-pid-1", "--proc", "/proc", "--remount-ro", "/proc",
            "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/zero", "/dev/zero",
            "--dev-bind", "/dev/urandom", "/dev/urandom",
            "--size", str(limits.disk << 20), "--tmpfs", "/sandbox",
            "--dir", "/sandbox/tmp", "--symlink", "sandbox/tmp", "/tmp",
        ]  # fmt: skip
        own = [*_binds(sys.executable), str(_LAUNCHER.parent)]
        for path in dict.fromkeys([*self._binds, *own]):
            if Path(path).is_symlink():
                words += ["--symlink", str(Path(path).readlink()), path]
            else:
                words += ["--ro-bind", path, path]
        return [*words, "--remount-ro", "/", *inner]


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
    executable = Path(python)
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


def _outcome(out: bytes, err: bytes) -> Outcome:
    try:
        told: Any = json.loads(out)
    except ValueError:
        return Outcome(status="broken", detail=err.decode(errors="replace").strip()[-500:])
    texts = {
        name: base64.b64decode(told.get(name, "")).decode(errors="replace")
        for name in ("stdout", "stderr")
    }
    return Outcome(
        status=told["status"],
        code=told.get("code", 0),
        seconds=told.get("seconds", 0.0),
        detail=told.get("detail", ""),
        **texts,
    )
