"""The model's tokenizer, which lengths are counted with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aisbench.api import DataError, TextTokenizer, load_tokenizer


def check_named(name: str, dataset: str) -> None:
    """Raises DataError where no tokenizer is named."""
    if not name:
        raise DataError(
            f"{dataset}: no tokenizer is named, without which no length is known",
            hint="set tokenizer to the model's folder, its tokenizer.json or its name on the hub",
        )


def model_tokenizer(name: str, dataset: str) -> TextTokenizer:
    """Raises DataError as :func:`check_named`, AisbenchError where it cannot be loaded."""
    check_named(name, dataset)
    return load_tokenizer(name)


def tokenizer_files(name: str, dataset: str) -> Sequence[Path]:
    """The tokenizer, where it is a file: other tokens are other rows."""
    check_named(name, dataset)
    path = Path(name).expanduser()
    file = path / "tokenizer.json" if path.is_dir() else path
    return [file] if file.is_file() else []
