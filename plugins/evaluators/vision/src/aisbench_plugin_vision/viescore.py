"""The evaluator ``judge-edit``: a judge looks at a picture before and after it was edited.

VIEScore (M. Ku et al. 2024, arXiv:2312.14867) as GEdit-Bench uses it (S. Liu et al. 2025,
arXiv:2504.17761): semantic consistency SC is the lesser of two ratings (the edit was done; nothing
else was), perceptual quality PQ the lesser of two (natural; free of faults), the overall score O
is sqrt(SC PQ), each of 0 to 10 and a mean over the rows. GEdit-Bench calls them
G_SC, G_PQ and G_O.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

from attrs import evolve, frozen

from aisbench.api import (
    Answer,
    ContentPart,
    DataError,
    JsonObject,
    Measure,
    Media,
    Message,
    Prompt,
    Response,
    Sample,
    Score,
    Verdict,
    at_least,
    not_empty,
    setting,
)
from aisbench_plugin_vision.viescore_prompts import CONSISTENCY, CONTEXT, QUALITY

_BEST = 10.0
_STATED = re.compile(r"[\"']?score[\"']?\s{0,4}[:=]\s{0,4}\[([^\[\]]{1,80})\]", re.IGNORECASE)
_LIST = re.compile(
    r"\[\s{0,8}(\d{1,2}(?:\.\d{1,9})?\s{0,8},\s{0,8}\d{1,2}(?:\.\d{1,9})?)\s{0,8}\]"
)
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,9})?")


@frozen(kw_only=True)
class EditSettings:
    """Who judges, and where the edited pictures are."""

    judge: str = setting(
        help="name of the model of the suite that judges; it must see pictures",
        example="critic",
        check=not_empty,
    )
    edited: Path = setting(
        help="the folder with the edited pictures; an answer is the name of a file in it",
        example="results/step1x/fullset",
    )
    judgements: int = setting(
        default=1, check=at_least(1), help="times that each question is put to the judge"
    )
    generation: JsonObject = setting(
        factory=lambda: {"temperature": 0.0, "max_tokens": 1024},
        help="sampling settings of judgements; those of the judge's own model win",
        example={"temperature": 0, "max_tokens": 512},
    )
    context: Literal["viescore", "none"] = setting(
        default="viescore",
        help="viescore: the rules stand behind VIEScore's context, which asks for JSON; none: the "
        "rules alone, as AISBench puts them",
    )
    instruction: str = setting(
        default="instruction",
        help="the sample's field that says what is to be edited",
        example="prompt",
    )


class EditJudge:
    """Two questions: both pictures with the instruction, and the edited one alone."""

    def __init__(self, settings: EditSettings) -> None:
        self._settings = settings

    @property
    def judge(self) -> str:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.judge

    @property
    def against(self) -> str:
        """Nobody: an edit stands alone."""
        return ""

    @property
    def judgements(self) -> int:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.judgements

    @property
    def generation(self) -> JsonObject:
        """See :class:`aisbench.api.JudgedEvaluator`."""
        return self._settings.generation

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample does not say what is to be edited."""
        self._instruction(sample)

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """SC, then PQ. Raises DataError for an answer that names no picture."""
        edited = self._picture(sample, answer.text.strip())
        before = _shown(sample, answer)
        consistency = CONSISTENCY + self._instruction(sample)
        return [self._prompt(consistency, before, edited), self._prompt(QUALITY, edited)]

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """O as the value, of 1; SC, PQ and O as measures, of 10."""
        found = [
            (consistency, quality)
            for first, second in judgements
            if (consistency := rating(first.text)) is not None
            and (quality := rating(second.text)) is not None
        ]
        unread = Measure(
            value=100 * (1 - len(found) / len(judgements)),
            unit="%",
            weight=len(judgements),
            better="down",
        )
        if not found:
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="no judgement holds two ratings of 0 to 10",
                measures={"unreadable judgements": unread},
            )
        overall = fmean(math.sqrt(one * other) for one, other in found)
        weight = len(found)
        return Score(
            value=overall / _BEST,
            verdict=Verdict.GRADED,
            reason="; ".join(f"SC {one:g}, PQ {other:g}" for one, other in found),
            measures={
                "G_SC": Measure(value=fmean(one for one, _ in found), weight=weight),
                "G_PQ": Measure(value=fmean(other for _, other in found), weight=weight),
                "G_O": Measure(value=overall, weight=weight),
                "unreadable judgements": unread,
            },
        )

    def _instruction(self, sample: Sample) -> str:
        said = sample.fields.get(self._settings.instruction)
        if not isinstance(said, str) or not said.strip():
            raise DataError(
                f"sample {sample.id} has no text in its field {self._settings.instruction!r}, "
                "which says what is to be edited",
                hint="name the field as instruction",
            )
        return said

    def _prompt(self, rule: str, *pictures: Media) -> Prompt:
        text = f"{CONTEXT}\n{rule}" if self._settings.context == "viescore" else rule
        parts = (ContentPart(text=text), *(ContentPart(media=one) for one in pictures))
        return Prompt(messages=(Message(role="user", content=parts),))

    def _picture(self, sample: Sample, name: str) -> Media:
        """The edited picture. A model is not believed: what it names must lie in the folder."""
        home = self._settings.edited.resolve()
        # A name of a file is short; a whole answer would be no path at all.
        file = (home / name).resolve() if 0 < len(name) < 1000 and "\0" not in name else home
        if not file.is_relative_to(home) or not file.is_file():
            raise DataError(
                f"sample {sample.id}: the answer {name!r:.80} names no picture in {home}",
                hint="an answer is the path of the edited picture within the folder `edited`",
            )
        return Media(kind="image", path=str(file))


def _shown(sample: Sample, answer: Answer) -> Media:
    """The picture that was to be edited: the first one that the model was shown."""
    for prompt in answer.prompts:
        for one in prompt.media:
            if one.kind == "image":
                return evolve(one, mime="", sent="", file_id="", data="")
    raise DataError(
        f"sample {sample.id}: the model was shown no picture",
        hint='the prompt must hold the picture that is to be edited: prompt.images = ["{...}"]',
    )


def rating(text: str) -> float | None:
    """The lesser of the two ratings in a judgement; None: there are no two of 0 to 10."""
    stated = [_NUMBER.findall(one) for one in _STATED.findall(text)]
    listed = [_NUMBER.findall(one) for one in _LIST.findall(text)]
    for numbers in [*reversed(stated), *reversed(listed)]:
        values = [float(one) for one in numbers]
        if len(values) == 2 and max(values) <= _BEST:
            return min(values)
    return None
