"""What a plugin is given stays as it is: others are given the same objects after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aisbench.api import Sample


@contextmanager
def unchanged(problems: list[str], what: str, samples: Sequence[Sample]) -> Iterator[None]:
    """A sample that is another after the block is a problem."""
    before = [_content(one) for one in samples]
    yield
    changed = [one.id for one, kept in zip(samples, before, strict=True) if _content(one) != kept]
    if changed:
        problems.append(
            f"{what} changes the sample {changed[0]!r} that it is given: copy what you change"
        )


def _content(sample: Sample) -> str:
    return repr((sample.fields, sample.target, sample.generation))
