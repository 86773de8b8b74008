"""OpenAI's MRCR: a long talk with several answers to one request, of which one is wanted again."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from aisbench.api import Answer, DataError, Message, Prompt, Sample, Score, Verdict

_LONGEST = 4
"""Times the reference: what an answer has beyond that is not compared character by character."""


def prompt(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """The talk as it is. Raises DataError when the column prompt holds no messages."""
    talk = sample.fields.get("prompt")
    messages = talk if isinstance(talk, list) else []
    found = [
        Message(role=one["role"], content=one["content"])
        for one in messages
        if isinstance(one, dict)
        and one.get("role") in ("system", "user", "assistant")
        and isinstance(one.get("content"), str)
    ]
    if not found or len(found) < len(messages):
        raise DataError(
            f"sample {sample.id}: its column prompt holds no list of messages",
            hint="it is a JSON text of [{role, content}, ...], as in openai/mrcr's parquet files",
        )
    return Prompt(messages=tuple(found))


def grade(sample: Sample, answer: Answer) -> Score:
    """``SequenceMatcher(None, response, answer).ratio()`` without the random text that both must
    begin with; 0 for an answer that does not: openai/mrcr's README.

    The ratio of an answer much longer than the reference is at most twice the reference's share
    of both; it is found of the answer's beginning, so that a runaway answer takes no minutes.
    """
    mark = str(sample.fields.get("random_string_to_prepend") or "")
    reference, said = str(sample.target), answer.text
    if not said.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    if not said.startswith(mark):
        return Score(
            value=0.0,
            verdict=Verdict.WRONG,
            reason=f"the answer does not begin with {mark!r}",
            extracted=said[:200],
        )
    said, reference = said.removeprefix(mark), reference.removeprefix(mark)
    value = _ratio(said, reference)
    verdict = Verdict.RIGHT if value == 1.0 else Verdict.GRADED
    return Score(value=value, verdict=verdict, extracted=said[:200])


def _ratio(said: str, reference: str) -> float:
    """As difflib has it; of what is beyond some times the reference's length only the length
    counts."""
    kept = said[: _LONGEST * len(reference) + 1000]
    matcher = SequenceMatcher(None, kept, reference)
    matched = sum(block.size for block in matcher.get_matching_blocks())
    both = len(said) + len(reference)
    return 2 * matched / both if both else 1.0
