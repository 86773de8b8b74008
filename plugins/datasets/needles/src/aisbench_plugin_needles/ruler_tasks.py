"""What RULER's tasks have in common, and those with a haystack: needles and variables.

Definitions, wording and numbers are those of NVIDIA/RULER (C.-P. Hsieh et al. 2024,
arXiv:2404.06654), scripts/data/synthetic and scripts/synthetic.yaml at c3f5e3b.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, Protocol

from attrs import field, frozen

from aisbench.api import JsonValue
from aisbench_plugin_needles.draws import Draws
from aisbench_plugin_needles.haystacks import Essay
from aisbench_plugin_needles.words import KINDS

NOISE = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again."
# The depths at which needles may lie in essays: numpy's round(linspace(0, 100, 40)).
DEPTHS = tuple(round(100 * step / 39) for step in range(40))


@frozen
class RulerRow:
    """One prompt in pieces (see fitting), what must be found, and fields of the sample."""

    pieces: Sequence[str]
    target: Sequence[str]
    fields: Mapping[str, JsonValue] = field(factory=dict)


class RulerTask(Protocol):
    """Makes prompts of a task."""

    @property
    def answer_tokens(self) -> int:
        """Room for the answer, inside the length: RULER's tokens_to_generate."""

    @property
    def least(self) -> int:
        """Units of haystack of the shortest prompt."""

    def row(self, key: str, units: int) -> RulerRow:
        """The row of that key; with more units it is longer, and asks the same."""


_NEEDLE = "One of the special magic {kind} for {key} is: {value}."
NEEDLE_TASK = (
    "Some special magic {kind} are hidden within the following text. Make sure to memorize it. "
    "I will quiz you about the {kind} afterwards.\n{context}\nWhat are all the special magic "
    "{kind} for {query} mentioned in the provided text?"
)
_NEEDLE_PREFIX = " The special magic {kind} for {query} mentioned in the provided text are"


@frozen
class Needles:
    """The eight tasks called niah. A unit is a word of the essays, or a line."""

    haystack: Literal["noise", "essay", "needle"]
    key: Literal["words", "uuids"] = "words"
    value: Literal["numbers", "uuids"] = "numbers"
    keys: int = 1
    values: int = 1
    queries: int = 1
    essay: Essay | None = None
    answer_tokens: int = 128

    @property
    def least(self) -> int:
        """As many lines as needles; of an essay a word for each place where one may lie."""
        return len(DEPTHS) if self.haystack == "essay" else max(self.keys, self.queries, 4)

    def row(self, key: str, units: int) -> RulerRow:
        draws = Draws(key, "needles")
        count = max(self.keys, self.queries)
        names: list[str] = []
        while len(names) < count:
            name = KINDS[self.key](draws)
            if name not in names:
                names.append(name)
        values = [[KINDS[self.value](draws) for _ in range(self.values)] for _ in names]
        needles = [
            _NEEDLE.format(kind=self.value, key=name, value=one)
            for name, several in zip(names, values, strict=True)
            for one in several
        ]
        needles = draws.shuffled(needles)
        asked = draws.places(len(names), self.queries)
        context, depths = self._context(Draws(key, "haystack"), needles, units)
        before, after = self._frame([names[place] for place in asked])
        return RulerRow(
            pieces=[before, *context, after],
            target=[one for place in asked for one in values[place]],
            fields={"depths": depths, "depth": depths[0] if len(depths) == 1 else None},
        )

    def _frame(self, names: Sequence[str]) -> tuple[str, str]:
        """What stands before the context and after it; one value is asked in the singular, as
        RULER replaces words of its template."""
        kind, task, prefix = self.value, NEEDLE_TASK, _NEEDLE_PREFIX
        if self.queries * self.values == 1:
            kind = kind[:-1]  # type: ignore[assignment]
            task = task.replace("Some", "A").replace("are all", "is").replace("are", "is")
            prefix = prefix.replace("are", "is")
        query = names[0]
        if len(names) > 1:
            query = ", ".join(names[:-1]) + ", and " + names[-1]
        filled = (task + prefix).replace("{kind}", kind).replace("{query}", query)
        before, _, after = filled.partition("{context}")
        return before, after

    def _context(
        self, draws: Draws, needles: Sequence[str], units: int
    ) -> tuple[list[str], list[JsonValue]]:
        """The haystack's pieces with the needles among them, and how deep each lies in percent."""
        if self.haystack == "essay":
            assert self.essay is not None
            return _among_sentences(self.essay.pieces(units), needles, draws)
        places = sorted(draws.places(units, len(needles)))
        if self.haystack == "noise":
            lines = [NOISE] * units
        else:
            lines = [
                _NEEDLE.format(
                    kind=self.value, key=KINDS[self.key](draws), value=KINDS[self.value](draws)
                )
                for _ in range(units)
            ]
        depths: list[JsonValue] = [round(100 * place / units) for place in places]
        # From the last place to the first, so that none moves another.
        for place, needle in zip(reversed(places), reversed(needles), strict=True):
            lines.insert(place, needle)
        return _lines(lines), depths


def _among_sentences(
    sentences: Sequence[str], needles: Sequence[str], draws: Draws
) -> tuple[list[str], list[JsonValue]]:
    depths = sorted(draws.sample(DEPTHS, len(needles)))
    pieces: list[str] = []
    last = 0
    for depth, needle in zip(depths, needles, strict=True):
        place = int(len(sentences) * depth / 100)
        pieces += [*sentences[last:place], f" {needle}"]
        last = place
    pieces += sentences[last:]
    return [pieces[0][1:], *pieces[1:]], list(depths)


def _lines(lines: Sequence[str]) -> list[str]:
    return [lines[0], *(f"\n{line}" for line in lines[1:])]


VARIABLES_TASK = (
    "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n"
    "{context}\nQuestion: Find all variables that are assigned the value {query} in the text "
    "above. Answer: According to the chain(s) of variable assignment in the text above, "
    "{count} variables are assigned the value {query}, they are: "
)
_EXAMPLE_LINES = 10
"""Lines of noise in the solved example: about 500 tokens, as RULER has it."""


@frozen
class Variables:
    """The task vt: a chain of assignments between lines of noise, behind a solved example."""

    hops: int = 4
    answer_tokens: int = 30
    least: int = 5

    def row(self, key: str, units: int) -> RulerRow:
        example, solved = self._pieces(Draws(key, "example"), _EXAMPLE_LINES, 3)
        pieces, names = self._pieces(Draws(key, "row"), units, 5)
        return RulerRow(
            pieces=[*example, f" {' '.join(solved)}\n", "\n", *pieces],
            target=names,
        )

    def _pieces(self, draws: Draws, lines: int, letters: int) -> tuple[list[str], list[str]]:
        names: list[str] = []
        while len(names) <= self.hops:
            name = draws.letters(string.ascii_uppercase, letters)
            if name not in names:
                names.append(name)
        value = str(draws.between(10_000, 99_998))
        chain = [f"VAR {names[0]} = {value}"]
        chain += [f"VAR {name} = VAR {before} " for before, name in pairwise(names)]
        text = [NOISE] * lines
        places = sorted(draws.places(lines, len(chain)))
        for before, (place, link) in enumerate(zip(places, chain, strict=True)):
            text.insert(place + before, link)
        filled = VARIABLES_TASK.replace("{query}", value).replace("{count}", str(len(names)))
        head, _, tail = filled.partition("{context}")
        return [head, *_lines(text), tail], names
