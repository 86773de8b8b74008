"""`aisbench plugins doctor`: what is broken, and how to mend it."""

from __future__ import annotations

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.plugins.catalog import Catalog, describe_clashes
from aisbench.plugins.targets import resolve


def diagnose(catalog: Catalog) -> int:
    """Broken plugins, clashes, and targets that cannot be imported."""
    found = 0
    for broken in catalog.broken:
        found += 1
        print(f"broken: {broken.plugin} ({broken.dist} {broken.version})")
        print(f"  cause: {broken.reason}")
        print(f"  fix:   {broken.fix}")
        print("\n".join(f"  | {line}" for line in broken.details.rstrip().splitlines()))
    for clash in describe_clashes(catalog.listed):
        found += 1
        print(f"clash: {clash}")
        print('  fix:   write "distribution/name" in suites, or uninstall one')
    for one in catalog.listed:
        for target in filter(None, (one.offer.target, one.offer.settings)):
            try:
                resolve(target, one)
            except AisbenchError as error:
                found += 1
                print(f"unusable: {error.message}")
                print(f"  fix:   {error.hint}")
                break
    for warning in catalog.warnings:
        print(f"warning: {warning}")
    if catalog.disabled:
        print(f"disabled: {', '.join(catalog.disabled)}")
    if not found:
        print(f"all well: {len(catalog.plugins)} distributions, {len(catalog.listed)} offers")
    return ExitCode.USAGE if found else ExitCode.OK
