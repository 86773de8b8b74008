"""The data set ``gsm8k``: the published files, in a folder of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError, Sample, Variant, data_home, load_variants
from aisbench_plugin_gsm8k.rows import read_rows
from aisbench_plugin_gsm8k.settings import Gsm8kSettings


class Gsm8k:
    """Test rows to ask, train rows as few-shot examples."""

    def __init__(self, settings: Gsm8kSettings) -> None:
        self.settings = settings
        self.folder = settings.path or data_home() / "gsm8k"

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_gsm8k")

    def files(self) -> Sequence[Path]:
        """The file asked from, and the file of the examples where it is there."""
        found = [self._file(self.settings.split)]
        pool = self.folder / "train.jsonl"
        if pool not in found and pool.is_file():
            found.append(pool)
        return found

    def samples(self) -> Sequence[Sample]:
        split = self.settings.split
        return read_rows(self._file(split), split)

    def examples(self) -> Sequence[Sample]:
        if self.settings.split == "train":
            raise DataError(
                "gsm8k: the train rows cannot be asked and be few-shot examples at once",
                hint='use a variant without examples (0-shot-...), or split = "test"',
            )
        return read_rows(self._file("train"), "train")

    def _file(self, split: str) -> Path:
        file = self.folder / f"{split}.jsonl"
        if file.is_file():
            return file
        missing = file if self.folder.is_dir() else self.folder
        what = "is a file, not a folder" if missing.is_file() else "does not exist"
        raise DataError(
            f"gsm8k: {missing} {what}",
            hint="get it with `aisbench datasets fetch gsm8k`, or put test.jsonl and train.jsonl "
            f"into {self._wanted()}; the official source is github.com/openai/grade-school-math",
        )

    def _wanted(self) -> str:
        return "a folder and name that as `path`" if self.folder.is_file() else str(self.folder)
