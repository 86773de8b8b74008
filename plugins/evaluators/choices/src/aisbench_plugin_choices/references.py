"""Which of the choices is right."""

from __future__ import annotations

import string
from collections.abc import Sequence

from aisbench.api import DataError, JsonValue, Sample


def right_place(sample: Sample, kind: str, texts: Sequence[str]) -> int:
    """The place, from 0, of the reference among the choices. Raises DataError.

    ``kind`` is "text", "letter" or "index", or "auto": the first of these that fits.
    """
    target = sample.target
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
