"""A pytest plugin: the parts into which `dev.py test` divides the tests, and what was not run.

Every session ends with one table of the tests that were skipped or left out, and why, also where
workers of pytest-xdist ran them.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tools.not_run import NotRun

WITHOUT = {"all": (), "together": ("alone",), "alone": (), "quick": ("alone", "not_quick")}
"""The marks that each part leaves out. Which tests are everyday ones is -m's in pyproject.toml."""

_SENT = "aisbench-not-run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("parts of dev.py test")
    group.addoption(
        "--part",
        choices=tuple(WITHOUT),
        default="all",
        help="together: without tests marked alone; alone: those only; quick: without tests "
        "marked alone or not_quick",
    )
    group.addoption(
        "--not-run",
        type=Path,
        metavar="FILE",
        help="add what was not run to FILE instead of printing it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    config.pluginmanager.register(Parts(config), "aisbench-parts")


class Parts:
    """Chooses the tests of a part, and counts what is not run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.part: str = config.getoption("part")
        self.found = NotRun()
        lines = [line.partition(":") for line in config.getini("markers")]
        self.meanings = {name: meaning.strip() for name, _, meaning in lines}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what does not belong to the part; -m and -k have chosen before."""
        kept: list[pytest.Item] = []
        for item in items:
            marks = {mark.name for mark in item.iter_markers()}
            out = next((name for name in WITHOUT[self.part] if name in marks), None)
            if out == "alone" and self.part == "together":
                self.found.alone.append(item.nodeid.partition("::")[0])
            elif out:
                self._leave_out(out)
            elif self.part != "alone" or "alone" in marks:
                kept.append(item)
        items[:] = kept

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count what -m and -k leave out, by the mark that is the cause."""
        if self.part == "alone":
            return  # the part before looked at all files, and has counted them
        for item in items:
            marks = (mark.name for mark in item.iter_markers())
            self._leave_out(next((name for name in marks if name in ("slow", "vllm")), None))

    def _leave_out(self, mark: str | None) -> None:
        said = f"{mark}: {self.meanings[mark]}" if mark else "not chosen on the command line"
        self.found.left_out[said] += 1

    def pytest_sessionfinish(self) -> None:
        """A worker sends what it counted."""
        sent = getattr(self.config, "workeroutput", None)
        if sent is not None:
            found = self.found
            sent[_SENT] = {"left_out": dict(found.left_out), "alone": sorted({*found.alone})}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """All workers collect the same tests: what one of them sent is enough."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent:
            self.found = NotRun(left_out=Counter(sent["left_out"]), alone=sent["alone"])

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, or hand it on."""
        if hasattr(self.config, "workerinput"):
            return  # a worker; the process that started it tells what all of them did not run
        for report in terminalreporter.stats.get("skipped", ()):
            self.found.skipped[_reason(report)] += 1
        for report in terminalreporter.stats.get("xfailed", ()):
            self.found.skipped[f"expected to fail: {report.wasxfail}"] += 1
        file: Path | None = self.config.getoption("not_run")
        if file is not None:
            found = NotRun.read(file)
            found.add(self.found)
            found.write(file)
        elif table := self.found.table():
            terminalreporter.section("not run")
            for line in table:
                terminalreporter.write_line(line)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    place = report.longrepr
    reason = place[2] if isinstance(place, tuple) else str(place)
    return re.sub(r"^Skipped: ?", "", reason).strip().partition("\n")[0] or "no reason is given"
