"""Running programs that nobody has read, such as those that models write. Public: plugins import
it beside ``aisbench.api``.

A program sees a read-only system, an empty folder of limited size, no network, no other process,
no environment of the user's; it has limits of time, memory, processes, files and output, and
nothing that it started outlives it.
"""

from __future__ import annotations

from aisbench.sandbox.host import Sandbox, open_sandbox
from aisbench.sandbox.types import Limits, Program, ProgramEnd, SandboxError

__all__ = ["Limits", "Program", "ProgramEnd", "Sandbox", "SandboxError", "open_sandbox"]
