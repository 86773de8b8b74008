"""`aisbench plugins check`: everything that can be checked of a plugin, each check in a process
that may hang or die without taking the verdict with it."""

from __future__ import annotations

from aisbench_testkit.checking.results import CheckReport, CheckResult, CheckStatus
from aisbench_testkit.checking.supervisor import check_plugins
from aisbench_testkit.checking.tables import CheckTable, CheckTableError
from aisbench_testkit.checking.targets import CheckTarget

__all__ = [
    "CheckReport",
    "CheckResult",
    "CheckStatus",
    "CheckTable",
    "CheckTableError",
    "CheckTarget",
    "check_plugins",
]
