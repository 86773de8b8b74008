"""Calls of the simulated services that would take the machine's time or memory.

The services calculate with whatever they are given: ``power(9, 10**9)``, a logarithm of a billion
digits, a directory copied into itself that ``find`` walks through. Each guard refuses before the
method runs; where bfcl-eval ends in an error too, it has the same words.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

BITS = 14_000
"""Of a power: what Python would write, in 4300 digits."""
DIGITS = 10_000
"""Precision of a logarithm, root or rounding."""
PATHS = 50_000
"""Files and directories that a walk may come through."""
CHARACTERS = 1_000_000
"""Of a memory after a replacement."""

_TOO_LONG = "Exceeds the limit (4300 digits) for integer string conversion"

Given = Mapping[str, Any]
Guard = Callable[[Any, Given], None]


def checked(service: Any, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, behind its guard if it has one."""
    guard = _GUARDS.get((type(service).__name__, name))
    if guard is None:
        return method

    @functools.wraps(method)
    def guarded(*positional: Any, **named: Any) -> Any:
        try:
            bound = inspect.signature(method).bind(*positional, **named)
        except TypeError:
            return method(*positional, **named)  # its own words
        bound.apply_defaults()
        guard(service, bound.arguments)
        return method(*positional, **named)

    return guarded


def _power(service: Any, given: Given) -> None:
    base, exponent = given["base"], given["exponent"]
    if (
        isinstance(base, int) and isinstance(exponent, int)
        and base.bit_length() > 1 and base.bit_length() * exponent > BITS
    ):  # fmt: skip
        raise ValueError(_TOO_LONG)


def _precision(service: Any, given: Given) -> None:
    precision = given["precision"]
    if isinstance(precision, (int, float)) and not precision <= DIGITS:
        raise ValueError(f"a precision of more than {DIGITS} digits")
    for key in ("value", "base", "number"):
        number = given.get(key)
        if isinstance(number, str) and not _short(number):
            raise ValueError(f"{key} is not a number of usual size")


def _short(text: str) -> bool:
    """A text's exponent may be any: it is written out before its logarithm is taken."""
    try:
        return len(text) <= DIGITS and math.isfinite(float(text))
    except ValueError:
        return len(text) <= 100 and "e" not in text.lower()


def _rounding(service: Any, given: Given) -> None:
    decimals = given["decimal_places"]
    if isinstance(decimals, int) and abs(decimals) > DIGITS:
        raise ValueError(f"more than {DIGITS} decimal places")


def _walk(service: Any, given: Given) -> None:
    """Copies share what they hold, and a directory can be moved into itself: some trees have more
    paths than anybody can walk. One that holds itself ends as Python ends it."""
    left, found = [service.root, service._current_dir], 0
    while left:
        for one in getattr(left.pop(), "contents", {}).values():
            found += 1
            left.append(one)
        if found > PATHS:
            raise RecursionError("maximum recursion depth exceeded")


def _replacement(service: Any, given: Given) -> None:
    memory, old, new = service.memory, str(given["old_text"]), str(given["new_text"])
    if len(memory) + memory.count(old) * len(new) > CHARACTERS:
        raise ValueError(f"a memory of more than {CHARACTERS} characters")


_GUARDS: Mapping[tuple[str, str], Guard] = {
    ("MathAPI", "power"): _power,
    ("MathAPI", "logarithm"): _precision,
    ("MathAPI", "square_root"): _precision,
    ("MathAPI", "round_number"): _rounding,
    ("GorillaFileSystem", "find"): _walk,
    ("GorillaFileSystem", "du"): _walk,
    ("MemoryAPI_rec_sum", "memory_replace"): _replacement,
}
