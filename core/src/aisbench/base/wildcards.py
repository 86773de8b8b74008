"""Names that a user gives, in which * and ? stand for others."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import field, frozen

_WORDS = {"*": ".*", "?": "."}


def pattern_of(text: str) -> re.Pattern[str] | None:
    """What ``text`` matches as a whole; None where it has neither * nor ?."""
    if not set(_WORDS) & set(text):
        return None
    return re.compile("".join(_WORDS.get(one) or re.escape(one) for one in text), re.DOTALL)


@frozen
class Wildcards:
    """Names and patterns of them, any of which may match; none at all match everything."""

    texts: Sequence[str] = ()
    _names: frozenset[str] = field(init=False)
    _patterns: tuple[re.Pattern[str], ...] = field(init=False)

    @_names.default
    def _all(self) -> frozenset[str]:
        return frozenset(self.texts)

    @_patterns.default
    def _made(self) -> tuple[re.Pattern[str], ...]:
        return tuple(made for one in self.texts if (made := pattern_of(one)) is not None)

    def match(self, name: str) -> bool:
        """Whether one of them is ``name``, or a pattern of it."""
        if not self.texts or name in self._names:
            return True
        return any(one.fullmatch(name) for one in self._patterns)
