"""How InfiniteBench scores answers: src/compute_scores.py of github.com/OpenBMB/InfiniteBench
(88b3daa)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from aisbench.answers import token_f1
from aisbench.api import Answer, JsonValue, Sample, Score, Verdict

_WIDE = (
    "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣"
    "､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏."
)
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_PUNCTUATION_ZH = str.maketrans("", "", string.punctuation + _WIDE)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NUMBER = re.compile(r"\d+\.\d+|\d+", re.ASCII)
_DIGITS = re.compile("[0-9]+")
_APART = str.maketrans(dict.fromkeys("\n:\"'.,?!{}", " "))


def score(sample: Sample, answer: Answer) -> Score:
    """What the sample's task counts: right or wrong, or of questions and summaries a part."""
    text = answer.text
    if not text.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    found = METRICS[sample.part](text, _labels(sample.target))
    if isinstance(found, bool):
        verdict = Verdict.RIGHT if found else Verdict.WRONG
        return Score(value=float(found), verdict=verdict, extracted=text.strip())
    return Score(value=found, verdict=Verdict.GRADED, extracted=text.strip())


def first_digits(text: str, labels: Sequence[JsonValue]) -> bool:
    """Whether the first digits are the key."""
    match = _DIGITS.search(text)
    return match is not None and match[0] == str(labels[0])


def value_of_key(text: str, labels: Sequence[JsonValue]) -> bool:
    """Whether the value is a word of the answer."""
    return str(labels[0]) in text.translate(_APART).split()


def speaker(text: str, labels: Sequence[JsonValue]) -> bool:
    """Whether the character's name is a word of the answer. Only the first name given counts, as
    with the authors, so that one of several words is never found."""
    return str(labels[0]) in text.translate(_APART).upper().split()


def last_number(text: str, labels: Sequence[JsonValue]) -> bool:
    """Whether the last word is the value that the program returns."""
    words = re.sub("[\n.`'\":]", " ", text).split()
    return bool(words) and _whole(words[-1]) == _whole(str(labels[0]))


def found_number(text: str, labels: Sequence[JsonValue]) -> bool:
    """Whether the first number is the one looked for; a whole one is not if it has decimals."""
    match = _NUMBER.search(text)
    if match is None:
        return False
    if isinstance(labels[0], float):
        return float(match[0]) == labels[0]
    return _whole(match[0]) == _whole(str(labels[0]))


def option(text: str, labels: Sequence[JsonValue]) -> bool:
    """The option of a question about a book: the letter that the answer begins with, the option's
    text, what follows "answer is" and the like, else the first word that is a letter."""
    text, wanted = text.strip(), [str(one) for one in labels]
    if text[0] in "ABCD":
        return text[0] in wanted
    if text in wanted:
        return True
    text = re.sub(" {2,}", " ", re.sub("[\n\"'.,?!{}]", " ", text))
    for mark in ("answer is:", "answer:", "answer is", "option is"):
        _, found, after = text.partition(mark)
        if found:
            return any(after[1:].startswith(one) for one in wanted) if after else False
    word = next((one for one in text.split() if one in "ABCD"), "")
    return word in wanted


def function_with_error(text: str, labels: Sequence[JsonValue]) -> bool:
    """The option of a search for an error: letter or name behind "answer is:" and the like, or the
    letter with a full stop or colon at the start. An answer that is the letter or the name alone,
    in any marks, is right here, and wrong with the authors."""
    name, letter = (str(one) for one in labels[:2])
    text = text.strip()
    if text[:2] in (f"{letter}.", f"{letter}:") or text.strip("*`'\"()[]. ") in (letter, name):
        return True
    text = re.sub("[\n`'\"*-]|Option|option", " ", text)
    text = re.sub(" {2,}", " ", text)
    for mark in ("answer is:", "is:", "answer:", "correct option is:"):
        _, found, after = text.partition(mark)
        if found:
            return bool(after) and after[1:].startswith((letter, name))
    return False


def values_in_order(text: str, labels: Sequence[JsonValue]) -> float:
    """The share of intermediate values before the first wrong one. The first number of an answer
    is the expression's first operand, which the prompt makes models begin with, and does not
    count."""
    wanted = labels[0] if isinstance(labels[0], list) else labels
    given = [_whole(one) for one in _DIGITS.findall(text)][1:]
    right = 0
    for one, other in zip(given, wanted, strict=False):
        if one != other:
            break
        right += 1
    return right / len(wanted)


def qa(text: str, labels: Sequence[JsonValue]) -> float:
    """F1 of the words, normalised as SQuAD 1.1 does, the best over the references."""
    return max(token_f1(_words(text), _words(str(one))) for one in labels)


def qa_zh(text: str, labels: Sequence[JsonValue]) -> float:
    """F1 of the characters without punctuation and blanks, the best over the references."""
    return max(token_f1(_characters(text), _characters(str(one))) for one in labels)


def summary(text: str, labels: Sequence[JsonValue]) -> float:
    """ROUGE-Lsum as the package ``evaluate`` has it by default: without a stemmer."""
    measured = _rouge().score(str(labels[0]), text)
    return float(measured["rougeLsum"].fmeasure)


def _labels(target: JsonValue) -> list[JsonValue]:
    return target if isinstance(target, list) else [target]


def _whole(text: str) -> int | None:
    """A whole number; None for anything else, and for more digits than any label has."""
    return int(text) if len(text) < 100 and re.fullmatch(r"[+-]?[0-9]+", text) else None


def _words(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _characters(text: str) -> list[str]:
    return list("".join(text.lower().translate(_PUNCTUATION_ZH).split()))


@lru_cache(maxsize=1)
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]

    return RougeScorer(["rougeLsum"], use_stemmer=False)


METRICS: Mapping[str, Callable[[str, Sequence[JsonValue]], bool | float]] = {
    "passkey": first_digits,
    "number_string": first_digits,
    "kv_retrieval": value_of_key,
    "longdialogue_qa_eng": speaker,
    "longbook_sum_eng": summary,
    "longbook_choice_eng": option,
    "longbook_qa_eng": qa,
    "longbook_qa_chn": qa_zh,
    "math_find": found_number,
    "math_calc": values_in_order,
    "code_run": last_number,
    "code_debug": function_with_error,
}
