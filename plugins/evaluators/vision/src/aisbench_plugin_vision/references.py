"""The reference texts of a sample."""

from __future__ import annotations

from aisbench.api import DataError, Sample


def reference_texts(sample: Sample) -> list[str]:
    """The target as texts: one, or several of which any is right. Raises DataError when there is
    none, or none that is not blank."""
    target = sample.target
    several = list(target) if isinstance(target, (list, tuple)) else [target]
    texts = [
        str(one)
        for one in several
        if isinstance(one, (str, int, float)) and not isinstance(one, bool)
    ]
    if len(texts) < len(several) or not any(map(str.strip, texts)):
        raise DataError(
            f"sample {sample.id} has no text to compare with: its target is {target!r:.200}",
            hint="name the column of the reference as columns.answer; it holds a text, or a list "
            "of texts of which any is right",
        )
    return texts
