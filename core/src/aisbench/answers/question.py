"""What a sample asks, as far as its fields tell it."""

from __future__ import annotations

from aisbench.types.sample import Sample

_NAMES = ("question", "query", "prompt", "text", "problem", "input", "stem", "ctx", "goal")
"""Names of the field that holds the question, the likeliest first."""


def question_of(sample: Sample) -> str:
    """The text of the sample's question; empty where no field of a usual name holds one."""
    for name in _NAMES:
        value = sample.fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""
