"""Measures against pytrec_eval's numbers, and scikit-learn's and scipy's where they are there."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import (
    Answer,
    Classes,
    DataError,
    Fault,
    FaultKind,
    Response,
    Sample,
    Score,
    ScoreGroup,
    Vectors,
    Verdict,
)
from aisbench_plugin_retrieval.beir import BeirFolder
from aisbench_plugin_retrieval.correlation import Pearson, Spearman, ranks
from aisbench_plugin_retrieval.dataset import Retrieval
from aisbench_plugin_retrieval.f1 import MacroF1
from aisbench_plugin_retrieval.labels import LabelEvaluator
from aisbench_plugin_retrieval.measures import in_order, ndcg, score_of
from aisbench_plugin_retrieval.pairs import SimilarityEvaluator
from aisbench_plugin_retrieval.ranked import RankedEvaluator
from aisbench_plugin_retrieval.reranking import read_run
from aisbench_plugin_retrieval.search import SearchEvaluator
from aisbench_plugin_retrieval.settings import (
    LabelSettings,
    RankedSettings,
    RetrievalSettings,
    SearchSettings,
    SimilaritySettings,
)

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "pytrec_eval.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_numbers_of_pytrec_eval(case: dict[str, Any]) -> None:
    """Random grades (some below 0, some of documents that are not in the list) and scores, many of
    them equal; the wanted numbers were made by pytrec_eval 0.5 (pytrec-eval-terrier)."""
    judged = {name: float(grade) for name, grade in case["grades"].items()}
    score = score_of(in_order(case["scores"]), judged, (3, 10, 1000))
    for name, wanted in case["wanted"].items():
        assert score.measures[name].value / 100 == pytest.approx(wanted, abs=1e-11), name
    assert score.value == pytest.approx(case["wanted"]["ndcg@10"], abs=1e-11)


def test_the_ndcg_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    draw = random.Random(3)
    for _ in range(20):
        grades = [draw.randint(0, 3) for _ in range(12)]
        scores = draw.sample(range(1000), 12)
        order = sorted(range(12), key=lambda at: -scores[at])
        mine = ndcg([grades[at] for at in order], [one for one in grades if one], 10)
        assert mine == pytest.approx(metrics.ndcg_score([grades], [scores], k=10))


def vectors(*rows: tuple[float, ...]) -> Answer:
    return Answer.of_response(Response(vectors=Vectors.of(rows)))


def documents(*names: str, place: int = 0) -> Sample:
    return Sample(id=f"documents-{place}", fields={"documents": list(names)}, scored=False)


def query(name: str, **grades: int) -> Sample:
    return Sample(id=f"query-{name}", fields={"query_id": name}, target=dict(grades))


def test_a_search_by_cosine_and_by_dot_product() -> None:
    beside = [
        (documents("near", "far"), vectors((1.0, 0.1), (0.0, 1.0))),
        (documents("long", place=1), vectors((9.0, 9.0))),
    ]
    answered = [(query("q", near=1), vectors((1.0, 0.0)))]
    cosine = SearchEvaluator(SearchSettings(cuts=(1,)))
    (score,) = cosine.score_together(answered, beside)
    assert score.extracted == "near, long, far"
    assert score.measures["ndcg@1"].value == 100
    (score,) = SearchEvaluator(SearchSettings(cuts=(1,), likeness="dot")).score_together(
        answered, beside
    )
    assert score.extracted == "long, near, far"
    assert score.measures["mrr@1"].value == 0


def test_the_querys_own_document_is_left_out() -> None:
    beside = [(documents("q", "other"), vectors((1.0, 0.0), (0.5, 0.5)))]
    answered = [(query("q", other=1), vectors((1.0, 0.0)))]
    for ignore, first in ((True, "other"), (False, "q, other")):
        settings = SearchSettings(cuts=(1,), ignore_identical_ids=ignore)
        (score,) = SearchEvaluator(settings).score_together(answered, beside)
        assert score.extracted == first


def test_equal_scores_beyond_the_cut_are_ordered_by_their_ids() -> None:
    """As trec_eval does it: the later id first, also where the list is cut among equal ones."""
    names = [f"d{number:03}" for number in range(200)]
    beside = [(documents(*names), vectors(*[(1.0, 0.0)] * 200))]
    (score,) = SearchEvaluator(SearchSettings(cuts=(10,))).score_together(
        [(query("q", d199=1), vectors((1.0, 0.0)))], beside
    )
    assert score.measures["mrr@10"].value == 100


NEAR = vectors((1.0, 0.0))
FAULT = Fault(kind=FaultKind.HTTP, message="overloaded", status=503)


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ([], "no documents to search"),
        ([(documents("a"), None)], "1 of 1 requests for documents are not answered"),
        ([(documents("a"), Answer.of_response(Response(fault=FAULT)))], "are not answered"),
        ([(documents("a", "b"), vectors((1.0, 0.0)))], "names 2 documents"),
        ([(documents("a"), vectors((1.0, 0.0, 0.0)))], "different lengths"),
        ([(documents("a"), vectors((0.0, 0.0)))], "the vector of a is 0"),
        ([(documents("a"), Answer.of("hello"))], "answered without vectors"),
        ([(documents("a"), NEAR), (documents("a", place=1), NEAR)], "in two requests"),
    ],
)  # fmt: skip
def test_no_figure_is_made_of_half_a_search(beside: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        SearchEvaluator(SearchSettings()).score_together(
            [(query("q", a=1), vectors((1.0, 0.0)))], beside
        )


def test_a_rerank_models_order() -> None:
    sample = Sample(id="q", fields={"documents": ["a", "b", "c"]}, target={"b": 2, "c": 1, "z": 1})
    evaluator = RankedEvaluator(RankedSettings(cuts=(2,)))
    score = evaluator.score(sample, Answer.of_response(Response(relevance=(0.1, 0.9, -3.0))))
    assert score.extracted == "b, a, c"
    assert score.measures["recall@2"].value == pytest.approx(100 / 3)
    with pytest.raises(DataError, match="names 3 documents, and its answer is about 2"):
        evaluator.score(sample, Answer.of_response(Response(relevance=(0.1, 0.9))))
    assert evaluator.score(sample, Answer.of("b")).verdict is Verdict.UNPARSED


def groups(scores: list[Score]) -> list[ScoreGroup]:
    return [ScoreGroup(sample_id=str(at), scores=(one,)) for at, one in enumerate(scores)]


def test_correlations() -> None:
    draw = random.Random(5)
    pairs = [(draw.randint(0, 9) / 3, draw.uniform(-1, 1)) for _ in range(40)]
    evaluator = SimilarityEvaluator(SimilaritySettings())
    scores = []
    for at, (wanted, likeness) in enumerate(pairs):
        made = vectors((1.0, 0.0), (likeness, (1 - likeness**2) ** 0.5))
        scores.append(evaluator.score(Sample(id=str(at), target=wanted), made))
    (spearman,) = Spearman().reduce(groups(scores))
    (pearson,) = Pearson().reduce(groups(scores))
    assert spearman.low is not None
    assert spearman.high is not None
    assert spearman.low < spearman.value < spearman.high
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    likes = [one.details["likeness"] for one in scores]
    wanted = [one for one, _ in pairs]
    assert spearman.value == pytest.approx(stats.spearmanr(wanted, likes).statistic)
    assert pearson.value == pytest.approx(stats.pearsonr(wanted, likes).statistic)
    assert ranks([3, 1, 3, 2]) == [3.5, 1, 3.5, 2]
    with pytest.raises(ValueError, match="two pairs"):
        Spearman().reduce(groups(scores[:1]))
    with pytest.raises(ValueError, match="are equal"):
        Pearson().reduce(groups([scores[0], scores[0]]))


def test_labels_and_their_f1() -> None:
    evaluator = LabelEvaluator(LabelSettings(names={"LABEL_1": "Positive"}))
    draw = random.Random(9)
    names = ["positive", "negative", "neutral"]
    wanted, given = draw.choices(names, k=60), draw.choices([*names, "odd"], k=60)
    scores = []
    for at, (reference, label) in enumerate(zip(wanted, given, strict=True)):
        said = "LABEL_1" if label == "positive" else label.upper()
        answer = Answer.of_response(Response(classes=(Classes(label=said),)))
        scores.append(evaluator.score(Sample(id=str(at), target=reference), answer))
    assert sum(one.value for one in scores) == sum(map(str.__eq__, wanted, given))
    macro, weighted = MacroF1().reduce(groups(scores))
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    for figure, average in ((macro, "macro"), (weighted, "weighted")):
        found = metrics.f1_score(wanted, given, average=average, zero_division=0)
        assert figure.value == pytest.approx(100 * found)


@pytest.mark.parametrize(
    "qrels",
    [
        "query-id\tcorpus-id\tscore\nq 1\td 2\t2\nq 1\t3\t0\n",
        "q 1\td 2\t2\nq 1\t3\t0.0\nq 1\tgone\t0\n",  # no head, and a document that is not there
        "\ufeffq 1\t0\td 2\t2\r\nq 1\t0\t3\t0\r\n\r\n",  # trec_eval's
        "score\tcorpus-id\tquery-id\n2\td 2\tq 1\n2\td 2\tq 1\n0\t3\tq 1\n",
    ],
)
def test_judgements_in_every_form(tmp_path: Path, qrels: str) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d 2", "title": null, "text": "x"}\n{"_id": 3, "text": ""}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q 1", "text": "y"}\n')
    (tmp_path / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8", newline="")
    settings = RetrievalSettings(
        path=tmp_path, query_generation={"input_type": "query"}, document_prefix=""
    )
    asked, query = Retrieval(settings).samples()
    assert asked.fields["texts"] == ["x", " "]
    assert isinstance(query.target, dict)
    assert {k: v for k, v in query.target.items() if k != "gone"} == {"d 2": 2.0, "3": 0.0}
    assert (asked.generation, query.generation) == ({}, {"input_type": "query"})
    assert [one.labels["prompt kind"] for one in (asked, query)] == ["document", "query"]


def test_a_search_in_pieces_is_a_search_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(3)
    rows = [tuple(float(draw.randint(-2, 2)) for _ in range(3)) for _ in range(90)]
    rows = [row if any(row) else (1.0, 0.0, 0.0) for row in rows]
    beside = [
        (documents(*(f"d{at + one}" for one in range(9)), place=at), vectors(*rows[at : at + 9]))
        for at in range(0, 90, 9)
    ]
    answered = [
        (query(str(at), **{f"d{draw.randrange(90)}": 1 for _ in range(5)}), vectors(row))
        for at, row in enumerate(rows[:8])
    ]
    evaluator = SearchEvaluator(SearchSettings(cuts=(5,), likeness="dot"))
    whole = evaluator.score_together(answered, beside)
    monkeypatch.setattr("aisbench_plugin_retrieval.search.PIECE", 20)
    assert evaluator.score_together(answered, beside) == whole
    likes = [sum(map(float.__mul__, rows[0], row)) for row in rows]
    best = sorted(range(90), key=lambda at: (likes[at], f"d{at}"), reverse=True)[:3]
    assert whole[0].extracted == ", ".join(f"d{at}" for at in best)


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    def folder(corpus: str, queries: str, qrels: str) -> BeirFolder:
        (tmp_path / "qrels").mkdir(exist_ok=True)
        (tmp_path / "corpus.jsonl").write_text(corpus)
        (tmp_path / "queries.jsonl").write_text(queries)
        (tmp_path / "qrels" / "test.tsv").write_text(qrels)
        return BeirFolder(tmp_path, "test")

    head = "query-id\tcorpus-id\tscore\n"
    corpus, queries = '{"_id": "d", "text": "x"}\n', '{"_id": "q", "text": "y"}\n'
    for files, said in (
        ((corpus, queries, head + "q\tnone\t1\n"), "corpus.jsonl has no document"),
        ((corpus, queries, head + "z\td\t1\n"), "queries.jsonl has no query 'z'"),
        ((corpus, queries, head + "q\td\thigh\n"), "'high' is no number"),
        ((corpus, queries, head + "q\td\t1\nq\td\t2\n"), "judged twice"),
        ((corpus, queries, head), "no query is judged"),
        ((corpus, queries, "q\td\t1\nq\td\n"), "test.tsv:2: 2 columns, and 3 above"),
        ((corpus, queries, "a\tb\n1\t2\n"), "no column 'query-id'"),
        ((corpus * 2, queries, head), "the id 'd' is there twice"),
        (('{"_id": "d"}\n', queries, head), "no text under 'text'"),
    ):  # fmt: skip
        made = folder(*files)
        with pytest.raises(DataError, match=said):
            made.judged(made.documents(), made.queries())
    with pytest.raises(DataError, match=r"dev\.tsv does not exist"):
        BeirFolder(tmp_path, "dev").files()
    run = tmp_path / "bm25.run"
    run.write_text("q Q0 a 1 2.5 x\nq Q0 b 2 7 x\n")
    assert read_run(run) == {"q": ["b", "a"]}
    run.write_text("q a 1\n")
    with pytest.raises(DataError, match=r"bm25\.run:1: no line of a TREC run"):
        read_run(run)
