"""Where an answer says what its result is: in its last box, behind a mark, or in its last words.

The rule: a marked answer plus any noise may become unparsed, never another value. So what stands
in the place of the answer and cannot be read is not made up for by something else that can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from aisbench.answers import (
    SURE,
    Act,
    Box,
    Kind,
    Mark,
    Statement,
    WrittenAnswer,
    boxes,
    one_turn,
    plain_characters,
    until_next_exercise,
)
from aisbench_plugin_math.boxes import joined
from aisbench_plugin_math.meanings import Meanings, read, written
from aisbench_plugin_math.nodes import UnreadableMath, Words, parts
from aisbench_plugin_math.passages import Passage, bounded, flattened, only_number, passage

LONGEST = 20_000
"""Characters of an answer's end that are read: what is stated stands there."""
MOST_WORDS = 3
"""Of an answer in words that nothing marks."""
_PLACEHOLDER = re.compile(
    r"[\s.…_?]*|\\[lc]?dots|(?:\\text\s*\{)?\s*(?:your|the|final|my)?\s*answer(?:\s+here)?\s*\}?|"
    r"(?:\\text\s*\{)?\s*(?:答案|最终答案)\s*\}?",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"(?:\bnot|n't|\brather than|\binstead of|\bnor|不是|不为|不等于|并非|而非)\s*"
    r"(?:be\s+|equal\s+to\s+|simply\s+)?[\s$:(\\\[]*\Z",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[\s$.,;:!)\]\\—–。，；！-]*(?:(?:wait|no|hmm|oops|sorry|actually|but|however|等等|不对|抱歉|但|但是)\b"
    r"[\s,.!:—–。，-]*)*"
    r"(?:(?:that|this|it|which|the above)\s*(?:'s|is|was|seems|looks|must be)\s*(?:\w+ly\s+)?"
    r"(?:wrong|incorrect|false|not\s(?:correct|right|true|valid)|a\s+mistake|an\s+error)"
    r"|(?:is|was)\s(?:wrong|incorrect|false|not\s(?:correct|right))"
    r"|i\s+made\s+(?:a\s+mistake|an\s+error)|(?:是|这是|这个?|上面)?(?:不对|错的?了?|错误的?|不正确))",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"[.!?。！？\n]")
_GOES_ON = re.compile(
    r"\b(?:then|so|thus|therefore|hence|but|no|wait|actually|finally|gives|yields|becomes|is|are|"
    r"equals|which\s+means|implies|correct\w*)\b|[=⇒→]|\\(?:implies|Rightarrow|to)\b|"
    r"所以|因此|则|但|不对|于是|即|得",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\bthan\b|\b(?:maybe|perhaps|possibly)\b|也许|可能|或许", re.IGNORECASE)
_ASIDE = re.compile(
    r"\b(?:mistakes?|mistakenly|wrongly|incorrectly|(?:in|of)\s+the\s+form|format|for\s+example|"
    r"e\.g\.|wrong\s+answer)\b|误以为|格式|例如|常见错误",
    re.IGNORECASE,
)
_OTHER_NOUNS = re.compile(
    r"\b(?:explanation|description|statement|sentence|claim|term|candidate|exception|vote|match|"
    r"fit|note|proof|choice|option|letter)\b"
)
_GLM_BOX = re.compile(r"<\|begin_of_box\|>(.*?)<\|end_of_box\|>", re.DOTALL)
_CONTRAST = re.compile(
    r"而是|而应该?[为是]|[,，]\s*应?该?是|\bbut\b(?:\s+rather|\s+it(?:\s+is|'s))?|\brather\b(?!\s+than)|"
    r"\binstead\b(?!\s+of)|\bit(?:'s|\s+is)\b",
    re.IGNORECASE,
)
_SURE = SURE - {Kind.CHOOSES, Kind.BOX}
_SUPPOSED = re.compile(r"\b(?:let|assume|given|where|when|set)\b|设|若|当|令|已知", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"\b(?:final|finally|therefore|thus|so|hence|conclusion|overall|actually|correct|corrected|no|wait|"
    r"sorry|instead|rather)\b|####|最终|最后|因此|所以|故|综上|更正|应|不对|正确|其实|实际|于是"
)
_CORRECTS = re.compile(
    r"\b(?:wrong|mistake|error|incorrect|wait|actually|sorry|oops|correction|recheck|re-?check|no,)|"
    r"不对|错|更正|修正|重新|其实",
    re.IGNORECASE,
)
_CHECKS = re.compile(r"\bcheck|\bverif|\bconfirm|验证|检验|验算")
_FORMULA_BEGINS = re.compile(r"\$|\\[(\[]")
_PLAIN = frozenset({Kind.TAG, Kind.FIELD, Kind.HASHES})
"""Marks that are put once, for the very answer."""
_UNDER = re.compile(r"\s*\S[^\n]*(?:\n(?!\s*\n)[^\n]*){0,8}")
_DENIAL = re.compile(
    r"\bnot\b|n't\b|\bcannot\b|\bnever\b|不[是为应能]|并非|\bincorrect\b|\bwrong\b|错误",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:might|maybe|perhaps|possibly|could|if|suppose|unless|depends)\b|可能|也许|或许|如果|假设",
    re.IGNORECASE,
)


