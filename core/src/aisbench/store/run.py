"""Where the things of a run lie, and who may write there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import tomli
import tomli_w
from attrs import frozen

from aisbench.base.errors import AisbenchError, DamageError, StoreError
from aisbench.store.files import (
    make_folder,
    sync_folder,
    write_atomically,
)

SUITE = "suite.toml"


@frozen
class RunFolder:
    """Paths inside one run directory."""

    path: Path
    scored: str = "results"
    """The folder of the figures."""

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
    def files(self) -> Path:
        """Copies of the files that stand for plugins: declared data sets, modules."""
        return self.path / "files"

    @property
    def summary(self) -> Path:
        """What the summarizers write."""
        return self.path / "summary"

    @property
    def results(self) -> Path:
        """The present figures; earlier ones are in ``earlier``."""
        return self.path / self.scored

    def samples(self, dataset: str) -> Path:
        """The rows that were chosen to be asked."""
        return self.path / "samples" / f"{dataset}.jsonl"

    @property
    def media(self) -> Path:
        """Contents of prompts, each under its checksum."""
        return self.path / "media"

    @property
    def texts(self) -> Path:
        """Long texts that evaluators compare answers with, each under its checksum."""
        return self.path / "texts"

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
        make_folder(parent)
        for attempt in range(1000):
            path = parent / (stamp if not attempt else f"{stamp}-{attempt}")
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                sync_folder(parent)
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
    """An existing run directory. Raises AisbenchError for any other path."""
    if not (path / SUITE).is_file():
        raise AisbenchError(
            f"{path}: is not a run directory (it has no {SUITE})",
            hint="it looks like OUTPUT/SUITE/DATE_TIME: outputs/nightly/20261120_153000",
        )
    return RunFolder(path)


def write_suite(run: RunFolder, tables: Mapping[str, Any]) -> None:
    """Keep the resolved suite."""
    write_atomically(run.suite, tomli_w.dumps(tables).encode())


def read_tables(path: Path) -> dict[str, Any]:
    """A TOML file of the run. Raises DamageError."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from error
    except (UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise DamageError(f"{path}: cannot be read: {error}", hint=RESTORE) from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document in one step."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    write_atomically(path, orjson.dumps(value, option=options))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON document of the run, which is an object. Raises DamageError."""
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from error
    except orjson.JSONDecodeError as error:
        raise DamageError(
            f"{path}:{error.lineno}: cannot be read: {error}", hint=RESTORE
        ) from error
    if not isinstance(document, dict):
        raise DamageError(
            f"{path}: is damaged: it holds {type(document).__name__}, no object", hint=RESTORE
        )
    return document


RESTORE = "restore it from a copy"


@contextlib.contextmanager
def understanding(path: Path) -> Iterator[None]:
    """Turn errors in the use of a document's content into a DamageError that names it.

    Raises DamageError.
    """
    try:
        yield
    except AisbenchError:
        raise
    except KeyError as error:
        raise DamageError(f"{path}: is damaged: it has no {error}", hint=RESTORE) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DamageError(
            f"{path}: is damaged: {type(error).__name__}: {error}", hint=RESTORE
        ) from error


def _unreadable(path: Path, error: OSError) -> DamageError:
    if isinstance(error, FileNotFoundError):
        return DamageError(f"{path}: cannot be read: it is missing", hint=RESTORE)
    return DamageError(f"{path}: cannot be read: {error.strerror or error}")
