"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import at_least, setting

Rule = Literal[
    "lenient", "strict", "aisbench-last", "aisbench-first", "mmmu", "mmmu-pro", "mmstar",
    "vlmevalkit", "vlmevalkit-videomme", "lmms-eval", "lmms-eval-vocalsound",
    "aisbench-mmmu", "aisbench-videomme", "aisbench-videobench", "aisbench-first-character",
]  # fmt: skip
By = Literal["sum", "token", "byte", "character", "unconditional", "mass"]


@frozen
class ChoiceSettings:
    """How the choice is read, how log-probabilities are compared, and what the reference is."""

    rule: Rule = setting(
        default="lenient",
        help="of a written answer: the stated letter or whatever else names one option; the "
        "stated letter alone; AISBench's last letter among the options', or first capital letter; "
        "the others are those of the authors and tools that they are named after (README)",
    )
    beside: tuple[Rule, ...] = setting(
        default=(),
        help="further rules, whose figures stand beside; mmmu and mmmu-pro also with what a "
        "random guess adds on average where they find no letter, as their authors guess",
        example=["mmmu"],
    )
    asked: Literal["letter", "text"] = setting(
        default="letter",
        help="what the prompt asks for: an option's letter, or its words (then the strict rule "
        "reads those, and no letter counts)",
    )
    by: By = setting(
        default="sum",
        help="of log-probabilities: those of the whole choice; by its tokens, by its bytes, by "
        "its characters; or against those without the question (needs `unconditional` in the "
        "prompt); mass: no choice is taken, the share of the right ones in the probability of all "
        "is the score (TruthfulQA's MC2)",
    )
    target: Literal["auto", "text", "letter", "index"] = setting(
        default="auto",
        help="what the reference is: a choice's text, its letter, its place from 0; auto: the "
        "letter in a written answer, else the first of these that fits; a list of them where "
        "several are right together (of log-probabilities any of them)",
    )
    several: Literal["all", "any"] = setting(
        default="all",
        help="where several options are right, a written answer must state all of them and no "
        "other, or any one of them",
    )
    options: str = setting(
        default="choices",
        help="the sample's field with the list of the options' texts",
        example="answers",
    )
    count: int = setting(
        default=0, check=at_least(0), help="options, where the sample does not list them"
    )
