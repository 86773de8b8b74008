"""Prompts of InfiniteBench, where they are no text around the row's."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.api import Message, Prompt, Sample

_EXPRESSION, _VALUES = "1 + 2 - 4 - 10", "[1, 3, -1, -11]"
"""The example that eval_utils.py shows before an expression of math_calc."""


def chat(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """System and user; of ``math_calc`` with an example between them."""
    messages = [Message(role="system", content=str(sample.fields["system"]))]
    if sample.part == "math_calc":
        messages.append(Message(role="user", content=_EXPRESSION))
        messages.append(Message(role="assistant", content=_VALUES))
    messages.append(Message(role="user", content=_whole(sample, "")))
    return Prompt(messages=tuple(messages))


def text(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """A text to go on with, and the most tokens that the task's answers have."""
    most = {"max_tokens": sample.fields["most_tokens"]}
    return Prompt(text=_whole(sample, "_text"), generation=most)


def _whole(sample: Sample, form: str) -> str:
    names = (f"ahead{form}", "context", f"behind{form}")
    return "".join(str(sample.fields[name]) for name in names)
