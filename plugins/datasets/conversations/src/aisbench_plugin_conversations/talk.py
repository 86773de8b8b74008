"""A recorded conversation, made of messages as they come: turns and answers in alternation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import field, frozen

from aisbench.api import JsonObject, JsonValue

Side = Literal["system", "human", "model"]
"""Who speaks."""


class Unusable(Exception):
    """Why a conversation cannot be played, as the end of "... are left out: 3 ..."."""


class Unwanted(Exception):
    """Why a suite does not want a conversation, told alike."""


@frozen(kw_only=True)
class Talk:
    """One conversation. ``answers[i]`` is what the data has as the answer to ``turns[i]``; None
    where it has none, which is the last turn or, in data without answers, every one."""

    id: str
    turns: tuple[str, ...]
    answers: tuple[str | None, ...]
    system: str = ""
    fields: JsonObject = field(factory=dict)
    """Further fields of the sample."""
    target: JsonValue = None

    def cut(self, turns: int) -> Talk:
        """The same with at most so many turns."""
        return Talk(
            id=self.id,
            turns=self.turns[:turns],
            answers=self.answers[:turns],
            system=self.system,
            fields=self.fields,
            target=self.target,
        )

    @property
    def last_prompt(self) -> tuple[str, ...]:
        """The texts of the last request, were every answer the recorded one."""
        before = [text for text in self.answers[:-1] if text is not None]
        return tuple(filter(None, (self.system, *self.turns, *before)))


def make_talk(name: str, messages: Iterable[tuple[Side, str]]) -> Talk:
    """The conversation ``name``. Messages of one side in a row become one, with a blank line
    between; system messages before the first turn are the system text. Raises Unusable."""
    joined = _joined(messages)
    system = joined.pop(0)[1] if joined and joined[0][0] == "system" else ""
    if not joined or joined[0][0] != "human":
        raise Unusable("do not begin with a human turn")
    if any(side == "system" for side, _ in joined):
        raise Unusable("have a system message in the middle")
    turns = [text for side, text in joined if side == "human"]
    answers: list[str | None] = [text for side, text in joined if side == "model"]
    if len(answers) == len(turns) and not _says(answers[-1]):
        answers[-1] = None
    if not all(map(_says, (*turns, *answers[: len(turns) - 1]))):
        raise Unusable("have an empty message")
    if len(answers) < len(turns):
        answers.append(None)
    return Talk(id=name, turns=tuple(turns), answers=tuple(answers), system=system)


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())


def _joined(messages: Iterable[tuple[Side, str]]) -> list[tuple[Side, str]]:
    """With messages of one side in a row as one."""
    joined: list[tuple[Side, str]] = []
    for side, text in messages:
        if joined and joined[-1][0] == side:
            joined[-1] = (side, f"{joined[-1][1]}\n\n{text}")
        else:
            joined.append((side, text))
    return joined
