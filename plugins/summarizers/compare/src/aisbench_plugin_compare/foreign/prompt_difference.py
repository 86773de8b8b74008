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
    if QUESTION not in left or QUESTION not in right:
        return _change(words, left, right)
    (left_before, _, left_after), (before, _, after) = (
        text.rpartition(QUESTION) for text in (left, right)
    )
    changes = []
    if plain(left_before) != plain(before):
        change = _change(words, left_before, before)
        changes.append(words.text("before the question {change}", change=change))
    if plain(left_after) != plain(after):
        change = _change(words, left_after, after)
        changes.append(words.text("after the question {change}", change=change))
    return ", ".join(changes)


def _template(prompt: str, question: str) -> str:
    """The prompt with a place in the stead of its question; examples before it stay."""
    begin = prompt.rfind(question) if question else -1
    if begin < 0 and question.strip():
        question = question.strip()
        begin = prompt.rfind(question)
    if begin < 0:
        return prompt
    return prompt[:begin] + QUESTION + prompt[begin + len(question) :]


def _change(words: Wording, left: str, right: str) -> str:
    """What one text has and the other has not, in whole words."""
    ours, theirs = left.split(), right.split()
    size = min(len(ours), len(theirs))
    begun = next((at for at in range(size) if ours[at] != theirs[at]), size)
    rest = size - begun
    ended = next((at for at in range(rest) if ours[-1 - at] != theirs[-1 - at]), rest)
    own = " ".join(ours[begun : len(ours) - ended])
    other = " ".join(theirs[begun : len(theirs) - ended])
    if not own:
        return words.text("the right one has {more} besides", more=_piece(other))
    if not other:
        return words.text("the left one has {more} besides", more=_piece(own))
    return words.text("{left} against {right}", left=_piece(own), right=_piece(other))


def _piece(text: str) -> str:
    plain_text = " ".join(text.split())
    if len(plain_text) > SHOWN:
        half = SHOWN // 2
        plain_text = f"{plain_text[:half]} ... {plain_text[-half:]}"
    return f'"{plain_text}"'
