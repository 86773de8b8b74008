"""How much of a haystack fits into a length, with the model's tokenizer.

A prompt is a list of pieces, each with the blank or line break before it. Pieces are counted
once and remembered, as most of a haystack is the same in every row; one whole prompt of each kind
and length is tokenised to see by how much sums of pieces are off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from aisbench.api import DataError, TextTokenizer

Build = Callable[[int], Sequence[str]]
"""The pieces of a prompt with so many units of haystack: sentences, words, documents."""

_REMEMBERED = 400_000
"""Pieces; some 50 MB of counts and of references to texts that the haystack holds anyway."""
_SPARE = 1 / 1000
"""Of the length, left free: rows differ a little in what sums of pieces are off by."""


class PieceCounter:
    """Tokens of pieces."""

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self.tokenizer = tokenizer
        self._known: dict[str, int] = {}

    def total(self, pieces: Sequence[str]) -> int:
        """The sum over all pieces."""
        known = self._known
        new = [piece for piece in dict.fromkeys(pieces) if piece not in known]
        if new:
            if len(known) + len(new) > _REMEMBERED:
                known.clear()
                new = list(dict.fromkeys(pieces))
            known.update(zip(new, self.tokenizer.counts(new), strict=True))
        return sum(map(known.__getitem__, pieces))


@frozen
class Fit:
    """``units`` of haystack fill the length; ``off`` is what a prompt has beyond the sum of its
    pieces, per piece."""

    units: int
    off: float


def fit(build: Build, limit: int, least: int, counter: PieceCounter, what: str) -> Fit:
    """The most units with which a prompt has at most ``limit`` tokens.

    Raises DataError when ``least`` units are too many; ``what`` begins the message.
    """
    first = _most(build, limit, least, counter, 0.0, what)
    pieces = build(first)
    off = (counter.tokenizer.count("".join(pieces)) - counter.total(pieces)) / len(pieces)
    return Fit(_most(build, limit, least, counter, off, what), off)


def fitted(
    build: Build, limit: int, least: int, counter: PieceCounter, start: Fit, what: str
) -> Sequence[str]:
    """The pieces of one row, with ``start.units``, or fewer where this row's are longer."""
    units = start.units
    while True:
        pieces = build(units)
        excess = _tokens(counter, pieces, start.off) - _allowed(limit)
        if excess <= 0:
            return pieces
        if units <= least:
            raise _too_short(what, limit, limit + excess)
        per_unit = max(1.0, (limit + excess) / max(units, 1))
        units = max(least, units - max(1, int(excess / per_unit)))


def _most(
    build: Build, limit: int, least: int, counter: PieceCounter, off: float, what: str
) -> int:
    """By interpolation, as prompts grow evenly: a few prompts are built, not dozens."""
    wanted = _allowed(limit)

    def tokens(units: int) -> int:
        return _tokens(counter, build(units), off)

    low, at_low = least, tokens(least)
    if at_low > wanted:
        raise _too_short(what, limit, at_low)
    high = 2 * least + 8
    at_high = tokens(high)
    while at_high <= wanted:
        slope = max((at_high - at_low) / (high - low), 1 / 1000)
        low, at_low = high, at_high
        high += max(8, int(1.02 * (wanted - at_low) / slope))
        at_high = tokens(high)
    while high - low > 1 and wanted - at_low > wanted * _SPARE / 2:
        share = (wanted - at_low) / (at_high - at_low)
        middle = min(high - 1, max(low + 1, low + int(share * (high - low))))
        at_middle = tokens(middle)
        if at_middle <= wanted:
            low, at_low = middle, at_middle
        else:
            high, at_high = middle, at_middle
    return low


def _tokens(counter: PieceCounter, pieces: Sequence[str], off: float) -> int:
    return counter.total(pieces) + round(off * len(pieces))


def _allowed(limit: int) -> int:
    return limit - round(limit * _SPARE)


def _too_short(what: str, limit: int, needed: int) -> DataError:
    return DataError(
        f"{what} does not fit into {limit} tokens: its shortest prompt has about {needed}",
        hint="raise lengths, or leave this task out",
    )
