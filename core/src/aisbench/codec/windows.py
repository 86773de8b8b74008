"""Texts that are longer than a model's context, scored in windows.

As lm-evaluation-harness cuts them for ``loglikelihood_rolling`` (``get_rolling_token_windows``
with a context of one token, and ``make_disjoint_window``, in
https://github.com/EleutherAI/lm-evaluation-harness): each token is foretold once; a window begins
anew behind the last token of the one before, and the last window looks back as far as it can.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen


@frozen
class Window:
    """Tokens ``begin`` to ``end`` of a text are put to the model at once, and those from
    ``scored`` on foretold."""

    begin: int
    scored: int
    end: int


def windows_of(length: int, scored: int, most: int) -> Iterator[Window]:
    """Of ``length`` tokens those from ``scored`` (at least 1) on are foretold, by a model that
    takes ``most`` tokens before the last one of a window."""
    place = scored
    # Tokens before the first that is foretold take room in the first window alone.
    end = min(length, most + 1) if scored <= most else min(length, scored + most)
    while place < length:
        yield Window(max(0, end - most - 1), place, end)
        place, end = end, min(length, end + most)
