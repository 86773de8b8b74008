"""Where a continuation begins among the tokens of a whole text that a server scored.

The continuation's tokens are those of ``encode(context + continuation)`` behind the ones that it
has in common with ``encode(context)``; blanks at the end of a plain context belong to the
continuation. Where the context's tokens are the beginning of the whole, that is the rule of
lm-evaluation-harness (``_encode_pair`` in
https://github.com/EleutherAI/lm-evaluation-harness, ``whole[len(encode(context)):]``). Where a
token reaches across the border, that rule leaves a part of the text out; here such a token belongs
to the continuation, as it does for models in this process (:mod:`aisbench.codec.rendering`).
Where a prompt asks for the other rule (``border``), the ids are sent themselves; a server that
takes only text cannot do that, and fails where the two differ.

Token ids show the place for certain. Texts of tokens do so only where they spell the
continuation: a character may span several tokens, whose texts are then "" or U+FFFD.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from attrs import frozen

_BROKEN = "\ufffd"
_ACROSS = (
    "a token reaches across the border of context and continuation, and the server was sent text: "
    "the prompt wants the tokens of both apart"
)


class Uncut(Exception):
    """The continuation's tokens cannot be told from the others; the text says why."""


@frozen(kw_only=True)
class Wanted:
    """``context`` is what precedes; None where only its end is known (a chat's template, which is
    the server's). ``before`` are the ids of its tokens, with its blanks left off unless it is a
    ``chat``'s; None where the server does not tell them. With ``exact`` those very tokens must
    begin the whole, and the rest must spell the continuation: the text in between is not ours.
    ``between``: a token that reaches across the border is an error. ``place`` is where the
    continuation begins, where that is known because ids were sent."""

    context: str | None
    continuation: str
    before: tuple[int, ...] | None = None
    chat: bool = False
    exact: bool = False
    between: bool = False
    place: int | None = None

    @property
    def tail(self) -> str:
        """What the scored tokens spell, if none reaches across the border."""
        blanks = 0
        if self.context is not None and not self.chat:
            blanks = len(self.context) - len(self.context.rstrip())
        return (self.context or "")[-blanks:] * bool(blanks) + self.continuation

    @property
    def alone(self) -> bool:
        """Whether nothing is before the continuation: then the very first token has no
        log-probability."""
        return self.context is not None and not self.context.strip()

    @property
    def end(self) -> int:
        """The length of the whole text, in characters."""
        return len(self.context or "") + len(self.continuation)


def begin_of(
    wanted: Wanted, texts: Sequence[str | None], ids: Sequence[int | None] | None = None
) -> int:
    """The place of the continuation's first token, at least 1. ``texts`` and ``ids`` are those of
    all tokens of the whole text; the id of the first may be unknown. Raises Uncut."""
    if wanted.place is not None:
        if not 0 < wanted.place < len(texts):
            raise Uncut("the server scored other tokens than those that it was sent")
        return wanted.place
    place = None
    if ids is not None and wanted.before is not None:
        place = _by_ids(ids, wanted.before)
        if wanted.between and place is not None and place < len(wanted.before):
            raise Uncut(_ACROSS)
    if place is None:
        place = _by_texts(wanted, texts)
    elif wanted.exact:
        _check_exact(wanted, wanted.before or (), place, texts)
    if wanted.alone:
        place = max(place, 1)
    if place >= len(texts):
        raise Uncut("the continuation adds no token to the prompt before it")
    if place == 0:
        raise Uncut("the first token of all reaches into the continuation: none is before it")
    return place


def _by_ids(ids: Sequence[int | None], before: Sequence[int]) -> int | None:
    """How many tokens both have in common at the beginning; None where ids are missing."""
    if any(one is None for one in ids[1:]):
        return None
    if ids and ids[0] is None:
        # Without the first id only a longer beginning that agrees proves anything.
        known = tuple(ids[1 : len(before)])
        return len(before) if len(before) > 1 and known == tuple(before[1:]) else None
    shared = 0
    for own, other in zip(ids, before, strict=False):
        if own != other:
            break
        shared += 1
    return shared


def _check_exact(
    wanted: Wanted, before: Sequence[int], place: int, texts: Sequence[str | None]
) -> None:
    if place < len(before):
        raise Uncut(
            "the chat with the continuation does not begin with the tokens of the chat before it: "
            "its template writes something else there"
        )
    rest = "".join(text or "" for text in texts[place:])
    if not _same(rest, wanted.continuation):
        raise Uncut(
            f"behind the chat the server scored {rest!r}, not {wanted.continuation!r}: its "
            "template changes the last message"
        )


def _by_texts(wanted: Wanted, texts: Sequence[str | None]) -> int:
    tail = wanted.tail
    if wanted.alone:
        try:
            return _spelled(texts, tail)
        except Uncut:
            # No border is needed: all tokens but the first count.
            return 1
    if wanted.context is None and tail != tail.strip():
        raise Uncut(
            "the continuation of a chat begins or ends with a blank, which a template may take "
            "away, and the server tells no ids of tokens by which that would show"
        )
    try:
        return _spelled(texts, tail, between=wanted.between)
    except Uncut:
        # Some tokenizers compose characters before anything else.
        composed = unicodedata.normalize("NFC", tail)
        if composed == tail:
            raise
    return _spelled(texts, composed, between=wanted.between)


def _spelled(texts: Sequence[str | None], tail: str, *, between: bool = False) -> int:
    """The place from which on the tokens spell ``tail``, or, for the first of them, end with its
    beginning. Characters that span tokens must have "" for all but their last."""
    place, across = _reached(texts, tail)
    if across:
        _check_across(texts, place, between=between)
    while place > 0 and texts[place - 1] == "":
        place -= 1
    _check_fragments([text or "" for text in texts[place:]])
    return place


def _reached(texts: Sequence[str | None], tail: str) -> tuple[int, bool]:
    """The place of the first token with a part of ``tail``, and whether it has more before it."""
    place, left, across = len(texts), tail, False
    while left:
        place -= 1
        text = texts[place] if place >= 0 else None
        if text is None:
            raise Uncut("the tokens' texts do not spell the continuation")
        if _BROKEN in text:
            raise Uncut(
                "a character spans several tokens, and the server tells no ids of tokens, nor "
                "where it begins"
            )
        if left.endswith(text):
            left = left[: len(left) - len(text)]
        elif text.endswith(left):
            left, across = "", True
        else:
            raise Uncut(
                f"the token {text!r} is not part of the continuation as it was sent, and the "
                "server tells no ids of tokens"
            )
    return place, across


def _check_across(texts: Sequence[str | None], place: int, *, between: bool) -> None:
    """Whether the token at ``place``, which begins before the continuation, may be its first."""
    if between:
        raise Uncut(_ACROSS)
    if place > 0 and texts[place - 1] == "":
        raise Uncut(
            "a character that spans several tokens reaches across the beginning of the "
            "continuation, and the server tells no ids of tokens"
        )


def _check_fragments(texts: Sequence[str]) -> None:
    """Each token without text must be a fragment of the character that the next one with text
    completes: a token holds at least one byte."""
    empty = 0
    for text in texts:
        if not text:
            empty += 1
            continue
        if empty and (text.isascii() or empty >= len(text.encode("utf-8", "replace"))):
            break
        empty = 0
    if empty:
        raise Uncut(
            "a token without text stands in or before the continuation, and the server tells no "
            "ids of tokens"
        )


def _same(one: str, other: str) -> bool:
    return one == other or one == unicodedata.normalize("NFC", other)
