"""The likeliest choice, by log-probabilities.

How texts of several lengths are compared: T. Brown et al., "Language Models are Few-Shot
Learners" (arXiv:2005.14165, 2020), section 2.4 (by token, and against the unconditional
probability); L. Gao, "Multiple Choice Normalization in LM Evaluation"
(https://blog.eleuther.ai/multiple-choice-normalization, 2021), for all of them. What published
figures mean by them is what lm-evaluation-harness computes: acc (sum), acc_norm (character),
acc_bytes (byte) and acc_mutual_info (unconditional); it does not count the space before a choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from aisbench.api import Answer, Prompt, Scored


@frozen
class Scoring:
    """What the model said of each choice; ``alone`` without the question, where it was asked.
    ``own_contexts``: the choices differ in what they stand behind, and maybe in nothing else."""

    texts: tuple[str, ...]
    given: tuple[Scored, ...]
    alone: tuple[Scored, ...] = ()
    own_contexts: bool = False

    def values(self) -> dict[str, list[float]]:
        """Each way of comparing: a number for each choice, the highest is taken."""
        totals = [one.total for one in self.given]
        words = [text[1:] if text[:1].isspace() and text[1:] else text for text in self.texts]
        found = {
            "sum": totals,
            "token": [one.total / len(one.logprobs) for one in self.given],
            "byte": _by(totals, [len(text.encode()) for text in words]),
            "character": _by(totals, [len(text) for text in words]),
        }
        if self.alone:
            pairs = zip(self.given, self.alone, strict=True)
            found["unconditional"] = [one.total - other.total for one, other in pairs]
        return found

    def share(self, places: Sequence[int]) -> float:
        """``sum p(right) / sum p``, 0..1: the share of the choices at ``places`` in the
        probability of all. S. Lin et al., "TruthfulQA" (arXiv:2109.07958, 2022), MC2."""
        totals = [one.total for one in self.given]
        highest = max(totals)
        if highest == -math.inf:
            return len(places) / len(totals)  # impossible all, and so alike
        # Of differences, for the probabilities themselves may be too small for a float.
        masses = [math.exp(total - highest) for total in totals]
        return min(1.0, math.fsum(masses[place] for place in places) / math.fsum(masses))


def _by(totals: Sequence[float], lengths: Sequence[int]) -> list[float]:
    return [total / length for total, length in zip(totals, lengths, strict=True)]


def scoring(answer: Answer) -> Scoring | None:
    """The choices of an answer; None when they were not scored."""
    pairs = [
        (step.prompt, step.response.scored)
        for step in answer.steps
        if step.response.scored is not None
        and step.response.scored.logprobs
        and step.prompt.continuation
    ]
    if len(pairs) < 2 or len(pairs) < len(answer.responses):
        return None
    first = pairs[0][0]
    given = [(prompt, one) for prompt, one in pairs if not _alone(prompt, first)]
    alone = [(prompt, one) for prompt, one in pairs if _alone(prompt, first)]
    texts = _continuations(given)
    if len(given) < 2 or (alone and _continuations(alone) != texts):
        return None
    return Scoring(
        texts=texts,
        given=tuple(one for _, one in given),
        alone=tuple(one for _, one in alone),
        own_contexts=any(_context(prompt) != _context(first) for prompt, _ in given),
    )


def _alone(prompt: Prompt, first: Prompt) -> bool:
    """Whether a choice stands without its question in ``prompt``."""
    if prompt.choice is not None:
        return bool(prompt.unconditional)
    # Stored by an earlier version, of which all choices had the same context.
    return _context(prompt) != _context(first)


def _context(prompt: Prompt) -> object:
    return prompt.text if prompt.messages is None else prompt.messages


def _continuations(pairs: Sequence[tuple[Prompt, Scored]]) -> tuple[str, ...]:
    return tuple(prompt.continuation or "" for prompt, _ in pairs)
