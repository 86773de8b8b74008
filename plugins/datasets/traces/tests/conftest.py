"""Traces with a small tokenizer of our own: byte-level BPE of 760 tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import TextTokenizer, load_tokenizer
from aisbench_plugin_traces.azure import Azure
from aisbench_plugin_traces.burstgpt import BurstGpt
from aisbench_plugin_traces.mooncake import Mooncake
from aisbench_plugin_traces.own_format import OwnFormat
from aisbench_plugin_traces.settings import (
    AzureSettings,
    BurstGptSettings,
    MooncakeSettings,
    OwnFormatSettings,
)
from aisbench_plugin_traces.trace_dataset import TraceDataset

DATA = Path(__file__).parent / "data"
TOKENIZER = str(DATA / "tokenizer.json")
_FORMATS: dict[str, tuple[Any, Any, str]] = {
    "mooncake": (Mooncake, MooncakeSettings, "mooncake.jsonl"),
    "burstgpt": (BurstGpt, BurstGptSettings, "burstgpt.csv"),
    "azure": (Azure, AzureSettings, "azure.csv"),
    "trace": (OwnFormat, OwnFormatSettings, "trace.jsonl"),
}


@pytest.fixture(scope="session")
def tokenizer() -> TextTokenizer:
    return load_tokenizer(TOKENIZER)


@pytest.fixture(scope="session")
def trace() -> Callable[..., TraceDataset]:
    """Makes the data set of a format; keys are its settings."""

    def make(kind: str, **settings: Any) -> TraceDataset:
        cls, settings_class, file = _FORMATS[kind]
        made: TraceDataset = cls(
            settings_class(**{"tokenizer": TOKENIZER, "path": DATA / file, **settings})
        )
        return made

    return make
