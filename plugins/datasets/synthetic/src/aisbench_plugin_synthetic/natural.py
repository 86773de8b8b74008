"""Natural text, code, mathematics, lists and repetitions of an exact number of tokens.

What a draft model guesses of random words says nothing, so texts are made of sentences: by
patterns of our own, or taken from a file of the user's. A text is made a little too long and cut
where its tokens end; what is then missing or too much is made good by a short ending.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal, get_args

from attrs import frozen

from aisbench.api import DataError, ExactText, TextTokenizer, not_empty, setting
from aisbench.data import read_text
from aisbench_plugin_synthetic.passages import code, entries, maths, repeated
from aisbench_plugin_synthetic.sentences import TASKS, Language, paragraph

TextKind = Literal["prose", "code", "maths", "lists", "repetition", "file"]
KINDS: tuple[TextKind, ...] = get_args(TextKind)
LABELS = {
    "prose": "natural language",
    "code": "code",
    "maths": "maths",
    "lists": "lists",
    "repetition": "repetition",
    "file": "own text",
}
"""What the label "prompt kind" says of each."""

Part = tuple[str, int]
_ENDINGS = (
    ".",
    "!",
    " a",
    " so",
    " on",
    " and",
    " the",
    " now",
    "\n1",
    ",",
    ";",
    " 7",
    "s",
    "e",
    "n",
)
_BLANKS = re.compile(r"(?<=\S)\s")
_BACK = 12
"""Tokens that a cut may go back to find a text that keeps its length."""
_SPARE = 24


def _kinds_problem(kinds: object) -> str | None:
    if not isinstance(kinds, dict) or not kinds:
        return "must have at least one kind with its share"
    for name, share in kinds.items():
        if name not in KINDS:
            return f"must be of {', '.join(KINDS)}, not {name!r}"
        if isinstance(share, bool) or not isinstance(share, (int, float)) or share <= 0:
            return f"must have shares above 0, not {share!r}"
    return None


@frozen
class NaturalSettings:
    """[text]: what prompts are made of, in the place of random words."""

    kinds: dict[str, float] = setting(
        factory=lambda: {"prose": 1.0},
        check=_kinds_problem,
        help="shares of prose, code, maths, lists, repetition, file; each row is of one kind",
        example={"prose": 50, "code": 30, "maths": 20},
    )
    languages: tuple[Language, ...] = setting(
        default=("en",), check=not_empty, help="languages of prose, in turn", example=["en", "zh"]
    )
    order: Literal["mixed", "blocks"] = setting(
        default="mixed",
        help='"blocks": the rows of one kind after those of another, so that the counters of a '
        "server can be told apart by kind",
    )
    file: Path | None = setting(
        default=None,
        help='a text file of your own, which the kind "file" takes its text from',
        example="corpus.txt",
    )


@frozen
class ChosenText:
    """What the text of one row is."""

    kind: str
    language: Language

    @property
    def label(self) -> str:
        """Its value of the label "prompt kind"."""
        return LABELS[self.kind]


class NaturalText:
    """Makes texts for :class:`~aisbench_plugin_synthetic.dataset.Synthetic`, as ``ExactText``
    does of words. The same seed, key and kind give the same text."""

    def __init__(
        self, tokenizer: TextTokenizer, filler: ExactText, settings: NaturalSettings, seed: int
    ) -> None:
        self._tokenizer = tokenizer
        self._filler = filler
        self._settings = settings
        self._seed = seed
        self._own = _paragraphs(settings.file) if settings.file is not None else []
        if "file" in settings.kinds and not self._own:
            raise DataError(
                'synthetic: text.kinds has "file", and text.file names none',
                hint='set text.file = "corpus.txt", a file of UTF-8 text',
            )
        if settings.file is not None and "file" not in settings.kinds:
            raise DataError(
                "synthetic: text.file is set, and no row would be made of it",
                hint="give it a share: text.kinds = { file = 50, prose = 50 }",
            )
        self._sums = list(accumulate(settings.kinds.values()))
        self._lead: Callable[[Part, ChosenText], str] = lru_cache(maxsize=256)(self._whole)

    def chosen(self, row: int, rows: int) -> ChosenText:
        """The kind of a row: shares over the whole data set, interleaved."""
        # The fractional part of multiples of the golden ratio is spread evenly, and in no order.
        place = (row * 0.6180339887498949 + self._seed * 0.7548776662466927) % 1
        if self._settings.order == "blocks":
            place = row / rows
        limit = place * self._sums[-1]
        names = list(self._settings.kinds)
        kind = next(name for name, end in zip(names, self._sums, strict=True) if limit < end)
        languages = self._settings.languages
        return ChosenText(kind, languages[row % len(languages)])

    def chain(self, parts: Sequence[Part], chosen: ChosenText) -> str:
        """The texts of several keys one after the other, of as many tokens as all their counts.
        Chains that begin with the same parts begin with the same text. Raises AisbenchError."""
        parts = [part for part in parts if part[1] > 0]
        if not parts:
            return ""
        # What is shared is shared by rows of all kinds, so it is of the first one.
        common = ChosenText(next(iter(self._settings.kinds)), self._settings.languages[0])
        lead = "\n\n".join(self._lead(part, common) for part in parts[:-1])
        key, _ = parts[-1]
        return self._exact(key, sum(count for _, count in parts), lead, chosen)

    def _whole(self, part: Part, chosen: ChosenText) -> str:
        return self._exact(part[0], part[1], "", chosen)

    def _exact(self, key: str, count: int, lead: str, chosen: ChosenText) -> str:
        """Text of ``count`` tokens that begins with ``lead``."""
        have = self._tokenizer.count(lead)
        source = random.Random(f"{self._seed}/{chosen.kind}/{chosen.language}/{key}")
        text = lead + "\n\n" if lead else ""
        begin = len(text)
        if count - have > _SPARE:
            # A number first: tasks are few, and must not make rows begin alike.
            text += f"{source.randrange(100_000, 1_000_000)}. {self._task(chosen, source)}"
        ids: list[int] = []
        while len(ids) < count + 1:
            wanted = 5 * (count + _SPARE - len(ids))
            size = len(text)
            while len(text) - size < wanted:
                text += self._passage(chosen, source)
            ids = self._tokenizer.encode(text)
        for back in range(min(_BACK, count - have)):
            cut = self._cut(text, ids, count - back)
            if cut is None or len(cut) <= begin or cut != cut.strip():
                continue
            if ended := self._ended(cut, count):
                return ended
        # A tokenizer of which no cut keeps its length: whole words, and what is missing after.
        short = self._words(text, begin, count)
        return self._ended(short, count) or self._filler.text(key, count, prefix=short or lead)

    def _words(self, text: str, begin: int, count: int) -> str:
        """The longest beginning of ``text`` of whole words with at most ``count`` tokens; ""
        where none goes beyond ``begin``."""
        ends = [one.start() for one in _BLANKS.finditer(text, begin)]
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            if self._tokenizer.count(text[: ends[middle]]) <= count:
                low = middle + 1
            else:
                high = middle
        return text[: ends[low - 1]] if low else ""

    def _cut(self, text: str, ids: Sequence[int], count: int) -> str | None:
        """The beginning of ``text`` that the first tokens stand for; None where they end inside a
        character, or the tokenizer writes them otherwise."""
        cut = self._tokenizer.decode(ids[:count])
        if text.startswith(cut):
            return cut
        # Some tokenizers put a blank before a text, or take one away.
        cut = cut.removeprefix(" ")
        return cut if text.startswith(cut) else None

    def _ended(self, cut: str, count: int) -> str | None:
        """``cut`` with an ending, so that it has ``count`` tokens."""
        have = self._tokenizer.count(cut)
        while cut and have < count:
            for ending in _ENDINGS:
                now = self._tokenizer.count(cut + ending)
                if have < now <= count:
                    cut, have = cut + ending, now
                    break
            else:
                return None
        return cut if have == count else None

    def _task(self, chosen: ChosenText, source: random.Random) -> str:
        if chosen.kind == "code":
            return "Complete the following program. Answer with code only.\n\n"
        if chosen.kind == "maths":
            return "Write further problems of this kind, each with its solution.\n\n"
        if chosen.kind == "lists":
            return "Continue the lists below in the same form.\n\n"
        if chosen.kind == "repetition":
            return "Repeat the following lines word for word.\n\n"
        return source.choice(TASKS[chosen.language]) + "\n\n"

    def _passage(self, chosen: ChosenText, source: random.Random) -> str:
        if chosen.kind == "file":
            first = source.randrange(len(self._own))
            return "\n\n".join((*self._own[first : first + 4], ""))
        maker = {"code": code, "maths": maths, "lists": entries, "repetition": repeated}.get(
            chosen.kind
        )
        if maker is not None:
            return maker(source) + "\n"
        return paragraph(chosen.language, source) + "\n\n"


def _paragraphs(file: Path) -> list[str]:
    text = read_text(file.expanduser(), hint="write the file in UTF-8")
    found = [one.strip() for one in text.replace("\r\n", "\n").split("\n\n") if one.strip()]
    if not found:
        raise DataError(f"{file}: the file is empty", hint="text.file is a file of UTF-8 text")
    return found
