"""The evaluator ``rouge``, on Google's rouge-score."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from aisbench.api import Answer, Measure, Sample, Score, Verdict, setting
from aisbench_plugin_text.normal import tokens, words
from aisbench_plugin_text.references import references

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")


@frozen
class RougeSettings:
    """Which variant is the score, and what words are."""

    by: Literal["rouge1", "rouge2", "rougeL", "rougeLsum"] = setting(
        default="rougeL", help="the variant that is the score; all four are measures"
    )
    stem: bool = setting(default=False, help="cut English endings (Porter's stemmer)")
    words: Literal["auto", "blanks"] = setting(
        default="auto",
        help="auto: characters of scripts without blanks are words of their own; blanks: "
        "rouge-score's own English words",
    )


class _Characters:
    """A tokenizer of rouge-score."""

    def tokenize(self, text: str) -> list[str]:
        return tokens(words(text))


class RougeEvaluator:
    """F-measure of C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004);
    of several references the best, as rouge-score's ``score_multi`` chooses."""

    def __init__(self, settings: RougeSettings) -> None:
        self._settings = settings
        self._scorers: dict[bool, Any] = {}

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        text = answer.text
        wanted = references(sample)
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        found = self._scorer([*wanted, text]).score_multi(wanted, text)
        return Score(
            value=found[self._settings.by].fmeasure,
            verdict=Verdict.GRADED,
            extracted=text.strip(),
            measures={kind: Measure(value=100 * found[kind].fmeasure, unit="%") for kind in KINDS},
        )

    def _scorer(self, texts: list[str]) -> Any:
        wide = self._settings.words == "auto" and any(
            len(tokens(text)) != len(text.split()) for text in texts
        )
        if wide not in self._scorers:
            from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]

            own = _Characters() if wide else None
            self._scorers[wide] = RougeScorer(
                list(KINDS), use_stemmer=self._settings.stem, tokenizer=own
            )
        return self._scorers[wide]
