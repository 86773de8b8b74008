"""How two prompts to one question differ, in words that are the same for all questions."""

from __future__ import annotations

from aisbench.api import Wording
from aisbench_plugin_compare.foreign.matching import plain
from aisbench_plugin_compare.sides.side import SideAnswer

QUESTION = "{question}"
SHOWN = 80
"""Characters of a piece that are shown."""


def difference(words: Wording, ours: SideAnswer, theirs: SideAnswer) -> str:
    """A sentence, with the question itself left out, so that prompts of one template share it."""
    question = ours.question or theirs.question
    left, right = _template(ours.prompt, question), _template(theirs.prompt, question)
    if plain(left) == plain(right):
        return words.text("white space or case alone")
    begun, ended = _same_edges(left, right)
    own, other = _between(left, begun, ended), _between(right, begun, ended)
    if QUESTION in own and QUESTION in other:
        (own_before, own_after), (before, after) = _around(own), _around(other)
        return words.text(
            "before the question {left_before} against {right_before}, after it {left_after} "
            "against {right_after}",
            left_before=_piece(own_before), right_before=_piece(before),
            left_after=_piece(own_after), right_after=_piece(after),
        )  # fmt: skip
    if not own.strip():
        return words.text("the right one has {more} besides", more=_piece(other))
    if not other.strip():
        return words.text("the left one has {more} besides", more=_piece(own))
    return words.text("{left} against {right}", left=_piece(own), right=_piece(other))


def _template(prompt: str, question: str) -> str:
    """The prompt with a place in the stead of its question; examples before it stay."""
    begin = prompt.rfind(question) if question else -1
    if begin < 0 and question.strip():
        question = question.strip()
        begin = prompt.rfind(question)
    if begin < 0:
        return prompt
    return prompt[:begin] + QUESTION + prompt[begin + len(question) :]


def _same_edges(left: str, right: str) -> tuple[int, int]:
    """How many characters both begin and end with, at the edges of words."""
    size = min(len(left), len(right))
    begun = next((at for at in range(size) if left[at] != right[at]), size)
    rest = size - begun
    ended = next((at for at in range(rest) if left[-1 - at] != right[-1 - at]), rest)
    while begun and not left[begun - 1].isspace():
        begun -= 1
    while ended and not left[len(left) - ended].isspace():
        ended -= 1
    return begun, ended


def _between(text: str, begun: int, ended: int) -> str:
    return text[begun : len(text) - ended]


def _around(text: str) -> tuple[str, str]:
    before, _, after = text.partition(QUESTION)
    return before, after


def _piece(text: str) -> str:
    plain_text = " ".join(text.split())
    if len(plain_text) > SHOWN:
        half = SHOWN // 2
        plain_text = f"{plain_text[:half]} ... {plain_text[-half:]}"
    return f'"{plain_text}"'