@frozen
class StatedAnswer:
    """What an answer states. ``read`` is None when it stands there but is not read, for the
    reason in ``why``; ``written`` is the text itself, without its dress."""

    how: str
    written: str
    read: Meanings | None = None
    why: str = ""


NOTHING = StatedAnswer("", "", None, "states no answer")


def stated(text: str, *, question: str = "", cut: bool = False) -> StatedAnswer:
    """What ``text`` states in answer to ``question``. ``cut``: the text ends in the middle."""
    own = until_next_exercise(_own(text), question, answered=_answers)[-LONGEST:]
    found = [one for one in boxes(own) if not _PLACEHOLDER.fullmatch(one.content)]
    while found and _DENIED_BEFORE.search(own, max(0, found[-1].start - 60), found[-1].start):
        # "5, not 4": what is denied is not an answer; what was stated before it may be.
        del found[-1]
    if not found:
        return _in_words(own, question)
    boxed = _boxed(own, found, cut=cut)
    aside = _aside(own, found, question, cut=cut)
    if aside is not None and aside.read is not None:
        return Contested(boxed.how, boxed.written, boxed.read, boxed.why, aside)
    after = own[found[-1].end :]
    taken_back = _DENIED_AFTER.match(after) is not None
    later = (
        _marked(WrittenAnswer(flattened(after), question), behind=True)
        if after.strip(" \n.$\\)]*")
        else None
    )
    if taken_back:
        if later is not None and later.read is not None:
            return later
        return StatedAnswer("in a box", "", None, "takes its answer back")
    if later is not None and later.read and boxed.read and later.read.nodes != boxed.read.nodes:
        return Contested(boxed.how, boxed.written, boxed.read, boxed.why, later)
    return boxed


def _own(text: str) -> str:
    """The words of the model's turn in plain characters; GLM's boxes like those of all others."""
    if "<|begin_of_box|>" in text:
        text = _GLM_BOX.sub(r"\\boxed{\1}", text)
    return plain_characters(one_turn(text))


@frozen
class Contested(StatedAnswer):
    """A box and a statement behind it, or two statements: they may say different things."""

    also: StatedAnswer = NOTHING


def _aside(text: str, found: list[Box], question: str, *, cut: bool) -> StatedAnswer | None:
    """What is stated before a last box that may be none of the answer: "a common mistake gives",
    "in the form"; None where nothing speaks against the box."""
    start = found[-1].start
    ends = [one.end() for one in _SENTENCE_ENDS.finditer(text, max(0, start - 200), start)]
    begin = ends[-1] if ends else max(0, start - 200)
    if not _ASIDE.search(text, begin, start):
        return None
    if len(found) > 1:
        return _boxed(text, found[:-1], cut=cut)
    return _marked(WrittenAnswer(flattened(text[:begin]), question))


