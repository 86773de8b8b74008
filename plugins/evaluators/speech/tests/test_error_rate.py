"""Error rates of transcripts: jiwer's counts, Whisper's rules, sums over rows."""

from __future__ import annotations

import pytest

from aisbench.api import Answer, DataError, Sample, Score
from aisbench_plugin_speech.error_rate import ErrorRateEvaluator
from aisbench_plugin_speech.settings import ErrorRateSettings
from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-speech"


def scored(target: object, said: str, **settings: str) -> Score:
    evaluator = ErrorRateEvaluator(ErrorRateSettings(**settings))  # type: ignore[arg-type]
    return evaluator.score(Sample(id="1", target=target), Answer.of(said))  # type: ignore[arg-type]


def test_words_that_are_other_missing_and_too_many() -> None:
    found = scored("the cat sat on the mat", "A cat sat the mat today").measures
    assert {name: round(one.value * 6) for name, one in found.items()} == {
        "wer": 3, "wer_substitutions": 1, "wer_deletions": 1, "wer_insertions": 1,
    }  # fmt: skip
    assert {one.weight for one in found.values()} == {6}
    assert {one.better for one in found.values()} == {"down"}


@pytest.mark.parametrize(
    ("target", "said", "rules", "rate"),
    [
        ("It's twenty one dollars, Mr. Smith.", "it is $21 mister smith", "english", 0),
        ("The colour [laughs] is grey", "the color is gray", "english", 0),
        ("Grüße, Welt!", "grüße welt", "basic", 0),
        ("Hello, World", "hello world", "none", 1),
        ("one two", "", "english", 1),
        ("a", "one two three four", "none", 4),
    ],
)
def test_what_is_done_before(target: str, said: str, rules: str, rate: float) -> None:
    score = scored(target, said, normalise=rules)
    assert score.measures["wer"].value == pytest.approx(rate)
    assert score.value == pytest.approx(max(0.0, 1 - rate))


def test_characters_of_chinese() -> None:
    found = scored("今天天气很好", "今天天汽好", unit="characters", normalise="basic").measures
    assert found["cer"].value == pytest.approx(2 / 6)
    assert found["cer_deletions"].value == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("target", "said", "unit", "rate", "units"),
    [
        ("你好，世界。", "你好世界", "characters", 0, 4),  # a comma is no blank
        ("我用Python写code", "我用 python 写 code", "characters", 0, 13),
        ("hello, world", "helloworld", "characters", 1 / 11, 11),  # here a blank is one
        ("한국어 좋아", "한국어좋아", "characters", 1 / 6, 6),
        ("我用Python写code。", "我用 python 写 cold", "mixed", 1 / 5, 5),
        ("カタカナ and more", "カタカ and more", "mixed", 1 / 6, 6),
    ],
)
def test_languages_without_blanks(
    target: str, said: str, unit: str, rate: float, units: int
) -> None:
    measures = scored(target, said, unit=unit, normalise="basic").measures
    (found,) = (one for name, one in measures.items() if "_" not in name)
    assert (found.value, found.weight) == (pytest.approx(rate), units)


@pytest.mark.parametrize("target", ["", "[music]", None, ["a", "b"], 7])
def test_references_without_words(target: object) -> None:
    evaluator = ErrorRateEvaluator(ErrorRateSettings())
    with pytest.raises(DataError, match=r"no transcript|nothing is left"):
        evaluator.check(Sample(id="1", target=target))  # type: ignore[arg-type]


def test_texts_that_the_rules_do_not_take() -> None:
    """Long blanks and strings of digits come to an end."""
    assert scored("one", " " * 100_000 + "one").value == 1
    assert scored("one", "nan inf 1e999 9" + "9" * 5000).value == 0
