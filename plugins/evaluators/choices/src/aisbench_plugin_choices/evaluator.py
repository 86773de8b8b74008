"""The evaluator ``choice``: which option was taken, in words or by log-probability."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Literal

from aisbench.answers import WrittenAnswer, question_of
from aisbench.api import (
    Answer,
    DataError,
    FinishReason,
    Reading,
    Response,
    Sample,
    Score,
    Verdict,
)
from aisbench_plugin_choices.aisbench_rules import first_capital, last_letter
from aisbench_plugin_choices.evidence import Found
from aisbench_plugin_choices.letter_rules import GUESSING, LETTER_RULES
from aisbench_plugin_choices.likeliest import Scoring, scoring
from aisbench_plugin_choices.options import Options
from aisbench_plugin_choices.references import right_places
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_plugin_choices.several import letters_taken, several_stated
from aisbench_plugin_choices.taken_option import ChoiceReadings, read


def read_text(
    text: str,
    options: Sequence[str],
    *,
    count: int | None = None,
    question: str = "",
    asked: Literal["letter", "text"] = "letter",
) -> ChoiceReadings:
    """Both readings of a written answer. ``count`` where no texts of options are known."""
    offered = Options(tuple(options), len(options) if count is None else count)

    def answered(before: str) -> bool:
        return read(WrittenAnswer(before, question), offered, asked=asked).strict is not None

    answer = WrittenAnswer.read(text, question=question, options=options, answered=answered)
    return read(answer, offered, asked=asked)


class ChoiceEvaluator:
    """Compares the option that an answer takes with the reference."""

    def __init__(self, settings: ChoiceSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError for a reference that is none of the choices, as far as the sample
        tells its choices."""
        options = self._options(sample)
        count = len(options) or self._settings.count
        if sample.target is not None and 2 <= count <= len(ascii_uppercase):
            self._right(sample, options, count)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a reference that is none of the choices."""
        scored = scoring(answer)
        if scored is not None:
            return self._likeliest(sample, scored)
        if any(prompt.continuation for prompt in answer.prompts):
            return Score(
                value=0.0,
                verdict=Verdict.UNPARSED,
                reason="the choices came back without log-probabilities",
            )
        return self._written(sample, answer)

    # -- log-probabilities

    def _likeliest(self, sample: Sample, scored: Scoring) -> Score:
        values = scored.values()
        own = self._settings.by
        if own != "mass" and own not in values:
            raise DataError(
                f"sample {sample.id}: the choices were not scored without their question",
                hint='evaluation.by = "unconditional" needs `unconditional` in the prompt, such '
                'as "Answer:"',
            )
        texts = self._names(sample, scored)
        known = sample.target is not None
        right = right_places(sample, self._settings.target, texts) if known else []
        if own == "mass":
            taken = values["sum"].index(max(values["sum"]))
            share = scored.share(right) if known else 0.0
            verdict = Verdict.GRADED if known else Verdict.UNJUDGED
            return Score(value=share, verdict=verdict, extracted=texts[taken])
        readings = {}
        for name, each in values.items():
            taken = each.index(max(each))
            readings[name] = Reading(value=float(taken in right), extracted=texts[taken])
        return Score.of_reading(readings.pop(own), readings=readings, right_is_known=known)

    def _names(self, sample: Sample, scored: Scoring) -> list[str]:
        """What the choices are called: their texts, or the options in whose contexts they stand,
        or letters."""
        if not scored.own_contexts:
            return [text.strip() for text in scored.texts]
        options = [one.strip() for one in self._options(sample)]
        count = len(scored.texts)
        return options if len(options) == count else list(ascii_uppercase[:count])

    # -- words

    def _written(self, sample: Sample, answer: Answer) -> Score:
        options = self._options(sample)
        count = len(options) or self._settings.count
        if not 2 <= count <= len(ascii_uppercase):
            raise DataError(
                f"sample {sample.id} does not tell its options: it has no list under "
                f"{self._settings.options!r}",
                hint="name the field as evaluation.options, or their number as evaluation.count",
            )
        right = None
        if sample.target is not None:
            places = self._right(sample, options, count)
            right = "".join(ascii_uppercase[place] for place in places)
            if len(right) > 1 and self._settings.several == "all":
                return _together(sample, answer.text, right, count)
        response = answer.response
        found = self._found(sample, response, options, count)
        readings = {name: _reading(one, right) for name, one in found.items()}
        rule = self._settings.rule
        shown = [*options] or [""] * count
        for name in dict.fromkeys((rule, *self._settings.beside)):
            if name not in found:
                readings |= _others(name, response.text, shown, right)
        reading = readings[rule]
        if rule in found:
            taken = found[rule]
            reason = taken.how if taken else "no option is named, or several are"
        else:
            readings.pop(rule)
            how = REASONS.get(rule, f"by the rule {rule}")
            reason = how if reading.extracted else f"{how}: none"
        return Score.of_reading(
            reading, reason=reason, readings=readings, right_is_known=right is not None
        )

    def _found(
        self, sample: Sample, response: Response, options: Sequence[str], count: int
    ) -> dict[str, Found | None]:
        """What each rule takes of a written answer."""
        question = question_of(sample)
        if several_stated(response.text, question, options, count):
            return {"strict": None, "lenient": None}
        cut = response.finish_reason is FinishReason.LENGTH
        said = read_text(
            _finished(response.text) if cut else response.text,
            options,
            count=count,
            question=question,
            asked=self._settings.asked,
        )
        if cut:
            # What an answer that was cut short concludes or mentions is a step on the way.
            marked = said.strict if said.strict is not None and said.strict.marked else None
            return {"strict": marked, "lenient": marked}
        return {"strict": said.strict, "lenient": said.lenient}

    def _options(self, sample: Sample) -> list[str]:
        found = sample.fields.get(self._settings.options)
        if isinstance(found, (list, tuple)):
            return [str(one) for one in found]
        return []

    def _right(self, sample: Sample, options: Sequence[str], count: int) -> list[int]:
        kind = self._settings.target
        names: Sequence[str] = options or [""] * count
        if kind == "auto" and isinstance(sample.target, str) and len(sample.target) == 1:
            kind = "letter" if sample.target.upper() in ascii_uppercase[:count] else kind
        return right_places(sample, kind, names)


REASONS = {"aisbench-last": "last letter", "aisbench-first": "first capital letter"}
"""What a score says of AISBench's rules for texts."""


