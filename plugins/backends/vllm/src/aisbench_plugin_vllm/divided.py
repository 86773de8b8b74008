"""Continuations that a prompt wants divided from their context between tokens: ids are sent.

See ``border`` and ``length`` of :class:`aisbench.api.Prompt`. The server's tokenizer makes the
ids; what is longer than ``length`` is cut, or asked in windows one after another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Sequence

from aisbench.api import Fault, HttpRequest, JsonObject, Prompt, Response
from aisbench.codec import EventDecoder, Prepared, Rendered, Reply, Unfit, Wanted, within
from aisbench_plugin_vllm.continuation_logprobs import missing
from aisbench_plugin_vllm.server_tokenizer import Asking, ContextTokens

Encode = Callable[[str, JsonObject], Asking]
"""The ids of a text; the table holds ``add_special_tokens``, or nothing."""
Score = Callable[[Wanted, tuple[Response, ...]], EventDecoder]
"""A decoder of the log-probabilities of a continuation, behind which those of windows before it
are put."""
BARE: JsonObject = {"add_special_tokens": False}


def divided(
    prompt: Prompt,
    context: str,
    special: JsonObject,
    encode: Encode,
    wire: Callable[[Sequence[int]], HttpRequest],
    score: Score,
) -> Generator[HttpRequest, Reply, Prepared | Fault | None]:
    """What is sent for a prompt behind ``context``; None where the server tells no ids."""
    continuation = prompt.continuation or ""
    apart = prompt.border == "apart"
    known = yield from encode(context if apart else context.rstrip(), special)
    if not isinstance(known, ContextTokens):
        return known
    before = known.ids
    known = yield from (
        encode(continuation, BARE) if apart else encode(context + continuation, special)
    )
    if not isinstance(known, ContextTokens):
        return known
    before, rest = _parts(prompt, before, known.ids)
    if not before:
        # The first of all has nothing before it, and so no log-probability.
        before, rest = rest[:1], rest[1:]
    if not rest:
        return missing("the continuation adds no token to the prompt before it", _HINT)
    whole = Rendered(ids=[*before, *rest], scored=len(before))
    try:
        # A server generates one token behind them, for which there must be room.
        pieces = (
            [whole]
            if prompt.length is None
            else within(whole, prompt.length - 2, rolling=prompt.rolling)
        )
    except Unfit as why:
        return missing(str(why), _HINT)
    earlier: list[Response] = []
    for piece in pieces[:-1]:
        reply = yield wire(piece.ids)
        if fault := reply.fault:
            return fault
        decoder = score(_wanted(context, continuation, piece), ())
        decoder.start(reply.status, "application/json")
        decoder.feed(reply.body)
        response = decoder.finish()
        if response.fault is not None:
            return response.fault
        earlier.append(response)
    last = _wanted(context, continuation, pieces[-1])
    return Prepared(
        wire=wire(pieces[-1].ids), decoder=functools.partial(score, last, tuple(earlier))
    )


Ids = tuple[int, ...]


def _parts(prompt: Prompt, before: Ids, told: Ids) -> tuple[Ids, Ids]:
    """The context's tokens and the continuation's. ``told`` are those of the whole, or of the
    continuation alone."""
    if prompt.border == "counted":
        return before, told[len(before) :]
    if prompt.border == "apart":
        return before, told[1:] if not prompt.rolling and told[:1] == before else told
    shared = 0
    while shared < min(len(before), len(told)) and before[shared] == told[shared]:
        shared += 1
    return told[:shared], told[shared:]


NO_IDS = "the server tells no ids of tokens (the setting `tokenize`)"
_HINT = "see `border` and `length` of the prompt"


def _wanted(context: str, continuation: str, piece: Rendered) -> Wanted:
    return Wanted(context=context, continuation=continuation, place=piece.scored)
