"""The reference of a sample."""

from __future__ import annotations

import math
from decimal import Decimal

from aisbench.answers import plain_characters
from aisbench.api import DataError, Sample
from aisbench_plugin_numeric.characters import prepare
from aisbench_plugin_numeric.exact import canonical
from aisbench_plugin_numeric.groups import Groups, groups_of
from aisbench_plugin_numeric.numbers import parse_number
from aisbench_plugin_numeric.stated import alone


def reference_of(sample: Sample) -> tuple[str, Decimal]:
    """The target as it is written, and its value: digits, grouped or not, perhaps with a sign
    of currency and up to four words of unit. Raises DataError."""
    target = sample.target
    value = None
    if isinstance(target, (str, int, float)) and not isinstance(target, bool):
        if not isinstance(target, float) or math.isfinite(target):
            value = parse_number(str(target))
        if value is not None:
            return str(target), value
        if isinstance(target, str):
            text = plain_characters(prepare(target)).strip()
            found = alone(text, 4, groups_of(text) if text else Groups.ENGLISH)
            value = None if found is None or found.number is None else found.number.value
    if value is None:
        raise DataError(
            f"no number to score against: the target is {target!r}",
            hint='the evaluator "numeric" needs a target such as "18", "-2.5" or "$1,234"; '
            "name another evaluator for this data set, or check which column holds the reference",
        )
    return canonical(value), value
