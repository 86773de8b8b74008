"""Which of the choices is right, or are."""

from __future__ import annotations

import string
from collections.abc import Sequence

from aisbench.api import DataError, JsonValue, Sample


def right_places(sample: Sample, kind: str, texts: Sequence[str]) -> list[int]:
    """The places, from 0, of the references among the choices, in order; several where the
    target is a list. Raises DataError.

    ``kind`` is "text", "letter" or "index", or "auto": the first of these that fits.
    """
    several = sample.target if isinstance(sample.target, (list, tuple)) else [sample.target]
    if not several:
        raise DataError(
            f"sample {sample.id}: none of its {len(texts)} choices is right",
            hint="a target that is a list names one choice at least",
        )
    return sorted({_place(sample, target, kind, texts) for target in several})


def _place(sample: Sample, target: JsonValue, kind: str, texts: Sequence[str]) -> int:
    if kind in ("auto", "text") and isinstance(target, str) and target.strip() in texts:
        return texts.index(target.strip())
    if kind in ("auto", "letter") and (place := _letter(target, len(texts))) is not None:
        return place
    if kind in ("auto", "index") and (place := _index(target, len(texts))) is not None:
        return place
    what = "text, letter or place" if kind == "auto" else kind
    raise DataError(
        f"sample {sample.id}: the reference {target!r} is the {what} of none of its "
        f"{len(texts)} choices",
        hint="set evaluation.target, or check which column holds the reference",
    )


def _letter(target: JsonValue, count: int) -> int | None:
    if not isinstance(target, str) or len(target.strip()) != 1:
        return None
    place = string.ascii_uppercase.find(target.strip().upper())
    return place if 0 <= place < count else None


def _index(target: JsonValue, count: int) -> int | None:
    if isinstance(target, str) and target.strip().isdigit():
        target = int(target)
    if isinstance(target, bool) or not isinstance(target, int):
        return None
    return target if 0 <= target < count else None
