"""Templates whose prompts are not answered: given answers are compared by their likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.filling import fill_places
from aisbench.prompting.templates import (
    ChatSettings,
    ChatTemplate,
    TextSettings,
    TextTemplate,
    fill_list,
)
from aisbench.settings.fields import not_empty, setting
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample

_CHOICES = setting(
    check=not_empty,
    help='the answers, such as [" A", " B"] or ["{choices}"]: a field may hold a list',
    example=["{choices}"],
)
_BEFORE = setting(default="", help='what stands before each of them, such as " "', example=" ")


@frozen(kw_only=True)
class TextChoicesSettings(TextSettings):
    """Texts of a plain-string prompt, and the texts that may follow it."""

    choices: tuple[str, ...] = _CHOICES
    before: str = _BEFORE
    unconditional: str = setting(
        default="",
        help='a text such as "Answer:" behind which each choice is scored once more, without the '
        "question; empty: it is not",
        example="A:",
    )
    scored: Literal["choice", "prompt"] = setting(
        default="choice",
        help="whose tokens: those of the choice, or of the whole prompt with it (AISBench's ppl)",
    )


@frozen(kw_only=True)
class ChatChoicesSettings(ChatSettings):
    """Texts of a chat prompt, and the answers that may follow it."""

    choices: tuple[str, ...] = _CHOICES
    before: str = _BEFORE


@frozen(kw_only=True)
class TextScoreSettings:
    """A text that is not answered but scored."""

    text: str = setting(
        help='the text whose log-probabilities are asked for, such as "{text}"', example="{text}"
    )
    context: str = setting(
        default="", help="what stands before it and is not scored", example="{title}\n"
    )
    separator: str = setting(
        default="\n\n", help="what follows each example, a text too", example="\n\n###\n\n"
    )


class TextScoreTemplate:
    """A text whose likelihood is wanted, for its perplexity."""

    def __init__(self, settings: TextScoreSettings) -> None:
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        texts = self._settings
        before = "".join(fill_places(texts.text, shot) + texts.separator for shot in shots)
        return Prompt(
            text=before + fill_places(texts.context, sample),
            continuation=fill_places(texts.text, sample),
            rolling=True,
        )


class TextChoicesTemplate:
    """The plain-string prompt with its choices."""

    def __init__(self, settings: TextChoicesSettings) -> None:
        self._plain = TextTemplate(settings)
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        prompt = self._plain.render(sample, shots)
        choices = _choices(self._settings, sample)
        if self._settings.scored == "prompt":
            assert prompt.text is not None
            return attrs.evolve(
                prompt, text="", choices=tuple(prompt.text + one for one in choices)
            )
        alone = fill_places(self._settings.unconditional, sample)
        return attrs.evolve(prompt, choices=choices, unconditional=alone)


class ChatChoicesTemplate:
    """The chat prompt with its choices."""

    def __init__(self, settings: ChatChoicesSettings) -> None:
        self._plain = ChatTemplate(settings)
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        prompt = self._plain.render(sample, shots)
        return attrs.evolve(prompt, choices=_choices(self._settings, sample))


def _choices(
    settings: TextChoicesSettings | ChatChoicesSettings, sample: Sample
) -> tuple[str, ...]:
    found = [text for one in settings.choices for text in fill_list(one, sample)]
    before = fill_places(settings.before, sample)
    if len(found) < 2:
        raise DataError(
            f"sample {sample.id} has {len(found)} answers to choose from",
            hint="set `choices` to texts, or to a field that holds a list of them",
        )
    return tuple(before + one for one in found)
