"""What is odd about an answer, whatever its evaluator says of it."""

from __future__ import annotations

import enum

from attrs import frozen


class Anomaly(str, enum.Enum):
    """A sign that model or server is broken, rather than that an answer is wrong."""

    EMPTY = "empty"
    """The model ended its answer, and there is none."""
    REPETITION = "repetition"
    """The same words again and again."""
    GARBLED = "garbled"
    """Bytes that are no text: replacement and control characters, text decoded wrongly."""
    SCRIPT = "foreign script"
    """Letters of a script that neither the prompt nor the reference has or asks for."""
    NAN = "nan"
    """What numbers that overflowed leave: one character for ever, impossible tokens."""
    BROKEN_WORDS = "broken words"
    """Blanks inside of words or none between them; a word cut where the model stopped."""
    UNLIKELY = "unlikely tokens"
    """A passage that the model itself gives next to no probability."""


@frozen(kw_only=True)
class OddAnswer:
    """One anomaly of one answer. ``evidence`` is the passage, or what was counted; ``turn`` is
    that of a conversation, from 0."""

    kind: Anomaly
    evidence: str
    turn: int = 0
