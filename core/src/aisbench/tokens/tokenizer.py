"""Counting and making tokens with the tokenizer of a model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aisbench.base.errors import AisbenchError


class TextTokenizer:
    """A model's tokenizer, by the `tokenizers <https://huggingface.co/docs/tokenizers>`_ library.

    Special tokens are never added: only the text is counted.
    """

    def __init__(self, inner: Any, name: str) -> None:
        self._inner = inner
        self.name = name

    def encode(self, text: str) -> list[int]:
        """The text's token ids."""
        ids: list[int] = self._inner.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of token ids, including special ones."""
        text: str = self._inner.decode(list(ids), skip_special_tokens=False)
        return text

    def without_middle(self, text: str, most: int) -> str:
        """The characters of its first ``most // 2`` tokens and of as many last ones, where it has
        more than ``most``; of fewer where what is left would have more, as tokens of parts of a
        character stand for the whole of it."""
        places = self._inner.encode(text, add_special_tokens=False).offsets
        if len(places) <= most:
            return text
        kept = most
        while half := max(kept, 0) // 2:
            cut = text[: places[half - 1][1]] + text[places[-half][0] :]
            over = self.count(cut) - most
            if over <= 0:
                return cut
            kept -= max(2, over // 2)
        return ""

    def count(self, text: str) -> int:
        """How many tokens the text has."""
        return len(self.encode(text))

    def counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each of many texts has, counted on all cores."""
        found = self._inner.encode_batch(list(texts), add_special_tokens=False)
        return [len(one.ids) for one in found]

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each of many texts, on all cores."""
        found = self._inner.encode_batch(list(texts), add_special_tokens=False)
        return [one.ids for one in found]

    @property
    def size(self) -> int:
        """Number of ids."""
        return int(self._inner.get_vocab_size(with_added_tokens=True))

    @property
    def special(self) -> frozenset[int]:
        """Ids of tokens that are not text: begin, end, padding, roles."""
        added = self._inner.get_added_tokens_decoder()
        return frozenset(number for number, token in added.items() if token.special)


def load_tokenizer(name: str, key: str = "tokenizer") -> TextTokenizer:
    """The tokenizer in a file ``tokenizer.json``, a folder that holds one, or on the hub.

    A hub name (``Qwen/Qwen3-8B``) is looked up in the local cache first. ``key`` is the TOML key
    that named it, for the message. Raises AisbenchError when it cannot be loaded.
    """
    import tokenizers

    path = Path(name).expanduser()
    try:
        if path.is_absolute() or path.is_dir() or path.suffix == ".json":
            file = path / "tokenizer.json" if path.is_dir() else path
            if not file.is_file():
                raise AisbenchError(
                    f"{key}: {file} does not exist",
                    hint="name a folder with the model's tokenizer.json, that file, or a name on "
                    "the Hugging Face hub",
                )
            return TextTokenizer(tokenizers.Tokenizer.from_file(str(file)), name)
        import huggingface_hub

        cached = huggingface_hub.try_to_load_from_cache(name, "tokenizer.json")
        if isinstance(cached, str):
            return TextTokenizer(tokenizers.Tokenizer.from_file(cached), name)
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
            raise AisbenchError(
                f"{key}: the tokenizer {name!r} is not in the local cache, and nothing is fetched "
                "now (validate and --dry-run send nothing, nor does HF_HUB_OFFLINE=1 let it)",
                hint=f"name a folder with its tokenizer.json, or fetch it: hf download {name} "
                "tokenizer.json",
            )
        return TextTokenizer(tokenizers.Tokenizer.from_pretrained(name), name)
    except AisbenchError:
        raise
    except Exception as error:
        # The library raises plain Exception for everything.
        text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise AisbenchError(
            f"{key}: the tokenizer {name!r} cannot be loaded: {text}",
            hint="name a folder with the model's tokenizer.json; a name on the hub needs a "
            "connection or a filled cache",
        ) from error
