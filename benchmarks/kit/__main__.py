"""How much a verdict of `aisbench plugins check` is worth: plugins that are wrong on purpose, one
fault each, and the built-ins, which are without one.

`python benchmarks/kit [--only WORD ...] [--timeout 10] [--no-built-ins]`. For each fault: whether
the check that is there for it found it. Ends with exit code 1 if a fault was missed or if anything
of a healthy plugin or of a built-in was called wrong.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen
from code_faults import BACKENDS, EVALUATORS, FIGURES, PROMPTS
from data_faults import CODED, DECLARED, DIALOGUES
from package_faults import PACKAGES
from trial_site import KINDS, Fault, write

from aisbench_testkit.checking import CheckReport, CheckStatus, CheckTarget, check_plugins
from aisbench_testkit.checking.tables import read_tables
from aisbench_testkit.checking.targets import target_of

BATCHES = (
    CODED, [*DIALOGUES, *DECLARED], [*BACKENDS, *PROMPTS], EVALUATORS, FIGURES, PACKAGES,
)  # fmt: skip
"""Plugins that are installed at the same time, as hosts of others that are wrong."""

_NO_PLUGINS = ("aisbench-testkit", "aisbench-all")


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


def built_ins(seconds: float) -> CheckReport:
    """Everything that comes with aisbench, with the data that its own tables give."""
    names = {
        one.name
        for one in importlib.metadata.distributions()
        if one.name.startswith("aisbench") and one.name not in _NO_PLUGINS
    }
    return check_plugins([target_of(name) for name in sorted(names)], seconds=seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--only", nargs="*", default=[], help="faults whose words hold one of it")
    parser.add_argument("--timeout", type=float, default=10.0, help="what one check may take")
    parser.add_argument("--no-built-ins", action="store_true", help="leave the built-ins out")
    chosen = parser.parse_args()
    begin = time.monotonic()
    trials: list[Trial] = []
    alarms: list[str] = []
    for batch in BATCHES:
        faults = [
            one
            for one in batch
            if not chosen.only or any(word in f"{one.kind} {one.what}" for word in chosen.only)
        ]
        if faults:
            some, false, _ = tried(faults, chosen.timeout)
            trials += some
            alarms += false
    took = time.monotonic() - begin
    print("| kind | fault | found | by | and by |\n|---|---|---|---|---|")
    for one in trials:
        cells = [one.fault.kind, one.fault.what, "yes" if one.found else "NO", one.found]
        print(f"| {' | '.join([*cells, ' '.join(one.beside.replace('|', '/').split())])} |")
    found = sum(bool(one.found) for one in trials)
    print(f"\nfound {found} of {len(trials)} faults in {took:.0f} s")
    print(f"false alarms on healthy plugins of the same kinds: {len(alarms)}")
    if not chosen.no_built_ins:
        begin = time.monotonic()
        report = built_ins(120.0)
        alarms += [
            f"{one.dist}: {one.label}: {'; '.join(one.problems)}"
            for one in report.of(CheckStatus.FAILED)
        ]
        dists = len({one.dist for one in report.results})
        print(
            f"built-ins: {dists} distributions, {report.counts['passed']} checks passed, "
            f"{report.counts['failed']} false alarms, {report.counts['not checked']} not checked, "
            f"in {time.monotonic() - begin:.0f} s"
        )
    for alarm in alarms:
        print(f"FALSE ALARM {alarm}")
    return 0 if found == len(trials) and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
