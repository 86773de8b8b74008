"""A score made of one reading."""

from __future__ import annotations

from aisbench.api import Reading, Score, Verdict


def test_the_verdict_follows_from_the_reading() -> None:
    others = {"strict": Reading(value=0.0, extracted=None)}
    right = Score.of_reading(Reading(value=1.0, extracted="B"), reason="boxed", readings=others)
    assert right == Score(
        value=1.0, verdict=Verdict.RIGHT, extracted="B", reason="boxed", readings=others
    )
    wrong = Score.of_reading(Reading(value=0.0, extracted="B"))
    assert (wrong.value, wrong.verdict, dict(wrong.readings)) == (0.0, Verdict.WRONG, {})
    nothing = Score.of_reading(Reading(value=0.0, extracted=None))
    assert (nothing.verdict, nothing.extracted) == (Verdict.UNPARSED, None)


def test_nothing_is_right_or_wrong_where_nobody_knows_what_is_right() -> None:
    found = Score.of_reading(Reading(value=0.0, extracted="B"), right_is_known=False)
    assert (found.verdict, found.extracted) == (Verdict.UNJUDGED, "B")
    nothing = Score.of_reading(Reading(value=0.0, extracted=None), right_is_known=False)
    assert nothing.verdict is Verdict.UNPARSED
