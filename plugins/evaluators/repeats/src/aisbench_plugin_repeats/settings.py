"""Parameters that a metric's name carries: ``pass@5`` is k = 5."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import above, at_least, setting


@frozen
class K:
    """Answers that are looked at together."""

    k: int = setting(
        help="answers looked at together, at most the repeats", example=5, check=at_least(1)
    )


@frozen
class N:
    """Repeats that count."""

    n: int = setting(help="repeats that count, from the first", example=5, check=at_least(1))


def _threshold(value: float) -> str | None:
    return above(0)(value) or (None if value <= 1 else "must be 1 or less")


@frozen
class KTau:
    """Answers that are looked at together, and the share that must be right."""

    k: int = setting(
        help="answers looked at together, at most the repeats", example=5, check=at_least(1)
    )
    tau: float = setting(
        help="share of them that must be right, 0..1", example=0.5, check=_threshold
    )
