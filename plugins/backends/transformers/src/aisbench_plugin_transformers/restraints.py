"""What makes tokens less likely or forbids them: by what a row itself has, and nothing else.

Rows of a batch are padded to one length, and what they are padded with is a token like any other:
here it counts for nothing, so an answer is the same alone and in any batch. Formulas and their
order are those of Transformers (``generation/logits_process.py``), but for the penalties of
presence and frequency, which OpenAI defined
(https://platform.openai.com/docs/api-reference/completions) and vLLM counts in the answer alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from attrs import define, field

from aisbench_plugin_transformers.sampling import Ids, Sampling


def restrains(sampling: Sampling) -> bool:
    """Whether there is anything to do."""
    return (
        sampling.repetition_penalty != 1
        or bool(sampling.presence_penalty or sampling.frequency_penalty)
        or bool(sampling.no_repeat_ngram_size or sampling.biases or sampling.bad_words)
        or bool(sampling.suppressed or sampling.begin_suppressed)
    )


@define
class Restraints:
    """A logits processor. ``mask`` (rows x tokens of the prompt) tells the rows' own tokens from
    padding; ``ends`` are the tokens that end an answer."""

    sampling: Sampling
    mask: Any
    ends: frozenset[int]
    _seen: Any = field(default=None, init=False)
    """Rows x vocabulary: whether a token is in prompt or answer."""
    _counts: Any = field(default=None, init=False)
    """Rows x vocabulary: how often it is in the answer."""
    _rows: list[_Row] = field(factory=list, init=False)
    _done: int = field(default=0, init=False)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        made = input_ids.shape[1] - self.mask.shape[1]
        if self._seen is None:
            self._begin(input_ids[:, : self.mask.shape[1]], scores, torch)
        self._follow(input_ids[:, self.mask.shape[1] + self._done :], torch)
        self._done = made
        scores = scores.clone()
        wanted = self.sampling
        self._bias(scores, wanted.biases)
        if wanted.repetition_penalty != 1:
            penalty = wanted.repetition_penalty
            less = torch.where(scores < 0, scores * penalty, scores / penalty)
            scores = torch.where(self._seen, less, scores)
        scores -= wanted.frequency_penalty * self._counts
        scores -= wanted.presence_penalty * (self._counts > 0)
        for number, row in enumerate(self._rows):
            if banned := row.repeating():
                scores[number, banned] = -torch.inf
        bad = [(ids, -torch.inf) for ids in wanted.bad_words if ids not in self._end_words()]
        self._bias(scores, bad)
        never = [*wanted.suppressed, *(() if made else wanted.begin_suppressed)]
        scores[:, [one for one in never if one < scores.shape[1]]] = -torch.inf
        return scores

    def _end_words(self) -> set[Ids]:
        """The end of an answer can be no bad word."""
        return {(one,) for one in self.ends}

    def _begin(self, prompts: Any, scores: Any, torch: Any) -> None:
        shape = (scores.shape[0], scores.shape[1])
        known = self.mask.bool() & (prompts < shape[1])
        counts = torch.zeros(shape, dtype=torch.int32, device=scores.device)
        counts.scatter_add_(1, prompts.clamp(max=shape[1] - 1), known.to(torch.int32))
        self._seen = counts > 0
        self._counts = torch.zeros(shape, dtype=torch.float32, device=scores.device)
        own = zip(prompts.tolist(), self.mask.tolist(), strict=True)
        size = self.sampling.no_repeat_ngram_size
        self._rows = [
            _Row([token for token, there in zip(ids, mask, strict=True) if there], size)
            for ids, mask in own
        ]

    def _follow(self, new: Any, torch: Any) -> None:
        if not new.shape[1]:
            return
        self._seen.scatter_(1, new, True)
        self._counts.scatter_add_(1, new, torch.ones_like(new, dtype=torch.float32))
        for row, ids in zip(self._rows, new.tolist(), strict=True):
            row.extend(ids)

    def _bias(self, scores: Any, biases: Any) -> None:
        for ids, bias in biases:
            if ids[-1] >= scores.shape[1]:
                continue
            for number, row in enumerate(self._rows):
                if row.ends_with(ids[:-1]):
                    scores[number, ids[-1]] += bias


class _Row:
    """One row's tokens, without padding, and which followed which."""

    def __init__(self, ids: list[int], size: int) -> None:
        self._ids: list[int] = []
        self._size = size
        self._after: dict[Ids, list[int]] = defaultdict(list)
        self.extend(ids)

    def extend(self, ids: list[int]) -> None:
        for token in ids:
            if self._size and len(self._ids) >= self._size - 1:
                self._after[self._last(self._size - 1)].append(token)
            self._ids.append(token)

    def repeating(self) -> list[int]:
        """Tokens that would make a sequence of the size come again."""
        return self._after.get(self._last(self._size - 1), []) if self._size else []

    def ends_with(self, ids: Ids) -> bool:
        return self._last(len(ids)) == ids

    def _last(self, count: int) -> Ids:
        return tuple(self._ids[-count:]) if count else ()
