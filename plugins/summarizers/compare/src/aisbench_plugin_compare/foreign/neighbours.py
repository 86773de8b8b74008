"""Other requests that are in flight while rows are asked: a load of their own, in a process of
its own, as a process makes one run at a time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench import find_runs, read_progress, run
from aisbench.api import AisbenchError, DataError
from aisbench_plugin_compare.foreign.suite_keys import suite_key

_LONGEST = 24 * 3600
"""Seconds that a load goes on at most, should nobody end it."""
_LEFT_OUT = ("load", "exclude", "groups", "summarizers", "observers")
_START = 120.0
"""Seconds within which all of them have to be in flight."""
_END = 30.0


@frozen(kw_only=True)
class Neighbours:
    """``count`` requests of one model on one data set, always in flight, in no order."""

    source: Path
    """The suite or the run that is probed."""
    tables: Mapping[str, Any]
    """Of its suite."""
    model: str
    dataset: str
    count: int
    temperature: float | None
    """None: as the suite has it."""
    overrides: Mapping[str, Any]

    def suite(self) -> dict[str, Any]:
        """The suite of the load: the one model on the one data set."""
        found = {key: value for key, value in self.tables.items() if key not in _LEFT_OUT}
        models, datasets = self.tables["models"], self.tables["datasets"]
        own = {**models[self.model], "concurrency": self.count}
        if self.temperature is not None:
            own["generation"] = {**own.get("generation", {}), "temperature": self.temperature}
        judges = {name: one for name, one in models.items() if one.get("role") == "judge"}
        about = {
            key: value for key, value in self.tables.get("suite", {}).items() if key != "groups"
        }
        about |= {"name": "neighbours", "mode": "performance"}
        load = {
            "shape": "closed", "concurrency": self.count, "duration": _LONGEST,
            "order": "random", "warm_up": 0,
        }  # fmt: skip
        return {
            **found,
            "suite": about,
            "models": {**judges, self.model: own},
            "datasets": {self.dataset: datasets[self.dataset]},
            "load": load,
        }

    def changes(self) -> dict[str, Any]:
        """The changes of the command line that are of what is left of the suite."""
        others = [
            f"{suite_key(kind, name)}."
            for kind, kept in (("models", self.model), ("datasets", self.dataset))
            for name in self.tables[kind]
            if name != kept
        ]
        return {
            key: value
            for key, value in self.overrides.items()
            if not key.startswith((*others, "load.", "suite.mode"))
        }

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Within it they are in flight. Raises DataError where they cannot be, or ended."""
        with tempfile.TemporaryDirectory(prefix="aisbench-neighbours-") as folder:
            said = Path(folder, "said.txt")
            process = self._started(Path(folder), said)
            try:
                self._wait(process, Path(folder), said)
                yield
                if process.poll() is not None:
                    raise self._failure(said)
            finally:
                _end(process)

    def _started(self, folder: Path, said: Path) -> subprocess.Popen[bytes]:
        wish = {"suite": self.suite(), "changes": self.changes(), "output": str(folder)}
        above = self.source if self.source.is_dir() else self.source.parent
        (folder / "wish.json").write_text(json.dumps(wish), encoding="utf-8")
        with said.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", __name__, str(folder / "wish.json")],
                cwd=above,  # relative paths are the suite's
                stdin=subprocess.PIPE,  # its end tells the process that nobody is there any more
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, process: subprocess.Popen[bytes], folder: Path, said: Path) -> None:
        end = time.monotonic() + _START
        while process.poll() is None:
            for one in find_runs(folder):
                state = read_progress(one)
                if state is not None and any(x.in_flight >= self.count for x in state.loads):
                    return
            if time.monotonic() > end:
                raise DataError(
                    f"{self.source}: {self.count} other requests were not in flight within "
                    f"{_START:.0f} s",
                    hint="--no-neighbours leaves them out; a smaller --concurrency needs fewer",
                )
            time.sleep(0.1)
        raise self._failure(said)

    def _failure(self, said: Path) -> DataError:
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return DataError(
            f"{self.source}: the other requests beside {self.model} ended: "
            f"{lines[-1] if lines else 'nothing was said'}",
            hint="--no-neighbours leaves them out",
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _end_with_its_parent() -> None:
    os.read(0, 1)  # not through a buffer, whose lock the end of the process would wait for
    os.kill(os.getpid(), signal.SIGTERM)


def main(path: str) -> int:
    """Keep the requests of a wish in flight until the process is ended, or its parent has."""
    threading.Thread(target=_end_with_its_parent, daemon=True).start()
    wish = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        run(wish["suite"], overrides=wish["changes"], output=wish["output"])
    except AisbenchError as error:
        print(error.message.splitlines()[0])
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
