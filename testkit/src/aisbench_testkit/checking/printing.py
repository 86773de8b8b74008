"""A report in lines: each cause once, and what could not be checked with what to give."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench_testkit.checking.results import CheckReport, CheckResult, CheckStatus

_SHOWN = 3
"""Checks that a line names; of more it tells how many."""


def report_lines(report: CheckReport) -> Iterator[str]:
    """What passed, what failed, what was left out or not checked, and the counts."""
    several = len({one.dist for one in report.results}) > 1

    def where(dist: str) -> str:
        return f"{dist}: " if several else ""

    for one in report.of(CheckStatus.PASSED):
        yield f"ok: {where(one.dist)}{one.label}"
    for one in report.of(CheckStatus.LEFT_OUT):
        yield f"left out: {where(one.dist)}{one.label}: {one.reason}"
    for same in _together(report):
        first = same[0]
        names = ", ".join(one.check for one in same)
        offer = f"{first.offer}: " if first.offer else ""
        yield f"not checked: {where(first.dist)}{offer}{names}: {first.reason}"
        if first.give:
            yield f"  give: {first.give}"
    for fault in report.faults():
        yield f"not ok: {where(fault.dist)}{fault.results[0]}: {fault.problem}"
        if fault.similar:
            yield f"  and {fault.similar} more that differ in names and numbers alone"
        if others := fault.results[1:]:
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            yield f"  the same in: {', '.join(others[:_SHOWN])}{more}"
    yield counts_line(report)


def _together(report: CheckReport) -> list[list[CheckResult]]:
    """Checks of one offer that miss the same."""
    found: dict[tuple[str, str, str], list[CheckResult]] = {}
    for one in report.of(CheckStatus.NOT_CHECKED):
        found.setdefault((one.dist, one.offer, one.reason), []).append(one)
    return list(found.values())


def counts_line(report: CheckReport) -> str:
    """Such as "12 passed, 2 failed (1 cause), 3 not checked"."""
    counts = report.counts
    faults = len(report.faults())
    causes = f" ({faults} cause{'s' if faults != 1 else ''})" if counts["failed"] else ""
    line = (
        f"{counts['passed']} passed, {counts['failed']} failed{causes}, "
        f"{counts['not checked']} not checked"
    )
    return line + (f", {counts['left out']} left out" if counts["left out"] else "")
