"""Log-probabilities of a given text, and of the tokens of an answer, in vLLM's forms.

A token's in a given text is a hash of what precedes it, a little below 0; that of the text's last
token decides which of several endings is the likeliest: of a known question's answer it is the
highest when the model knows the answer (the same decision as for written answers), else the
lowest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench_plugin_simulator.answer_book import AnswerBook
from aisbench_plugin_simulator.chance import draw
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import fragments, id_of, shown

KNOWN, UNKNOWN = -0.01, -9.0


def score_text(settings: SimulatorSettings, book: AnswerBook | None, text: str) -> list[float]:
    """One for each token of ``text``; the first has none, and gets 0."""
    tokens = shown(fragments(text))
    if not tokens:
        return []
    values = [0.0]
    before = tokens[0]
    for place, token in enumerate(tokens[1:]):
        # A fragment has no text, and yet a value of its own.
        values.append(-0.001 - 0.1 * draw(settings.seed, "score", before, token or place))
        before += token
    if len(values) > 1:
        values[-1] = -1 - 3 * draw(settings.seed, "score", text)
        known = book.find(text) if book is not None else None
        if known is not None and _ends_with(text, known.answer):
            right = is_right(settings.seed, known.question, settings.accuracy, None)
            values[-1] = KNOWN if right else UNKNOWN
    return values


def _ends_with(text: str, answer: str) -> bool:
    text = text.rstrip()
    before = text[: -len(answer)] if text.endswith(answer) else "x"
    return not before[-1:].isalnum()


def echoed(text: str, values: Sequence[float], alternatives: int) -> dict[str, Any]:
    """``choices[].logprobs`` of a completion with ``echo``."""
    tokens = shown(fragments(text))
    offsets, at = [], 0
    for token in tokens:
        offsets.append(at)
        at += len(token)
    tops: list[dict[str, float] | None] = [None]
    for token, value in zip(tokens[1:], values[1:], strict=True):
        tops.append({token: value, **({"~": value - 1} if alternatives > 1 else {})})
    return {
        "text_offset": offsets,
        "token_logprobs": [None, *values[1:]][: len(tokens)],
        "tokens": tokens,
        "top_logprobs": tops[: len(tokens)],
    }


def of_prompt(text: str, values: Sequence[float]) -> list[dict[str, Any] | None]:
    """``prompt_logprobs``: for each token its own entry, None for the first."""
    tokens = fragments(text)
    entries: list[dict[str, Any] | None] = [None] * bool(tokens)
    for token, decoded, value in list(zip(tokens, shown(tokens), values, strict=True))[1:]:
        entry = {"logprob": value, "rank": 1, "decoded_token": decoded}
        entries.append({str(id_of(token)): entry})
    return entries


def ids_of(text: str) -> list[int]:
    """``prompt_token_ids``, as ``/tokenize`` gives them."""
    return [id_of(token) for token in fragments(text)]


def made(seed: int, tokens: Sequence[str], first: int, alternatives: int) -> list[dict[str, Any]]:
    """``choices[].logprobs.content`` of a chat: of the answer's tokens, of which ``first`` were
    made before them. A token's value is a hash of it and its place; ``~1``, ``~2``, ... are the
    alternatives to it, each less likely than the one before."""
    entries = []
    for place, token in enumerate(tokens, first):
        value = -0.001 - 2 * draw(seed, "made", token, place)
        tops = [(token, value), *((f"~{n}", value - n) for n in range(1, alternatives))]
        entries.append({**_entry(token, value), "top_logprobs": [_entry(*one) for one in tops]})
        if not alternatives:
            entries[-1]["top_logprobs"] = []
    return entries


def _entry(token: str, value: float) -> dict[str, Any]:
    return {"token": token, "logprob": value, "bytes": list(token.encode("utf-8", "replace"))}


def as_completion(entries: Sequence[dict[str, Any]], offset: int) -> dict[str, Any]:
    """The same as ``choices[].logprobs`` of a completion, which begins at the letter
    ``offset``."""
    offsets = []
    for entry in entries:
        offsets.append(offset)
        offset += len(entry["token"])
    tables = [
        {one["token"]: one["logprob"] for one in entry["top_logprobs"] or (entry,)}
        for entry in entries
    ]
    return {
        "text_offset": offsets,
        "token_logprobs": [entry["logprob"] for entry in entries],
        "tokens": [entry["token"] for entry in entries],
        "top_logprobs": tables,
    }
