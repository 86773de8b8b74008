"""Runs the checks in a child process, names the step that hangs or ends it, and goes on after
it in a new one."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import field, mutable

from aisbench.plugins.discovery import DISABLE_VARIABLE
from aisbench_testkit.checking.child import DISCOVERY
from aisbench_testkit.checking.results import (
    CheckReport,
    CheckResult,
    CheckStatus,
    result_as_json,
    result_of_json,
)
from aisbench_testkit.checking.steps import DistributionSteps
from aisbench_testkit.checking.tables import GivenSetting
from aisbench_testkit.checking.targets import CheckTarget
from aisbench_testkit.checks import packaging
from aisbench_testkit.checks.importing import probe_imports

SECONDS = 120.0
"""What one check may take."""

_GRACE = 10.0
"""How much longer a child gets that should have ended itself."""


def check_plugins(
    targets: Sequence[CheckTarget],
    given: Sequence[GivenSetting] = (),
    disabled: Iterable[str] = (),
    seconds: float = SECONDS,
    told: Callable[[CheckResult], None] = lambda _: None,
) -> CheckReport:
    """All checks of ``targets``, each in at most ``seconds``. ``told`` hears of each result as
    soon as it is known."""
    found = {one.dist: packaging.find(one.dist) for one in targets if one.file is None}
    known = [DistributionSteps(found=dist) for dist in found.values() if dist is not None]
    modules = sorted({module for one in known for module in one.modules})
    files = [one.file for one in targets if one.file is not None and one.file.suffix == ".py"]
    probed = probe_imports([*modules, *map(str, files)], min(seconds, 20.0))
    harmful = [name for one in known for name in attrs.evolve(one, probed=probed).harmful]
    run = _Run(
        spec={
            "targets": [
                {
                    "dist": one.dist,
                    "folder": str(one.tables.folder),
                    "config": str(one.tables.config or ""),
                    "file": str(one.file or ""),
                }
                for one in targets
            ],
            "given": [attrs.asdict(one) for one in given],
            "seconds": seconds,
            "probed": probed,
        },
        told=told,
        environment=_environment([*disabled, *harmful]),
    )
    with tempfile.TemporaryDirectory(prefix="aisbench-catalog-") as folder:
        run.spec["catalog"] = str(Path(folder, "catalog"))
        while not run.child():
            continue
    return CheckReport(tuple(run.results))


@mutable
class _Run:
    """What is known so far; each child takes it further."""

    spec: dict[str, Any]
    told: Callable[[CheckResult], None]
    environment: Mapping[str, str]
    results: list[CheckResult] = field(factory=list)

    def child(self) -> bool:
        """One child; whether it did the last step."""
        with tempfile.TemporaryDirectory(prefix="aisbench-check-") as folder:
            traces, errors = Path(folder, "traces"), Path(folder, "errors")
            reading, writing = os.pipe()
            spec = {
                **self.spec,
                "fd": writing,
                "said": str(Path(folder, "said")),
                "traces": str(traces),
                "done": [result_as_json(one) for one in self.results],
            }
            with errors.open("wb") as stderr:
                process = subprocess.Popen(
                    [sys.executable, "-m", "aisbench_testkit.checking.child"],
                    stdin=subprocess.PIPE,
                    stderr=stderr,
                    pass_fds=[writing],
                    start_new_session=True,
                    env=self.environment,
                )
            os.close(writing)
            try:
                finished, begun = self._follow(process, reading, spec)
            finally:
                code = _end(process)
            if finished:
                return True
            return self._died(begun, code, traces, errors)

    def _follow(
        self, process: subprocess.Popen[bytes], reading: int, spec: dict[str, Any]
    ) -> tuple[bool, tuple[str, str, str] | None]:
        """Hear the child until it ends: whether it finished, and the step that it began last."""
        begun: tuple[str, str, str] | None = None
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write((json.dumps(spec) + "\n").encode())
        with os.fdopen(reading, encoding="utf-8") as lines:
            for line in lines:
                said = json.loads(line)
                if "begin" in said:
                    begun = tuple(said["begin"])
                elif "end" in said:
                    begun = None
                    self._add(result_of_json(said["end"]))
                elif "finished" in said:
                    return True, None
        return False, begun

    def _add(self, result: CheckResult) -> None:
        self.results.append(result)
        self.told(result)

    def _died(
        self, begun: tuple[str, str, str] | None, code: int, traces: Path, errors: Path
    ) -> bool:
        """Write down why the child ended within a step; whether there is no use in going on."""
        text = traces.read_text(encoding="utf-8", errors="replace")
        if "Timeout" in text:
            why = f"takes more than {self.spec['seconds']:g} s" + place_of(text)
        else:
            why = f"ends the process ({_reason(code)}): nothing in a plugin may do that"
        if begun is None:
            # Not within a step: the kit itself failed, or was stopped.
            tail = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            raise RuntimeError(f"the checks ended early, with code {code}: {' | '.join(tail)}")
        dist, offer, check = begun
        for name in [dist] if dist else [one["dist"] for one in self.spec["targets"]]:
            self._add(
                CheckResult(
                    dist=name,
                    offer=offer,
                    check=check,
                    status=CheckStatus.FAILED,
                    problems=(f"{check} {why}" if check == DISCOVERY else why,),
                )
            )
        return check == DISCOVERY


def _reason(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _environment(disabled: Sequence[str]) -> dict[str, str]:
    """Ours, with the same places to import from, a hash seed that is known, and without
    ``disabled`` plugins, also in the second process."""
    paths = [str(Path(place).absolute()) for place in sys.path if place]
    names = [*disabled, *filter(None, os.environ.get(DISABLE_VARIABLE, "").split(","))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",
        DISABLE_VARIABLE: ",".join(names),
    }


def _end(process: subprocess.Popen[bytes]) -> int:
    """The exit code; whatever the child started is ended with it."""
    try:
        code = process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return code


_FRAME = re.compile(r'  File "([^"]+)", line (\d+) in (\S+)')


def place_of(trace: str) -> str:
    """Where a stack stands, in a plugin's own code if it is in the stack: " (at FILE:LINE)"."""
    frames = _FRAME.findall(trace)
    foreign = [one for one in frames if not _ours(one[0])]
    for file, line, function in (foreign or frames)[:1]:
        return f" (at {Path(file).name}:{line}, in {function})"
    return ""


def _ours(file: str) -> bool:
    """Of Python, core or the kit."""
    parts = Path(file).parts
    library = sysconfig.get_path("stdlib")
    return (
        "aisbench" in parts
        or "aisbench_testkit" in parts
        or file.startswith("<")
        or (file.startswith(library) and "site-packages" not in parts)
    )
