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
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal, get_args

import attrs
from attrs import define, field

from aisbench.sandbox.groups import Parent, find_parent
from aisbench.sandbox.types import Limits, Program, ProgramEnd, SandboxError, Status

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
"""Seconds beyond a program's own limit after which a sandbox that does not end is killed."""
_PARTING = 2.0
"""Seconds that a launcher has for cleaning up."""
_MOST_AT_ONCE = 1 << 20


class Sandbox:
    """Runs programs of one kind of confinement. Threads may share it."""

    def __init__(
        self,
        kind: Kind,
        python: Path | None = None,
        *,
        group: Parent | None = None,
        tools: Sequence[Path] = (),
    ) -> None:
        """``group`` is where the programs' control groups are made; without it their memory is
        watched instead. ``tools`` are further folders that programs may read, such as those of a
        compiler outside of the system's own."""
        self.kind = kind
        self.group = group
        self.python = os.path.abspath(python or sys.executable)  # noqa: PTH100
        """The Python that programs may be started with, and whose packages they may import."""
        self._binds = _binds(self.python, tools)
        # next() of a counter is atomic: every thread gets another number.
        self._numbers = itertools.count(os.getpid() % 1000 * 1000)

    def run(
        self,
        files: Mapping[str, bytes],
        command: Sequence[str],
        *,
        stdin: bytes = b"",
        limits: Limits | None = None,
    ) -> ProgramEnd:
        """Run ``command`` in a folder that holds ``files``; its first word is an absolute path.

        Never raises for what the program does.
        """
        program = Program(files=files, command=command, stdin=stdin, limits=limits or Limits())
        (end,) = self._run([program])
        return end

    def run_pair(self, first: Program, second: Program) -> tuple[ProgramEnd, ProgramEnd]:
        """Run two programs in separate sandboxes that share nothing but a channel: each
        reads from descriptor 3 what the other writes to descriptor 4.

        When one has ended, the other has a second to do so, then it is "parted". Never raises for
        what the programs do.
        """
        one, other = self._run([first, second])
        return one, other

    def _run(self, programs: Sequence[Program]) -> list[ProgramEnd]:
        specs = [marshal.dumps(self._spec(program), 2) for program in programs]
        longest = max(program.limits.seconds for program in programs)
        folder = self.group.folder if self.group else ""
        out, err = launched(self._launcher(), specs, longest + _GRACE, folder)
        if _running.ending:
            raise SandboxError("programs are being ended", hint="evaluate again")
        ends = program_ends(out, err, len(specs))
        if self.group and any(one.status == "broken" for one in ends):
            self.group.sweep()  # its launcher may have been killed
        return ends

    def _spec(self, program: Program) -> dict[str, Any]:
        return {
            "wrap": self._bubblewrap(program.limits) if self.kind == "bubblewrap" else [],
            "number": next(self._numbers) % _MOST_AT_ONCE,
            "files": dict(program.files),
            "command": list(program.command),
            "stdin": program.stdin,
            "binds": self._binds,
            "groups": [self.group.folder, self.group.version] if self.group else [],
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
        """The launcher again, inside what bubblewrap builds."""
        words = [
            shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent",
            "--new-session", "--cap-drop", "ALL", "--uid", "65534", "--gid", "65534",
            "--as-pid-1", "--proc", "/proc", "--remount-ro", "/proc",
            "--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/zero", "/dev/zero",
            "--dev-bind", "/dev/urandom", "/dev/urandom",
            "--symlink", "/proc/self/fd/0", "/dev/stdin",
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


@define
class _Running:
    """The launchers of this process, so that they can be ended while threads wait for them."""

    _lock: threading.Lock = field(init=False, factory=threading.Lock)
    _pipes: set[IO[bytes]] = field(init=False, factory=set)
    _ending: int = field(init=False, default=0)

    @contextlib.contextmanager
    def holding(self, pipe: IO[bytes]) -> Iterator[None]:
        """A launcher runs, which ends when ``pipe`` is closed: at once while all are ended."""
        with self._lock:
            self._pipes.add(pipe)
            if self._ending:
                pipe.close()
        try:
            yield
        finally:
            with self._lock:
                self._pipes.discard(pipe)
                pipe.close()

    @property
    def ending(self) -> bool:
        """Whether all are being ended."""
        return self._ending > 0

    @contextlib.contextmanager
    def ended(self) -> Iterator[None]:
        """All end, and those that are begun meanwhile."""
        with self._lock:
            self._ending += 1
            for pipe in self._pipes:
                pipe.close()
        try:
            yield
        finally:
            with self._lock:
                self._ending -= 1


_running = _Running()
programs_ended = _running.ended
"""A context in which no program runs, and who waits for one gets a SandboxError: after Ctrl-C they
may have minutes left."""


def launched(
    command: Sequence[str], specs: Sequence[bytes], seconds: float, group: str = ""
) -> tuple[bytes, bytes]:
    """What a launcher writes to standard output and error. ``specs`` say what to run, in marshal's
    format. Never raises for what becomes of the launcher."""
    with contextlib.ExitStack() as stack:
        try:
            numbers = [stack.enter_context(_file(spec)).fileno() for spec in specs]
            process = subprocess.Popen(
                [*command, ",".join(map(str, numbers)), group],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=numbers,
                env={},
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:  # this machine is out of descriptors, processes or memory
            return b"", f"a sandbox cannot be started: {error}".encode()
    assert process.stdin and process.stdout and process.stderr
    ours, process.stdin = (
        process.stdin,
        None,
    )  # stays open: when it is closed, the launcher ends all
    try:
        with _running.holding(ours):
            return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return b"", b"it did not end"
    finally:
        try:
            # It ends what it started and removes its groups, unless it is stopped itself.
            process.wait(_PARTING)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()


def _file(content: bytes) -> IO[bytes]:
    """An open file in memory with this content, at its beginning."""
    try:
        file: IO[bytes] = os.fdopen(os.memfd_create("spec"), "w+b")
    except OSError:  # refused by a sandbox around this process
        file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.seek(0)
    return file


def open_sandbox(
    kind: Literal["auto", Kind] = "auto",
    python: Path | None = None,
    *,
    tools: Sequence[Path] = (),
) -> Sandbox:
    """The first kind that works on this machine, as a trial shows. Programs may read ``tools``,
    folders beyond the system's own, as well. Raises SandboxError."""
    problems = []
    group = find_parent() if sys.platform == "linux" else None
    for one in KINDS if kind == "auto" else (kind,):
        if sys.platform != "linux":
            problems.append(f"{one}: needs Linux")
            continue
        if one == "bubblewrap" and shutil.which("bwrap") is None:
            problems.append("bubblewrap: no program bwrap is installed")
            continue
        sandbox = Sandbox(one, python, group=group, tools=tools)
        end = sandbox.run(
            {"hello.py": b"print('hello')"},
            [sandbox.python, "-I", "hello.py"],
            limits=Limits(seconds=20.0),
        )
        if end.status == "exited" and end.stdout == "hello\n":
            return sandbox
        why = end.stderr.strip() or end.told
        problems.append(f"{one}: {why.splitlines()[0]}")
    raise SandboxError(
        "programs that models write cannot be run safely on this machine\n  "
        + "\n  ".join(problems),
        hint="install bubblewrap (apt install bubblewrap), or allow user namespaces "
        "(sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns=0; in a container: --cap-add SYS_ADMIN, or "
        "--security-opt seccomp=unconfined)",
    )


def _binds(python: str, tools: Sequence[Path] = ()) -> list[str]:
    """Paths that a program may read: the system's programs, a Python with its packages, and
    further tools."""
    # Not resolved: packages are found by way of the link.
    executable = Path(os.path.abspath(python))  # noqa: PTH100
    places = [Path(one) for one in _SYSTEM if os.path.lexists(one)]
    home = executable.parent.parent
    for one in dict.fromkeys((home, *_base(home), executable.resolve().parent.parent)):
        # Not the whole folder: a Python may be in somebody's home.
        places += [part for name in _PYTHON if (part := one / name).exists()]
    places += [one for one in tools if one.exists()]
    found: list[str] = []
    for place in places:
        path = str(place)
        if not any(path == one or path.startswith(f"{one}/") for one in found if _folder(one)):
            found.append(path)
    return found


def _folder(path: str) -> bool:
    return not Path(path).is_symlink()


def _base(home: Path) -> list[Path]:
    """The installation that a virtual environment was made from."""
    try:
        lines = (home / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    stripped = {key.strip(): value.strip() for key, value in values.items()}
    return [Path(stripped["home"]).parent] if "home" in stripped else []


def program_ends(out: bytes, err: bytes, count: int) -> list[ProgramEnd]:
    """What the launcher reported of each program; "broken" where it reported nothing readable."""
    found = []
    for _ in range(count):
        length = int.from_bytes(out[:8], "little")
        found.append(_program_end(out[8 : 8 + length], err))
        out = out[8 + length :]
    return found


def _program_end(report: bytes, err: bytes) -> ProgramEnd:
    head, _, rest = report.partition(b"\n")
    words = head.decode(errors="replace").split()
    statuses: dict[str, Status] = {one: one for one in get_args(Status)}
    try:
        status, code, seconds = statuses[words[0]], int(words[1]), float(words[2])
        lengths = [int(word) for word in words[3:6]]
    except (KeyError, IndexError, ValueError):
        return ProgramEnd(status="broken", detail=err.decode(errors="replace").strip()[-500:])
    texts = []
    for length in lengths:
        texts.append(rest[:length].decode(errors="replace"))
        rest = rest[length:]
    stdout, stderr, detail = texts
    return ProgramEnd(
        status=status, code=code, seconds=seconds, stdout=stdout, stderr=stderr, detail=detail
    )
