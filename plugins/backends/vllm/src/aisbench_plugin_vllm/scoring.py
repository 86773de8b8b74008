"""Log-probabilities of a continuation, read from what servers tell of a whole text.

The tokens of a continuation are those that reach beyond the end of the context, its trailing
blanks left off: they belong to the continuation's first token (as in lm-evaluation-harness,
``_encode_pair`` in https://github.com/EleutherAI/lm-evaluation-harness).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from aisbench.api import Fault, FaultKind, Scored
from aisbench.codec import number_of, whole

_HINT = "check that the server can echo prompts with log-probabilities"


@frozen
class Wanted:
    """``context`` is what precedes; None where only its end is known (a chat's template)."""

    context: str | None
    continuation: str

    @property
    def begin(self) -> int:
        """Where the continuation's tokens begin, in characters of the whole text."""
        return len((self.context or "").rstrip())

    @property
    def end(self) -> int:
        """Where they end; a token generated behind it is not one of them."""
        return len(self.context or "") + len(self.continuation)


def missing(what: str) -> Fault:
    """The server answered, and left the log-probabilities out."""
    return Fault(kind=FaultKind.PROTOCOL, message=f"{what}; {_HINT}")


def from_echo(wanted: Wanted, logprobs: Any) -> Scored | Fault:
    """``choices[0].logprobs`` of a completion with ``echo``, which has ``tokens``,
    ``token_logprobs``, ``top_logprobs`` and ``text_offset``, see
    https://platform.openai.com/docs/api-reference/completions/object."""
    if not isinstance(logprobs, dict):
        return missing("the answer has no log-probabilities")
    tokens, values = logprobs.get("tokens"), logprobs.get("token_logprobs")
    offsets, tops = logprobs.get("text_offset"), logprobs.get("top_logprobs")
    if not (isinstance(tokens, list) and isinstance(values, list) and isinstance(offsets, list)):
        return missing("the log-probabilities have no tokens, token_logprobs or text_offset")
    if not len(tokens) == len(values) == len(offsets):
        return missing("the log-probabilities have lists of several lengths")
    chosen = []
    for place, (token, offset) in enumerate(zip(tokens, offsets, strict=True)):
        if not isinstance(token, str) or type(offset) is not int:
            return missing("the log-probabilities have tokens that are no text")
        if offset < wanted.end and offset + len(token) > wanted.begin:
            chosen.append(place)
    greedy: list[bool | None] = [
        _first(tops[place], values[place])
        if isinstance(tops, list) and place < len(tops)
        else None
        for place in chosen
    ]
    if wanted.context == "" and chosen and values[chosen[0]] is None:
        # Nothing is before the first token of all: it has no log-probability.
        chosen, greedy = chosen[1:], greedy[1:]
    return _scored([(tokens[place], values[place]) for place in chosen], greedy)


def from_prompt(wanted: Wanted, entries: Any) -> Scored | Fault:
    """``prompt_logprobs`` of vLLM: for each token of the prompt null or a table of ids, the
    prompt's own first, each with ``logprob``, ``rank`` and ``decoded_token``; see
    https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html.

    Read from the end, since a chat's template is not known here.
    """
    if not isinstance(entries, list):
        return missing("the answer has no prompt_logprobs")
    need = wanted.end - wanted.begin
    found: list[tuple[Any, Any]] = []
    greedy: list[bool | None] = []
    for entry in reversed(entries):
        if need <= 0:
            break
        own = next(iter(entry.values()), None) if isinstance(entry, dict) else None
        if not isinstance(own, dict):
            if wanted.context == "":
                need = 0  # the first token of all has no log-probability
            break
        token = own.get("decoded_token")
        found.append((token, own.get("logprob")))
        rank = own.get("rank")
        greedy.append(rank == 1 if type(rank) is int else None)
        need -= len(token) if isinstance(token, str) and token else 1
    if need > 0:
        return missing("prompt_logprobs do not reach the beginning of the continuation")
    return _scored(found[::-1], greedy[::-1])


def _scored(found: Sequence[tuple[Any, Any]], greedy: Sequence[bool | None]) -> Scored | Fault:
    values = [number_of(value) for _, value in found]
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values):
        return missing("a token of the continuation has no log-probability")
    return Scored(
        logprobs=tuple(known),
        tokens=tuple(whole(token) if isinstance(token, str) else "" for token, _ in found),
        greedy=None if None in greedy else all(greedy),
    )


def _first(top: Any, value: Any) -> bool | None:
    """Whether no other token is more probable."""
    if not isinstance(top, dict) or number_of(value) is None:
        return None
    others = [number for number in map(number_of, top.values()) if number is not None]
    return all(other <= value for other in others)
