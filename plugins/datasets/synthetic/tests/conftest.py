"""The data set with a small tokenizer of our own: byte-level BPE of 760 tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import TextTokenizer, load_tokenizer
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.settings import SyntheticSettings

TOKENIZER = Path(__file__).parent / "data" / "tokenizer.json"


@pytest.fixture(scope="session")
def tokenizer() -> TextTokenizer:
    return load_tokenizer(str(TOKENIZER))


@pytest.fixture(scope="session")
def synthetic() -> Callable[..., Synthetic]:
    """Makes the data set; keys are its settings."""

    def make(**settings: Any) -> Synthetic:
        return Synthetic(SyntheticSettings(**{"tokenizer": str(TOKENIZER), **settings}))

    return make
