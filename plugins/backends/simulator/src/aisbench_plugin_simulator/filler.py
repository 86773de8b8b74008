"""Text of an exact number of tokens, for answers whose content does not matter."""

from __future__ import annotations

from random import Random

_TEXT = (
    "the of and to in is that it was for on are with as they be at have this from or had by"
    " but some what there we can out other were all your when up use word how said an each she"
    " which do their time if will way about many then them would write like so these her long"
    " make thing see him has look more day could go come did my sound no most number who"
    " over know water than call people may down side been now find any new work part take"
    " get place made live where after back little only round man year came show every good me"
)

# Each word is one token (at most six letters), and none is a number, so that text put behind
# an answer does not change it.
_POOL = tuple(" " + word for word in Random(1).choices(_TEXT.split(), k=4096))


def filler(tokens: int, chance: int) -> list[str]:
    """``tokens`` tokens of text, each of one word with its space; ``chance`` is 64 bits."""
    start = chance % len(_POOL)
    taken = list(_POOL[start : start + tokens])
    while len(taken) < tokens:
        taken.extend(_POOL[: tokens - len(taken)])
    return taken
