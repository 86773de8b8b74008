"""What is read of a judge's words, and the figures that are made of it."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, DataError, Measure, Prompt, Response, Sample, Score, ScoreGroup
from aisbench.api import Verdict as V
from aisbench_plugin_factuality.calibration import CalibrationError, calibration_error
from aisbench_plugin_factuality.hle import HleJudge, judgement
from aisbench_plugin_factuality.settings import GraderSettings
from aisbench_plugin_factuality.simpleqa import SimpleQaGrader, grade

SAMPLE = Sample(id="s", fields={"question": "Who {was} it?"}, target="Ann")
SETTINGS = GraderSettings(judge="critic")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("A", "A"),
        ("B", "B"),
        ("C", "C"),
        (" a.\n", "A"),
        ("**B**", "B"),
        ("A: CORRECT", "A"),
        ("B: INCORRECT", "B"),
        ("C: NOT_ATTEMPTED", "C"),
        ("CORRECT", "A"),  # the authors' rule reads its first letter, C
        ("INCORRECT", "B"),
        ("Not attempted", "C"),
        ("The grade is B.", "B"),
        ("A or B", None),
        ("Because", None),
        ("I cannot help with a request like this.", None),
        ("As an AI, I grade nothing.", None),
        ("It has a vitamin C in it.", None),
        ("The predicted answer is not correct.", None),
        ("It is NOT CORRECT.", None),
        ("B\nThe predicted answer says Paris, but a gold target says Rome.", "B"),
        ("INCORRECT, since a year is missing.", "B"),
        ("The two years differ. B", "B"),
        ("评分：C", "C"),
        ("A: INCORRECT", None),
        ("", None),
    ],
)
def test_grades(text: str, letter: str | None) -> None:
    assert grade(text) == letter


def concluded(evaluator: Any, *texts: str) -> Score:
    score = evaluator.conclude(SAMPLE, Answer.of("x"), [[Response(text=text)] for text in texts])
    assert isinstance(score, Score)
    return score


def total(scores: list[Score], name: str) -> float:
    own = [one.measures[name] for one in scores if name in one.measures]
    return sum(one.value * one.weight for one in own) / sum(one.weight for one in own)


def test_figures_of_simpleqa() -> None:
    """5 right, 2 wrong, 3 not attempted: 50 %, of the attempted 5/7, F1 their harmonic mean."""
    grader = SimpleQaGrader(SETTINGS)
    scores = [concluded(grader, letter) for letter in "AAAAABBCCC"]
    assert [total(scores, name) for name in ("correct", "incorrect", "not attempted")] == [
        50, 20, 30,
    ]  # fmt: skip
    given = total(scores, "correct given attempted")
    assert given == pytest.approx(100 * 5 / 7)
    assert total(scores, "F1") == pytest.approx(2 * given * 50 / (given + 50))
    assert {one.verdict for one in scores} == {V.RIGHT, V.WRONG}
    assert concluded(grader, "A", "A", "B").verdict is V.RIGHT
    assert concluded(grader, "A", "B").reason == "judgements are split"
    assert concluded(grader, "?").verdict is V.UNPARSED


def test_what_the_judges_are_asked() -> None:
    answer = Answer(prompts=(Prompt(text="?"),), responses=(Response(text="It was {target}."),))
    (prompt,) = SimpleQaGrader(SETTINGS).questions(SAMPLE, answer, None)
    text = str(prompt.messages and prompt.messages[0].content)
    assert text.startswith("Your job is to look at a question, a gold target, and a predicted ans")
    assert (
        "Question: Who {was} it?\nGold target: Ann\nPredicted answer: It was {target}.\n" in text
    )
    assert text.endswith('Just return the letters "A", "B", or "C", with no text around it.')
    (prompt,) = HleJudge(SETTINGS).questions(SAMPLE, answer, None)
    text = str(prompt.messages and prompt.messages[0].content)
    assert "[question]: Who {was} it?\n\n[response]: It was {target}.\n\n" in text
    assert "[correct_answer]: Ann\n\nreasoning: Explain" in text
    with pytest.raises(DataError, match="no question, or no one reference"):
        HleJudge(SETTINGS).check(Sample(id="s", fields={"question": "x"}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("extracted_final_answer: 7\nreasoning: same\ncorrect: yes\nconfidence: 85%",
         (True, 85, "7")),
        ("**extracted_final_answer:** None\n**correct:** no\n**confidence:** 100",
         (False, 100, "None")),
        ("Correct: Yes.\nConfidence: 62.5 %", (True, 62.5, "")),
        ("correct: no", (False, 100, "")),
        ("correct: yes\nconfidence: 0|%| ", (True, 0, "")),
        ("correct: yes\ncorrect: no", None),
        ("correct: yes or no", None),
        ("It is correct.", None),
        ("", None),
    ],
)  # fmt: skip
def test_judgements_of_hle(text: str, found: tuple[bool, float, str] | None) -> None:
    assert judgement(text) == found


def test_calibration() -> None:
    """The authors leave out the last bin: of 300 answers in bins of 100, the 100 surest."""
    pairs = [(0.1, 0.0)] * 100 + [(0.5, 1.0)] * 100 + [(0.9, 0.0)] * 100
    expected = (1 / 3 * 0.1**2 + 1 / 3 * 0.5**2) ** 0.5
    assert calibration_error(pairs) == pytest.approx(expected)
    assert calibration_error([(0.8, 1.0), (0.4, 0.0)]) == pytest.approx(0.1)
    judge = HleJudge(SETTINGS)
    scores = tuple(concluded(judge, f"correct: {one}\nconfidence: 80") for one in ("yes", "no"))
    (figure,) = CalibrationError().reduce([ScoreGroup(sample_id="s", scores=scores)])
    assert figure.value == pytest.approx(30)
    assert (figure.n, figure.better) == (2, "down")
    with pytest.raises(ValueError, match="needs judgements"):
        bare = Score(value=0, verdict=V.WRONG, measures={"x": Measure(value=1)})
        CalibrationError().reduce([ScoreGroup(sample_id="s", scores=(bare,))])
    # A judge that says nothing of use, or a model that is down, ends no run.
    nothing = concluded(judge, "I would rather talk about owls."), Score(value=0, verdict=V.FAILED)
    assert CalibrationError().reduce([ScoreGroup(sample_id="s", scores=nothing)]) == []
