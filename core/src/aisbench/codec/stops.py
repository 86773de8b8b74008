"""Strings that end an answer."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.types.json import JsonValue
from aisbench.types.request import Request
from aisbench.types.response import FinishReason


def stop_list(value: JsonValue) -> list[str] | None:
    """``value`` as a list of strings; None when it is of another form."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return [one for one in value if isinstance(one, str)]
    return None


def stop_strings(request: Request) -> list[str]:
    """The suite's stop strings and the prompt's own, each once, the suite's first."""
    own, more = request.generation.get("stop"), request.prompt.stop
    if own is None and not more:
        return []
    return list(dict.fromkeys([*(stop_list(own) or []), *more]))


def cut_text(
    text: str, cut: Sequence[str], reason: FinishReason | None
) -> tuple[str, FinishReason | None]:
    """The text before the first of the strings ``cut``, and why it ends.

    Some servers keep the stop string, and some ignore it and run on: then the answer itself was
    complete.
    """
    if not cut:
        return text, reason
    ends = [at for at in map(text.find, cut) if at >= 0]
    if not ends:
        return text, reason
    return text[: min(ends)], FinishReason.STOP if reason is FinishReason.LENGTH else reason
