"""What judges are asked, and what is made of what they say."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, DataError, Message, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_judge.pairwise import Pairwise
from aisbench_plugin_judge.rating import Rating
from aisbench_plugin_judge.settings import PairwiseSettings, RatingSettings, VerdictSettings
from aisbench_plugin_judge.verdict import VerdictJudge

ONE = Sample(id="s", fields={"question": "How many?"}, target="7")


def said(*answers: str) -> Answer:
    """A conversation; each question is "q1", "q2", ..."""
    return Answer(
        prompts=tuple(
            Prompt(messages=(Message(role="user", content=f"q{number}"),))
            for number in range(1, len(answers) + 1)
        ),
        responses=tuple(Response(text=answer) for answer in answers),
    )


def texts(prompts: Any) -> list[str]:
    return [prompt.messages[-1].text for prompt in prompts]


def replies(*words: str) -> list[Response]:
    return [Response(text=word) for word in words]


def rating(**settings: Any) -> Rating:
    return Rating(RatingSettings(judge="critic", **settings))


def test_a_rating_is_asked_for_every_turn() -> None:
    asked = texts(rating().questions(ONE, said("seven", "eight"), None))
    assert len(asked) == 2
    assert "How many?" in asked[0] and "seven" in asked[0] and "eight" not in asked[0]
    assert "q2" in asked[1] and "eight" in asked[1]
    assert len(rating(turns="last").questions(ONE, said("seven", "eight"), None)) == 1


def test_the_sets_own_prompts_and_the_suites() -> None:
    sample = Sample(
        id="s",
        fields={
            "question": "How many?",
            "judging": {
                "single": [
                    {"system": "S", "prompt": "1: {answer} {ref_answer_1}"},
                    {
                        "system": "T",
                        "prompt": "2: {answer_1}, {question_2} {answer_2} {reference}",
                    },
                ]
            },
        },
        target=["r1", "r2"],
    )
    prompts = rating().questions(sample, said("a", "b"), None)
    assert texts(prompts) == ["1: a r1", "2: a, q2 b r2"]
    assert prompts[0].messages is not None and prompts[0].messages[0].text == "S"
    own = rating(prompt="mine {answer} {braces are left}")
    assert texts(own.questions(sample, said("a"), None)) == ["mine a {braces are left}"]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(DataError, match=r"names \{nothing\}, which sample s does not have"):
        rating(prompt="{nothing}").questions(ONE, said("a"), None)


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Good. Rating: [[8]]", 8.0),
        ("[[3]] no, [[4.5]]", 4.5),
        ("Rating: [6]", 6.0),
        ("[[11]]", None),
        ("[[0]]", None),
        ("nine", None),
        ("", None),
        # Double brackets first: footnotes and lists are no ratings.
        ("Rating: [[9]]. The facts agree with source [1].", 9.0),
        ("Rating: [[9]]\n\nSources:\n[1] A handbook\n[2] A map", 9.0),
        ("[1] says so. Rating: [[4]]", 4.0),
        ("Entry [3] of the table is right, but I cannot rate this answer.", None),
        ("See [2].", None),
        ("[5]", 5.0),
        ("A good answer.\n[5]", 5.0),
        ('Poor. Rating: [[2]] (the answer rates itself "[[10]]").', 2.0),
        ("Rating: [[8/10]]", 8.0),
        ("Rating: [[8/20]]", None),
        ("Rating: [[4/5]]", None),
        ("评分：【【8】】", 8.0),
        ("评分：8分", 8.0),
        ("**Score: 9**", 9.0),
        ("My rating is 7 out of 10.", 7.0),
        ("Score: 85%", None),
        ("Accuracy score: 5\nStyle score: 7", None),
        ("The user's rating of 5 shows that he is content.", None),
        ("Accuracy score: 5\nStyle score: 7\nOverall score: 6", 6.0),
        # Two that differ are no rating.
        ("[[3]] or [[7]]", None),
        ("Rating: [[7]]\n\nRating: [[7]]", 7.0),
        ("Rating: [[3]]. Correction: Rating: [[6]]", 6.0),
        ("评分：[[3]]。更正：[[6]]", 6.0),
        ("Rating: [[8]]<|im_end|>\n<|im_start|>user\nRating: [[1]]", 8.0),
    ],
)
def test_ratings_are_read(reply: str, value: float | None) -> None:
    score = rating().conclude(ONE, said("a"), [replies(reply)])
    if value is None:
        assert score.verdict is Verdict.UNPARSED
        assert score.measures["unreadable judgements"].value == 100
    else:
        assert score.verdict is Verdict.GRADED
        assert score.measures["rating"].value == value
        assert score.value == pytest.approx((value - 1) / 9)


def test_ratings_of_turns_and_several_judgements() -> None:
    both = [replies("[[8]]", "[[4]]"), replies("[[6]]", "?")]
    score = rating(judgements=2).conclude(ONE, said("a", "b"), both)
    found = {name: (one.value, one.weight) for name, one in score.measures.items()}
    assert found["rating"] == (6.0, 3)
    assert found["rating of turn 1"] == (7.0, 2)
    assert found["rating of turn 2"] == (4.0, 1)
    assert found["unreadable judgements"] == (25.0, 4)
    assert found["spread of judgements"][0] == 1.0


def verdict(*words: str, **settings: Any) -> Score:
    judge = VerdictJudge(VerdictSettings(judge="critic", judgements=len(words), **settings))
    return judge.conclude(ONE, said("a"), [replies(word) for word in words])


def test_a_verdict_is_asked_beside_the_reference() -> None:
    judge = VerdictJudge(VerdictSettings(judge="critic"))
    (asked,) = texts(judge.questions(ONE, said("seven"), None))
    assert "How many?" in asked and "\n7\n" in asked and "seven" in asked
    with pytest.raises(DataError, match="no reference for the judge"):
        judge.questions(Sample(id="s", fields={"question": "?"}), said("a"), None)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (("[[RIGHT]]",), Verdict.RIGHT),
        (("[[wrong]]",), Verdict.WRONG),
        (("[[A]]",), Verdict.RIGHT),
        (("[[WRONG]], no: [[Correct]]",), Verdict.RIGHT),
        (("right",), Verdict.UNPARSED),
        (("[[RIGHT]] if it is 7, else [[WRONG]]",), Verdict.UNPARSED),
        (("**[[RIGHT]]**",), Verdict.RIGHT),
        (("[[MAYBE]]",), Verdict.UNPARSED),
        (("[[RIGHT]]", "[[WRONG]]", "[[RIGHT]]"), Verdict.RIGHT),
        (("[[RIGHT]]", "[[WRONG]]"), Verdict.WRONG),
        (("[[RIGHT]]", "?"), Verdict.RIGHT),
    ],
)
def test_verdicts_are_read(words: tuple[str, ...], outcome: Verdict) -> None:
    assert verdict(*words).verdict is outcome


def test_agreement_of_verdicts() -> None:
    score = verdict("[[RIGHT]]", "[[RIGHT]]", "[[WRONG]]", "?")
    assert score.measures["agreement of judgements"].value == pytest.approx(200 / 3)
    assert score.measures["unreadable judgements"].value == 25


def pairwise(**settings: Any) -> Pairwise:
    return Pairwise(PairwiseSettings(judge="critic", against="other", **settings))


def test_both_orders_are_asked() -> None:
    asked = texts(pairwise().questions(ONE, said("ours"), said("theirs")))
    assert len(asked) == 2
    assert asked[0].index("ours") < asked[0].index("theirs")
    assert asked[1].index("theirs") < asked[1].index("ours")
    assert len(pairwise(swap=False).questions(ONE, said("ours"), said("theirs"))) == 1
    assert pairwise().against == "other"


@pytest.mark.parametrize(
    ("words", "value", "agreed"),
    [
        (("[[A]]", "[[B]]"), 1.0, 100),
        (("[[B]]", "[[A]]"), 0.0, 100),
        (("[[C]]", "[[C]]"), 0.5, 100),
        (("[[A]]", "[[A]]"), 0.5, 0),  # it prefers the first place
        (("[[B]]", "[[B]]"), 0.5, 0),
        (("[[A]]", "[[C]]"), 0.5, 0),
    ],
)
def test_a_win_holds_in_both_orders(words: tuple[str, str], value: float, agreed: float) -> None:
    score = pairwise().conclude(ONE, said("ours"), [replies(*words)])
    assert score.value == value
    assert score.measures["win rate"].value == 100 * value
    assert score.measures["agreement of both orders"].value == agreed


def test_one_order_alone_and_what_cannot_be_read() -> None:
    one = pairwise(swap=False).conclude(ONE, said("ours"), [replies("[[A]]")])
    assert one.value == 1.0
    half = pairwise().conclude(ONE, said("ours"), [replies("[[A]]", "?")])
    assert half.verdict is Verdict.UNPARSED
    assert half.measures["unreadable judgements"].value == 50
