"""How L-Eval scores answers: Evaluation/{auto_eval,em,f1}.py of github.com/OpenLMLab/LEval
(cd34b05).

Where the authors guess an A for an answer without a letter, it is unparsed here.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Mapping

from aisbench.api import Answer, Sample, Score, Verdict

PART_OF_SEVERAL = 0.25
"""For some of several right letters, and no wrong one."""

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ALONE = re.compile(r"(?<![A-Za-z])(?:[B-D](?![A-Za-z'])|A(?![A-Za-z']| (?!and |or )[a-z]))")
"""A letter of an option, and no article."""
_OPTION = re.compile(r"[A-Z](?=[\s.)])")
_ANSWER_IS = re.compile(r"The answer is (\S+)")
_SAID = re.compile(r"will be|of the code|is|would be|the value of|the result of|printed")


def exam(sample: Sample, answer: Answer) -> Score:
    """Closed tasks: letters, numbers, what a program prints, topics, true or false."""
    text, target = answer.text, str(sample.target)
    read, compare = _EXAMS[sample.part]
    said = read(text, target) if text.strip() else None
    if said is None:
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer holds none")
    value = compare(said, target)
    if value in (0.0, 1.0):
        verdict = Verdict.RIGHT if value else Verdict.WRONG
    else:
        verdict = Verdict.GRADED
    return Score(value=value, verdict=verdict, extracted=said)


def f1(sample: Sample, answer: Answer) -> Score:
    """Questions about documents: F1 of the words, normalised as SQuAD 1.1 does."""
    text = answer.text
    if not text.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    given, wanted = _words(text), _words(str(sample.target))
    same = sum((Counter(given) & Counter(wanted)).values())
    value = 2 * same / (len(given) + len(wanted)) if same else 0.0
    return Score(value=value, verdict=Verdict.GRADED, extracted=text.strip())


def one_letter(text: str, target: str) -> str | None:
    """The first letter of an option that stands alone, else the first of A to D at all."""
    found = _ALONE.search(text) or re.search("[A-D]", text)
    return found[0] if found else None


def letters(text: str, target: str) -> str | None:
    """All letters of an answer that may name several: those it begins with, or those before a
    blank, full stop or bracket up to a next "Question", or the first run of them."""
    if text in "ABCD":
        return text
    start = re.match("[A-D]*", text)
    assert start is not None
    first = start[0]
    rest = text[len(first) :].split("Question")[0]
    if len(first) == 1:
        first += "".join(_OPTION.findall(rest))
    elif not first:
        first = "".join(_OPTION.findall(rest))
    found = set(first) & set("ABCD")
    if not found:
        run = re.search("[A-D]+", rest)
        found = set(run[0]) if run else set()
    return "".join(sorted(found)) or None


def number(text: str, target: str) -> str | None:
    """Digits before a point: of what follows "The answer is", else of the last word with a digit
    of the first paragraph."""
    match = _ANSWER_IS.search(text)
    if match:
        word = match[1]
    else:
        words = text.split("\n\n")[0].split(" ")
        word = next((one for one in reversed(words) if re.search(r"\d", one)), "")
    return "".join(re.findall(r"\d", word.partition(".")[0])) or None


def printed(text: str, target: str) -> str | None:
    """What a program prints: the words after "the final output", else the last ones, three more
    than the reference has."""
    many = len(target.split()) + 3
    said = _SAID.sub("", plain_code(text))
    _, mark, after = said.rpartition("the final output")
    words = re.split(r"\s+", after if mark else said)
    return " ".join(words[:many] if mark else words[-many:])


def plain_code(text: str) -> str:
    """Without commas, quotes and ``.0``, with single blanks."""
    text = re.sub(r"\s+", " ", text)
    for one in (",", "'", "\\", ".0"):
        text = text.replace(one, "")
    return text.replace("] [", "][").replace("[ [", "[[").replace("] ]", "]]")


def truth(text: str, target: str) -> str | None:
    """The first word with "true" or "false" in it."""
    found = re.search("true|false", text.lower())
    return found[0] if found else None


def same_letters(said: str, target: str) -> float:
    """1 for all right letters, 0.25 for some of them and no other."""
    given, right = set(said), set("ABCD") & set(target.split()[0])
    if given == right:
        return 1.0
    return PART_OF_SEVERAL if given < right else 0.0


def same_number(said: str, target: str) -> float:
    """Equal as numbers."""
    right = number(target, "")
    return float(right is not None and float(said) == float(right))


def holds(said: str, target: str) -> float:
    """Equal as numbers, else whether the reference stands in the answer, blanks and case apart."""
    try:
        return float(float(said) == float(target))
    except ValueError:
        return float(_close(target) in _close(said))


def _close(text: str) -> str:
    return text.lower().replace(" ", "")


def _words(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


Reader = Callable[[str, str], str | None]
"""Answer and reference; what the answer says, or None."""

_EXAMS: Mapping[str, tuple[Reader, Callable[[str, str], float]]] = {
    "coursera": (letters, same_letters),
    "quality": (one_letter, same_letters),
    "tpo": (one_letter, same_letters),
    "gsm100": (number, same_number),
    "codeU": (printed, lambda said, target: holds(said, plain_code(target))),
    "topic_retrieval_longchat": (lambda text, target: text, holds),
    "sci_fi": (truth, lambda said, target: float(said == target)),
}
