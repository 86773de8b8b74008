"""Running programs that nobody has reviewed, such as those that models write. Public: plugins
import it beside ``aisbench.api``.

A program sees a read-only system and an empty folder of limited size, but no network, no other
process and nothing of the user's environment. Its time, memory, processes, files and output are
limited, and nothing that it starts outlives it.
"""

from __future__ import annotations

from aisbench.sandbox.host import Sandbox, open_sandbox
from aisbench.sandbox.types import Limits, Program, ProgramEnd, SandboxError

__all__ = ["Limits", "Program", "ProgramEnd", "Sandbox", "SandboxError", "open_sandbox"]
