"""From a sample to its prompt: templates, and retrievers of few-shot examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample


class Template(Protocol):
    """Makes a prompt of a sample and its few-shot examples."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        """Raises DataError when the sample lacks a field that the template names."""


class Retriever(Protocol):
    """Chooses few-shot examples."""

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        """``count`` examples for ``sample``; equal arguments give equal examples.

        Raises DataError when the pool cannot give them.
        """
