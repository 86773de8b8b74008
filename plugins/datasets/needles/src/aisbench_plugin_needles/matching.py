"""The evaluator ``needle-match``: whether an answer names what was hidden."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from aisbench.api import Answer, DataError, Sample, Score, Verdict, setting

Rule = Literal["all", "any", "boxed"]
_CONTROL = re.compile(r"[\x00-\x1f]")


@frozen
class MatchSettings:
    """What counts as found."""

    rule: Literal["auto", "all", "any", "boxed"] = setting(
        default="auto",
        help="all: the share of the references that stand in the answer; any: whether one does; "
        "boxed: whether the last \\boxed{} holds one; auto: as the sample's field rule says",
    )
    ignore_case: bool = setting(
        default=True, help="upper and lower case are the same, as in RULER; not in NeedleBench"
    )


class NeedleMatch:
    """RULER's ``string_match_all`` and ``string_match_part`` (its scripts/eval/synthetic),
    NeedleBench's ``keyword in prediction``, and its boxed answers. A sample's field ``exact_case``
    wins over ``ignore_case``."""

    def __init__(self, settings: MatchSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no references, or its rule is none."""
        _wanted(sample)
        self._rule(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError as :meth:`check`."""
        wanted, rule = _wanted(sample), self._rule(sample)
        text = _CONTROL.sub("\n", answer.text.strip()).strip()
        if not text:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        if rule == "boxed":
            return self._boxed(sample, wanted, answer.text)
        said = self._plain(sample, text)
        found = [one for one in wanted if self._plain(sample, one) in said]
        share = len(found) / len(wanted) if rule == "all" else float(bool(found))
        if share in (0.0, 1.0):
            verdict = Verdict.RIGHT if share else Verdict.WRONG
        else:
            verdict = Verdict.GRADED
        return Score(value=share, verdict=verdict, extracted=", ".join(found) or None)

    def _boxed(self, sample: Sample, wanted: list[str], text: str) -> Score:
        said = last_boxed(text)
        if said is None:
            return Score(
                value=0.0, verdict=Verdict.UNPARSED, reason="there is no \\boxed{} with an answer"
            )
        right = any(self._plain(sample, one) == self._plain(sample, said) for one in wanted)
        return Score(
            value=float(right), verdict=Verdict.RIGHT if right else Verdict.WRONG, extracted=said
        )

    def _plain(self, sample: Sample, text: str) -> str:
        exact = sample.fields.get("exact_case", not self._settings.ignore_case)
        return text if exact else text.lower()

    def _rule(self, sample: Sample) -> str:
        rule = self._settings.rule
        found = sample.fields.get("rule", "all") if rule == "auto" else rule
        if found not in ("all", "any", "boxed"):
            raise DataError(
                f"sample {sample.id}: its field rule is {found!r}",
                hint='it is "all", "any" or "boxed"; or set rule',
            )
        return str(found)


def last_boxed(text: str) -> str | None:
    """What stands in the last ``\\boxed{}``, without ``\\text{}``, quotes and doubled blanks: as
    NeedleBench cleans it. None when there is none, or it is empty."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth, begin = 0, start + len("\\boxed")
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            break
    else:
        return None
    inside = re.sub(r"\\text\{([^{}]*)\}", r"\1", text[begin + 1 : place])
    inside = inside.strip("{}")
    for mark in ("\\", '"', "'"):
        inside = inside.replace(mark, "")
    return " ".join(inside.replace("~", " ").split()) or None


def _wanted(sample: Sample) -> list[str]:
    target = sample.target
    several = list(target) if isinstance(target, (list, tuple)) else [target]
    texts = [str(one) for one in several if isinstance(one, (str, int, float))]
    if not texts or len(texts) < len(several) or not all(map(str.strip, texts)):
        raise DataError(
            f"sample {sample.id} has nothing to look for: its target is {target!r}",
            hint="the target is a text, or a list of texts",
        )
    return texts