def last_boxed(text: str, *, cut: bool = False) -> StatedAnswer:
    """The last box alone, wherever it stands."""
    own = _own(text)[-LONGEST:]
    found = [one for one in boxes(own) if one.content.strip()]
    return _boxed(own, found, cut=cut) if found else NOTHING


def _boxed(text: str, found: list[Box], *, cut: bool) -> StatedAnswer:
    together = joined(text, found)
    last = together[-1]
    if not last.closed:
        return _open(last, cut=cut)
    if len(together) == 1:
        if len(found) > 1 and found[-2].closed:
            between = text[found[-2].end : last.start]
            same = written(found[-2].content) == written(last.content)
            if not same and _in_one_breath(between):
                return StatedAnswer("in a box", "", None, "has two boxes that differ")
        return _read("in a box", last.content)
    insides = list(dict.fromkeys(one.content for one in together))
    begin, end = together[0].end, last.start
    alternatives = re.search(r"\bor\b|或", text[begin:end]) is not None
    return _read("in boxes", (" \\text{ or } " if alternatives else " , ").join(insides))


def _in_one_breath(between: str) -> bool:
    """Whether two boxes are in one statement that does not lead from the one to the other."""
    if _SENTENCE_ENDS.search(between):
        return False
    return _COMPARES.search(between) is not None or not _GOES_ON.search(between)


def _open(box: Box, *, cut: bool) -> StatedAnswer:
    """A box whose brace never closes: what stands there to the end of the line."""
    if cut:
        return StatedAnswer("in a box", "", None, "ends in the middle of its box")
    line = box.content.strip().split("\n")[0].strip().rstrip(" .")
    line = re.sub(r"(?:\$+|\\\)|\\\])\Z", "", line).rstrip(" .")
    missing = line.count("{") - line.count("\\{") - (line.count("}") - line.count("\\}"))
    return _read("in a box", line + "}" * max(0, missing))


def _read(how: str, text: str) -> StatedAnswer:
    try:
        return StatedAnswer(how, written(text), read(text))
    except UnreadableMath as error:
        return StatedAnswer(how, written(text), None, str(error))


def _in_words(text: str, question: str) -> StatedAnswer:
    answer = WrittenAnswer(flattened(text), question)
    marked = _marked(answer)
    if marked is not None:
        return marked
    return _unmarked(answer, text)


def _marked(answer: WrittenAnswer, *, behind: bool = False) -> StatedAnswer | None:
    """The last statement that is marked as the answer, and says something of a value; with the one
    before it, where neither a conclusion nor a correction leads from that to this. ``behind``:
    what stands behind a box, where only the plainest marks count."""
    last: tuple[StatedAnswer, Statement] | None = None
    for statement in answer.backwards():
        made = _of_statement(answer, statement, behind=behind)
        if made is None:
            continue
        if last is None:
            plain = any(one.kind in _PLAIN for one in statement.marks)
            if made.read is None or behind or plain or _CONCLUDES.search(statement.lower):
                return made
            last = made, statement
            continue
        stated, later = last
        between = answer.text[statement.start : later.start]
        if made.read is None or made.read.nodes == getattr(stated.read, "nodes", None):
            return stated
        if _CORRECTS.search(between):
            return stated
        return Contested(stated.how, stated.written, stated.read, stated.why, made)
    return last[0] if last else None


def _of_statement(
    answer: WrittenAnswer, statement: Statement, *, behind: bool
) -> StatedAnswer | None:
    """What one statement says the answer is; None when it says nothing of it."""
    marks = _sure_marks(statement)
    if not marks or statement.act is not Act.TELLS or _CHECKS.search(statement.lower):
        return None
    mark = marks[-1]
    said = statement.lower[mark.start : mark.end]
    formula = _FORMULA_BEGINS.search(said)
    if formula and behind:
        return None
    # "the answer $x = 5$": the sign in the formula marks nothing.
    tail = statement.text[mark.start + formula.start() if formula else mark.end :]
    found = _undenied(tail if tail.strip(" \t:*.$\\[(") else _below(answer, statement), said)
    if found is None:
        return None
    if _DOUBT.search(found.lead) or _DOUBT.search(statement.lower, 0, mark.end):
        return StatedAnswer("stated", "", None, "is not sure of its answer")
    if bounded(said):
        return StatedAnswer("stated", "", None, "states a bound or a range, not a value")
    made = _passage("stated", found)
    if made.read is None and mark.kind in (Kind.LABEL, Kind.HEADING):
        return _only_number(statement.text[mark.end :]) or made
    return made


