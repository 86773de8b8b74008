"""The data set ``synthetic-turns``: conversations of exact lengths, such as those of agents.

The first turn is a row of ``synthetic``; each further one has the whole conversation before it,
with the model's own answers, so that all of it can lie in a prefix cache.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import cast

import attrs

from aisbench.api import (
    ContentPart,
    DataError,
    ExactText,
    Message,
    PlainWords,
    Prompt,
    Response,
    Sample,
    Variant,
)
from aisbench_plugin_synthetic.batches import Batch
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import draw
from aisbench_plugin_synthetic.media_settings import MediaLoad
from aisbench_plugin_synthetic.prefixes import PrefixPlan
from aisbench_plugin_synthetic.settings import TurnsSettings

GAP = "\n\n"


class SyntheticTurns(Synthetic):
    """Conversations. The label "depth" of a turn counts the levels of prefixes that it shares
    with others, and the turns before it."""

    def __init__(self, settings: TurnsSettings) -> None:
        super().__init__(settings)
        self._turns = settings

    def variants(self) -> Mapping[str, Variant]:
        """Turns are texts: there is no variant of ids."""
        return {name: one for name, one in super().variants().items() if name != "tokens"}

    def _batches(self, batch: Batch) -> Sequence[Sample]:
        raise DataError(
            "synthetic-turns: a batch has no turns",
            hint="batch is a key of the data set synthetic",
        )

    def _places(self, media: MediaLoad) -> int:
        return sum(self._counts) if media.turns != "first" else self.settings.rows

    @cached_property
    def _begins(self) -> Sequence[int]:
        """The place of each row's first turn."""
        return [0, *accumulate(self._counts)]

    def _place(self, row: int) -> int:
        media = self.settings.media
        return row if media is not None and media.turns == "first" else self._begins[row]

    @cached_property
    def _counts(self) -> array[int]:
        """How many turns each row has."""
        settings = self._turns
        return draw(settings.turns, settings.rows, f"{settings.seed}/turns")

    def _row(
        self,
        row: int,
        length: int,
        output: int,
        plan: PrefixPlan,
        filler: ExactText | PlainWords,
    ) -> Sample:
        sample = super()._row(row, length, output, plan, filler)
        settings = self._turns
        more = self._counts[row] - 1
        lengths = draw(settings.turn_input, more, f"{settings.seed}/turn/{row}")
        said = [
            self._text([(f"turn/{row}/{turn}", count)], row, filler)
            for turn, count in enumerate(lengths, 1)
        ]
        fields = {name: one for name, one in sample.fields.items() if name != "token_ids"}
        fields |= {"turns": said, "depth": len(plan.path(row))}
        if (media := self.settings.media) is not None and media.turns != "first":
            assert self._media is not None
            first = self._place(row) + 1
            fields["later"] = [self._media.shown(first + turn) for turn in range(more)]
            fields["places"] = first
        return attrs.evolve(sample, fields=fields)

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """Each turn with all that was said before it. Core has taken reasoning out of answers."""
        depth = cast("int", sample.fields["depth"])
        prompt = first
        response = yield attrs.evolve(prompt, labels={**prompt.labels, "depth": str(depth)})
        for turn, asked in enumerate(cast("Sequence[str]", sample.fields["turns"]), 1):
            prompt = self._extended(sample, turn, prompt, response.text, asked)
            labels = {**prompt.labels, "depth": str(depth + turn)}
            response = yield attrs.evolve(prompt, labels=labels)

    def _extended(
        self, sample: Sample, turn: int, prompt: Prompt, said: str, asked: str
    ) -> Prompt:
        if prompt.messages is None:
            return attrs.evolve(prompt, text=f"{prompt.text}{GAP}{said}{GAP}{asked}")
        content: str | tuple[ContentPart, ...] = asked
        labels = prompt.labels
        if "places" in sample.fields and self._media is not None:
            place = cast("int", sample.fields["places"]) + turn - 1
            content = self._media.parts(place, asked)
            labels = {**labels, **self._media.labels(place)}
        answer = Message(role="assistant", content=said)
        mine = Message(role="user", content=content)
        messages = (*prompt.messages, answer, mine)
        return attrs.evolve(prompt, messages=messages, labels=labels)
