"""Log-probabilities of the tokens of a batch while it is generated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, field, frozen

from aisbench.api import TokenLogprob
from aisbench.codec import most_probable


@frozen
class _Place:
    """One place of the answers, a value for each row: the chosen token's log-probability, those of
    the likeliest tokens, and which these are."""

    own: list[float]
    values: list[list[float]]
    likeliest: list[list[int]]


@define
class LogprobRecorder:
    """A logits processor, first in the list: what is recorded is the model's own distribution,
    before temperature, penalties and limits change it, as vLLM tells it by default.

    ``most`` is how many of the likeliest tokens are kept at each place. Which token was chosen
    shows in the next call, or at the end.
    """

    most: int
    _told: list[_Place] = field(factory=list)
    _last: Any = None

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        self._choose(input_ids[:, -1:])
        self._last = torch.log_softmax(scores.float(), dim=-1)
        return scores

    def _choose(self, chosen: Any) -> None:
        import torch

        if self._last is None:
            return
        own = self._last.gather(1, chosen.to(self._last.device)).flatten().tolist()
        likeliest = torch.topk(self._last, min(self.most, self._last.shape[-1]))
        self._told.append(_Place(own, likeliest.values.tolist(), likeliest.indices.tolist()))
        self._last = None

    def finish(self, output: Any) -> None:
        """Take the last chosen token of each row."""
        self._choose(output[:, -1:])

    def tokens(self, row: int, ids: Sequence[int], tokenizer: Any) -> tuple[TokenLogprob, ...]:
        """Those of one row's answer."""
        found = []
        for place, one in enumerate(ids[: len(self._told)]):
            told = self._told[place]
            pairs = [
                (tokenizer.decode([other]), min(0.0, value))
                for other, value in zip(told.likeliest[row], told.values[row], strict=True)
            ]
            own = min(0.0, told.own[row])
            token = tokenizer.decode([one])
            found.append(TokenLogprob(token, own, most_probable(pairs, self.most)))
        return tuple(found)
