"""Templates for models that generate nothing, and for those that write down what they hear."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.filling import fill_places
from aisbench.prompting.media_parts import MediaParts
from aisbench.prompting.templates import fill_list
from aisbench.settings.fields import not_empty, setting
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.sample import Sample

_TEXTS = setting(
    check=not_empty,
    help='the texts of one request, such as ["{text}"] or ["{texts}"]: a field may hold a list',
    example=["{text}"],
)


@frozen
class EmbedSettings:
    """Texts of which vectors are made."""

    texts: tuple[str, ...] = _TEXTS
    before: str = setting(
        default="",
        help="what stands before each text, as some models want to be told what it is",
        example="search_query: ",
    )


@frozen
class ClassifySettings:
    """Texts that get labels."""

    texts: tuple[str, ...] = _TEXTS


@frozen
class RerankSettings:
    """A query, and the documents that may fit it."""

    query: str = setting(help="the query", example="{query}")
    documents: tuple[str, ...] = setting(
        check=not_empty,
        help='the documents of one request, such as ["{documents}"]: a field may hold a list',
        example=["{documents}"],
    )


@frozen
class TranscribeSettings:
    """A sound, and what the model may know of it."""

    audio: str = setting(
        help='the sound: a field with a path or url, such as "{sound}"', example="{sound}"
    )
    hint: str = setting(
        default="",
        help="words that the model takes for what was said before (the protocol's `prompt`)",
        example="Names: {names}",
    )


class EmbedTemplate:
    """A batch of texts."""

    def __init__(self, settings: EmbedSettings) -> None:
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        _no_shots(shots)
        before = fill_places(self._settings.before, sample)
        texts = _texts(self._settings.texts, sample, "texts")
        return Prompt(texts=tuple(before + one for one in texts))


class ClassifyTemplate:
    """A batch of texts."""

    def __init__(self, settings: ClassifySettings) -> None:
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        _no_shots(shots)
        return Prompt(texts=_texts(self._settings.texts, sample, "texts"))


class RerankTemplate:
    """A query with a batch of documents."""

    def __init__(self, settings: RerankSettings) -> None:
        self._settings = settings

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        _no_shots(shots)
        query = fill_places(self._settings.query, sample)
        if not query.strip():
            raise DataError(f"sample {sample.id} has no query: {self._settings.query!r} is empty")
        return Prompt(texts=_texts(self._settings.documents, sample, "documents"), query=query)


class TranscribeTemplate:
    """One sound, as a user's message; the hint is the text beside it."""

    def __init__(self, settings: TranscribeSettings) -> None:
        self._settings = settings
        self._parts = MediaParts(templates=[("audio", settings.audio)])

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        _no_shots(shots)
        content = self._parts.content("", sample)
        sounds = (
            [] if isinstance(content, str) else [one for one in content if one.media is not None]
        )
        if len(sounds) != 1:
            raise DataError(
                f"sample {sample.id} has {len(sounds)} sounds under {self._settings.audio!r}",
                hint="a request for a transcript has one: split such a row, or name another field",
            )
        hint = fill_places(self._settings.hint, sample)
        words = (ContentPart(text=hint),) if hint else ()
        return Prompt(messages=(Message(role="user", content=(*sounds, *words)),))


def _texts(templates: Sequence[str], sample: Sample, key: str) -> tuple[str, ...]:
    """Empty ones are kept out: servers refuse them, and the number of answers would differ."""
    found = tuple(text for one in templates for text in fill_list(one, sample))
    if not any(map(str.strip, found)):
        raise DataError(
            f"sample {sample.id} has no texts",
            hint=f"set prompt.{key} to texts with places, or to a field that holds a list; fields "
            f"of this data set: {', '.join(sorted(sample.fields))}",
        )
    return found


def _no_shots(shots: Sequence[Sample]) -> None:
    if shots:
        raise DataError(
            "such a prompt cannot show few-shot examples", hint="set shots = 0 for this data set"
        )
