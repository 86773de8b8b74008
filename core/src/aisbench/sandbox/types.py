"""What a program may use, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import field, frozen

from aisbench.base.errors import AisbenchError
from aisbench.settings.fields import above, at_least, setting


class SandboxError(AisbenchError):
    """No sandbox works on this machine."""


@frozen(kw_only=True)
class Limits:
    """What a program may use. Also settings of evaluators that run programs."""

    seconds: float = setting(default=10.0, unit="s", check=above(0), help="from start to end")
    memory: int = setting(
        default=1024,
        unit="MB",
        check=at_least(64),
        help="of all its processes together, with files, shared memory and buffers",
    )
    processes: int = setting(
        default=64, check=at_least(1), help="processes and threads at the same time"
    )
    disk: int = setting(default=64, unit="MB", check=at_least(1), help="in files")
    output: int = setting(
        default=64, unit="kB", check=at_least(1), help="kept of standard output and of error"
    )


@frozen(kw_only=True)
class Program:
    """What to run: ``command``, whose first word is an absolute path, in a folder that holds
    ``files``."""

    files: Mapping[str, bytes]
    command: Sequence[str]
    stdin: bytes = b""
    limits: Limits = field(factory=Limits)


Status = Literal["exited", "signal", "timeout", "memory", "processes", "files", "parted", "broken"]


@frozen(kw_only=True)
class ProgramEnd:
    """How a program ended.

    ``status`` is "exited" (see ``code``), "signal" (it was killed by ``code``, perhaps by itself),
    or the limit that it broke; "parted" when it went on after the other of its pair had ended;
    "broken" when the sandbox itself failed. ``stdout`` and ``stderr``
    are the first of what it wrote; ``seconds`` its wall time.
    """

    status: Status
    code: int = 0
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0
    detail: str = ""

    @property
    def told(self) -> str:
        """How it ended, in a few words."""
        if self.status == "exited":
            return "ended" if self.code == 0 else f"ended with exit code {self.code}"
        if self.status == "signal":
            return f"killed by signal {self.code}"
        return {
            "timeout": "took too long",
            "memory": "used too much memory",
            "processes": "started too many processes",
            "files": "made too many files",
            "parted": "did not end with the other of its pair",
            "broken": f"the sandbox broke: {self.detail}",
        }[self.status]