def _below(answer: WrittenAnswer, statement: Statement) -> str:
    """The lines under a statement that ends with its mark."""
    under = _UNDER.match(answer.text, statement.end)
    return under.group() if under else ""


def _sure_marks(statement: Statement) -> list[Mark]:
    return [
        one
        for one in statement.marks
        if one.kind in _SURE and not _OTHER_NOUNS.search(statement.lower, one.start, one.end)
    ]


def _undenied(tail: str, said: str) -> Passage | None:
    """What stands behind a mark; behind a denial, what is said instead. None for nothing."""
    found = passage(tail)
    if not found.source:
        return None
    if not _DENIAL.search(said) and not _DENIAL.search(found.lead):
        return found
    contrast = _CONTRAST.search(tail)
    if contrast is None:
        return None
    found = passage(tail[contrast.end() :])
    return None if not found.source or _DENIAL.search(found.lead) else found


def _only_number(text: str) -> StatedAnswer | None:
    """The one number of a sentence, as in "Answer: John has 5 apples."."""
    value = only_number(text)
    if not value or _DENIAL.search(text) or _DOUBT.search(text):
        return None
    return _read("stated", value)


def _passage(how: str, found: Passage) -> StatedAnswer:
    if found.bound:
        return StatedAnswer(how, "", None, "states a bound or a range, not a value")
    made = StatedAnswer(how, "", None, "states nothing that can be read")
    for source in found.sources:
        made = _read(how, source)
        if made.read is not None or not found.several:
            break
    return made


def _unmarked(answer: WrittenAnswer, text: str) -> StatedAnswer:
    """The last words, when they are mathematics, or a formula ends them."""
    if len(text) < 400 and (whole := _value("alone", text)) is not None:
        return whole
    last = next(_told(answer), None)
    if last is None:
        return NOTHING
    if (whole := _value("at the end", last.text.strip(" *$"))) is not None:
        return whole
    found = passage(last.text, last=True)
    if not found.source and any(one.kind is Kind.CONCLUSION for one in last.marks):
        return _only_number(last.text) or NOTHING
    if not found.source or found.bound or _is_no_claim(found.lead):
        return NOTHING
    made = _passage("at the end", found)
    return NOTHING if made.read is None or _prose(made.read) else made


def _value(how: str, text: str) -> StatedAnswer | None:
    """What a text means that is mathematics and nothing else."""
    whole = _read(how, text)
    return None if whole.read is None or _prose(whole.read) else whole


def _is_no_claim(lead: str) -> bool:
    """Whether the words before a value suppose it, deny it or doubt it."""
    return any(one.search(lead) is not None for one in (_SUPPOSED, _DENIAL, _DOUBT))


def _told(answer: WrittenAnswer) -> Iterator[Statement]:
    for one in answer.backwards():
        if one.text.strip(" \n\t*$\\[]()"):
            if one.act is not Act.TELLS:
                return
            yield one


def _prose(found: Meanings) -> bool:
    """Words, or values with words among them: a sentence without a value."""
    node = found.nodes[0]
    if isinstance(node, Words):
        return len(node.text.split()) > MOST_WORDS or len(node.text) > 30
    below = list(parts(node))
    while below:
        one = below.pop()
        if isinstance(one, Words):
            return True
        below += parts(one)
    return False


def _answers(text: str) -> bool:
    """Whether a text before "Question:" states an answer already."""
    return bool(boxes(text)) or _marked(WrittenAnswer(text[-4000:])) is not None
