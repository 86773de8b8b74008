"""Log-probabilities of a continuation, read from what servers tell of a whole text.

Which of its tokens are the continuation's: :mod:`aisbench.codec.scored`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from aisbench.api import Fault, FaultKind, Scored
from aisbench.codec import Uncut, Wanted, begin_of, number_of, whole

_HINT = "check that the server can echo prompts with log-probabilities"
_NO_IDS_HINT = (
    "vLLM tells ids at /tokenize (the setting `tokenize`; a load does not ask for them); without "
    "them let the context end, and the continuation begin, where tokens do, as with `before`"
)
_UNCUT_HINT = "let the prompt end otherwise, or ask in plain text (template text-choices)"


@frozen
class TokenLogprobs:
    """What a server tells of the tokens of a whole text, each list with one entry for a token."""

    texts: Sequence[str | None]
    values: Sequence[Any]
    first: Callable[[int], bool | None]
    """Whether no other token is more probable than the one at this place; asked of the few of
    the continuation, for contexts are long."""
    ids: Sequence[int | None] | None


def missing(what: str, hint: str = _HINT) -> Fault:
    """The server answered, and what is needed is not in it."""
    return Fault(kind=FaultKind.PROTOCOL, message=f"{what}; {hint}")


def ids_of(value: Any) -> list[int] | None:
    """``prompt_token_ids``, which vLLM tells with ``return_token_ids``, or ``tokens`` of its
    ``/tokenize``."""
    if type(value) is list and all(type(one) is int for one in value):
        return value
    return None


def from_echo(
    wanted: Wanted, logprobs: Any, ids: list[int] | None, count: int | None, entries: Any
) -> Scored | Fault:
    """``choices[0].logprobs`` of a completion with ``echo``, which has ``tokens``,
    ``token_logprobs``, ``top_logprobs`` and ``text_offset``, see
    https://platform.openai.com/docs/api-reference/completions/object.

    ``count`` is ``usage.prompt_tokens``: a token behind these was generated. ``entries`` are
    vLLM's ``prompt_logprobs``, which tell ranks beside it.
    """
    if problem := _echo_problem(logprobs):
        return missing(problem)
    texts, values = logprobs["tokens"], logprobs["token_logprobs"]
    given = len(ids) if ids is not None else count
    if given is None:
        offsets = logprobs["text_offset"]
        given = sum(type(one) is int and one < wanted.end for one in offsets)
    if not 0 <= len(texts) - given <= 1:
        return missing(f"the log-probabilities are of {len(texts)} tokens, the prompt has {given}")
    first = _first_by_texts(texts, values, logprobs.get("top_logprobs"))
    if ids is not None and isinstance(entries, list) and len(entries) == given:
        first = _first_by_ranks(entries, ids)
    return _scored(wanted, TokenLogprobs(texts[:given], values, first, ids))


def _echo_problem(logprobs: Any) -> str:
    """Why the log-probabilities of an echo cannot be read; empty where they can."""
    if not isinstance(logprobs, dict):
        return "the answer has no log-probabilities"
    found = [logprobs.get(name) for name in ("tokens", "token_logprobs", "text_offset")]
    lists = [one for one in found if isinstance(one, list)]
    if len(lists) < len(found):
        return "the log-probabilities have no tokens, token_logprobs or text_offset"
    if len({len(one) for one in lists}) > 1:
        return "the log-probabilities have lists of several lengths"
    if not all(isinstance(text, str) for text in lists[0]):
        return "the log-probabilities have tokens that are not texts"
    return ""


def _first_by_ranks(entries: list[Any], ids: list[int]) -> Callable[[int], bool | None]:
    return lambda at: _rank_of(_own(entries[at], ids[at]))


def _first_by_texts(
    texts: list[str], values: list[Any], tops: Any
) -> Callable[[int], bool | None]:
    tables = tops if isinstance(tops, list) and len(tops) == len(texts) else [None] * len(texts)
    return lambda at: _first(texts[at], values[at], tables[at])


def from_prompt(wanted: Wanted, entries: Any, ids: list[int] | None) -> Scored | Fault:
    """``prompt_logprobs`` of vLLM: for each token of the prompt a table of ids, the prompt's own
    among them, each with ``logprob``, ``rank`` and ``decoded_token``; null for the first. See
    https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html."""
    if not isinstance(entries, list):
        return missing("the answer has no prompt_logprobs")
    if ids is not None and len(ids) != len(entries):
        return missing(f"prompt_logprobs are of {len(entries)} tokens, the prompt has {len(ids)}")
    found = [_own(entry, ids[at] if ids else None) for at, entry in enumerate(entries)]
    known = ids if ids is not None else list(map(_id_of, entries))
    return _scored(
        wanted,
        TokenLogprobs(
            [_text_of(one) for one in found],
            [one.get("logprob") if one is not None else None for one in found],
            lambda at: _rank_of(found[at]),
            known,
        ),
    )


def _own(entry: Any, own: int | None) -> dict[str, Any] | None:
    """The prompt's token in its table; the first one where its id is not known, as vLLM writes
    it, and the only one as it is asked."""
    if not isinstance(entry, dict):
        return None
    found = next(iter(entry.values()), None) if own is None else entry.get(str(own))
    return found if isinstance(found, dict) else None


def _id_of(entry: Any) -> int | None:
    key = next(iter(entry), "") if isinstance(entry, dict) and len(entry) == 1 else ""
    return int(key) if key.isdecimal() and key.isascii() and len(key) < 20 else None


def _text_of(own: dict[str, Any] | None) -> str | None:
    text = own.get("decoded_token") if own is not None else None
    return text if isinstance(text, str) else None


def _rank_of(own: dict[str, Any] | None) -> bool | None:
    rank = own.get("rank") if own is not None else None
    return rank == 1 if type(rank) is int else None


def _first(text: str, value: Any, top: Any) -> bool | None:
    """From a table of texts, where fragments of characters hide each other behind one name."""
    own = number_of(value)
    if not isinstance(top, dict) or own is None:
        return None
    others = [number for number in map(number_of, top.values()) if number is not None]
    if any(other > own for other in others):
        return False
    return None if not text or "\ufffd" in text else True


def _scored(wanted: Wanted, told: TokenLogprobs) -> Scored | Fault:
    try:
        begin = begin_of(wanted, told.texts, told.ids)
    except Uncut as why:
        return missing(str(why), _NO_IDS_HINT if wanted.before is None else _UNCUT_HINT)
    end = len(told.texts)
    values = [number_of(value) for value in told.values[begin:end]]
    known = [value for value in values if value is not None]
    if not values or len(known) < len(values):
        return missing("a token of the continuation has no log-probability")
    firsts = [told.first(at) for at in range(begin, end)]
    return Scored(
        logprobs=tuple(known),
        tokens=tuple(whole(text or "") for text in told.texts[begin:end]),
        greedy=False if False in firsts else None if None in firsts else True,
    )
