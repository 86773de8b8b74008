"""Runs as names and values: what trackers of experiments have in common. (1.2)

A tracker is an observer that keeps runs in a service. The names that these functions give are
alike in all of them: letters, digits and ``_-./`` alone, with slashes between model, data set and
figure, which services show as sections. Unknown values are left out.
"""

from __future__ import annotations

from aisbench.tracking.facts import parameters, tags
from aisbench.tracking.numbers import (
    TrackedNumber,
    numbers_of_group,
    numbers_of_load,
    numbers_of_progress,
    numbers_of_task,
    plain_name,
)
from aisbench.tracking.state import keep, kept

__all__ = [
    "TrackedNumber",
    "keep",
    "kept",
    "numbers_of_group",
    "numbers_of_load",
    "numbers_of_progress",
    "numbers_of_task",
    "parameters",
    "plain_name",
    "tags",
]
