"""The metric ``macro-f1`` of the evaluator label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import fsum

from aisbench.api import Figure, ScoreGroup


class MacroF1:
    """F1 of each label that is a reference or was given, and their mean: each label alike, as
    scikit-learn's ``f1_score(average="macro")`` has it, and weighted by their references. Answers
    without a label, such as failed ones, are left out; the accuracy counts them."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError where no answer has a label."""
        pairs = [
            (str(score.details["reference"]), str(score.details["label"]))
            for group in groups
            for score in group.scores
            if "label" in score.details and "reference" in score.details
        ]
        if not pairs:
            raise ValueError("no answer has a label: the evaluator `label` takes them")
        wanted, given = Counter(one for one, _ in pairs), Counter(one for _, one in pairs)
        right = Counter(one for one, other in pairs if one == other)
        names = sorted({*wanted, *given})
        each = {name: 2 * right[name] / (wanted[name] + given[name]) for name in names}
        weighted = fsum(each[name] * wanted[name] for name in names) / len(pairs)
        values = {"macro_f1": fsum(each.values()) / len(names), "weighted_f1": weighted}
        return [
            Figure(name=name, value=100 * value, unit="%", n=len(groups), better="up")
            for name, value in values.items()
        ]
