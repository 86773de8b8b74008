"""The data set ``custom``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError, Sample, Variant, load_variants
from aisbench_plugin_custom.meta import read_meta
from aisbench_plugin_custom.rows import read_samples
from aisbench_plugin_custom.settings import CustomSettings

BATCHES = ("embed", "classify", "rerank", "transcribe")
"""Variants of what is no conversation."""


class Custom:
    """A file of the user's."""

    def __init__(self, settings: CustomSettings) -> None:
        self.settings = settings

    def variants(self) -> Mapping[str, Variant]:
        """The same for every file, for they are asked before any file is read: the template
        looks at each row. Batches, which are no questions, have variants of their own."""
        every = load_variants("aisbench_plugin_custom")
        batch = self.settings.kind == "batch"
        return {name: one for name, one in every.items() if (name in BATCHES) is batch}

    def files(self) -> Sequence[Path]:
        found = [self._there(self.settings.path, "path")]
        if (meta := self._meta()) is not None:
            found.append(meta)
        if self.settings.examples is not None:
            found.append(self._there(self.settings.examples, "examples"))
        return found

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        file = self._there(settings.path, "path")
        samples = read_samples(file, settings.kind, settings.columns, "row")
        meta = self._meta()
        return samples if meta is None else read_meta(meta).apply(samples, settings.seed)

    def evaluator_name(self) -> str:
        """``choice`` for options, ``exact`` for questions and chats with a reference."""
        settings = self.settings
        file = self._there(settings.path, "path")
        samples = read_samples(file, settings.kind, settings.columns, "row")
        if all(sample.target is None for sample in samples):
            raise DataError(
                f"{file}: no row has a reference answer under {settings.columns.answer!r}",
                hint='name its column: columns = { answer = "..." }, or an evaluator that needs '
                'none (such as judge-rating), or set suite.mode = "performance"',
            )
        return "choice" if "letters" in samples[0].fields else "exact"

    def examples(self) -> Sequence[Sample]:
        settings = self.settings
        if settings.examples is None:
            raise DataError(
                "custom: shots are set, and no file of examples is named",
                hint='set examples = "FILE", laid out like the questions, or shots = 0',
            )
        file = self._there(settings.examples, "examples")
        return read_samples(file, settings.kind, settings.columns, "example")

    def _meta(self) -> Path | None:
        if self.settings.meta is not None:
            return self._there(self.settings.meta, "meta")
        path = self.settings.path
        beside = path.with_name(f"{path.name}.meta.json")
        return beside if beside.is_file() else None

    def _there(self, file: Path, key: str) -> Path:
        if not file.is_file():
            what = "is a folder" if file.is_dir() else "does not exist"
            raise DataError(
                f"custom: {file} {what}",
                hint=f"{key} names one file; relative paths are taken from the suite's folder",
            )
        return file
