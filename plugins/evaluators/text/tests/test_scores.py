"""Scores against their definitions and against the libraries' own sums."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import corpus_bleu, corpus_chrf

from aisbench.api import (
    AisbenchError,
    Answer,
    DataError,
    Prompt,
    Response,
    Sample,
    Score,
    Scored,
    ScoreGroup,
    Verdict,
)
from aisbench_plugin_text.chinese_rouge import longest_common
from aisbench_plugin_text.continuation import ContinuationEvaluator
from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings
from aisbench_plugin_text.f1 import F1Evaluator, F1Settings, token_f1
from aisbench_plugin_text.perplexity import Perplexity, PerplexityEvaluator
from aisbench_plugin_text.rouge import RougeEvaluator, RougeSettings
from aisbench_plugin_text.translation import (
    BleuEvaluator,
    BleuSettings,
    ChrfEvaluator,
    ChrfSettings,
    CorpusBleu,
    CorpusChrf,
)


def said(text: str) -> Answer:
    return Answer.of(text)


def exact(target: Any, text: str, **settings: Any) -> Score:
    sample = Sample(id="s", target=target)
    return ExactEvaluator(ExactSettings(**settings)).score(sample, said(text))


@pytest.mark.parametrize(
    ("target", "text", "settings", "right"),
    [
        ("The Beatles", "beatles", {}, True),
        ("北京", "北京。", {}, True),
        ("ABC", "ＡＢＣ", {}, True),
        ("ABC", "ＡＢＣ", {"normalise": "squad"}, False),
        ("Sunset Blvd.", "the sunset_blvd", {"normalise": "triviaqa"}, True),
        ("rock'n'roll", "Rock ´n´ Roll", {"normalise": "triviaqa"}, True),
        ("rock'n'roll", "Rock ´n´ Roll", {"normalise": "squad"}, False),
        ("a b", "a  b", {"normalise": "strip"}, False),
        ("a b", " a b\n", {"normalise": "strip"}, True),
        ("a b", " a b\n", {"normalise": "none"}, False),
        ("fox", "the red fox ran", {"match": "contains"}, True),
        ("dog", "the red fox ran", {"match": "contains"}, False),
        ("red", "the red fox ran", {"match": "starts"}, True),
        (["x", "y"], "y", {}, True),
        (7, "7", {}, True),
        ("-5", "5", {}, False),
        ("-5", "\u22125.", {}, True),
        ("1.5", "15", {}, False),
        ("1,234", "1234", {}, True),
        ("-0.5", "-.5", {}, False),
        # Marks within a text are part of it.
        ("well-known", "wellknown", {}, False),
        ("1/2", "12", {}, False),
        ("x < y", "x > y", {}, False),
        ("C#", "C", {}, False),
        ("C", "C++", {}, False),
        (") ) ]", ") ) }", {}, False),
        ("> }", "}", {}, False),
        ("}", "> }", {}, False),
        ("...", ".", {}, False),
        ("?", "!", {}, False),
        ("U.S.", "us", {}, False),
        ("--help", "-help", {}, False),
        ("甲、乙", "甲乙", {}, False),
        ("2:30", "230", {}, False),
        ("-5", "- 5", {}, False),
        ("x", "x\u00b2", {}, False),
        # What only dresses it is not, at its ends.
        ("(B)", "B", {}, True),
        ("C#", "**C#**.", {}, True),
        (".NET", ".NET.", {}, True),
        ("Paris", '"Paris"', {}, True),
        ("Paris", "```\nParis\n```", {}, True),
        ("Paris", "\\boxed{\\text{Paris}}", {}, True),
        ("Paris", "<answer>Paris</answer>", {}, True),
        ("Paris", "Paris<|im_end|>", {}, True),
        ("Paris", "<think>Rome?</think>\nParis", {}, True),
        ("Paris", "It is on the Seine.\n\nAnswer: Paris.", {}, True),
        ("Paris", "Rome is older. So the answer is Paris", {}, True),
        ("Paris", "The answer is not Paris.", {}, False),
        ("Paris", "Is the answer Paris?", {}, False),
        ("Paris", "The answer is Paris. Rome is older.", {}, False),
        ("长江", "答案：长江。", {}, True),
        ("长江", "《长江》", {}, True),
        # Words and numbers are whole where a text is looked for in another.
        ("no", "due north", {"match": "contains"}, False),
        ("12", "123", {"match": "starts"}, False),
        ("江", "长江", {"match": "contains"}, True),
    ],
)
def test_exact(target: Any, text: str, settings: dict[str, Any], right: bool) -> None:
    assert (exact(target, text, **settings).verdict is Verdict.RIGHT) == right


@pytest.mark.parametrize("target", [None, [], {"a": 1}, ["x", None]])
def test_a_target_that_is_no_text(target: Any) -> None:
    with pytest.raises(DataError, match="sample s has no text to compare with"):
        exact(target, "x")


@pytest.mark.parametrize(
    ("answer", "reference", "value"),
    [
        ("a red fox", "the red fox", 1.0),
        ("red fox runs", "red fox", 2 * 1 * (2 / 3) / (1 + 2 / 3)),
        ("dog", "fox", 0.0),
        ("北京大学", "北京大", 2 * 3 / 7),
        ("", "", 1.0),
        ("the", "fox", 0.0),
    ],
)
def test_f1(answer: str, reference: str, value: float) -> None:
    assert token_f1(answer, reference) == pytest.approx(value)


def test_f1_takes_the_best_reference() -> None:
    found = F1Evaluator(F1Settings()).score(
        Sample(id="s", target=["dog", "red fox"]), said("red foxes")
    )
    assert found.value == pytest.approx(0.5)
    assert found.measures["exact match"].value == 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_f1_is_symmetric(one: str, other: str) -> None:
    assert token_f1(one, other) == pytest.approx(token_f1(other, one))
    assert 0 <= token_f1(one, other) <= 1


def test_rouge_by_hand() -> None:
    evaluator = RougeEvaluator(RougeSettings())
    sample = Sample(id="s", target="the cat sat on the mat")
    found = evaluator.score(sample, said("the cat lay on the mat"))
    assert found.measures["rouge1"].value == pytest.approx(100 * 5 / 6)
    assert found.measures["rouge2"].value == pytest.approx(100 * 3 / 5)
    assert found.value == pytest.approx(5 / 6)


@pytest.mark.parametrize("settings", [{}, {"words": "jieba"}])
def test_rouge_of_several_references(settings: dict[str, Any]) -> None:
    """The best, variant by variant, or the mean."""
    if settings:
        pytest.importorskip("rouge_chinese")
    texts = ["a red fox", "dogs"]
    alone = [
        RougeEvaluator(RougeSettings(**settings)).score(Sample(id="s", target=one), said("a fox"))
        for one in texts
    ]
    both = Sample(id="s", target=texts)
    best = RougeEvaluator(RougeSettings(**settings)).score(both, said("a fox"))
    mean = RougeEvaluator(RougeSettings(references="mean", **settings)).score(both, said("a fox"))
    assert best.value == pytest.approx(alone[0].value)
    assert mean.value == pytest.approx((alone[0].value + alone[1].value) / 2)
    assert mean.value == pytest.approx(0.4)
    assert mean.measures["rouge1"].value == pytest.approx(40)


def test_rouge_of_chinese_counts_characters() -> None:
    evaluator = RougeEvaluator(RougeSettings())
    found = evaluator.score(Sample(id="s", target="今天天气很好"), said("今天天气不好"))
    assert found.value == pytest.approx(5 / 6)
    plain = RougeEvaluator(RougeSettings(words="blanks"))
    assert plain.score(Sample(id="s", target="今天天气很好"), said("今天天气不好")).value == 0


def test_rouge_of_chinese_words() -> None:
    """As rouge-chinese counts words of jieba, its table for ROUGE-L included."""
    jieba = pytest.importorskip("jieba", reason="the extra zh is not installed")
    rouge = pytest.importorskip("rouge_chinese").Rouge()
    reference = "检察院已将案件移交法院。嫌疑人每晚窃电40万元！他们……被抓了"
    for text in (
        "法院受理了检察院移交的案件",
        "嫌疑人窃电。嫌疑人窃电。金额高达40万元。",
        "。",
        "40",
    ):
        said, wanted = (" ".join(jieba.cut(one)) for one in (text, reference))
        (theirs,) = rouge.get_scores(said, wanted)
        evaluator = RougeEvaluator(RougeSettings(words="jieba"))
        ours = evaluator.score(Sample(id="s", target=["无关", reference]), Answer.of(text))
        for kind in ("1", "2", "l"):
            value = ours.measures[f"rouge{kind.upper()}"].value
            assert value == pytest.approx(100 * theirs[f"rouge-{kind}"]["f"])
    with pytest.raises(AisbenchError, match="does not go with"):
        RougeEvaluator(RougeSettings(words="jieba", by="rougeLsum"))
    with pytest.raises(AisbenchError, match="stem = true does not go"):
        RougeEvaluator(RougeSettings(words="jieba", stem=True))


@given(
    st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12)
)
def test_longest_common_subsequence(one: list[str], other: list[str]) -> None:
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, x in enumerate(one, 1):
        for j, y in enumerate(other, 1):
            table[i][j] = (
                table[i - 1][j - 1] + 1 if x == y else max(table[i - 1][j], table[i][j - 1])
            )
    assert longest_common(one, other) == table[-1][-1]


PAIRS = [
    ("The quick brown fox jumps over the dog.", "A quick brown fox jumped over the lazy dog."),
    ("There is a house on the hill, and it is red.", "On the hill there is a red house."),
    ("Nobody knows.", "Nobody knows what it means."),
]


def scored(evaluator: Any) -> list[ScoreGroup]:
    return [
        ScoreGroup(
            sample_id=str(place),
            scores=(evaluator.score(Sample(id=str(place), target=reference), said(answer)),),
        )
        for place, (answer, reference) in enumerate(PAIRS)
    ]


def test_corpus_scores_are_those_of_the_library() -> None:
    answers, references = [one for one, _ in PAIRS], [[one for _, one in PAIRS]]
    (bleu,) = CorpusBleu().reduce(scored(BleuEvaluator(BleuSettings())))
    assert bleu.value == pytest.approx(corpus_bleu(answers, references).score)
    (chrf,) = CorpusChrf().reduce(scored(ChrfEvaluator(ChrfSettings())))
    assert chrf.value == pytest.approx(corpus_chrf(answers, references).score)
    assert chrf.method == "chrF2"
    (plus,) = CorpusChrf().reduce(scored(ChrfEvaluator(ChrfSettings(word_order=2))))
    assert plus.value == pytest.approx(corpus_chrf(answers, references, word_order=2).score)
    assert plus.method == "chrF2++"
    with pytest.raises(ValueError, match='corpus-bleu needs the evaluator "bleu"'):
        CorpusBleu().reduce([ScoreGroup(sample_id="s", scores=(exact("a", "a"),))])


@pytest.mark.parametrize("reducer", [CorpusBleu(), CorpusChrf(), Perplexity()])
def test_no_figure_where_no_request_succeeded(reducer: Any) -> None:
    failed = Score(value=0, verdict=Verdict.FAILED)
    assert reducer.reduce([ScoreGroup(sample_id="s", scores=(failed,))]) == []


def test_perplexity() -> None:
    def one(text: str, *logprobs: float, windows: int = 1) -> ScoreGroup:
        answer = Answer(
            prompts=(Prompt(text="", continuation=text),),
            responses=(Response(scored=Scored(logprobs=logprobs, windows=windows)),),
        )
        score = PerplexityEvaluator().score(Sample(id=text), answer)
        return ScoreGroup(sample_id=text, scores=(score,))

    failed = ScoreGroup(sample_id="f", scores=(Score(value=0.0, verdict=Verdict.FAILED),))
    groups = [one("two words", -1.0, -2.0), one("one", -3.0), failed]
    found = {figure.name: figure for figure in Perplexity().reduce(groups)}
    assert found["perplexity"].value == pytest.approx(math.exp(6 / 3))
    assert found["word perplexity"].value == pytest.approx(math.exp(6 / 3))
    assert found["bits per byte"].value == pytest.approx(6 / 12 / math.log(2))
    assert found["perplexity"].n == 2
    assert found["perplexity"].method == "1 of 3 texts failed and are left out"
    (cut, *_) = Perplexity().reduce([one("long", -1.0, -1.0, windows=2), one("x", -1.0)])
    assert cut.method.startswith("1 of 2 texts, longer than the model's context, in windows")
    (plain, *_) = Perplexity().reduce([one("x", -1.0)])
    assert plain.method == ""
    with pytest.raises(ValueError, match="no text was scored"):
        Perplexity().reduce([failed, ScoreGroup(sample_id="s", scores=(exact("a", "a"),))])


@pytest.mark.parametrize(
    ("greedy", "verdict"),
    [(True, Verdict.RIGHT), (False, Verdict.WRONG), (None, Verdict.UNPARSED)],
)
def test_a_continuation_that_was_scored(greedy: bool | None, verdict: Verdict) -> None:
    scored = Scored(logprobs=(-1.0, -2.0), greedy=greedy)
    prompt = Prompt(text="Her dog was called", continuation=" Rex")
    answer = Answer(prompts=(prompt,), responses=(Response(scored=scored),))
    found = ContinuationEvaluator().score(Sample(id="s"), answer)
    assert found.verdict is verdict
    if greedy is not None:
        figures = {
            one.name: one
            for one in Perplexity().reduce([ScoreGroup(sample_id="s", scores=(found,))])
        }
        # By word, as lm-evaluation-harness's perplexity of LAMBADA is: one word, of two tokens.
        assert figures["word perplexity"].value == pytest.approx(math.exp(3.0))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("signs", True), ("Signs.", True), ("\"signs\" of hope", True), ("the signs", True),
        ("signals", False), ("no signs", False), ("sign", False), ("**signs**, he said", True),
    ],
)  # fmt: skip
def test_a_continuation_that_was_said(text: str, right: bool) -> None:
    evaluator = ContinuationEvaluator()
    found = evaluator.score(Sample(id="s", target="signs"), said(text))
    assert found.verdict is (Verdict.RIGHT if right else Verdict.WRONG)
    assert not Perplexity().reduce([ScoreGroup(sample_id="s", scores=(found,))])
    assert evaluator.score(Sample(id="s", target="signs"), said("...")).verdict is Verdict.UNPARSED


def test_f1_as_squad_has_it() -> None:
    settings = F1Settings(normalise="squad")
    sample = Sample(id="s", target=["1.5 million", "Paris"])
    found = F1Evaluator(settings).score(sample, said("15 million"))
    assert (found.value, found.measures["exact match"].value) == (1.0, 100.0)
    assert F1Evaluator(settings).score(sample, said("in Paris")).value == pytest.approx(2 / 3)
    assert F1Evaluator(F1Settings()).score(sample, said("15 million")).value == 0.5
