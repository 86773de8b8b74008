"""The process in which the checks run: ``python -m aisbench_testkit.checking.child``.

It reads what to do from standard input and tells each step before and after it, a line of JSON
each, on the file descriptor that it is given. It may hang or die in a plugin's code: whoever
started it then knows in which step.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import attrs

from aisbench.api import AisbenchError
from aisbench_testkit.checking.case import case_of
from aisbench_testkit.checking.results import CheckResult, CheckStatus, result_as_json
from aisbench_testkit.checking.steps import CheckStep, DistributionSteps, FileSteps, offer_steps
from aisbench_testkit.checking.tables import GivenSetting, read_tables
from aisbench_testkit.checking.twin import Twin, known_catalog
from aisbench_testkit.checks import packaging
from aisbench_testkit.checks.trial import NotChecked, told

_OF_FILES = ("[tool.aisbench.check.", "in check.toml beside it: [")
"""Where tables are of a distribution, and of a file."""
DISCOVERY = "loading of all plugins"
_DISCOVERY_SECONDS = 300.0
"""Of all that are installed, each of which core gives a limit of its own."""


def main() -> None:
    """Do what standard input says."""
    spec: dict[str, Any] = json.loads(sys.stdin.readline())
    out = os.fdopen(spec["fd"], "w", encoding="utf-8")
    traced = Path(spec["traces"])
    with Path(spec["said"]).open("w+b") as said, traced.open("w", encoding="utf-8") as traces:
        os.dup2(said.fileno(), 1)
        twin = Twin(catalog=Path(spec["catalog"]))
        try:
            _Session(spec, out, traces, said).run(twin)
        finally:
            twin.end()


class _Session:
    """All steps that are still to be done."""

    def __init__(
        self, spec: Mapping[str, Any], out: IO[str], traces: IO[str], said: IO[bytes]
    ) -> None:
        self._spec = spec
        self._out = out
        self._traces = traces
        self._said = said
        self._files = {one["dist"] for one in spec["targets"] if one["file"]}
        self._done: dict[tuple[str, ...], CheckResult] = {}
        for one in spec["done"]:
            result = CheckResult(**{**one, "status": CheckStatus(one["status"])})
            self._done[result.dist, result.offer, result.check] = result

    def run(self, twin: Twin) -> None:
        for step in self._steps(twin):
            if step.key in self._done:
                continue
            self._tell(begin=list(step.key))
            result = self._result(step)
            self._done[step.key] = result
            self._tell(end=result_as_json(result))
        self._tell(finished=True)

    def _tell(self, **line: Any) -> None:
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def _steps(self, twin: Twin) -> Iterator[CheckStep]:
        targets: list[tuple[DistributionSteps | FileSteps, Mapping[str, str]]] = []
        for one in self._spec["targets"]:
            own = self._own(one)
            targets.append((own, one))
            yield from own.first()
        self._tell(begin=["", "", DISCOVERY])
        with self._limited(_DISCOVERY_SECONDS):
            catalog = known_catalog(Path(self._spec["catalog"]))
        given = [GivenSetting(**one) for one in self._spec["given"]]
        used: set[str] = set()
        for own, one in targets:
            yield from own.loading(catalog)
            config = Path(one["config"]) if one["config"] else None
            tables = read_tables(Path(one["folder"]), config)
            for listed, known in own.offers(catalog):
                case = case_of(listed, known, tables, given, twin)
                used |= {one.key for one in given if case.is_meant(one)}
                for step in offer_steps(case):
                    yield attrs.evolve(step, dist=one["dist"])
        if unused := [one.key for one in given if one.key not in used]:
            yield CheckStep(
                dist=self._spec["targets"][0]["dist"],
                name="--set",
                run=lambda: [f"{key!r} is a setting of nothing that is checked" for key in unused],
            )

    def _own(self, target: Mapping[str, str]) -> DistributionSteps | FileSteps:
        if target["file"]:
            file = Path(target["file"])
            return FileSteps(dist=target["dist"], file=file, probed=self._spec["probed"])
        found = packaging.find(target["dist"])
        assert found is not None
        return DistributionSteps(found=found, probed=self._spec["probed"])

    @contextlib.contextmanager
    def _limited(self, seconds: float | None = None) -> Iterator[None]:
        """What takes too long leaves the stack in the file of traces, and ends the process."""
        limit = self._spec["seconds"] if seconds is None else seconds
        faulthandler.dump_traceback_later(limit, exit=True, file=self._traces)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _result(self, step: CheckStep) -> CheckResult:
        begin = time.monotonic()

        def ended(status: CheckStatus, **more: Any) -> CheckResult:
            if step.dist in self._files:
                more = {**more, "give": more.get("give", "").replace(*_OF_FILES)}
            return CheckResult(
                dist=step.dist,
                offer=step.offer,
                check=step.name,
                status=status,
                seconds=round(time.monotonic() - begin, 3),
                **more,
            )

        if step.skip:
            return ended(CheckStatus.LEFT_OUT, reason=step.skip)
        for name in step.needs:
            needed = self._done.get((step.dist, step.offer, name))
            if needed is None or needed.status is CheckStatus.LEFT_OUT:
                continue
            if needed.status is CheckStatus.FAILED:
                return ended(CheckStatus.NOT_CHECKED, reason=f"{name!r} failed", give="mend it")
            if needed.status is CheckStatus.NOT_CHECKED:
                return ended(CheckStatus.NOT_CHECKED, reason=needed.reason, give=needed.give)
        heard = self._heard()
        try:
            with self._limited(self._spec["seconds"] * step.patience):
                problems = step.run()
        except NotChecked as missing:
            return ended(CheckStatus.NOT_CHECKED, reason=missing.reason, give=missing.give)
        except AisbenchError as error:
            problems = [f"raises {type(error).__name__}: {error.message}"]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - SystemExit of a plugin ends no check
            problems = [f"raises {told(error)}"]
        if printed := self._heard()[len(heard) :].strip():
            words = printed.decode("utf-8", "replace").splitlines()[0][:60]
            problems.append(f"prints {words!r}: what is printed spoils the output of commands")
        if problems:
            return ended(CheckStatus.FAILED, problems=tuple(problems))
        return ended(CheckStatus.PASSED)

    def _heard(self) -> bytes:
        """Everything that was printed so far."""
        with contextlib.suppress(Exception):  # a plugin may have replaced or closed it
            sys.stdout.flush()
        self._said.seek(0)
        return self._said.read()


if __name__ == "__main__":
    main()
