"""aisbench from Python: what is wrong with a suite, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.base.errors import ConfigError, Problem
from aisbench.config.planner import make_plan
from aisbench.config.source import read_source, source_of_tables, with_plugin_files
from aisbench.plugins.discovery import discover
from aisbench.runs.calls import AnyPath, paths_of


def check_suite(
    suite: AnyPath | Mapping[str, Any],
    *,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
) -> tuple[Problem, ...]:
    """Everything that is wrong with the keys of a suite; nothing where a run could be planned.

    ::

        for problem in aisbench.check_suite("suite.toml"):
            print(".".join(map(str, problem.path)), problem.message, problem.hint)

    The first half of ``aisbench validate``: neither data files nor tokenizers are read, no server
    is asked, and nothing is sent.

    :param suite: the path of a suite.toml, or its tables as a mapping.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides the suite's.

    Raises ConfigError where the file is no TOML, PluginError.
    """
    if isinstance(suite, Mapping):
        source = source_of_tables(suite, "suite")
    else:
        source = read_source(Path(suite))
    source = with_plugin_files(source, paths_of(plugins), "plugins=")
    disabled = {*disable_plugins, *source.disabled_plugins}
    try:
        make_plan(source, discover(disable=disabled))
    except ConfigError as error:
        if not error.found:
            raise
        return error.found
    return ()
