"""Rules of authors and tools: what each of them makes of an answer, as their code does."""

from __future__ import annotations

import pytest

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.letter_rules import LETTER_RULES
from aisbench_plugin_choices.settings import ChoiceSettings

OPTIONS = ["a red kite", "two boats", "the old tower", "nothing at all"]


@pytest.mark.parametrize(
    ("rule", "text", "letter"),
    [
        ("mmmu", "(A) no, (C) yes, (A) no", "A"),  # the last in brackets
        ("mmmu", "so B it is", "B"),
        ("mmmu", "B. two boats", None),  # no blank behind it
        ("mmmu", "I would say that it shows the old tower there", "C"),
        ("mmmu", "B.", "B"),  # marks at the ends go first
        ("mmmu-pro", "C or D?\nAnswer: D", "D"),
        ("mmmu-pro", "J. A dramatic increase", "A"),  # "A " comes before "J."
        ("mmmu-pro", "B. two", "B"),
        ("mmmu-pro", "I cannot say", "I"),  # an option of ten
        ("mmmu-pro", "not shown", None),
        ("mmstar", "The answer is C.", "C"),
        ("mmstar", "(b) two boats", "B"),
        ("mmstar", "Answer: C", "A"),  # the first character
        ("vlmevalkit", "It is (B).", "B"),
        ("vlmevalkit", "A man, so D", None),  # two letters
        ("vlmevalkit", "the answer is c", "C"),
        ("vlmevalkit", "two boats", "B"),
        ("vlmevalkit", "Cannot determine the answer", None),
        ("vlmevalkit-videomme", "Best answer: C", "B"),  # the begin is not taken out: B of Best
        ("aisbench-videomme", "Best answer: C", "C"),
        ("lmms-eval", "Final Answer: C\nExplanation: A boat", "A"),
        ("lmms-eval", "Based on it, the correct option is C.", "C"),
        ("lmms-eval", " ", None),
        ("aisbench-mmmu", "ANSWER: C", "C"),
        ("aisbench-mmmu", "ANSWER: A, C", None),
        ("aisbench-mmmu", "It is D. Thank You", "Y"),  # any capital letter, the last
        ("aisbench-videobench", "Answer: C", "A"),
        ("aisbench-first-character", "Cough", "C"),
        ("aisbench-first-character", "(C)", None),
    ],
)
def test_rules(rule: str, text: str, letter: str | None) -> None:
    options = OPTIONS + [f"option {number}" for number in range(6)]
    assert LETTER_RULES[rule](text, options if rule == "mmmu-pro" else OPTIONS) == letter


def test_names_of_sounds_in_the_order_of_lmms_eval() -> None:
    sounds = ["Laughter", "Sigh", "Cough", "Throat clearing", "Sneeze", "Sniff"]
    rule = LETTER_RULES["lmms-eval-vocalsound"]
    assert rule("a sneeze, or a cough", sounds) == "C"
    assert rule("He clears his throat.", sounds) == "D"
    assert rule("silence", sounds) is None


def test_figures_beside_our_own_reading() -> None:
    """What a guess adds on average stands apart; an answer without a letter is not right."""
    sample = Sample(id="s", target="B", fields={"question": "Which?", "choices": OPTIONS})
    evaluator = ChoiceEvaluator(ChoiceSettings(beside=("mmmu", "aisbench-last")))
    score = evaluator.score(sample, Answer.of("B) two boats"))
    assert (score.value, score.extracted) == (1.0, "B")
    assert score.readings["mmmu"].extracted is None
    assert score.readings["mmmu, guessed"].value == 0.25
    assert score.readings["aisbench-last"].value == 1.0
    score = ChoiceEvaluator(ChoiceSettings(rule="mmmu")).score(sample, Answer.of("B) two boats"))
    assert (score.verdict, score.value) == (Verdict.UNPARSED, 0.0)
    assert score.readings["lenient"].value == 1.0
    assert score.readings["mmmu, guessed"].value == 0.25
