"""How LongBench scores an answer: metrics.py and eval.py of github.com/THUDM/LongBench (2e00731).

Of several references the best counts; of few-shot tasks the first line of the answer.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher

from aisbench.answers import token_f1
from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench_plugin_longbench.chinese import chinese_words
from aisbench_plugin_longbench.rouge import rouge_l

Metric = Callable[[str, str, Sequence[str]], float | None]
"""Answer, reference and the classes of the row; 0..1, or None for an answer that holds none."""

FIRST_LINE = frozenset({"trec", "triviaqa", "samsum", "lsht"})
"""Tasks whose prompts are examples that a model may go on with: only the first line counts."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def score(sample: Sample, answer: Answer) -> Score:
    """The metric of the sample's task. Raises DataError for a task that is none of LongBench's."""
    metric = METRICS.get(sample.part)
    if metric is None:
        raise DataError(
            f"sample {sample.id}: {sample.part!r} is no task of LongBench",
            hint=f"tasks are: {', '.join(METRICS)}",
        )
    text = answer.text
    if sample.part in FIRST_LINE:
        text = text.lstrip("\n").partition("\n")[0]
    if not text.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    target = sample.target
    references = [str(one) for one in (target if isinstance(target, list) else [target])]
    given = sample.fields.get("all_classes")
    classes = [str(one) for one in given] if isinstance(given, list) else []
    values = [metric(text, one, classes) for one in references]
    known = [value for value in values if value is not None]
    if not known:
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason=_NONE[metric])
    return Score(value=max(known), verdict=Verdict.GRADED, extracted=text)


def qa_f1(answer: str, reference: str, classes: Sequence[str]) -> float:
    """F1 of the words, normalised as SQuAD 1.1 does."""
    return token_f1(_words(answer), _words(reference))


def qa_f1_zh(answer: str, reference: str, classes: Sequence[str]) -> float:
    """F1 of jieba's words without punctuation."""
    return token_f1(chinese_words(answer), chinese_words(reference))


def rouge(answer: str, reference: str, classes: Sequence[str]) -> float:
    """ROUGE-L, see :func:`rouge_l`."""
    return rouge_l(answer, reference)


def rouge_zh(answer: str, reference: str, classes: Sequence[str]) -> float:
    """ROUGE-L of jieba's words, punctuation too."""
    said, wanted = (" ".join(chinese_words(one, all_=True)) for one in (answer, reference))
    return rouge_l(said, wanted)


def classification(answer: str, reference: str, classes: Sequence[str]) -> float | None:
    """The right class among all that the answer names, divided by their number. A class whose name
    is a part of the right one's does not count, unless it comes right after another such: the
    authors take them out of the list that they go through."""
    named = [one for one in classes if one in answer]
    if not named:
        return None
    at = 0
    while at < len(named):
        if named[at] in reference and named[at] != reference:
            named.remove(named[at])
        at += 1
    return 1 / len(named) if reference in named else 0.0


def count(answer: str, reference: str, classes: Sequence[str]) -> float | None:
    """The share of the answer's numbers that are the right one."""
    numbers = re.findall(r"\d+", answer)
    return numbers.count(reference) / len(numbers) if numbers else None


def retrieval(answer: str, reference: str, classes: Sequence[str]) -> float | None:
    """The same, of ``Paragraph 7`` or ``段落7``."""
    wanted = re.search(r"(?:Paragraph |段落)(\d+)", reference)
    if wanted is None:
        raise DataError(f"the reference {reference!r} names no paragraph")
    return count(answer, wanted[1], classes)


def code_similarity(answer: str, reference: str, classes: Sequence[str]) -> float:
    """How alike the first line of code is, in whole per cent as fuzzywuzzy's ``ratio`` rounds
    them: Ratcliff and Obershelp's measure, which it takes from the standard library."""
    lines = answer.lstrip("\n").split("\n")
    line = next((one for one in lines if not re.search(r"`|#|//", one)), "")
    if line == reference:
        return 1.0
    if not line or not reference:
        return 0.0
    return round(100 * SequenceMatcher(None, line, reference).ratio()) / 100


def _words(text: str) -> list[str]:
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


METRICS: Mapping[str, Metric] = {
    "narrativeqa": qa_f1,
    "qasper": qa_f1,
    "multifieldqa_en": qa_f1,
    "multifieldqa_zh": qa_f1_zh,
    "hotpotqa": qa_f1,
    "2wikimqa": qa_f1,
    "musique": qa_f1,
    "dureader": rouge_zh,
    "gov_report": rouge,
    "qmsum": rouge,
    "multi_news": rouge,
    "vcsum": rouge_zh,
    "trec": classification,
    "triviaqa": qa_f1,
    "samsum": rouge,
    "lsht": classification,
    "passage_count": count,
    "passage_retrieval_en": retrieval,
    "passage_retrieval_zh": retrieval,
    "lcc": code_similarity,
    "repobench-p": code_similarity,
}

_NONE: Mapping[Metric, str] = {
    classification: "the answer names no class",
    count: "the answer holds no number",
    retrieval: "the answer holds no number",
}
