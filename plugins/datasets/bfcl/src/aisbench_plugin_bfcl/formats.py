"""The format sensitivity: how the answers move when the same questions are put otherwise.

After ``format_sensitivity_runner`` of bfcl-eval: 200 rows under 26 system prompts, each with an
accuracy of its own; told are the largest difference between these, and their standard deviation.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from math import fsum

from aisbench.api import Figure, ScoreGroup
from aisbench_plugin_bfcl.categories import FORMATS
from aisbench_plugin_bfcl.library import library

_PREFIX = "format "


def part_of(category: str, row: str) -> str:
    """The part that a row belongs to: its category, or its system prompt."""
    if category != FORMATS:
        return category
    calls, tagged, functions, prompt, style = library().format_of(row)
    words = [calls, *(["tagged"] if tagged else []), "of", functions]
    words += [word for word in (prompt, style) if word not in ("plaintext", "classic")]
    return _PREFIX + " ".join(words)


def is_format(part: str) -> bool:
    """Whether a part is one of the system prompts."""
    return part.startswith(_PREFIX)


class FormatSensitivity:
    """The spread of the accuracies under the system prompts; nothing for other rows."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """The largest difference and the standard deviation (of a sample), in points of 100."""
        scores: dict[str, list[float]] = defaultdict(list)
        for group in groups:
            if is_format(group.part):
                mean = fsum(score.value for score in group.scores) / len(group.scores)
                scores[group.part].append(mean)
        if len(scores) < 2:
            return []
        accuracies = [100 * fsum(values) / len(values) for values in scores.values()]
        n = sum(map(len, scores.values()))
        spread = max(accuracies) - min(accuracies)
        return [
            Figure(name="format max delta", value=spread, unit="%", n=n, better="down"),
            Figure(
                name="format std",
                value=statistics.stdev(accuracies),
                unit="%",
                n=n,
                better="down",
            ),
        ]
