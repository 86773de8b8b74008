"""Which of lm-eval's measures are means of shares: those can be counted, and have bounds."""

from __future__ import annotations

from typing import Any


def is_share(task: Any, metric: str) -> bool:
    """Whether a measure is summed up by its mean, and more of it is better."""
    from lm_eval.api.metrics import mean

    aggregation = task.aggregation().get(metric, mean)
    return aggregation is mean and task.higher_is_better().get(metric, True) is True


def share_of(value: Any) -> float | None:
    """A number in 0..1; None for anything else."""
    try:
        share = float(value)
    except (TypeError, ValueError):
        return None
    return share if 0.0 <= share <= 1.0 else None
