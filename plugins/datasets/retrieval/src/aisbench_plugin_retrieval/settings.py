"""What a suite may set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import JsonObject, at_least, not_empty, setting

Likeness = Literal["cosine", "dot"]


def _positive(values: tuple[int, ...]) -> str | None:
    return None if values and min(values) > 0 else "must hold whole numbers above 0"


_CUTS = setting(
    default=(10, 100),
    check=_positive,
    help="at which ranks lists are cut for the measures",
    example=[1, 3, 5, 10, 100],
)
_SAME = setting(
    default=True,
    help="leave the document out of a query's list that has the query's own id, as BEIR does",
)
_LIKENESS = setting(
    default="cosine", help="how two vectors are compared: cosine, or the dot product"
)


@frozen(kw_only=True)
class FolderSettings:
    """Where the files are."""

    path: Path = setting(
        help="the folder with corpus.jsonl, queries.jsonl and qrels/", example="./scifact"
    )
    split: str = setting(
        default="test", check=not_empty, help="the file of qrels/, without .tsv", example="dev"
    )


@frozen(kw_only=True)
class RetrievalSettings(FolderSettings):
    """Keys of the data set retrieval."""

    batch: int = setting(default=32, check=at_least(1), help="documents in a request", example=128)
    query_prefix: str = setting(
        default="",
        help="what stands before each query, as the model's card says",
        example="query: ",
    )
    document_prefix: str = setting(
        default="", help="what stands before each document", example="passage: "
    )
    query_generation: JsonObject = setting(
        factory=dict,
        help="keys of requests for queries alone, for servers that tell queries and documents "
        "apart by one",
        example={"input_type": "query"},
    )
    document_generation: JsonObject = setting(
        factory=dict,
        help="keys of requests for documents alone",
        example={"input_type": "passage"},
    )


@frozen(kw_only=True)
class RerankingSettings(FolderSettings):
    """Keys of the data set reranking."""

    run: Path | None = setting(
        default=None,
        help="the candidates: a TREC run (query Q0 document rank score tag), from which the best "
        "of each query are taken; without it the judged documents, and others that are drawn",
        example="./bm25.run",
    )
    candidates: int = setting(
        default=100, check=at_least(1), help="documents of a query, at most", example=50
    )
    seed: int = setting(default=0, check=at_least(0), help="the others are drawn with it")


@frozen(kw_only=True)
class RankedSettings:
    """Keys of the evaluator ranking."""

    cuts: tuple[int, ...] = _CUTS
    ignore_identical_ids: bool = _SAME


@frozen(kw_only=True)
class SearchSettings(RankedSettings):
    """Keys of the evaluator search."""

    likeness: Likeness = _LIKENESS


@frozen(kw_only=True)
class SimilaritySettings:
    """Keys of the evaluator similarity."""

    likeness: Likeness = _LIKENESS


@frozen(kw_only=True)
class LabelSettings:
    """Keys of the evaluator label."""

    names: Mapping[str, str] = setting(
        factory=dict,
        help="what the model's labels are called in the references",
        example={"LABEL_0": "negative", "LABEL_1": "positive"},
    )
