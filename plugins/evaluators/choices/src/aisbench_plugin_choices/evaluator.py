"""The likeliest choice.

How log-probabilities of texts of several lengths are compared: T. Brown et al., "Language Models
are Few-Shot Learners" (2020), section 2.4 (per token); L. Gao, "Multiple Choice Normalization in
LM Evaluation" (https://blog.eleuther.ai/multiple-choice-normalization, 2021), for all three.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from attrs import frozen

from aisbench.api import (
    DataError,
    JsonValue,
    Prompt,
    Reading,
    Sample,
    Score,
    Scored,
    Transcript,
    Verdict,
    setting,
)


def _by_sum(scored: Scored, text: str) -> float:
    return scored.total


def _by_token(scored: Scored, text: str) -> float:
    return scored.total / len(scored.logprobs)


def _by_byte(scored: Scored, text: str) -> float:
    return scored.total / len(text.encode())


WAYS: Mapping[str, Callable[[Scored, str], float]] = {
    "sum": _by_sum,
    "token": _by_token,
    "byte": _by_byte,
}


@frozen
class LikeliestSettings:
    """How choices are compared, and what the reference is."""

    by: Literal["sum", "token", "byte"] = setting(
        default="sum",
        help="log-probability of the whole choice, or by its tokens, or by its bytes",
    )
    target: Literal["auto", "text", "letter", "index"] = setting(
        default="auto",
        help="what the reference is: a choice's text, its letter, its place from 0; auto: the "
        "first of these that fits",
    )


class LikeliestEvaluator:
    """Of equal ones the first is taken. The other ways of comparing are shown beside."""

    def __init__(self, settings: LikeliestSettings) -> None:
        self._settings = settings

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Raises DataError for a reference that is none of the choices."""
        pairs = [
            (response.scored, prompt.continuation)
            for prompt, response in zip(transcript.prompts, transcript.responses, strict=True)
            if response.scored is not None and response.scored.logprobs and prompt.continuation
        ]
        if len(pairs) < 2 or len(pairs) < len(transcript.responses):
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="the answers were not scored: use a variant with choices",
            )
        texts = [text for _, text in pairs]
        right = self._right(sample, transcript.prompts, [text.strip() for text in texts])
        readings = {}
        for name, way in WAYS.items():
            values = [way(scored, text) for scored, text in pairs]
            chosen = values.index(max(values))
            readings[name] = Reading(value=float(chosen == right), extracted=texts[chosen].strip())
        own = readings.pop(self._settings.by)
        return Score(
            value=own.value,
            verdict=Verdict.RIGHT if own.value else Verdict.WRONG,
            extracted=own.extracted,
            readings=readings,
        )

    def _right(self, sample: Sample, prompts: Sequence[Prompt], texts: Sequence[str]) -> int:
        target = sample.target
        kind = self._settings.target
        if kind in ("auto", "text") and isinstance(target, str) and target.strip() in texts:
            return texts.index(target.strip())
        if kind in ("auto", "letter") and (place := _letter(target, len(texts))) is not None:
            return place
        if kind in ("auto", "index") and (place := _index(target, len(texts))) is not None:
            return place
        what = "text, letter or place" if kind == "auto" else kind
        raise DataError(
            f"sample {sample.id}: the reference {target!r} is the {what} of none of its "
            f"{len(texts)} choices",
            hint="set evaluation.target, or check which column holds the reference",
        )


def _letter(target: JsonValue, count: int) -> int | None:
    if not isinstance(target, str) or len(target.strip()) != 1:
        return None
    place = string.ascii_uppercase.find(target.strip().upper())
    return place if 0 <= place < count else None


def _index(target: JsonValue, count: int) -> int | None:
    if isinstance(target, str) and target.strip().isdigit():
        target = int(target)
    if isinstance(target, bool) or not isinstance(target, int):
        return None
    return target if 0 <= target < count else None
