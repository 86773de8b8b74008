"""A tokenizer whose tokens are words, so that counts can be told by eye."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit


@pytest.fixture
def words(tmp_path: Path) -> str:
    """Its file."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    file = tmp_path / "words" / "tokenizer.json"
    file.parent.mkdir()
    tokenizer.save(str(file))
    return str(file)
