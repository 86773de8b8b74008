"""What a sample of a search says: its query's id, and the grades of documents."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aisbench.api import DataError, Sample


def grades_of(sample: Sample) -> dict[str, float]:
    """The target, document -> grade. Raises DataError for another one."""
    target = sample.target
    if not isinstance(target, dict) or not target:
        raise DataError(
            f"the target is {type(target).__name__}, and no grades of documents",
            hint='a target is {"document": grade, ...}: 1 for one that fits, more for better ones',
        )
    found = {}
    for name, grade in target.items():
        if isinstance(grade, bool) or not isinstance(grade, (int, float)):
            raise DataError(f"the grade of document {name!r} is no number")
        if not math.isfinite(grade):
            raise DataError(f"the grade of document {name!r} is {grade}")
        found[str(name)] = float(grade)
    return found


def documents_of(sample: Sample, count: int | None = None) -> list[str]:
    """The ids of the field ``documents``. Raises DataError, also for another number than
    ``count``."""
    given = sample.fields.get("documents")
    if not isinstance(given, (list, tuple)) or not given:
        raise DataError(
            f"sample {sample.id} has no list of ids under 'documents'",
            hint="the field names the documents of a request, in the order of their texts",
        )
    names = [str(one) for one in given]
    if len(set(names)) != len(names):
        raise DataError(f"sample {sample.id} names a document twice")
    if count is not None and count != len(names):
        raise DataError(
            f"sample {sample.id} names {len(names)} documents, and its answer is about {count}"
        )
    return names


def without_own(ranked: Sequence[str], sample: Sample, ignore: bool) -> list[str]:
    """Without the document that has the query's own id, where that is asked for."""
    own = str(sample.fields.get("query_id", sample.id))
    return [name for name in ranked if name != own] if ignore else list(ranked)
