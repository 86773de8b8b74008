"""The reference texts of a sample."""

from __future__ import annotations

from aisbench.api import DataError, Sample


def references(sample: Sample) -> list[str]:
    """The target as texts: one, or several of which any is right. Raises DataError when there is
    none, or one is blank: an answer cannot be compared with nothing."""
    target = sample.target
    several = list(target) if isinstance(target, (list, tuple)) else [target]
    texts = [str(one) for one in several if isinstance(one, (str, int, float))]
    if not texts or len(texts) < len(several) or not all(map(str.strip, texts)):
        raise DataError(
            f"sample {sample.id} has no text to compare with: its target is {target!r}",
            hint="name the column of the reference as columns.answer; it holds a text, or a list "
            "of texts of which any is right",
        )
    return texts
