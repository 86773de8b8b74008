"""What steers a batch while it is generated: each row by its own settings alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from aisbench_plugin_transformers.sampling import Sampling, TokenLimits

TAIL = 32
"""Tokens that are looked through for a stop string, besides those the string itself may take."""


@define
class TokenChooser:
    """A logits processor, last in the list: leaves one token to each row.

    With a temperature it draws from the distribution by inverting its cumulative sum at a number
    of the row's own sequence, so that an answer depends on its seed and not on its neighbours
    (inverse transform sampling; L. Devroye, Non-Uniform Random Variate Generation, 1986, II.2).
    Rows whose logits are not numbers are noted in ``broken``.
    """

    sampling: Sampling
    limits: Sequence[TokenLimits]
    begin: int
    ends: frozenset[int]
    broken: set[int] = field(factory=set)
    _chance: list[random.Random] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._chance = [random.Random(one.seed) for one in self.limits]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        scores = scores.float()
        bad = torch.isnan(scores).any(dim=-1)
        if bool(bad.any()):
            self.broken.update(torch.nonzero(bad).flatten().tolist())
            scores = torch.nan_to_num(scores, nan=0.0)
        made = input_ids.shape[1] - self.begin
        for row, limit in enumerate(self.limits):
            if made < limit.min_tokens:
                scores[row, list(self.ends)] = -torch.inf
        if not self.sampling.temperature:
            return scores
        scores = _narrow(scores / self.sampling.temperature, self.sampling, torch)
        heights = torch.softmax(scores.double(), dim=-1).cumsum(dim=-1)
        draws = torch.tensor(
            [[chance.random()] for chance in self._chance],
            dtype=heights.dtype, device=heights.device,
        )  # fmt: skip
        chosen = torch.searchsorted(heights, draws * heights[:, -1:], right=True)
        chosen = chosen.clamp(max=scores.shape[-1] - 1)
        return torch.full_like(scores, -torch.inf).scatter_(1, chosen, 0.0)


def _narrow(scores: Any, sampling: Sampling, torch: Any) -> Any:
    """Top-k, top-p (A. Holtzman et al., 2020, arXiv:1904.09751) and min-p (M. Nguyen et al., 2024,
    arXiv:2407.01082), one after the other, as Transformers applies them."""
    if 0 < sampling.top_k < scores.shape[-1]:
        least = torch.topk(scores, sampling.top_k).values[:, -1:]
        scores = scores.masked_fill(scores < least, -torch.inf)
    if sampling.top_p < 1:
        ordered, places = torch.sort(scores, descending=True)
        before = torch.softmax(ordered, dim=-1).cumsum(dim=-1) - torch.softmax(ordered, dim=-1)
        # The likeliest always stays.
        drop = before >= sampling.top_p
        drop[:, 0] = False
        scores = scores.masked_fill(drop.scatter(1, places, drop), -torch.inf)
    if sampling.min_p > 0:
        shares = torch.softmax(scores, dim=-1)
        least = sampling.min_p * shares.max(dim=-1, keepdim=True).values
        scores = scores.masked_fill(shares < least, -torch.inf)
    for warper in _warpers(sampling):
        scores = warper(None, scores)
    return scores


def _warpers(sampling: Sampling) -> list[Any]:
    """What Transformers itself does row by row, without a look at the tokens before."""
    if sampling.typical_p >= 1 and not sampling.epsilon_cutoff and not sampling.eta_cutoff:
        return []
    from transformers.generation import logits_process

    found: list[Any] = []
    if 0 < sampling.typical_p < 1:
        found.append(logits_process.TypicalLogitsWarper(sampling.typical_p))
    if 0 < sampling.epsilon_cutoff < 1:
        found.append(logits_process.EpsilonLogitsWarper(sampling.epsilon_cutoff))
    if 0 < sampling.eta_cutoff < 1:
        found.append(logits_process.EtaLogitsWarper(sampling.eta_cutoff))
    return found


@define
class Ending:
    """A stopping criterion by row: its own limit, its own stop strings."""

    limits: Sequence[TokenLimits]
    begin: int
    tokenizer: Any

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        import torch

        made = input_ids.shape[1] - self.begin
        done = [
            made >= limit.max_tokens or (bool(limit.stop) and self._stopped(input_ids[row], limit))
            for row, limit in enumerate(self.limits)
        ]
        return torch.tensor(done, device=input_ids.device)

    def _stopped(self, ids: Any, limit: TokenLimits) -> bool:
        """Whether a stop string is in the text; looked for in its end alone, each step anew."""
        longest = max(map(len, limit.stop))
        begin = max(self.begin, len(ids) - TAIL - longest)
        text = self.tokenizer.decode(ids[begin:], skip_special_tokens=True)
        return any(stop in text for stop in limit.stop)
