"""AISBench 3.1's rule for GSM8K, kept so that old and new figures can be compared. Pure.

Behaviour after AISBench's ``datasets/gsm8k.py``: cut at the first "Question:", take the last
optional-minus decimal or integer. Thousands separators are not understood ("1,234" gives 234)
and a minus between two numbers is taken for a sign ("16-3" gives -3): its faults are the point.
"""

from __future__ import annotations

import re

_MATCH = re.compile(r"-?\d+\.\d+|-?\d+")
_ABSOLUTE = 1e-6


def extract_aisbench(text: str) -> str | None:
    """The text of the last number, or None where AISBench says NULL."""
    found = _MATCH.findall(text.split("Question:", 1)[0])
    return found[-1] if found else None


def equal_aisbench(prediction: str, reference: str) -> bool:
    """Same text, or closer than 1e-6 to a reference that is an integer."""
    if prediction == reference:
        return True
    try:
        return abs(float(prediction) - int(reference)) < _ABSOLUTE
    except (ValueError, OverflowError):
        return False
