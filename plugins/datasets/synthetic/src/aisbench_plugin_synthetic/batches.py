"""Requests that are no conversation: several texts, or a query with documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench.api import ExactText, JsonValue, PlainWords, Sample, at_least, setting
from aisbench_plugin_synthetic.lengths import Lengths, draw, problem

VARIANTS = ("embed", "classify", "rerank")
"""Those of such requests."""


@frozen
class Batch:
    """What a request holds."""

    texts: int = setting(
        default=1, check=at_least(1), help="texts (or documents) in a request", example=32
    )
    query: int | Lengths | None = setting(
        default=None,
        unit="tokens",
        check=lambda value: None if value is None else problem(value),
        help="length of a query, which makes documents of the texts: a load of rerank models",
        example=16,
    )

    @property
    def variants(self) -> tuple[str, ...]:
        """Those that fit."""
        return VARIANTS[:2] if self.query is None else VARIANTS[2:]


@frozen
class BatchRows:
    """The rows of batches. Each text has a length of its own; none is generated, so that there is
    no bound on an answer."""

    batch: Batch
    inputs: Sequence[int]
    """The lengths of all texts, row by row."""
    queries: Sequence[int]
    filler: ExactText | PlainWords

    @classmethod
    def of(
        cls,
        batch: Batch,
        given: int | Lengths,
        rows: int,
        seed: int,
        filler: ExactText | PlainWords,
    ) -> BatchRows:
        """Lengths drawn by ``given``."""
        inputs = draw(given, rows * batch.texts, f"{seed}/input")
        queries = () if batch.query is None else draw(batch.query, rows, f"{seed}/query")
        return cls(batch, inputs, queries, filler)

    def make(self, row: int) -> Sample:
        """One of them."""
        first = row * self.batch.texts
        lengths = self.inputs[first : first + self.batch.texts]
        texts: list[JsonValue] = [
            self.filler.chain([(f"row/{row}/{at}", length)]) for at, length in enumerate(lengths)
        ]
        fields: dict[str, JsonValue] = {"texts": texts, "input_length": sum(lengths)}
        if self.queries:
            fields["query"] = self.filler.chain([(f"query/{row}", self.queries[row])])
        return Sample(id=f"row-{row}", fields=fields)


def fitting(variants: Mapping[str, object], batch: Batch | None) -> list[str]:
    """The names of the variants that a data set with such a setting has."""
    if batch is not None:
        return [name for name in variants if name in batch.variants]
    return [name for name in variants if name not in VARIANTS]
