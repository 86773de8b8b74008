"""Contents among the fields of rows, and the prompt that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import attrs
from attrs import define

from aisbench.api import ContentPart, DataError, JsonValue, MediaPlace, Variant
from aisbench.data import media_of, media_value
from aisbench_plugin_synthetic.lengths import highest
from aisbench_plugin_synthetic.media_files import archive_of
from aisbench_plugin_synthetic.media_plan import Content, Held, plan_media
from aisbench_plugin_synthetic.media_settings import MediaLoad

MOST_BETWEEN = 64
"""Contents between which a text can stand."""


@define(eq=False)
class MediaRows:
    """What stands in each of ``places``."""

    load: MediaLoad
    places: int
    seed: int

    @cached_property
    def _plan(self) -> Sequence[Held]:
        return self._whole[0]

    @cached_property
    def _whole(self) -> tuple[Sequence[Held], Path]:
        plan = plan_media(self.load, self.places, self.seed)
        return plan.places, archive_of(plan.contents)

    def make(self) -> None:
        """Make all files. Raises DataError."""
        assert self._whole

    def labels(self, place: int) -> dict[str, str]:
        """Of the request there."""
        return self._plan[place].labels

    def fields(self, place: int, text: str) -> dict[str, JsonValue]:
        """What a row shows there; what it has none of is an empty text."""
        found: dict[str, JsonValue] = dict.fromkeys(slots(self.load), "")
        for name, value in zip(slots(self.load), self._pieces(place, text), strict=False):
            found[name] = value
        return found

    def parts(self, place: int, text: str) -> tuple[ContentPart, ...]:
        """The same as a message has it."""
        found = []
        for piece in self._pieces(place, text):
            if isinstance(piece, str):
                found += [ContentPart(text=piece)] if piece else []
            else:
                assert isinstance(piece, list)
                found += [ContentPart(media=media_of(one)) for one in piece]
        return tuple(found)

    def shown(self, place: int) -> JsonValue:
        """The contents alone, in order; an empty text where there are none."""
        contents = self._plan[place].contents
        return [self._value(one) for one in contents] if contents else ""

    def _pieces(self, place: int, text: str) -> list[JsonValue]:
        """Contents and texts in turn."""
        held = self._plan[place]
        shown: list[JsonValue] = [self._value(one) for one in held.contents]
        if not shown:
            return ["", text]
        if held.mix.place == "before":
            return [shown, text]
        if held.mix.place == "after":
            return ["", text, shown]
        pieces: list[JsonValue] = [""]
        for part, one in zip(_divided(text, len(shown) + 1), [*shown, None], strict=True):
            pieces += [part] if one is None else [part, [one]]
        return pieces

    def _value(self, content: Content) -> JsonValue:
        return media_value(self._whole[1], MediaPlace(member=content.name), content.kind)


def slots(load: MediaLoad) -> list[str]:
    """Names of the fields that stand in a prompt, one after the other."""
    between = [one for one in load.mix if one.place == "between"]
    counts = [
        sum(highest(some) for some in (one.pictures, one.sounds, one.films) if some is not None)
        for one in between
    ]
    most = max(counts, default=0)
    if most > MOST_BETWEEN:
        raise DataError(
            f'synthetic: with place = "between" a request can have {most} contents, more than '
            f"{MOST_BETWEEN}",
            hint='bound their numbers with max, or set place = "before"',
        )
    count = most + 1 if most else 1
    names = [name for at in range(count) for name in (f"shown_{at}", f"text_{at}")]
    after = any(one.place == "after" for one in load.mix)
    return [*names, "shown_1"] if after and count == 1 else names


def showing(variant: Variant, load: MediaLoad) -> Variant:
    """The variant of chats, with contents in it."""
    text = "".join(f"{{{name}}}" for name in slots(load))
    return attrs.evolve(
        variant,
        prompt={**variant.prompt, "user": text},
        source="words of our own in random order, pictures, sounds and films of our own",
    )


def _divided(text: str, count: int) -> list[str]:
    """A text in parts of as many words each; blanks stay where they are."""
    words = text.split(" ")
    ends = [len(words) * at // count for at in range(count + 1)]
    parts = [" ".join(words[begin:end]) for begin, end in pairwise(ends)]
    return [part if not at or not part else f" {part}" for at, part in enumerate(parts)]
