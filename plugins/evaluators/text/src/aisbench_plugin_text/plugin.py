"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, PostprocessorOffer, ReducerOffer, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_text"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer | PostprocessorOffer]:
    return [*_evaluators(), *_translation(), *_metrics(), *_postprocessors()]


def _evaluators() -> list[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="exact",
            summary="The answer is (or holds) a reference, after normalising both.",
            target=f"{_P}.exact:ExactEvaluator",
            settings=f"{_P}.exact:ExactSettings",
        ),
        EvaluatorOffer(
            name="f1",
            summary="Words that answer and reference share (SQuAD's F1), and the exact match.",
            target=f"{_P}.f1:F1Evaluator",
            settings=f"{_P}.f1:F1Settings",
        ),
        EvaluatorOffer(
            name="drop",
            summary="Numbers, dates and spans by the rules of DROP: F1, and the exact match.",
            target=f"{_P}.drop:DropEvaluator",
            settings=f"{_P}.drop:DropSettings",
        ),
        EvaluatorOffer(
            name="rouge",
            summary="ROUGE-1, -2, -L and -Lsum against the best reference; also of Chinese words.",
            target=f"{_P}.rouge:RougeEvaluator",
            settings=f"{_P}.rouge:RougeSettings",
            cost="compute",
        ),
        EvaluatorOffer(
            name="perplexity",
            summary="How well a model foretells a text, for the metric perplexity.",
            target=f"{_P}.perplexity:PerplexityEvaluator",
            reference="unused",
            metrics=("perplexity",),
        ),
        EvaluatorOffer(
            name="continuation",
            summary="Whether a model goes on as a text does, token by token or in its words.",
            target=f"{_P}.continuation:ContinuationEvaluator",
            reference="optional",
        ),
    ]


def _translation() -> list[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="bleu",
            summary="BLEU of each answer, for the metric corpus-bleu.",
            target=f"{_P}.translation:BleuEvaluator",
            settings=f"{_P}.translation:BleuSettings",
            cost="compute",
        ),
        EvaluatorOffer(
            name="chrf",
            summary="chrF2 (or chrF2++) of each answer, for the metric corpus-chrf.",
            target=f"{_P}.translation:ChrfEvaluator",
            settings=f"{_P}.translation:ChrfSettings",
            cost="compute",
        ),
        EvaluatorOffer(
            name="comet",
            summary="COMET of each translation, where unbabel-comet is installed.",
            target=f"{_P}.comet:CometEvaluator",
            settings=f"{_P}.comet:CometSettings",
        ),
    ]


def _metrics() -> list[ReducerOffer]:
    return [
        ReducerOffer(
            name="corpus-bleu",
            summary="BLEU over all answers (sacrebleu).",
            target=f"{_P}.translation:CorpusBleu",
        ),
        ReducerOffer(
            name="corpus-chrf",
            summary="chrF2 over all answers (sacrebleu).",
            target=f"{_P}.translation:CorpusChrf",
        ),
        ReducerOffer(
            name="perplexity",
            summary="Perplexity by token and by word, and bits per byte.",
            target=f"{_P}.perplexity:Perplexity",
        ),
    ]


def _postprocessors() -> list[PostprocessorOffer]:
    return [
        PostprocessorOffer(
            name="strip", summary="Without blanks at the ends.", target=f"{_P}.steps:Strip"
        ),
        PostprocessorOffer(name="lower", summary="Lower case.", target=f"{_P}.steps:Lower"),
        PostprocessorOffer(
            name="first-line", summary="The first line with text.", target=f"{_P}.steps:FirstLine"
        ),
        PostprocessorOffer(
            name="last-line", summary="The last line with text.", target=f"{_P}.steps:LastLine"
        ),
        PostprocessorOffer(
            name="code-block",
            summary="The inside of a fenced block.",
            target=f"{_P}.steps:CodeBlock",
            settings=f"{_P}.steps:WhichSettings",
        ),
        PostprocessorOffer(
            name="after",
            summary="What follows a text.",
            target=f"{_P}.steps:After",
            settings=f"{_P}.steps:MarkSettings",
        ),
        PostprocessorOffer(
            name="before",
            summary="What stands before a text.",
            target=f"{_P}.steps:Before",
            settings=f"{_P}.steps:MarkSettings",
        ),
        PostprocessorOffer(
            name="regex",
            summary="What a regular expression finds, or the rest with that replaced.",
            target=f"{_P}.steps:Regex",
            settings=f"{_P}.steps:RegexSettings",
        ),
        PostprocessorOffer(
            name="json-field",
            summary="One value of an answer that is JSON, or has some in it.",
            target=f"{_P}.json_field:JsonField",
            settings=f"{_P}.json_field:FieldSettings",
        ),
        PostprocessorOffer(
            name="answer-is",
            summary='What follows the last "the answer is".',
            target=f"{_P}.steps:AnswerIs",
        ),
    ]
