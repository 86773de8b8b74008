"""The evaluator ``rouge``: Google's rouge-score, and rouge-chinese over the words of jieba."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any, Literal

from attrs import frozen

from aisbench.api import AisbenchError, Answer, Measure, Sample, Score, Verdict, setting
from aisbench_plugin_text.chinese_rouge import ChineseRouge
from aisbench_plugin_text.normal import tokens, words
from aisbench_plugin_text.references import references

KINDS = ("rouge1", "rouge2", "rougeL", "rougeLsum")


@frozen
class RougeSettings:
    """Which variant is the score, and what words are."""

    by: Literal["rouge1", "rouge2", "rougeL", "rougeLsum"] = setting(
        default="rougeL", help="the variant that is the score; all are measures"
    )
    stem: bool = setting(default=False, help="cut English endings (Porter's stemmer)")
    words: Literal["auto", "blanks", "jieba"] = setting(
        default="auto",
        help="auto: characters of scripts without blanks are words of their own; blanks: "
        "rouge-score's own English words; jieba: Chinese words, scored by rouge-chinese as "
        "LawBench, LongBench and LCSTS are",
    )
    references: Literal["best", "mean"] = setting(
        default="best",
        help="of several references, the best as rouge-score's score_multi chooses it, or the "
        "mean over them, as DialogSum's published figures are",
    )


class _Characters:
    """A tokenizer of rouge-score."""

    def tokenize(self, text: str) -> list[str]:
        return tokens(words(text))


class RougeEvaluator:
    """F-measure of C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004);
    of several references the best, as rouge-score's ``score_multi`` chooses, or the mean.

    With ``words = "jieba"`` there is no ROUGE-Lsum: rouge-chinese has one ROUGE-L. Raises
    AisbenchError for settings that it does not have, or where the libraries are not installed.
    """

    def __init__(self, settings: RougeSettings) -> None:
        self._settings = settings
        self._scorers: dict[bool, Any] = {}
        self._chinese: ChineseRouge | None = None
        if settings.words == "jieba":
            for given, key in (
                (settings.by == "rougeLsum", 'by = "rougeLsum"'),
                (settings.stem, "stem = true"),
            ):
                if given:
                    raise AisbenchError(
                        f'rouge: {key} does not go with words = "jieba"',
                        hint='with jieba, by is "rouge1", "rouge2" or "rougeL", and there is no '
                        "stemmer",
                    )
            self._chinese = ChineseRouge()

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        text = answer.text
        wanted = references(sample)
        if not text.strip():
            # LawBench puts a word that no reference has in its place: 0 as well.
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        found = self._found(wanted, text)
        return Score(
            value=found[self._settings.by],
            verdict=Verdict.GRADED,
            extracted=text.strip(),
            measures={kind: Measure(value=100 * value, unit="%") for kind, value in found.items()},
        )

    def _found(self, wanted: list[str], text: str) -> Mapping[str, float]:
        """F-measures in 0..1 by variant, each of the reference where it is best, or the mean."""
        if self._chinese is not None:
            several = [self._chinese.score(one, text) for one in wanted]
        else:
            scorer = self._scorer([*wanted, text])
            several = [
                {kind: one.fmeasure for kind, one in scorer.score(reference, text).items()}
                for reference in wanted
            ]
        by_kind = {kind: [one[kind] for one in several] for kind in several[0]}
        if self._settings.references == "mean":
            return {kind: fmean(values) for kind, values in by_kind.items()}
        return {kind: max(values) for kind, values in by_kind.items()}

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
