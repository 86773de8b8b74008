"""Which number an answer gives: by its marks alone (strict), else by its last statement (lenient).

The statements are read from the last to the first (see :mod:`aisbench.answers`). The last one that
is marked as the answer counts; what follows it is an explanation, unless it takes the answer back.
A mark before a range, a bound or several numbers marks no number, and nothing else is taken for it.
Pure; linear in the length.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import field, frozen, mutable

from aisbench.answers import Act, Answer, Kind, Mark, Statement, boxes
from aisbench_plugin_numeric.asides import Aside, aside, takes_back
from aisbench_plugin_numeric.characters import prepare
from aisbench_plugin_numeric.groups import Groups, groups_of
from aisbench_plugin_numeric.guess import concluded, guess
from aisbench_plugin_numeric.numbers import Number
from aisbench_plugin_numeric.roles import candidates
from aisbench_plugin_numeric.stated import SPAN, VOID, Stated, alone, stated


@frozen
class Extraction:
    """The number that a rule took for the answer.

    ``written`` is the number without its scale word ("4 million" is 4000000, written 4), or
    None when there is none. ``how`` says in a few words where the number stood.
    """

    value: Decimal
    written: Decimal | None
    how: str


@frozen
class Read:
    """What both rules make of an answer."""

    strict: Extraction | None
    lenient: Extraction | None
    conclusive: bool = False
    """Whether the answer is over where the lenient number stands."""


NOTHING = Read(None, None)
_SURE = (Kind.BOX, Kind.TAG, Kind.FIELD, Kind.HASHES, Kind.LABEL, Kind.HEADING, Kind.PHRASE)
_LOOSE = (Kind.CONCLUSION, Kind.CORRECTION, Kind.CHOOSES)
_HOW = {
    Kind.BOX: "marked by \\boxed",
    Kind.TAG: "in answer tags",
    Kind.FIELD: "in a field called answer",
    Kind.HASHES: "marked by ####",
    Kind.LABEL: 'marked by "Answer:"',
    Kind.HEADING: "under a heading",
    Kind.PHRASE: 'stated after "the answer is"',
}
_ANSWER = re.compile(
    r"answer|\bans\b|result|答|结果|正解|ответ|відповідь|antwort|lösung|réponse|reponse|respuesta|resposta|"
    r"risposta|antwoord|odpow|odpov|svar|cevap|yanıt|jawab|đáp|trả|răspuns|الإجابة|الجواب|उत्तर|जवाब|"
    r"คำตอบ|答え|解答|정답|답"
)
_SHORT_LABEL = re.compile(r"^[\s>*_-]{0,8}a\s?:")
_OTHER_LABEL = re.compile(
    r"^[\s>*_#-]{0,8}(?:উত্তর|సమాధానం|jibu)[^\d\n]{0,12}?(?=[\d-])", re.IGNORECASE
)
_HEADING = re.compile(r"\s?\d{1,2}(?:[.):]\s|\s+(?=[A-Z]))")
_BOUNDARY = re.compile(
    r"\b(?:but|so|however|therefore|thus|hence|because|since|now|then|with)\b|[;:.!?。]|但|所以|因此|而"
)
_IF = re.compile(
    r"\b(?:if|suppose|unless|might|could|perhaps|maybe|naive|tempt\w+|would\ssay|some\s(?:would|may|might|people)|"
    r"first\s(?:guess|answer|result|thought)|initial\w*|at\sfirst|wrong|incorrect|follow-?up|next|previous|"
    r"similar|another)\b|如果|假如|假设|若|有人|可能|起初|最初|一开始|误"
)
_NOT = re.compile(r"n't\b|\bnot\b|\bcannot\b|\bnever\b|不(?=[是为等会应可能对])|并?非|没有")
_TAKEN_BACK = re.compile(
    r"\b(?:no|wait|actually|sorry|correct(?:ed|ion)|mistake|instead|rather|wrong|oops)\b|不对|更正|应[该为]|错"
)
MOST_MARKS = 50
"""Marked statements that are looked at: an answer that repeats itself endlessly is junk."""


@mutable
class _Seen:
    """What stands behind the statement that is looked at."""

    later: list[Statement] = field(factory=list)
    """From the last one backwards."""
    taken_back: bool = False
    label: tuple[Stated, Kind] | None = None
    """What a label holds that may as well open a solution."""
    unclear: bool = False


def read(answer: Answer, *, cut: bool = False) -> Read:
    """Both readings. Nothing is guessed of an answer that was ``cut`` short: what stands last in
    it is a step on the way."""
    groups = groups_of(answer.text)
    if (whole := _whole(answer, groups)) is not None:
        return whole
    seen = _Seen()
    marked = _marked(answer, seen, groups)
    if marked is not None:
        found = _extraction(marked[0].number, _HOW[marked[1]])
        return Read(found, found)
    if cut:
        return NOTHING
    guessed = guess(answer, seen.later[::-1], groups)
    if seen.label is not None:
        # "Answer: She has 16 eggs ...": a whole solution may follow, with an end of its own.
        held, kind = seen.label
        if guessed is None or guessed.number.value == _value(held):
            found = _extraction(held.number, _HOW[kind])
            return Read(found, found) if guessed is None else Read(None, found)
        if not guessed.conclusive:
            return NOTHING
    if guessed is None or seen.unclear and not guessed.conclusive:
        return NOTHING
    found = _extraction(guessed.number, guessed.how)
    return Read(found if guessed.strict else None, found, guessed.conclusive)


def _value(one: Stated) -> Decimal | None:
    return None if one.number is None else one.number.value


def _extraction(number: Number | None, how: str) -> Extraction | None:
    if number is None or number.value is None:
        return None
    return Extraction(number.value, number.written, how)


def _whole(answer: Answer, groups: Groups) -> Read | None:
    text = answer.text.strip()
    if len(text) > SPAN or "\n" in text or "box" in text or "####" in text or text[-1:] == "?":
        return None
    found = alone(text.rstrip(". "), 4, groups)
    if found is None or (found.number is not None and found.number.spelled and found.number.weak):
        return None
    if found is VOID:
        return NOTHING
    one = _extraction(found.number, "the whole answer is a number")
    return Read(one, one)


# -- marks


def _marked(answer: Answer, seen: _Seen, groups: Groups) -> tuple[Stated, Kind] | None:
    """What the last mark states; (VOID, ...) where that is no one number."""
    if (box := _boxed(answer, groups)) is not None:
        return box
    looked = 0
    for one in answer.backwards():
        if _is_box(one):
            found = stated(one.text, groups)
            if found is not None and found.number is None and not found.clear:
                found = VOID
            kind = Kind.BOX
        else:
            found, kind = (None, Kind.PHRASE)
            if one.act is Act.TELLS:
                found, kind = _of_statement(answer, one, seen, groups)
                looked += bool(one.marks)
        if found is None:
            seen.taken_back = seen.taken_back or _corrects(one)
            seen.later.append(one)
            if looked > MOST_MARKS:
                return VOID, Kind.PHRASE
            continue
        decided = _decided(found, kind, one, seen, groups)
        seen.later.append(one)
        if decided is not None:
            return decided
    return None


def _corrects(one: Statement) -> bool:
    if one.act is Act.RETRACTS:
        return True
    if one.act is not Act.TELLS:
        return False
    corrects = any(mark.kind is Kind.CORRECTION for mark in one.marks)
    return corrects or takes_back(one)


def _decided(
    found: Stated, kind: Kind, one: Statement, seen: _Seen, groups: Groups
) -> tuple[Stated, Kind] | None:
    later = _concluded(seen.later, groups)
    if seen.taken_back:
        return (later, Kind.PHRASE) if later is not None else (VOID, kind)
    if found.number is None:
        if found.clear:
            return VOID, kind
        seen.unclear = True
        return None
    opens = kind is Kind.HEADING or (kind is Kind.LABEL and _numbers_follow(seen, groups))
    if opens and not _leads(one, groups):
        seen.label = seen.label or (found, kind)
        return None
    if later is not None and _value(later) != _value(found) and later.clear:
        whole = _only_says(seen.later, groups)
        if whole is not None and _value(whole) != _value(found):
            return VOID, kind
    return found, kind


def _of_statement(
    answer: Answer, one: Statement, seen: _Seen, groups: Groups
) -> tuple[Stated | None, Kind]:
    """What the last sure mark of a sentence states."""
    if (label := _SHORT_LABEL.match(one.lower) or _OTHER_LABEL.match(one.lower)) is not None:
        return stated(one.text[label.end() :], groups), Kind.LABEL
    for mark in reversed(one.marks):
        if mark.kind not in _SURE or not _for_numbers(one, mark):
            continue
        if mark.kind is Kind.HASHES:
            found = _hashes(one, mark, seen, groups)
        elif mark.kind is Kind.HEADING:
            found = _headed(one, groups)
        elif not one.text[mark.end :].strip(" *_:\"'$\u25a1.-"):
            found = _below(answer, one, seen, groups)
        else:
            found = stated(one.text[mark.end :], groups)
        if found is None:
            continue
        if mark.kind in (Kind.PHRASE, Kind.LABEL) and found.number is not None:
            found = _meant(one, mark, found)
            if found is None:
                continue
        return found, mark.kind
    return None, Kind.PHRASE


def _for_numbers(one: Statement, mark: Mark) -> bool:
    """ "This solution is 5 % salt", "the best option is 3 days": an answer needs its name."""
    if mark.kind is not Kind.PHRASE and mark.kind is not Kind.LABEL:
        return True
    return _ANSWER.search(one.lower, mark.start, mark.end) is not None


def _meant(one: Statement, mark: Mark, found: Stated) -> Stated | None:
    number = found.number
    assert number is not None
    said = one.lower[mark.start : max(mark.end, one.lower.find(number_text(one, mark, number)))]
    said = said[max(said.rfind(word) for word in ("but ", "而是", "it's ")) + 1 :]
    if _NOT.search(said):
        return None
    lead = one.lower[: mark.start]
    ends = [each.end() for each in _BOUNDARY.finditer(lead)]
    lead = lead[ends[-1] :] if ends else lead
    if (
        _IF.search(lead)
        or re.search(r"\bwould\b|\bnaive\b|\bwrong\b", one.lower[mark.start : mark.end])
        and (_IF.search(one.lower, 0, mark.end))
    ):
        return None
    return found


def number_text(one: Statement, mark: Mark, number: Number) -> str:
    """The number as it stands behind the mark, which a correction may have moved."""
    return one.lower[mark.end + number.start : mark.end + number.end]


def _hashes(one: Statement, mark: Mark, seen: _Seen, groups: Groups) -> Stated | None:
    """Four hashes are a Markdown heading too: "#### 2 Count eggs"."""
    rest = one.text[mark.end :]
    found = alone(rest.rstrip(". "), 0, groups)
    if found is not None:
        return found
    if _HEADING.match(rest) and _numbers_follow(seen, groups):
        return None
    found = alone(rest, 8, groups)
    if found is None and "=" in rest:
        found = stated(rest, groups)
    return found


def _headed(one: Statement, groups: Groups) -> Stated | None:
    found = stated(one.text, groups)
    return None if found is None or not found.clear else found


def _below(answer: Answer, one: Statement, seen: _Seen, groups: Groups) -> Stated | None:
    """ "The answer is:", and below it nothing but a number."""
    following = [each for each in seen.later[-1:] if not _is_box(each)]
    return alone(following[0].text, 5, groups) if following else None


def _leads(one: Statement, groups: Groups) -> bool:
    """Whether a label's first words are the number, and it holds no other."""
    for mark in reversed(one.marks):
        if mark.kind in (Kind.LABEL, Kind.HEADING):
            return _begins(one.text[mark.end :], groups)
    label = _SHORT_LABEL.match(one.lower) or _OTHER_LABEL.match(one.lower)
    return label is not None and _begins(one.text[label.end() :], groups)


