"""The evaluator ``ocrbench-v2``: the rule of the task that a row belongs to.

L. Fu et al., "OCRBench v2", 2025 (arXiv:2501.00321); github.com/Yuliang-Liu/MultimodalOCR,
``OCRBench_v2/eval_scripts/eval.py``. Scores of trees that fall below 0 count 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from attrs import frozen

from aisbench.api import Answer, DataError, Sample, Score, Verdict, setting
from aisbench_plugin_documents.dictionaries import (
    as_table,
    chart,
    entries_score,
    literal,
    stated,
    wanted_entries,
)
from aisbench_plugin_documents.page_text import NoSynonyms, text_score, wordnet
from aisbench_plugin_documents.places import (
    last_box,
    overlap,
    said_words,
    spotting_score,
    wanted_words,
)
from aisbench_plugin_documents.tables import html_table, markdown_table, wrapped
from aisbench_plugin_documents.trees import steds, teds
from aisbench_plugin_documents.wording_rules import (
    chinese_formula_score,
    chinese_words_score,
    choice_score,
    counting_score,
    formula_score,
    handwritten_choice_score,
    words_score,
)

_LONG_ANSWER = "简答"
"""In questions whose handwritten answer is a text."""


@frozen
class OcrBenchV2Settings:
    """Where the words that mean the same come from."""

    synonyms: Literal["wordnet", "none"] = setting(
        default="wordnet",
        help="wordnet: METEOR counts synonyms, as published; none: without NLTK's WordNet, where "
        "it cannot be installed: longer texts score a little lower",
    )


@frozen
class TaskRow:
    """A row: its fields, and its references as texts."""

    fields: Mapping[str, Any]
    answers: Sequence[Any]

    @property
    def texts(self) -> list[str]:
        """The references as texts."""
        return [str(one) for one in self.answers]

    @property
    def method(self) -> str:
        """How it is scored, where its task has several ways."""
        return str(self.fields.get("eval") or "")


class OcrBenchV2Evaluator:
    """0..1 by the rule of the row's ``type``."""

    def __init__(self, settings: OcrBenchV2Settings) -> None:
        self._settings = settings
        self._rules: dict[str, Callable[[str, TaskRow], float]] = {
            **dict.fromkeys(_WORDS, _words),
            **dict.fromkeys(_CHINESE_WORDS, _chinese_words),
            **dict.fromkeys(_TEXTS, self._text),
            "handwritten answer extraction cn": self._handwritten,
            "text counting en": lambda said, row: counting_score(said, row.texts, row.method),
            "formula recognition en": lambda said, row: formula_score(said, row.texts),
            "formula recognition cn": lambda said, row: chinese_formula_score(said, row.texts),
            "table parsing en": _table,
            "table parsing cn": _html,
            "chart parsing en": _chart,
            "document parsing en": lambda said, row: steds(said, row.texts[0]),
            "document parsing cn": lambda said, row: steds(said, row.texts[0]),
            **dict.fromkeys(_ENTRIES, _entries),
            "VQA with position en": _answer_and_box,
            "text grounding en": _box,
            "text spotting en": _spotted,
        }

    def check(self, sample: Sample) -> None:
        """Raises DataError for a row of no known task, without its reference, or one whose score
        needs WordNet where that is not installed."""
        task, row = self._task(sample), _asked(sample)
        if task == "text spotting en":
            _reference_words(sample, row)
        elif task in _ENTRIES and wanted_entries(row.answers[0]) is None:
            raise DataError(f"sample {sample.id}: its reference is no object of keys and values")
        elif task in _TEXTS or (task.startswith("handwritten") and _long(row)):
            self._synonyms()

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError, as :meth:`check`."""
        task, row = self._task(sample), _asked(sample)
        said = answer.text
        if not said.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        value = min(1.0, max(0.0, self._rules[task](said, row)))
        return Score(value=value, verdict=Verdict.GRADED, extracted=said.strip())

    def _task(self, sample: Sample) -> str:
        task = sample.fields.get("type")
        if not isinstance(task, str) or task not in self._rules:
            raise DataError(
                f"sample {sample.id}: {task!r:.60} is no task of OCRBench v2",
                hint="the field `type` says it, such as 'text spotting en'",
            )
        return task

    def _synonyms(self) -> Any:
        return wordnet() if self._settings.synonyms == "wordnet" else NoSynonyms()

    def _text(self, said: str, row: TaskRow) -> float:
        return text_score(said, row.texts[0], self._synonyms())

    def _handwritten(self, said: str, row: TaskRow) -> float:
        return self._text(said, row) if _long(row) else handwritten_choice_score(said, row.texts)


_WORDS = (
    "APP agent en", "ASCII art classification en", "math QA en", "reasoning VQA en",
    "science QA en", "text recognition en", "document classification en", "cognition VQA en",
    "diagram QA en",
)  # fmt: skip
_CHINESE_WORDS = ("cognition VQA cn", "reasoning VQA cn")
_TEXTS = (
    "text translation cn", "fine-grained text recognition en", "full-page OCR en",
    "full-page OCR cn",
)  # fmt: skip
_ENTRIES = (
    "key information extraction en", "key information mapping en", "key information extraction cn"
)  # fmt: skip


def _asked(sample: Sample) -> TaskRow:
    answers = sample.target
    listed = list(answers) if isinstance(answers, (list, tuple)) else [answers]
    if not listed or listed[0] is None:
        raise DataError(f"sample {sample.id} has no reference: its target is {answers!r:.60}")
    return TaskRow(sample.fields, listed)


def _long(row: TaskRow) -> bool:
    return _LONG_ANSWER in str(row.fields.get("question"))


def _words(said: str, row: TaskRow) -> float:
    if row.method == "multiple choice":
        return choice_score(said, row.texts)
    return words_score(said, row.texts, case=row.method == "case sensitive")


def _chinese_words(said: str, row: TaskRow) -> float:
    return chinese_words_score(said, row.texts) if not row.method else _words(said, row)


def _table(said: str, row: TaskRow) -> float:
    question = str(row.fields.get("question")).lower()
    if "html" in question:
        return _html(said, row)
    if "markdown" in question:
        return teds(markdown_table(said), markdown_table(row.texts[0]))
    return 0.0


def _html(said: str, row: TaskRow) -> float:
    found = html_table(said)
    return 0.0 if found is None else teds(found, wrapped(row.texts[0]))


def _chart(said: str, row: TaskRow) -> float:
    found, wanted = chart(said), wanted_entries(row.answers[0])
    return teds(as_table(found), as_table(wanted)) if found and wanted else 0.0


def _entries(said: str, row: TaskRow) -> float:
    return entries_score(stated(said), wanted_entries(row.answers[0]) or {})


def _answer_and_box(said: str, row: TaskRow) -> float:
    found = stated(said)
    content = words_score(found["answer"], row.texts) if "answer" in found else 0.0
    box = literal(found["bbox"]) if "bbox" in found else None
    place = overlap(box, row.fields.get("bbox") or ()) if isinstance(box, (list, tuple)) else 0.0
    return 0.5 * content + 0.5 * place


def _box(said: str, row: TaskRow) -> float:
    found = last_box(said)
    return 0.0 if found is None else overlap(found, row.answers)


def _spotted(said: str, row: TaskRow) -> float:
    wanted = wanted_words(row.fields.get("bbox"), row.fields.get("content"))
    return spotting_score(said_words(said), wanted)


def _reference_words(sample: Sample, row: TaskRow) -> None:
    try:
        wanted_words(row.fields.get("bbox"), row.fields.get("content"))
    except ValueError as error:
        raise DataError(f"sample {sample.id}: {error}") from None
