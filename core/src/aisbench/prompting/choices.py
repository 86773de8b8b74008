"""Templates whose prompts are not answered: given answers are compared by their likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.contract.prompts import Template
from aisbench.data.filling import fill_places
from aisbench.prompting.templates import (
    ChatSettings,
    ChatTemplate,
    TextSettings,
    TextTemplate,
    fill_list,
)
from aisbench.settings.fields import not_empty, setting
from aisbench.types.prompt import Choice, Prompt
from aisbench.types.sample import Sample

_CHOICES = setting(
    check=not_empty,
    help='the answers, such as [" A", " B"] or ["{choices}"]: a field may hold a list',
    example=["{choices}"],
)
_EACH = setting(
    default=(),
    help="options that stand in the question, where it says {choice}, so that each choice has a "
    "context of its own; `choices` is then one text, in which {choice} may stand as well",
    example=["{options}"],
)
_BEFORE = setting(default="", help='what stands before each of them, such as " "', example=" ")


@frozen(kw_only=True)
class TextChoicesSettings(TextSettings):
    """Texts of a plain-string prompt, and the texts that may follow it."""

    choices: tuple[str, ...] = _CHOICES
    each: tuple[str, ...] = _EACH
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
    each: tuple[str, ...] = _EACH
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
        prompt, choices = _with_choices(self._plain, self._settings, sample, shots)
        if self._settings.scored == "prompt":
            whole = (
                (prompt.text if one.context is None else one.context, one.continuation)
                for one in choices
            )
            return attrs.evolve(
                prompt, text="", choices=tuple(f"{text}{choice}" for text, choice in whole)
            )
        alone = fill_places(self._settings.unconditional, sample)
        return attrs.evolve(prompt, choices=choices, unconditional=alone)


class ChatChoicesTemplate:
    """The chat prompt with its choices."""

    def __init__(self, settings: ChatChoicesSettings) -> None:
        self._plain = ChatTemplate(settings)
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        prompt, choices = _with_choices(self._plain, self._settings, sample, shots)
        return attrs.evolve(prompt, choices=choices)


def _with_choices(
    plain: Template,
    settings: TextChoicesSettings | ChatChoicesSettings,
    sample: Sample,
    shots: Sequence[Sample],
) -> tuple[Prompt, tuple[Choice, ...]]:
    """The prompt without its choices, and they. Where each of them has a context of its own, the
    prompt has that of the first."""
    before = fill_places(settings.before, sample)
    if not settings.each:
        texts = _filled(settings.choices, sample)
        return plain.render(sample, shots), tuple(Choice(before + one) for one in texts)
    if len(settings.choices) != 1:
        raise DataError(
            f"the prompt has {len(settings.choices)} `choices` and `each`",
            hint="with `each`, `choices` is one text: what follows the question, whatever stands "
            "in it",
        )
    if "choice" in sample.fields:
        raise DataError(
            f"sample {sample.id} has a field 'choice' of its own, and `each` makes one",
            hint="give the column another name under [fields]",
        )
    options = _filled(settings.each, sample)
    samples = [
        attrs.evolve(sample, fields={**sample.fields, "choice": option}) for option in options
    ]
    prompts = [plain.render(one, shots) for one in samples]
    texts = [before + fill_places(settings.choices[0], one) for one in samples]
    return prompts[0], tuple(
        Choice(text, prompt.text if prompt.messages is None else prompt.messages[-1].text)
        for text, prompt in zip(texts, prompts, strict=True)
    )


def _filled(templates: Sequence[str], sample: Sample) -> list[str]:
    found = [text for one in templates for text in fill_list(one, sample)]
    if len(found) < 2:
        raise DataError(
            f"sample {sample.id} has {len(found)} answers to choose from",
            hint="set `choices` (or `each`, where the options stand in the question) to texts, or "
            "to a field that holds a list of them",
        )
    return found