def _begins(text: str, groups: Groups) -> bool:
    return alone(text, 40, groups) is not None


def _numbers_follow(seen: _Seen, groups: Groups) -> bool:
    return any(
        aside(each) is Aside.NO and candidates(each.text[:SPAN], groups) for each in seen.later
    )


def _is_box(one: Statement) -> bool:
    return bool(one.marks) and one.marks[0].kind is Kind.BOX


def _concluded(later: list[Statement], groups: Groups) -> Stated | None:
    """What the last conclusion, equation or correction behind a mark comes to."""
    for one in later:
        if one.act in (Act.TELLS, Act.RETRACTS) and not _is_box(one) and aside(one) is Aside.NO:
            found = concluded(one, groups)
            if found is not None:
                return found
    return None


def _only_says(later: list[Statement], groups: Groups) -> Stated | None:
    """A later sentence that is nothing but "So it's 14"."""
    for one in later:
        if one.act is not Act.TELLS:
            continue
        for mark in reversed(one.marks):
            if _NOT.search(one.lower, mark.start, mark.end):
                continue
            if mark.kind in _LOOSE and not one.text[: mark.start].strip(" *_>#-"):
                found = alone(one.text[mark.end :].rstrip(". 。"), 3, groups)
                if found is not None and found.number is not None:
                    return found
    return None


