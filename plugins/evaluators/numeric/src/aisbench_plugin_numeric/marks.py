"""What one marked statement says: "the answer is 42", "#### 42", a box, a heading. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.answers import Kind, Mark, Statement, WrittenAnswer, boxes
from aisbench_plugin_numeric.asides import Aside, aside
from aisbench_plugin_numeric.groups import Groups
from aisbench_plugin_numeric.roles import candidates
from aisbench_plugin_numeric.stated import SPAN, VOID, StatedNumber, alone, begins, stated

SURE = (
    Kind.BOX, Kind.TAG, Kind.FIELD, Kind.HASHES, Kind.LABEL, Kind.HEADING, Kind.PHRASE,
)  # fmt: skip
_ANSWER = re.compile(
    r"answer|\bans\b|result|答|结果|正解|ответ|відповідь|antwort|lösung|réponse|reponse|respuesta|"
    r"resposta|risposta|antwoord|odpow|odpov|svar|cevap|yanıt|jawab|đáp|trả|răspuns|الإجابة|الجواب|"
    r"उत्तर|जवाब|คำตอบ|答え|解答|정답|답"
)
# "The answer to the previous question is", 验算的结果是: another one's.
_NOT_ASKED = re.compile(
    r"\b(?:previous|next|similar|other|another|follow-?up|bonus|check|verification|wrong|incorrect|naive|"
    r"intermediate|partial|first|earlier|same|key|sheet|analysis|step|part|sub|initial|common|usual|"
    r"tempting|last)\b|上一|下一|另一|验算|检验|验证|解析|分析|错误|中间|类似|同样|第[一二三四五六七八九\d]步|相同|拓展|变式"
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
    r"\b(?:if|had|were|suppose|unless|might|could|perhaps|maybe|naive|tempt\w+|would\ssay|"
    r"some\s(?:would|may|might|people)|first\s(?:guess|answer|result|thought)|initial\w*|at\sfirst|wrong|"
    r"incorrect|follow-?up|next|previous|similar|another|students?|people)\b"
    r"|如果|假如|假设|若|有人|可能|起初|最初|一开始|误|同学|变式|拓展|下一|上一|例"
)
_NOT = re.compile(r"n't\b|\bnot\b|\bcannot\b|\bnever\b|不(?=[是为等会应可能对])|并?非|没有")
_TAKEN_BACK = re.compile(
    r"\b(?:no|wait|actually|sorry|correct(?:ed|ion)|mistake|instead|rather|wrong|oops)\b"
    r"|不对|更正|应[该为]|错"
)
_SUM = re.compile(r"[^A-Za-z\u3400-\u9fff=]*=[^A-Za-z\u3400-\u9fff]*(?:[^\W\d_]{1,12}[^\w]*)?")
_NOTHING = " *_:\"'$\u25a1.-"


def is_box(one: Statement) -> bool:
    """Whether it is the inside of a box."""
    return bool(one.marks) and one.marks[0].kind is Kind.BOX


def of_box(one: Statement, groups: Groups) -> StatedNumber | None:
    """What a box says; several numbers in one are not an answer."""
    found = stated(one.text, groups)
    return VOID if found is not None and found.number is None else found


def of_statement(
    one: Statement, later: Sequence[Statement], groups: Groups
) -> tuple[StatedNumber | None, Kind]:
    """What the last sure mark of a sentence states. ``later`` are the statements behind it, from
    the last one."""
    label = _SHORT_LABEL.match(one.lower) or _OTHER_LABEL.match(one.lower)
    if label is not None:
        return stated(one.text[label.end() :], groups), Kind.LABEL
    for mark in reversed(one.marks):
        if mark.kind not in SURE or not _is_the_answers(one, mark):
            continue
        if mark.kind is Kind.HASHES:
            found = _hashes(one, mark, later, groups)
        elif mark.kind is Kind.HEADING:
            found = _headed(one, groups)
        elif not one.text[mark.end :].strip(_NOTHING):
            found = _below(later, groups)
        else:
            found = stated(one.text[mark.end :], groups)
        if found is None:
            continue
        named = mark.kind in (Kind.PHRASE, Kind.LABEL) and found.number is not None
        if named and not _is_meant(one, mark, found):
            continue
        return found, mark.kind
    return None, Kind.PHRASE


def leads(one: Statement, groups: Groups) -> bool:
    """Whether a label's first words, or a heading's, are the number, and there is no other."""
    label = _SHORT_LABEL.match(one.lower) or _OTHER_LABEL.match(one.lower)
    if label is not None:
        return alone(one.text[label.end() :], 40, groups) is not None
    for mark in reversed(one.marks):
        if mark.kind in (Kind.HASHES, Kind.LABEL):
            rest = one.text[mark.end :]
            return alone(rest, 40, groups) is not None or _SUM.fullmatch(rest) is not None
        if mark.kind is Kind.HEADING:
            return begins(one.text, groups)
    return False


def says_it(one: Statement, groups: Groups) -> bool:
    """Whether a number stands right behind its mark, and not at the end of a calculation."""
    if is_box(one) or (one.marks and one.marks[0].kind is Kind.TAG):
        return True
    label = _SHORT_LABEL.match(one.lower) or _OTHER_LABEL.match(one.lower)
    sure = [mark for mark in one.marks if mark.kind in SURE]
    if label is not None or any(mark.kind is not Kind.PHRASE for mark in sure):
        return leads(one, groups) and "=" not in one.text
    return any(begins(one.text[mark.end :], groups) for mark in sure)


def numbers_follow(later: Sequence[Statement], groups: Groups) -> bool:
    """Whether anything behind it that is not beside the answer names a number."""
    return any(aside(each) is Aside.NO and candidates(each.text[:SPAN], groups) for each in later)


def boxed(answer: WrittenAnswer, groups: Groups) -> StatedNumber | None:
    """The box that the text ends in; VOID where two boxes hold different numbers, and nothing
    between them takes the first back."""
    if "box" not in answer.text:
        return None
    found = []
    for box in boxes(answer.text):
        if not box.closed:
            one = alone(box.content.strip(" $."), 4, groups)
            if one is not None and len(box.content) < 60:
                return one
            continue
        one = stated(box.content, groups)
        if one is not None and one.number is not None:
            found.append((box, one.number.value))
    if len(found) < 2 or found[-1][1] == found[-2][1]:
        return None
    between = answer.text[found[-2][0].end : found[-1][0].start]
    return None if corrects_between(between) else VOID


def corrects_between(text: str) -> bool:
    """Whether a stretch between two boxes takes the first one back."""
    return _TAKEN_BACK.search(text.lower()) is not None


def _is_the_answers(one: Statement, mark: Mark) -> bool:
    """ "This solution is 5 % salt", "the best option is 3 days": an answer needs its name."""
    if mark.kind is not Kind.PHRASE and mark.kind is not Kind.LABEL:
        return True
    if _NOT_ASKED.search(one.lower, mark.start, mark.end) is not None:
        return False
    return _ANSWER.search(one.lower, mark.start, mark.end) is not None


def is_anothers(one: Statement, mark: Mark) -> bool:
    """Whether a mark is of another question's answer, or of what would be."""
    if _NOT_ASKED.search(one.lower, mark.start, mark.end) is not None:
        return True
    return _IF.search(one.lower, 0, mark.end) is not None


