"""What models answer that generate nothing: vectors, and labels."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

from attrs import field, frozen

SIZE = 4
"""Bytes of a number."""


@frozen
class Vectors:
    """Embeddings, one for each text of a prompt, in its order; each has ``width`` numbers.

    ``data`` holds the numbers one after the other as IEEE 754 single precision, little endian,
    which is what servers send as base64. In a journal it is base64, a quarter of what the numbers
    take as JSON. Raises ValueError where the bytes are not a whole number of vectors. (1.3)
    """

    width: int
    data: bytes = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if self.width < 1 or len(self.data) % (self.width * SIZE):
            raise ValueError(f"{len(self.data)} bytes are no vectors of {self.width} numbers")

    @classmethod
    def of(cls, rows: Sequence[Iterable[float]]) -> Vectors:
        """From numbers, of which single precision is kept. Raises ValueError for rows of different
        lengths, and for numbers that single precision does not hold."""
        packed = []
        for row in rows:
            numbers = tuple(row)
            try:
                packed.append(struct.pack(f"<{len(numbers)}f", *numbers))
            except (struct.error, OverflowError) as error:
                raise ValueError(f"not numbers of single precision: {error}") from None
        if not packed or len(set(map(len, packed))) != 1:
            raise ValueError("vectors of different lengths")
        return cls(len(packed[0]) // SIZE, b"".join(packed))

    def __len__(self) -> int:
        return len(self.data) // (self.width * SIZE)

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        """The vectors as numbers."""
        return struct.iter_unpack(f"<{self.width}f", self.data)


@frozen(kw_only=True)
class Classes:
    """What a model takes a text for: its ``label``, and the ``probabilities`` by label, the most
    probable first, as far as the server told them. (1.3)"""

    label: str
    probabilities: tuple[tuple[str, float], ...] = ()
