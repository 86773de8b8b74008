"""The files of one load."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from aisbench.store.recording.documents import LoadDocument, read_document


@frozen
class LoadFolder:
    """The files of one load, in ``performance/MODEL/DATASET/LOAD/``."""

    path: Path

    @property
    def requests(self) -> Path:
        """One row an attempt."""
        return self.path / "requests.parquet"

    @property
    def events(self) -> Path:
        """One row a read of the socket that brought tokens."""
        return self.path / "events.parquet"

    @property
    def failures(self) -> Path:
        """The words of what failed."""
        return self.path / "failures.jsonl"

    @property
    def answers(self) -> Path:
        """Prompts and answers, where they were kept."""
        return self.path / "answers.jsonl"

    @property
    def prefixes(self) -> Path:
        """Which prompts begin alike, by blocks of tokens; where their tokens are known."""
        return self.path / "prefixes.parquet"

    @property
    def load_json(self) -> Path:
        """What was asked, when it started, how it ended, and how the client fared."""
        return self.path / "load.json"

    @property
    def scrapes(self) -> Path:
        """What the server published, a line a reading."""
        return self.path / "scrapes.jsonl"

    @property
    def summary(self) -> Path:
        """The figures."""
        return self.path / "summary.json"

    def raw(self, name: str) -> list[Path]:
        """The workers' files of that kind, by worker."""
        found = self.path.glob(f"{name}-*.*")
        return sorted(found, key=worker_of)

    def report(self, worker: int) -> Path:
        """What a worker tells when it ends; part of load.json afterwards."""
        return self.path / f"worker-{worker}.json"

    def document(self) -> LoadDocument:
        """What load.json says. Raises DamageError, AisbenchError."""
        return read_document(self.load_json)


def worker_of(path: Path) -> int:
    """The worker that wrote a raw file."""
    return int(path.stem.rpartition("-")[2])


def remedy(folder: Path) -> str:
    """What to do about the damaged files of a load."""
    return f"restore it from a copy; or remove {folder}: --resume runs the load again"
