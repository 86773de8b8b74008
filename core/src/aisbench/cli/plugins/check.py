"""`aisbench plugins check DIST`: the conformance kit, run on a distribution."""

from __future__ import annotations

from aisbench.base.errors import ExitCode, PluginError
from aisbench.plugins.catalog import Catalog


def check_dist(dist: str, catalog: Catalog) -> int:
    try:
        from aisbench_testkit.checks import check_distribution
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith("aisbench_testkit"):
            raise
        raise PluginError(
            "the conformance kit is not installed", hint="pip install aisbench-testkit"
        ) from None
    problems, passed = check_distribution(dist, catalog)
    for line in passed:
        print(f"ok: {line}")
    for line in problems:
        print(f"not ok: {line}")
    print(f"{len(passed)} passed, {len(problems)} failed")
    return ExitCode.USAGE if problems else ExitCode.OK