def _others(name: str, text: str, options: Sequence[str], right: str | None) -> dict[str, Reading]:
    """What somebody else's rule makes of an answer; with a random guess where it has none and its
    authors guess: the value is then what guesses give on average."""
    if name == "aisbench-last":
        letter = last_letter(text, len(options))
    elif name == "aisbench-first":
        letter = first_capital(text)
    else:
        letter = LETTER_RULES[name](text, options)
    found = {name: Reading(value=_value(letter, right), extracted=letter)}
    if name in GUESSING:
        value = _value(letter, right) if letter else 1 / len(options)
        found[f"{name}, guessed"] = Reading(value=value, extracted=letter or "a guess")
    return found


def _together(sample: Sample, text: str, right: str, count: int) -> Score:
    """Of several right options an answer takes all and no other, or it is wrong."""
    taken = letters_taken(text, question_of(sample), count)
    reading = Reading(value=float(taken == right), extracted=taken)
    reason = "stated letters" if taken else "no letters are stated"
    return Score.of_reading(reading, reason=reason)


_GOES_ON = re.compile(
    r"(?:\b(?:and|or|nor|not|n't|either|neither|but|option)|[,/、和或与不非]|(?<![A-Za-z])[AI])[\s*(]*\Z"
)
_ENDS = ".!?。！？\n"
_TAIL = 500
"""Characters of a sentence that was cut; a longer one is left as it is."""


def _finished(text: str) -> str:
    """``text`` without the sentence in which it was cut, where that may go on to say something
    else: "The answer is A" an article, "B or" another option. A whole answer such as "A" ends."""
    tail = text[-_TAIL:]
    begin = 1 + max(tail.rfind(end) for end in _ENDS)
    match = _GOES_ON.search(tail, begin)
    if match is None or not tail[begin : match.start()].strip(" \t(*\"'"):
        return text
    return text[: len(text) - len(tail) + begin]


def _reading(found: Found | None, right: str | None) -> Reading:
    if found is None:
        return Reading(value=0.0, extracted=None)
    letter = ascii_uppercase[found.place]
    return Reading(value=_value(letter, right), extracted=letter)


def _value(letter: str | None, right: str | None) -> float:
    """1 for a letter that is right, or one of them."""
    return float(letter is not None and right is not None and letter in right)
