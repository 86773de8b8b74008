"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Capability, Card, DatasetOffer, EvaluatorOffer, ReducerOffer, hookimpl

AISBENCH_API = "1.3"

_P = "aisbench_plugin_retrieval"
_LAYOUT = "BEIR's: corpus.jsonl, queries.jsonl, qrels/test.tsv (also .gz)"
_CITATION = (
    "N. Thakur et al., BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information "
    "Retrieval Models, NeurIPS 2021 (arXiv:2104.08663)"
)


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    yield DatasetOffer(
        name="retrieval",
        summary="A search by vectors in any data set of BEIR's layout: nDCG, MAP, recall, MRR.",
        target=f"{_P}.dataset:Retrieval",
        settings=f"{_P}.settings:RetrievalSettings",
        evaluator="search",
        metrics=("measures",),
        needs=frozenset({Capability.EMBED}),
        card=Card(
            task="retrieval", licence="that of the data", source="https://github.com/beir-cellar",
            layout=_LAYOUT, citation=_CITATION,
        ),
    )  # fmt: skip
    yield DatasetOffer(
        name="reranking",
        summary="Candidates of a search put in order, in BEIR's layout: nDCG, MAP, recall, MRR.",
        target=f"{_P}.reranking:Reranking",
        settings=f"{_P}.settings:RerankingSettings",
        evaluator="ranking",
        metrics=("measures",),
        needs=frozenset({Capability.RERANK}),
        card=Card(
            task="reranking", licence="that of the data", source="https://github.com/beir-cellar",
            layout=f"{_LAYOUT}; candidates as a TREC run", citation=_CITATION,
        ),
    )  # fmt: skip


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="search",
            summary="Documents in the order of their vectors' likeness to the query's: nDCG@10.",
            target=f"{_P}.search:SearchEvaluator",
            settings=f"{_P}.settings:SearchSettings",
            metrics=("measures",),
        ),
        EvaluatorOffer(
            name="ranking",
            summary="Documents in the order that a rerank model gives them: nDCG@10.",
            target=f"{_P}.ranked:RankedEvaluator",
            settings=f"{_P}.settings:RankedSettings",
            metrics=("measures",),
        ),
        EvaluatorOffer(
            name="similarity",
            summary="Likeness of two texts by their vectors, for the metrics spearman, pearson.",
            target=f"{_P}.pairs:SimilarityEvaluator",
            settings=f"{_P}.settings:SimilaritySettings",
            metrics=("spearman", "pearson"),
        ),
        EvaluatorOffer(
            name="label",
            summary="Whether a classifier's label is the right one, for macro-f1 too.",
            target=f"{_P}.labels:LabelEvaluator",
            settings=f"{_P}.settings:LabelSettings",
        ),
        ReducerOffer(
            name="spearman",
            summary="Rank correlation of likeness and reference (similarity).",
            target=f"{_P}.correlation:Spearman",
        ),
        ReducerOffer(
            name="pearson",
            summary="Correlation of likeness and reference (similarity).",
            target=f"{_P}.correlation:Pearson",
        ),
        ReducerOffer(
            name="macro-f1",
            summary="Mean F1 of the labels, each alike, and weighted by their rows (label).",
            target=f"{_P}.f1:MacroF1",
        ),
    ]