# -- boxes


def _boxed(answer: Answer, groups: Groups) -> tuple[Stated, Kind] | None:
    """The box that the text ends in; VOID where two boxes hold different numbers, and nothing between takes the first back."""
    if "box" not in answer.text:
        return None
    found = []
    for box in boxes(answer.text):
        if not box.closed:
            one = alone(box.content.strip(" $."), 4, groups)
            if one is not None and len(box.content) < 60:
                return one, Kind.BOX
            continue
        one = stated(box.content, groups)
        if one is not None and one.number is not None:
            found.append((box, _value(one)))
    if len(found) < 2 or found[-1][1] == found[-2][1]:
        return None
    between = answer.text[found[-2][0].end : found[-1][0].start]
    return None if _TAKEN_BACK.search(between.lower()) else (VOID, Kind.BOX)


# -- what is read


def read_text(text: str, *, question: str = "", cut: bool = False) -> Read:
    """Both readings of a written answer. ``question`` is what was asked, where it is known."""

    def answered(before: str) -> bool:
        found = read(Answer(before, question))
        return found.strict is not None or found.conclusive

    return read(Answer.read(prepare(text), question=question, answered=answered), cut=cut)


def extract_strict(text: str) -> Extraction | None:
    """The number that ``text`` marks as its final answer, or None. Never raises."""
    return read_text(text).strict


def extract_lenient(text: str) -> Extraction | None:
    """The number that ``text`` marks or most likely means as its answer. Never raises."""
    return read_text(text).lenient


__all__ = ["Extraction", "Read", "extract_lenient", "extract_strict", "read", "read_text"]
