"""Separating a model's reasoning from its answer, in the same way for every backend.

``families`` lists how models mark it, ``tags`` reads pairs of marks, ``harmony`` reads channels,
and ``quoting`` finds marks that the text only mentions.
"""

from __future__ import annotations

from functools import lru_cache

import attrs

from aisbench.reading import harmony, tags
from aisbench.reading.families import KNOWN_FAMILIES, Family, own_family
from aisbench.reading.rule import KNOWN, Reasoning
from aisbench.types.response import Response, Thinking


def split_reasoning(response: Response, rule: Reasoning) -> Response:
    """Move inline reasoning out of ``text`` and say whether it came to an end.

    Handles reasoning that the server sent separately, marks in the text, a closing mark whose
    opening one stood in the prompt, and reasoning that never ends. Idempotent. The answer is what
    follows the last closing mark. Reasoning that begins late and never ends leaves no answer,
    since the model was reconsidering what stood before it.
    """
    if response.thinking is not Thinking.NONE:
        return response
    text = response.text
    found = harmony.split(text) if rule.start == KNOWN else None
    if found is None:
        found = tags.split(text, _marks(rule.start, rule.end))
    if found is not None:
        return _divided(response, found, rule)
    if response.reasoning:
        # Without a word of an answer it was still thinking when it stopped.
        answered = text.strip() or response.tool_calls
        thinking = Thinking.FINISHED if answered else Thinking.UNFINISHED
        return attrs.evolve(response, thinking=thinking)
    if rule.implied and rule.end and text:
        return _with(response, "", text, Thinking.UNFINISHED)
    return response


def _divided(response: Response, found: tags.Split, rule: Reasoning) -> Response:
    """The response with its text divided as ``found``."""
    if not found.ended:
        return _with(response, "", found.reasoning, Thinking.UNFINISHED)
    answer = found.answer
    if not answer.strip() and not rule.implied and not response.reasoning:
        answer = found.before or answer
    divided = _with(response, answer.lstrip("\n"), found.reasoning, Thinking.FINISHED)
    return attrs.evolve(divided, tool_calls=response.tool_calls or found.calls)


def left_over(text: str) -> str | None:
    """The first mark of a known family that is left in an answer, because the suite names other
    marks, or none."""
    return harmony.first_mark(text) or tags.first_mark(text, _marks(KNOWN, KNOWN))


def answer_alone(text: str) -> str:
    """``text`` without the reasoning that is marked as in known families; "" where it never
    ended."""
    marks = _marks(KNOWN, KNOWN)
    if not marks.possible(text):
        return text
    found = harmony.split(text) or tags.split(text, marks)
    if found is None:
        return text
    if not found.ended:
        return ""
    return found.answer if found.answer.strip() else found.before or found.answer


@lru_cache(maxsize=16)
def _marks(start: str, end: str) -> tags.Marks:
    opening: tuple[Family, ...] = KNOWN_FAMILIES if KNOWN in (start, end) else ()
    closing = opening
    if start != KNOWN:
        opening = (own_family(start, end),) if start else ()
    if end != KNOWN:
        closing = (own_family(start, end),) if end else ()
    return tags.Marks(opening, closing, known=start in (KNOWN, "") and end in (KNOWN, ""))


def _with(response: Response, text: str, inline: str, thinking: Thinking) -> Response:
    parts = [part for part in (response.reasoning, inline.strip()) if part]
    return attrs.evolve(response, text=text, reasoning="\n".join(parts) or None, thinking=thinking)
