"""What a suite may set."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import setting

Split = Literal["test", "train"]


@frozen
class Gsm8kSettings:
    """Where the rows come from."""

    path: Path | None = setting(
        default=None,
        help="folder with test.jsonl and train.jsonl; default: where `datasets fetch` puts them",
        example="data/gsm8k",
    )
    split: Split = setting(
        default="test", help="the rows to ask; train cannot be combined with few-shot examples"
    )
