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
import time

from trials import BATCHES, Trial, tried

from aisbench_testkit.checking import CheckReport, CheckStatus, check_plugins
from aisbench_testkit.checking.targets import target_of

_NO_PLUGINS = ("aisbench-testkit", "aisbench-all")


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