def _is_meant(one: Statement, mark: Mark, found: StatedNumber) -> bool:
    """Whether the number is neither denied nor what would be, or others think."""
    number = found.number
    if number is None:
        return True
    written = one.lower[mark.end + number.start : mark.end + number.end]
    said = one.lower[mark.start : max(mark.end, one.lower.find(written))]
    if _NOT.search(said):
        # "isn't 52 but 42" takes the denial back.
        contrasts = max(said.rfind(word) for word in ("but ", "而是", "it's "))
        if contrasts < 0 or _NOT.search(said, contrasts):
            return False
    if _IF.search(one.lower, 0, mark.end) is None:
        return True
    lead = one.lower[: mark.start]
    ends = [each.end() for each in _BOUNDARY.finditer(lead)]
    if _IF.search(lead[ends[-1] :] if ends else lead):
        return False
    return re.search(r"\bwould\b|就", one.lower[mark.start : mark.end]) is None


def _hashes(
    one: Statement, mark: Mark, later: Sequence[Statement], groups: Groups
) -> StatedNumber | None:
    """Four hashes are a Markdown heading too: "#### 2 Count eggs"."""
    rest = one.text[mark.end :]
    found = alone(rest.rstrip(". "), 0, groups)
    if found is not None:
        return found
    if _HEADING.match(rest) and numbers_follow(later, groups):
        return None
    return stated(rest, groups)


def _headed(one: Statement, groups: Groups) -> StatedNumber | None:
    found = stated(one.text, groups)
    return None if found is None or not found.clear else found


def _below(later: Sequence[Statement], groups: Groups) -> StatedNumber | None:
    """ "The answer is:", and below it nothing but a number."""
    following = [each for each in later[-1:] if not is_box(each)]
    return alone(following[0].text, 5, groups) if following else None
