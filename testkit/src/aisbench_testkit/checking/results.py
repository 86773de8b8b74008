"""What checks found, and the same fault said once."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen


class CheckStatus(str, enum.Enum):
    """How a check ended; each is counted apart."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"
    """Something was missing; ``reason`` says what, ``give`` how to add it."""
    LEFT_OUT = "left out"
    """The author's table says why it does not apply."""


@frozen(kw_only=True)
class CheckResult:
    """One check of one plugin. ``offer`` is "KIND NAME", empty for the distribution itself."""

    dist: str
    offer: str
    check: str
    status: CheckStatus
    problems: tuple[str, ...] = ()
    reason: str = ""
    give: str = ""
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """How lines of a report begin."""
        return f"{self.offer}: {self.check}" if self.offer else self.check


@frozen(kw_only=True)
class FoundFault:
    """One cause. ``results`` are the checks that met it, ``similar`` how many further problems
    differ from ``problem`` in names and numbers alone."""

    dist: str
    problem: str
    results: tuple[str, ...]
    similar: int = 0


@frozen
class CheckReport:
    """All results, in order."""

    results: tuple[CheckResult, ...]

    def of(self, status: CheckStatus) -> list[CheckResult]:
        """Those that ended so."""
        return [one for one in self.results if one.status is status]

    @property
    def counts(self) -> dict[str, int]:
        """How many ended in each way."""
        return {status.value: len(self.of(status)) for status in CheckStatus}

    def well(self, strict: bool = False) -> bool:
        """Nothing failed, and, if ``strict``, everything was checked."""
        found = self.counts
        return not found["failed"] and not (strict and found["not checked"])

    def faults(self) -> list[FoundFault]:
        """Each cause once, with every check that met it."""
        met: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for one in self.of(CheckStatus.FAILED):
            for problem in one.problems:
                met.setdefault((one.dist, cause_of(problem)), []).append((one.label, problem))
        return [
            FoundFault(
                dist=dist,
                problem=found[0][1],
                results=tuple(dict.fromkeys(label for label, _ in found)),
                similar=len({problem for _, problem in found}) - 1,
            )
            for (dist, _), found in met.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """For programs: counts, faults and every result."""
        return {
            "counts": self.counts,
            "faults": [attrs.asdict(one) for one in self.faults()],
            "results": [result_as_json(one) for one in self.results],
        }


_RAISED = re.compile(r"raises (\w+): .* \(at ([^()]+:\d+)\)")
_VARYING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|b'[^']*'|\d+(?:\.\d+)?""")


def cause_of(problem: str) -> str:
    """What a problem has in common with others of the same cause: the line that raised, or the
    words without what varies."""
    if found := _RAISED.search(problem):
        return f"{found[1]} at {found[2]}"
    return _VARYING.sub("#", problem)


def result_as_json(result: CheckResult) -> dict[str, Any]:
    """Plain data of a result."""
    return {**attrs.asdict(result), "status": result.status.value}


def result_of_json(table: Mapping[str, Any]) -> CheckResult:
    """The result again."""
    values: dict[str, Any] = dict(table)
    problems: Sequence[str] = values.pop("problems")
    status = CheckStatus(values.pop("status"))
    return CheckResult(**values, problems=tuple(problems), status=status)
