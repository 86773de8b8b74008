"""Where the things of a run lie, and who may write there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import tomli
import tomli_w
from attrs import frozen

from aisbench.errors import AisbenchError, StoreError
from aisbench.store.journal import write_atomically

SUITE = "suite.toml"


@frozen
class RunFolder:
    """Paths inside one run directory."""

    path: Path

    @property
    def suite(self) -> Path:
        """The resolved suite."""
        return self.path / SUITE

    @property
    def environment(self) -> Path:
        """Versions, checksums, host and the history of sessions."""
        return self.path / "environment.json"

    @property
    def log(self) -> Path:
        """One JSON object a line."""
        return self.path / "log.jsonl"

    @property
    def summary(self) -> Path:
        """What the summarizers write."""
        return self.path / "summary"

    @property
    def results(self) -> Path:
        """The present figures; earlier ones are in ``earlier``."""
        return self.path / "results"

    def samples(self, dataset: str) -> Path:
        """The rows that were chosen to be asked."""
        return self.path / "samples" / f"{dataset}.jsonl"

    def predictions(self, model: str, dataset: str) -> Path:
        """The journal of answers."""
        return self.path / "predictions" / model / f"{dataset}.jsonl"

    def stale(self, model: str, dataset: str) -> Path:
        """Answers to requests that the present suite no longer makes."""
        return self.path / "predictions" / model / "stale" / f"{dataset}.jsonl"

    def judgements(self, model: str, dataset: str) -> Path:
        """The journal of what a judge said of a model's answers."""
        return self.path / "judgements" / model / f"{dataset}.jsonl"

    def stale_judgements(self, model: str, dataset: str) -> Path:
        """Judgements that the present suite no longer asks for."""
        return self.path / "judgements" / model / "stale" / f"{dataset}.jsonl"

    def load(self, model: str, dataset: str, label: str) -> Path:
        """The folder of one load."""
        return self.path / "performance" / model / dataset / label

    def search(self, model: str, dataset: str) -> Path:
        """What a search found."""
        return self.path / "performance" / model / dataset / "search.json"

    def result(self, model: str, dataset: str, load: str = "") -> Path:
        """Figures of one task, under one load."""
        return self._scored(model, load) / f"{dataset}.json"

    def scores(self, model: str, dataset: str, load: str = "") -> Path:
        """Scores per sample of one task, under one load."""
        return self._scored(model, load) / f"{dataset}.scores.jsonl"

    def submission(self, model: str, dataset: str, load: str = "") -> Path:
        """Files to hand in, of rows whose reference somebody else keeps."""
        return self._scored(model, load) / f"{dataset}.submission"

    def _scored(self, model: str, load: str) -> Path:
        # Loads have folders of their own: data sets may be called anything.
        return self.results / model / "loads" / load if load else self.results / model


def create_run(output: Path, name: str) -> RunFolder:
    """A new directory ``output/name/YYYYMMDD_HHMMSS``. Raises StoreError."""
    stamp = time.strftime("%Y%m%d_%H%M%S")
    parent = output / name
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1000):
            path = parent / (stamp if not attempt else f"{stamp}-{attempt}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                return RunFolder(path)
    except OSError as error:
        raise StoreError(
            f"{parent}: no run directory can be made there: {error.strerror or error}",
            hint="set suite.output to a folder that can be written",
        ) from error
    raise StoreError(f"{parent}: holds too many runs of this second")


def latest_run(output: Path, name: str) -> RunFolder:
    """The newest run of a suite. Raises AisbenchError when there is none."""
    parent = output / name
    runs = sorted((path.parent for path in parent.glob(f"*/{SUITE}")), key=_age)
    if not runs:
        raise AisbenchError(
            f"{parent}: there is no run to resume",
            hint="run without --resume first, or name the run directory: --resume DIR",
        )
    return RunFolder(runs[-1])


def _age(run: Path) -> tuple[str, int]:
    stamp, _, number = run.name.partition("-")
    return (stamp, int(number) if number.isdigit() else 0)


def open_run(path: Path) -> RunFolder:
    """An existing run directory. Raises AisbenchError when it is none."""
    if not (path / SUITE).is_file():
        raise AisbenchError(
            f"{path}: is not a run directory (it has no {SUITE})",
            hint="it looks like OUTPUT/SUITE/DATE_TIME: outputs/nightly/20261120_153000",
        )
    return RunFolder(path)


@contextlib.contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run for this process alone. Raises AisbenchError when another holds it."""
    try:
        fd = os.open(run.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{run.path}: cannot be written: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AisbenchError(
                f"{run.path}: another aisbench process is working there",
                hint="wait for it, or stop it; the lock goes with the process",
            ) from None
        yield
    finally:
        os.close(fd)


def write_suite(run: RunFolder, tables: Mapping[str, Any]) -> None:
    """Keep the resolved suite."""
    write_atomically(run.suite, tomli_w.dumps(tables).encode())


def read_tables(path: Path) -> dict[str, Any]:
    """A TOML file of the run. Raises StoreError."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document in one step."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    write_atomically(path, orjson.dumps(value, option=options))


def read_json(path: Path) -> Any:
    """A JSON document of the run. Raises StoreError."""
    try:
        return orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error


def set_aside_load(run: RunFolder, folder: Path) -> None:
    """Keep what an earlier session recorded of a load that is run anew. Raises StoreError."""
    if not (folder / "load.json").exists():
        return
    place = run.path / "earlier" / folder.relative_to(run.path)
    number = 1
    while (target := place.with_name(f"{place.name}.{number}")).exists():
        number += 1
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}") from error


def set_aside_results(run: RunFolder) -> None:
    """Move the present results to ``earlier/NNN``, so that new ones replace nothing."""
    if not run.results.exists():
        return
    earlier = run.path / "earlier"
    numbers = [int(path.name) for path in earlier.glob("*") if path.name.isdecimal()]
    target = earlier / f"{max(numbers, default=0) + 1:03d}"
    try:
        earlier.mkdir(exist_ok=True)
        run.results.rename(target)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}") from error
