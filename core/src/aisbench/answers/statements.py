"""An answer as the statements that it makes, from its last to its first. Pure.

A statement is a sentence, a line of a list, or the content of a box or of answer tags. This module
says what it does (:class:`Act`) and how it is marked as the answer
(:class:`~aisbench.answers.marks.Mark`). What it says is for evaluators to read, which know the
form of their values.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from attrs import field, frozen

from aisbench.answers.boxes import boxes
from aisbench.answers.dress import plain_characters, without_emphasis, without_latex_dress
from aisbench.answers.exercises import until_next_exercise, without_sources
from aisbench.answers.marks import Kind, Mark, is_heading, marks_of, retracts
from aisbench.answers.polarity import Polarity, polarity
from aisbench.answers.turns import one_turn
from aisbench.reading.reasoning import answer_alone

LONGEST = 2000
"""Characters of a sentence that are read: longer ones state nothing."""
MOST = 400
"""Statements that are read, from the end."""


class Act(enum.Enum):
    """What a statement does."""

    TELLS = "tells"
    ASKS = "asks"
    RESTATES = "says the question again"
    QUOTES = "speaks of an answer's form"
    RETRACTS = "takes back what was said before"


@frozen
class Statement:
    """``text`` as it stands at ``start`` of :attr:`WrittenAnswer.text`; ``lower`` is that in lower
    case and of the same length. ``marks`` are those that call it the answer. ``line`` is the
    number of its line, from 0.
    """

    text: str
    lower: str
    start: int
    line: int
    act: Act = Act.TELLS
    marks: tuple[Mark, ...] = ()

    @property
    def end(self) -> int:
        """Where it ends in the answer's text."""
        return self.start + len(self.text)


# In Chinese a blank may end a sentence that a label began: "答案：B 因为...".
_BLANK = r"\s(?=[\u4e00-\u9fff])"
_END = re.compile(
    r"[.!?][\"')\]]{0,3}(?=\s|$)|[!?](?=[\u3400-\u9fff])|[。！？；;…]"
    rf"|(?<=[:：\]][A-Z]){_BLANK}|(?<=[:：\]]\s[A-Z]){_BLANK}"
)
# Bounded: a line of dots would be read from its beginning for each of them.
_ENUMERATOR = re.compile(r"\W{0,16}(?:[A-Za-z]|\d{1,2}|[A-Za-z]\W{1,8}[A-Za-z])\W{0,8}\Z")
_SHORTENED = re.compile(
    r"\b(?:e\.g|i\.e|vs|mr|mrs|ms|dr|st|fig|approx|etc|cf|eq|resp|ca|al|u\.s|p|pp)\.\Z",
    re.IGNORECASE,
)
_ASKED = re.compile(r"[?\uff1f][\"')\]\s]{0,3}\Z|[吗呢]\W*\Z")
_FORM = re.compile(
    r"\b(?:format|formatted|template|instructions?|instructed|in\sthe\sform|of\sthe\sform|prompt|"
    r"as\srequested|you\sasked|(?:end|finish|respond|reply|conclude)\swith|asked\sto)\b|格式|形式|要求我|写成"
)
_TAGS = re.compile(
    r"<\|?(begin_of_box|final[_ ]?answer|answer|ans|choice|option|result|solution|答案)\|?>"
    r"\s*(.{1,300}?)\s*"
    r"(?:</|<\||\Z|\n\n)",
    re.IGNORECASE | re.DOTALL,
)
_DOUBLE = re.compile(r"\[\[([^\[\]\n]{1,40})\]\]|<<([A-Za-z])>>")
_SHOWN = re.compile(r"[^\n]")
_MASK = "\u25a1"
_STEP = re.compile(r"[\s>*_#-]{0,8}(?:step\s?|步骤\s?|第)?\d{1,2}\s?[步.):、]", re.IGNORECASE)


