"""Bugs of backends: each fails one answer, and never the run."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import attrs
from attrs import define, field

from aisbench.base.lenient import whole
from aisbench.codec.numbers import MOST
from aisbench.types.response import Fault, FaultKind, Response, Scored, Usage
from aisbench.types.tools import ToolCall

log = logging.getLogger(__name__)

_HERE = str(Path(__file__).parent)


@define(eq=False)
class Bugs:
    """Makes faults of exceptions. The first of each kind is logged with its traceback, and at the
    end how many there were."""

    whose: str
    """The model, for the log."""
    _seen: dict[tuple[str, str], int] = field(factory=dict)

    def fault(self, error: BaseException) -> Fault:
        """The fault of the one answer on which a codec broke."""
        name = type(error).__name__
        place = _place(error)
        key = (name, place)
        self._seen[key] = self._seen.get(key, 0) + 1
        if self._seen[key] == 1:
            log.error(
                "%s: the backend broke on an answer: %s at %s; that request failed, others go on",
                self.whose,
                name,
                place,
                exc_info=(type(error), error, error.__traceback__),
            )
        words = whole(str(error))[:300]
        return Fault(
            kind=FaultKind.BUG,
            message=f"the backend broke on this answer, which is a bug of it (traceback in "
            f"log.jsonl): {name}: {words} ({place})",
        )

    def close(self) -> None:
        """Say how often each kind came."""
        for (name, place), count in self._seen.items():
            if count > 1:
                log.error(
                    "%s: the backend broke on %d answers with %s at %s",
                    self.whose, count, name, place,
                )  # fmt: skip
        self._seen.clear()


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    # A transport that tells this package what cannot be is at fault where it does so.
    last = next(
        (one for one in reversed(frames) if not one.filename.startswith(_HERE)), frames[-1]
    )
    return f"{last.filename.replace(chr(92), '/').rpartition('/')[2]}:{last.lineno}"


def sound(response: Response) -> Response:
    """The response as files can hold it: without halves of surrogate pairs, and without counts
    that are too large or below zero.

    Raises TypeError for anything but a response.
    """
    if type(response) is not Response:
        raise TypeError(f"finish() gave {type(response).__name__}, not a Response")
    changed: dict[str, object] = _mended_texts(response)
    if (usage := _sound_usage(response.usage)) is not response.usage:
        changed["usage"] = usage
    if response.tool_calls and not all(map(_ascii, response.tool_calls)):
        changed["tool_calls"] = tuple(
            ToolCall(name=whole(one.name), arguments=whole(one.arguments), id=whole(one.id))
            for one in response.tool_calls
        )
    if response.scored is not None and not all(map(str.isascii, response.scored.tokens)):
        changed["scored"] = _whole_tokens(response.scored)
    if response.ignored and not all(map(str.isascii, response.ignored)):
        changed["ignored"] = tuple(map(whole, response.ignored))
    if response.fault is not None:
        changed["fault"] = _sound_fault(response.fault)
    return attrs.evolve(response, **changed) if changed else response  # type: ignore[arg-type]


def _mended_texts(response: Response) -> dict[str, object]:
    """Its texts that hold halves of surrogate pairs, without these."""
    changed: dict[str, object] = {}
    for name in ("text", "reasoning", "refusal", "model"):
        value: str | None = getattr(response, name)
        if value is not None and not value.isascii() and (mended := whole(value)) != value:
            changed[name] = mended
    return changed


def _sound_usage(usage: Usage) -> Usage:
    counts = (
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.cached_tokens,
        usage.reasoning_tokens,
    )
    for count in counts:
        if count is not None and not (type(count) is int and 0 <= count <= MOST):
            return Usage(**dict(zip(_COUNTS, map(_count, counts), strict=True)))
    return usage


_COUNTS = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST else None


def _sound_fault(fault: Fault) -> Fault:
    if fault.message.isascii() and (fault.body or "").isascii():
        return fault
    body = None if fault.body is None else whole(fault.body)
    return attrs.evolve(fault, message=whole(fault.message), body=body)


def _ascii(call: ToolCall) -> bool:
    return call.name.isascii() and call.arguments.isascii() and call.id.isascii()


def _whole_tokens(scored: Scored) -> Scored:
    return attrs.evolve(scored, tokens=tuple(map(whole, scored.tokens)))
