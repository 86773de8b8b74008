"""Texts that are longer than a model's context, scored in windows.

As lm-evaluation-harness cuts them for ``loglikelihood_rolling`` (``get_rolling_token_windows``
with a context of one token, and ``make_disjoint_window``, in
https://github.com/EleutherAI/lm-evaluation-harness): each token is predicted once; a window begins
behind the last token of the one before, and the last window looks back as far as it can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from aisbench.codec.rendering import Rendered, Unfit
from aisbench.types.response import Response, Scored, Usage


@frozen
class TokenWindow:
    """Tokens ``begin`` to ``end`` of a text go to the model at once, which predicts those from
    ``scored`` on."""

    begin: int
    scored: int
    end: int


def windows_of(length: int, scored: int, most: int) -> Iterator[TokenWindow]:
    """The windows in which the tokens from ``scored`` (at least 1) to ``length`` are predicted by
    a model that takes ``most`` tokens before the last one of a window."""
    place = scored
    # Tokens before the first predicted one take room in the first window only.
    end = min(length, most + 1) if scored <= most else min(length, scored + most)
    while place < length:
        yield TokenWindow(max(0, end - most - 1), place, end)
        place, end = end, min(length, end + most)


def pieces_of(rendered: Rendered, most: int) -> list[Rendered]:
    """The windows of a text that is to be scored, for a model that takes ``most`` tokens before
    the last one."""
    return [
        Rendered(ids=rendered.ids[one.begin : one.end], scored=one.scored - one.begin)
        for one in windows_of(len(rendered.ids), rendered.scored, most)
    ]


def within(rendered: Rendered, most: int, *, rolling: bool) -> list[Rendered]:
    """A text that is to be scored, for a model that takes ``most`` tokens before the last one: in
    windows, or the end of it with the whole continuation. Raises Unfit."""
    over = len(rendered.ids) - 1 - most
    if over <= 0:
        return [rendered]
    if most < 1 or (not rolling and over >= rendered.scored):
        own = len(rendered.ids) - rendered.scored
        raise Unfit(
            f"the continuation alone has {own} tokens, and no more than {max(most, 0)} are to be "
            "read at once (`length` of the prompt)"
        )
    if rolling:
        return pieces_of(rendered, most)
    return [Rendered(ids=rendered.ids[over:], scored=rendered.scored - over)]


def joined(pieces: Sequence[Response]) -> Response:
    """One response made of those to all windows of a text, in their order; the first failed one,
    if any failed."""
    scored: list[Scored] = []
    for one in pieces:
        if one.scored is None:
            return one
        scored.append(one.scored)
    if len(pieces) == 1:
        return pieces[0]
    greedy = [one.greedy for one in scored]
    before = (pieces[0].usage.prompt_tokens or 0) - len(scored[0].logprobs)
    return Response(
        scored=Scored(
            logprobs=tuple(value for one in scored for value in one.logprobs),
            tokens=tuple(token for one in scored for token in one.tokens),
            greedy=None if None in greedy else all(greedy),
            windows=len(scored),
        ),
        usage=Usage(
            prompt_tokens=before + sum(len(one.logprobs) for one in scored), completion_tokens=0
        ),
    )