def lower_case(text: str) -> str:
    """``text`` in lower case, of the same length: a few letters are longer in lower case."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


@frozen(slots=False)
class WrittenAnswer:
    """A model's answer: its own words, and what they state.

    ``dressed`` still has its bold marks and the like, ``text`` has not. ``question`` is the
    original question, where it is known.
    """

    dressed: str
    question: str = ""
    text: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "text", without_emphasis(self.dressed))

    @classmethod
    def read(
        cls,
        text: str,
        *,
        question: str = "",
        options: Sequence[str] = (),
        answered: Callable[[str], bool] | None = None,
    ) -> WrittenAnswer:
        """The answer in ``text``, in plain characters, without reasoning between marks of known
        families, tokens of chat formats, and an exercise that follows it.

        ``question`` and ``options`` are the original ones. ``answered`` says whether a text that
        precedes another heading is an answer already, even without a sure mark (see
        :func:`~aisbench.answers.exercises.until_next_exercise`).
        """
        own = without_latex_dress(plain_characters(one_turn(answer_alone(text))))

        def settled(before: str) -> bool:
            if answered is None:
                return _marked(before, boxed=True)
            # Only the evaluator knows whether a box holds the answer or a step towards it.
            return answered(before) or _marked(before, boxed=False)

        own = without_sources(until_next_exercise(own, question, options, settled))
        return cls(own, question)

    @cached_property
    def lines(self) -> list[str]:
        """The lines of :attr:`text`, including empty ones."""
        return self.text.split("\n")

    @cached_property
    def enclosed(self) -> list[Statement]:
        """The contents of boxes, answer tags and double brackets, in order."""
        text = self.text
        found = [
            Statement(box.content.strip(), lower_case(box.content.strip()), box.start, 0,
                      marks=(Mark(Kind.BOX, 0, 0),))
            for box in boxes(text)
            if box.closed
        ]  # fmt: skip
        if "<" in text:
            found += [_tagged(one, one.group(2)) for one in _TAGS.finditer(text)]
        if "[[" in text or "<<" in text:
            found += [_tagged(one, one.group(1) or one.group(2)) for one in _DOUBLE.finditer(text)]
        found.sort(key=lambda one: one.start)
        return found

    @cached_property
    def masked(self) -> str:
        """:attr:`text` with a square for each box, whose content is a separate statement."""
        text = self.text
        if "box" not in text:
            return text
        parts, at = [], 0
        for box in boxes(text):
            parts.append(text[at : box.start])
            # Line ends stay, so that lines have the same numbers in both texts.
            parts.append(_MASK + _SHOWN.sub(" ", text[box.start + 1 : box.end]))
            at = box.end
        parts.append(text[at:])
        return "".join(parts)

    def backwards(self) -> Iterator[Statement]:
        """The statements, the last one first; at most :data:`MOST`."""
        left = MOST
        enclosed = list(self.enclosed)
        for one in self._sentences():
            while enclosed and enclosed[-1].start >= one.start:
                yield enclosed.pop()
            yield one
            left -= 1
            if not left:
                return
        yield from reversed(enclosed)

    def statements(self) -> list[Statement]:
        """The statements in the order of the text."""
        return list(self.backwards())[::-1]

    def _sentences(self) -> Iterator[Statement]:
        lines = self.masked.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        at = len(lines) - 1
        while at >= 0:
            line = lines[at]
            if not line.strip():
                at -= 1
                continue
            heading = _above(lines, at)
            found = self._of_line(line, starts[at], at, heading is not None)
            yield from reversed(found)
            at = at - 1 if heading is None else heading - 1

    def _of_line(self, line: str, start: int, number: int, headed: bool) -> list[Statement]:
        found = []
        for begin, end in sentence_spans(line)[-MOST:]:
            text = line[begin:end]
            lower = lower_case(text[:LONGEST])
            marks = marks_of(lower)
            if headed and begin == 0:
                marks = [Mark(Kind.HEADING, 0, 0), *marks]
            act = self._act(text, lower, marks)
            if act is Act.RETRACTS and _ASKED.search(line[max(0, begin - 8) : begin]) is not None:
                # "Is it A? No." is an answer, and takes nothing back.
                act, marks = Act.TELLS, []
            found.append(
                Statement(text[:LONGEST], lower, start + begin, number, act, tuple(marks))
            )
        return found

    def _act(self, text: str, lower: str, marks: Sequence[Mark]) -> Act:
        if _ASKED.search(text) is not None:
            return Act.ASKS
        if retracts(lower):
            return Act.RETRACTS
        stripped = text.strip()
        if self.question and len(stripped) > 12 and stripped in self.question:
            return Act.RESTATES
        if marks and ('"' in text or "format" in lower or "格式" in text or "with" in lower):
            before = lower[: marks[-1].start]
            if _FORM.search(before) or (before.count('"') % 2 and len(before.split()) > 4):
                return Act.QUOTES
        return Act.TELLS


def sentence_spans(line: str) -> list[tuple[int, int]]:
    """Where the sentences of a line begin and end. "B." at the beginning of one is its number."""
    if len(line) > 50 * LONGEST:
        line = line[: 50 * LONGEST]
    spans, begin = [], 0
    for match in _END.finditer(line):
        if match.group()[0] == "." and (
            _ENUMERATOR.match(line, begin, match.start())
            or _SHORTENED.search(line, max(begin, match.start() - 8), match.start() + 1)
        ):
            continue
        if line[begin : match.end()].strip():
            spans.append((begin, match.end()))
        begin = match.end()
    if line[begin:].strip():
        spans.append((begin, len(line)))
    return spans


def _above(lines: Sequence[str], at: int) -> int | None:
    """The number of the heading above the line, if it announces an answer."""
    above = at - 1
    while (
        above >= 0
        and above >= at - 3
        and (not lines[above].strip() or set(lines[above].strip()) <= set("-=*"))
    ):
        above -= 1
    if above < 0 or above < at - 3 or not lines[above].strip():
        return None
    line = lines[above]
    return above if len(line) < 60 and is_heading(lower_case(line)) else None


def _tagged(match: re.Match[str], content: str) -> Statement:
    return Statement(content, lower_case(content), match.start(), 0, marks=(Mark(Kind.TAG, 0, 0),))


def _marked(text: str, *, boxed: bool) -> bool:
    """Whether a text holds a mark that only answers have."""
    answer = WrittenAnswer(text)
    if boxed and answer.enclosed:
        return True
    return any(
        mark.kind in (Kind.LABEL, Kind.HEADING, Kind.PHRASE, Kind.HASHES, Kind.FIELD)
        and polarity(one.lower, mark.end, mark.end, since=mark.start) is Polarity.PLAIN
        for one in answer.backwards()
        for mark in one.marks
        if one.act is Act.TELLS
    )
