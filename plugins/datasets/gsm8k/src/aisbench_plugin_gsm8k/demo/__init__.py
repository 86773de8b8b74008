"""The data set ``gsm8k-demo``: problems of our own that come with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import Sample, Variant, load_variants
from aisbench_plugin_gsm8k.rows import read_rows

_FOLDER = Path(__file__).parent


class Gsm8kDemo:
    """For trying things out: too few rows to compare models."""

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_gsm8k")

    def files(self) -> Sequence[Path]:
        return [_FOLDER / "test.jsonl", _FOLDER / "train.jsonl"]

    def samples(self) -> Sequence[Sample]:
        return read_rows(_FOLDER / "test.jsonl", "test")

    def examples(self) -> Sequence[Sample]:
        return read_rows(_FOLDER / "train.jsonl", "train")
