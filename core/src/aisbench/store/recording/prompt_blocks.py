"""The prompts of a load as blocks of tokens: which of them begin alike, without their texts.

A block's key is a hash of its tokens and of the key before it, so that equal keys mean equal
beginnings, and every second key is the key of a block of twice the size.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs
from attrs import define, frozen

from aisbench.store.files import replacing
from aisbench.store.recording.folder import LoadFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Basis = Literal["ids", "template", "words"]
BASES: Sequence[Basis] = ("words", "template", "ids")
"""From the least to the most exact."""


@frozen(kw_only=True)
class PromptBlocks:
    """Of some attempts of a load the keys of their prompts' blocks, and of their answers'."""

    size: int
    """Tokens of a block."""
    basis: Basis
    """The least exact of all."""
    rows: NDArray[np.int64]
    """Rows of the table of attempts, rising."""
    prompt_tokens: NDArray[np.int64]
    keys: tuple[NDArray[np.int64], ...]
    """Of each, the keys of all whole blocks of prompt and answer together; the last token of an
    answer is in none, as nothing is computed of it. The first ``prompt_tokens // size`` are the
    prompt's."""

    def of_size(self, size: int) -> PromptBlocks:
        """With larger blocks, a multiple of these."""
        step = size // self.size
        assert step * self.size == size
        if step == 1:
            return self
        keys = tuple(one[step - 1 :: step] for one in self.keys)
        return attrs.evolve(self, size=size, keys=keys)


def block_keys(tokens: Sequence[int], size: int) -> array[int]:
    """The keys of all whole blocks of ``tokens``."""
    found = array("q")
    before = b""
    for end in range(size, len(tokens) + 1, size):
        block = array("q", tokens[end - size : end]).tobytes()
        before = hashlib.blake2b(block, digest_size=8, key=before).digest()
        found.append(int.from_bytes(before, "little", signed=True))
    return found


@define
class BlockWriter:
    """Gathers the blocks of a load's prompts, and makes ``prefixes.parquet`` of them."""

    size: int
    _rows: list[int] = attrs.field(factory=list)
    _tokens: list[int] = attrs.field(factory=list)
    _keys: list[array[int]] = attrs.field(factory=list)
    _bases: set[Basis] = attrs.field(factory=set)

    def add(self, row: int, prompt: Sequence[int], answer: Sequence[int], basis: Basis) -> None:
        """One attempt. ``answer`` is empty where its tokens are not known."""
        computed = [*prompt, *answer[:-1]]
        self._rows.append(row)
        self._tokens.append(len(prompt))
        self._keys.append(block_keys(computed, self.size))
        self._bases.add(basis)

    def write(self, folder: LoadFolder) -> None:
        """In one step; nothing where nothing was added. Raises StoreError."""
        if not self._rows:
            return
        import pyarrow
        import pyarrow.parquet

        order = sorted(range(len(self._rows)), key=self._rows.__getitem__)
        basis = next(one for one in BASES if one in self._bases)
        table = pyarrow.table(
            {
                "row": pyarrow.array([self._rows[one] for one in order], pyarrow.int32()),
                "prompt_tokens": pyarrow.array(
                    [self._tokens[one] for one in order], pyarrow.int32()
                ),
                "keys": pyarrow.array(
                    [self._keys[one] for one in order], pyarrow.list_(pyarrow.int64())
                ),
            }
        ).replace_schema_metadata({"block_size": str(self.size), "basis": basis})
        with replacing(folder.prefixes) as temporary:
            pyarrow.parquet.write_table(table, temporary, compression="zstd")


def read_blocks(folder: LoadFolder) -> PromptBlocks | None:
    """The blocks of a load; None where none were kept. Raises DamageError."""
    if not folder.prefixes.exists():
        return None
    import numpy as np
    import pyarrow.parquet

    from aisbench.store.recording.parquet import reading

    with reading(folder.prefixes):
        table: Any = pyarrow.parquet.read_table(folder.prefixes)
        told = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
        lists = table.column("keys").combine_chunks()
        ends = lists.offsets.to_numpy()
        keys = lists.values.to_numpy()
        return PromptBlocks(
            size=int(told["block_size"]),
            basis=next(one for one in BASES if one == told["basis"]),
            rows=table.column("row").to_numpy().astype(np.int64),
            prompt_tokens=table.column("prompt_tokens").to_numpy().astype(np.int64),
            keys=tuple(keys[ends[one] : ends[one + 1]] for one in range(len(lists))),
        )
