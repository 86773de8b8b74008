"""Log-probabilities of a continuation at the end of a text that was scored whole."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.types.response import Scored


def scored_tail(
    tokens: Sequence[str],
    logprobs: Sequence[float | None],
    greedy: Sequence[bool | None],
    length: int,
    *,
    alone: bool = False,
) -> Scored | None:
    """The last tokens whose texts make up ``length`` characters; None where they do not, or one
    of them has no log-probability. With ``alone`` nothing is before the continuation, and the
    first token of all may have none: it is left out.

    A token with an empty text (half of a multi-byte character) counts as one character.
    """
    first = len(tokens)
    while length > 0 and first > 0:
        first -= 1
        length -= len(tokens[first]) or 1
    if alone and first == 0 and logprobs and logprobs[0] is None:
        first = 1
    values = [value for value in logprobs[first:] if value is not None]
    if length > 0 or not values or len(values) < len(tokens) - first:
        return None
    chosen = greedy[first:]
    return Scored(
        logprobs=tuple(values),
        tokens=tuple(tokens[first:]),
        greedy=None if None in chosen else all(chosen),
    )


def continuation_length(context: str, continuation: str) -> int:
    """In characters, with the blanks at the end of the context: they belong to the first token
    of the continuation, as in lm-evaluation-harness (``_encode_pair`` in
    https://github.com/EleutherAI/lm-evaluation-harness)."""
    return len(continuation) + len(context) - len(context.rstrip())
