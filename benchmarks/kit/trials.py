"""Faults tried: plugins written, checked, and what the checks said of them."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen
from code_faults import BACKENDS, EVALUATORS, FIGURES, PROMPTS
from data_faults import CODED, DECLARED, DIALOGUES
from package_faults import PACKAGES
from transport_faults import TRANSPORTS
from trial_site import KINDS, Fault, write

from aisbench_testkit.checking import CheckReport, CheckStatus, CheckTarget, check_plugins
from aisbench_testkit.checking.tables import read_tables

BATCHES = (
    CODED, [*DIALOGUES, *DECLARED], [*BACKENDS, *PROMPTS], TRANSPORTS, EVALUATORS, FIGURES,
    PACKAGES,
)  # fmt: skip
"""Plugins that are installed at the same time, as hosts of others that are wrong."""

FAULTS = [one for batch in BATCHES for one in batch]


@frozen
class Trial:
    """A fault, and what the checks said of it."""

    fault: Fault
    found: str
    """The check that found it, or ""."""
    beside: str
    """Checks that found it beside the one that is there for it, or instead of it."""


def tried(faults: Sequence[Fault], seconds: float) -> tuple[list[Trial], list[str], CheckReport]:
    """Each fault in a plugin of its own; false alarms on a healthy plugin of each kind."""
    with tempfile.TemporaryDirectory(prefix="aisbench-kit-") as folder:
        site = Path(folder)
        names = {f"k{n}": one for n, one in enumerate(faults)}
        dists = {write(site, name, one.kind, one): one for name, one in names.items()}
        kinds = [one for one in KINDS if any(fault.kind == one for fault in faults)]
        healthy = [write(site, f"h{n}", kind, None) for n, kind in enumerate(kinds)]
        targets = [
            CheckTarget(dist=dist, tables=read_tables(site / f"{dist.rpartition('-')[2]}-project"))
            for dist in (*dists, *healthy)
        ]
        sys.path.insert(0, str(site))
        importlib.invalidate_caches()
        try:
            report = check_plugins(targets, seconds=seconds)
        finally:
            sys.path.remove(str(site))
    trials = [_judged(dist, fault, report) for dist, fault in dists.items()]
    alarms = [
        f"{one.dist}: {one.label}: {'; '.join(one.problems) or one.reason}"
        for one in report.results
        if one.dist in healthy and one.status is not CheckStatus.PASSED
    ]
    return trials, alarms, report


def _judged(dist: str, fault: Fault, report: CheckReport) -> Trial:
    failed = [one for one in report.of(CheckStatus.FAILED) if one.dist == dist]
    own = [
        one.check
        for one in failed
        if one.check.startswith(fault.by) and any(fault.words in said for said in one.problems)
    ]
    others = [f"{one.check}: {one.problems[0][:90]}" for one in failed if one.check not in own[:1]]
    return Trial(fault, own[0] if own else "", "; ".join(others))
