"""Log-probabilities of the tokens that a model generates: how suites ask, and how servers tell.

A suite asks with ``generation.logprobs``: how many of the most probable tokens at each place are
told beside the chosen one; 0: none beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aisbench.base.lenient import whole
from aisbench.codec.numbers import number_of
from aisbench.types.json import JsonObject
from aisbench.types.response import TokenLogprob

Pair = tuple[str, float]


def asked_logprobs(generation: JsonObject) -> int | None:
    """How many alternatives are asked for; None where no log-probabilities are. OpenAI's own form
    counts too: ``logprobs = true`` with ``top_logprobs``."""
    value = generation.get("logprobs")
    if value is True:
        value = generation.get("top_logprobs") or 0
    return value if type(value) is int and value >= 0 else None


def refused_logprobs(generation: JsonObject, *, switch: bool = False) -> dict[str, str]:
    """What is wrong with ``logprobs`` in a generation table, as ``refused`` of a backend that has
    them. ``switch`` allows true and false, as OpenAI's chats have it."""
    value = generation.get("logprobs")
    if value is None or (type(value) is int and value >= 0) or (switch and type(value) is bool):
        return {}
    return {
        "logprobs": "write how many of the most probable tokens are told at each place, from 0 "
        f"on (0: the chosen one alone), not {value!r}"
    }


def token_logprobs(told: Any, most: int) -> Iterator[TokenLogprob]:
    """The tokens in one ``logprobs`` object of OpenAI's protocols, or in its list ``content``.

    That of chats has ``content``, and ``refusal`` where the model declined, each a list of
    ``{"token", "logprob", "bytes", "top_logprobs"}``
    (https://platform.openai.com/docs/api-reference/chat/object); that of completions ``tokens``,
    ``token_logprobs`` and ``top_logprobs``, a table each
    (https://platform.openai.com/docs/api-reference/completions/object). What is of another form
    is left out. ``most`` is how many alternatives are taken.
    """
    if isinstance(told, list):
        yield from _of_content(told, most)
    elif isinstance(told, dict):
        if isinstance(told.get("tokens"), list):
            yield from _of_tables(told, most)
        else:
            yield from _of_content(told.get("content"), most)
            yield from _of_content(told.get("refusal"), most)


def most_probable(pairs: Iterable[Pair], most: int) -> tuple[Pair, ...]:
    """The ``most`` likeliest, the likeliest first."""
    return tuple(sorted(pairs, key=lambda one: -one[1])[:most])


def logprob_of(value: Any) -> float | None:
    """A log-probability: never above 0, which rounding may make it; None for what is no number."""
    number = number_of(value)
    return None if number is None else min(0.0, number)


def _of_content(content: Any, most: int) -> Iterator[TokenLogprob]:
    for entry in content if isinstance(content, list) else ():
        pair = _pair(entry)
        if pair is None:
            continue
        token, value = pair
        tops = entry.get("top_logprobs")
        others = tops if isinstance(tops, list) and most else ()
        pairs = [found for one in others if (found := _pair(one)) is not None]
        yield TokenLogprob(token, value, most_probable(pairs, most), _raw(entry, token))


def _pair(entry: Any) -> Pair | None:
    if not isinstance(entry, dict) or not isinstance(token := entry.get("token"), str):
        return None
    value = logprob_of(entry.get("logprob"))
    return None if value is None else (whole(token), value)


def _raw(entry: dict[str, Any], token: str) -> bytes | None:
    """The bytes, where the text is not they."""
    told = entry.get("bytes")
    if not isinstance(told, list) or "\ufffd" not in token:
        return None
    try:
        found = bytes(told)
    except (TypeError, ValueError):
        return None
    return None if found == token.encode() else found


def _of_tables(told: Mapping[str, Any], most: int) -> Iterator[TokenLogprob]:
    tokens, values = told["tokens"], told.get("token_logprobs")
    if not isinstance(values, list):
        return
    tops = told.get("top_logprobs")
    tables = tops if isinstance(tops, list) and len(tops) == len(tokens) else [None] * len(tokens)
    for token, value, table in zip(tokens, values, tables, strict=False):
        number = logprob_of(value)
        if not isinstance(token, str) or number is None:
            continue
        pairs = [
            (whole(name), one)
            for name, entry in (table.items() if isinstance(table, dict) and most else ())
            if (one := logprob_of(entry)) is not None
        ]
        yield TokenLogprob(whole(token), number, most_probable(pairs, most))
