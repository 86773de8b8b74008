"""The evaluator ``drop``: numbers, dates and spans, as DROP's authors score them.

D. Dua et al., "DROP: A Reading Comprehension Benchmark Requiring Discrete Reasoning Over
Paragraphs", NAACL 2019 (arXiv:1903.00161); the rules are those of ``drop_eval.py`` in
github.com/allenai/allennlp-reading-comprehension. The answer of a language model is one text and
so one span: of a reference of n spans, the one that it fits best counts, divided by n.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from aisbench.api import Answer, DataError, JsonValue, Measure, Sample, Score, Verdict, setting

Spans = tuple[str, ...]
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_BETWEEN = re.compile("[ -]")


@frozen
class DropSettings:
    """Where the annotators' answers are."""

    annotated: tuple[str, ...] = setting(
        default=("answer", "validated_answers"),
        help="the sample's fields that hold answers as DROP writes them, objects of number, spans "
        "and date; where there are such, they count, any of them, in place of the target",
        example=["answer", "validated_answers"],
    )


class DropEvaluator:
    """The best F1 over the annotators' answers; the exact match is a measure beside it."""

    def __init__(self, settings: DropSettings) -> None:
        self._annotated = settings.annotated

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference."""
        self._references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference."""
        text = answer.text
        wanted = self._references(sample)
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        value = max(drop_f1(text, spans) for spans in wanted)
        exact = any(drop_exact(text, spans) for spans in wanted)
        return Score(
            value=value,
            verdict=Verdict.GRADED,
            extracted=text.strip(),
            measures={
                "f1": Measure(value=100 * value, unit="%"),
                "exact match": Measure(value=100.0 * exact, unit="%"),
            },
        )

    def _references(self, sample: Sample) -> list[Spans]:
        fields = [sample.fields.get(name) for name in self._annotated]
        given = [one for one in fields if _is_annotated(one)] or [sample.target]
        found = [spans for one in given for spans in _spans(one) if spans[0].strip()]
        if not found:
            raise DataError(
                f"sample {sample.id} has no answer to compare with: its target is "
                f"{sample.target!r}",
                hint='the target is a text, a list of texts, or an object of DROP: {"number": '
                '"", "spans": [], "date": {"day": "", "month": "", "year": ""}}',
            )
        return found


def drop_exact(answer: str, spans: Spans) -> bool:
    """Whether the answer is the reference, both normalised, and that has no further span."""
    return len(spans) == 1 and normalised(answer) == normalised(spans[0])


def drop_f1(answer: str, spans: Spans) -> float:
    """F1 of the words as sets, 0..1: the best over the spans, divided by their number, to two
    decimals as the authors round it. A span with numbers counts only where one is in the answer.
    """
    given = set(normalised(answer).split())
    best = max(_one(given, set(normalised(span).split())) for span in spans)
    return round(100 * best / len(spans)) / 100


def normalised(text: str) -> str:
    """Lower case; words between blanks and hyphens without ASCII punctuation and articles;
    numbers as floats (``3`` is ``3.0``)."""
    words = (_word(one) for one in _BETWEEN.split(text))
    return " ".join(word for word in words if word)


def _word(word: str) -> str:
    word = word.lower()
    if not _is_number(word):
        word = word.translate(_PUNCTUATION)
    if _is_number(word):
        word = str(float(word))
    return " ".join(_ARTICLES.sub(" ", word).split())


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _one(given: set[str], wanted: set[str]) -> float:
    numbers = {word for word in wanted if _is_number(word)}
    if numbers and numbers.isdisjoint(given):
        return 0.0
    same = len(given & wanted)
    precision = same / len(given) if given else 1.0
    recall = same / len(wanted) if wanted else 1.0
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def _is_annotated(value: JsonValue) -> bool:
    """Whether it is an object in DROP's form, or a list of them."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bool(value) and all(_is_annotated(one) for one in value)
    return isinstance(value, Mapping) and not value.keys().isdisjoint(("number", "spans", "date"))


def _spans(value: JsonValue) -> Iterator[Spans]:
    """The answers in a reference: a text or number is one, a list holds several, an object is
    DROP's form of one."""
    if isinstance(value, Mapping):
        yield _of_object(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _spans(one)
    elif value is not None and not isinstance(value, bool):
        yield (str(value),)


def _of_object(value: Mapping[str, JsonValue]) -> Spans:
    number, spans, date = (value.get(name) for name in ("number", "spans", "date"))
    if number not in (None, ""):
        return (str(number),)
    if isinstance(spans, Sequence) and not isinstance(spans, str) and spans:
        return tuple(str(one) for one in spans)
    parts = date if isinstance(date, Mapping) else {}
    return (" ".join(str(parts.get(name) or "") for name in ("day", "month", "year")).strip(),)
