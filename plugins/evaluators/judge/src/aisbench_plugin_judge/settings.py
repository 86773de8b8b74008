"""What a suite may set, and must: who judges."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from aisbench.api import JsonObject, at_least, not_empty, setting


def _regex(pattern: str) -> str | None:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"must be a regular expression ({error})"
    return None if groups else "must have a group that is the verdict"


@frozen(kw_only=True)
class JudgeSettings:
    """Keys of every judge."""

    judge: str = setting(
        help="name of the model of the suite that judges", example="critic", check=not_empty
    )
    judgements: int = setting(
        default=1, check=at_least(1), help="times that each question is put to it"
    )
    generation: JsonObject = setting(
        factory=lambda: {"temperature": 0.0, "max_tokens": 2048},
        help="sampling settings of judgements; those of the judge's own model win",
        example={"temperature": 0, "max_tokens": 512},
    )
    system: str = setting(
        default="",
        help="the judge's system text; empty: none, or the set's",
        example="You are a strict examiner.",
    )
    prompt: str = setting(
        default="",
        help="the judge's prompt, with {question}, {answer}, {reference}, any field of the "
        "sample, and of conversations {question_1}, {answer_1}, ...; empty: the set's own, else a "
        "plain one",
        example="{question}\n\nAnswer: {answer}\n\nEnd with [[RIGHT]] or [[WRONG]].",
    )
    turns: Literal["each", "last"] = setting(
        default="each", help="of a conversation: judge each answer, or the last one"
    )


@frozen(kw_only=True)
class RatingSettings(JudgeSettings):
    """A number on a scale."""

    low: float = setting(default=1.0, help="the worst rating")
    high: float = setting(default=10.0, help="the best rating")
    pattern: str = setting(
        default="",
        check=lambda pattern: _regex(pattern) if pattern else None,
        help="regular expression of the rating in what the judge says; empty: a number in double "
        "brackets, else one behind a word such as Rating or Score",
        example="Score: (\\d+)",
    )


@frozen(kw_only=True)
class VerdictSettings(JudgeSettings):
    """Right or wrong."""

    pattern: str = setting(
        default=r"\[\[\s*(\w+)\s*\]\]",
        check=_regex,
        help="regular expression of the verdict; verdicts that differ are unreadable",
        example="Verdict: (\\w+)",
    )
    right: tuple[str, ...] = setting(
        default=("RIGHT", "CORRECT", "A", "YES"),
        help="verdicts that mean right, in any case",
        example=["PASS"],
    )
    wrong: tuple[str, ...] = setting(
        default=("WRONG", "INCORRECT", "B", "NO"),
        help="verdicts that mean wrong, in any case",
        example=["FAIL"],
    )


@frozen(kw_only=True)
class PairwiseSettings(JudgeSettings):
    """Whose answer is better."""

    against: str = setting(
        help="name of the model of the suite whose answers are compared",
        example="baseline",
        check=not_empty,
    )
    swap: bool = setting(
        default=True, help="ask again with the answers in the other order; disagreement is a tie"
    )
    pattern: str = setting(
        default=r"\[\[\s*([ABC])\s*\]\]",
        check=_regex,
        help="regular expression of A, B or C (a tie); verdicts that differ are unreadable",
        example="Winner: ([ABC])",
    )
