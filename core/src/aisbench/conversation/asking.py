"""Beginning conversations: the first prompt of each sample, its choices, the data set's play."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import attrs
from attrs import define, field, frozen

from aisbench.base.errors import PluginError
from aisbench.config.plan import Task
from aisbench.contract.datasets import (
    AsyncDialogueDataset,
    AsyncFollowingDataset,
    DialogueDataset,
    FollowingDataset,
)
from aisbench.conversation.adapters import LABEL, AdapterChoice, adapters_of
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.playing import Plays
from aisbench.conversation.prepare import Rows, dialogue, rendered, shots_of
from aisbench.conversation.row_labels import RowLabels, labels_of
from aisbench.media.delivery import MediaDelivery
from aisbench.settings.plain import changed
from aisbench.types.answer import Transcript
from aisbench.types.prompt import ContentPart, Prompt
from aisbench.types.request import Request
from aisbench.types.sample import Sample

FIRST_ROWS = 20
"""At which a plugin's code has to break before nothing is sent at all."""


@define
class Asker:
    """Begins the conversations of one task."""

    task: Task
    rows: Rows
    model: str
    """The name that is sent."""
    seed: int
    keyed: bool = True
    seeded: bool = True
    fit: Callable[[Request], Request] | None = None
    change: Callable[[Prompt, int], Prompt] | None = None
    """Changes the first prompt; its second argument is the repeat."""
    vary_adapters: bool = False
    """Whether a row that is asked again may be answered by another adapter of a mix by share."""
    _identity: dict[str, Any] = field(init=False)
    _delivery: MediaDelivery | None = field(init=False)
    _player: DialogueDataset | AsyncDialogueDataset | None = field(init=False)
    _plays: Plays = field(init=False)
    _adapters: AdapterChoice | None = field(init=False)
    _row_labels: RowLabels | None = field(init=False)
    _labels: Mapping[str, str] = field(init=False)
    """Those of all requests."""
    _owners: tuple[str, str] = field(init=False)
    """What retriever and template are called when they fail."""

    def __attrs_post_init__(self) -> None:
        task = self.task
        self._identity = {
            "backend": task.model.offer.name,
            "settings": changed(task.model.settings),
        }
        # Only where there is one, so that keys of older answers still hold.
        if (version := task.dataset.offer.version) is not None:
            self._identity["dataset_version"] = version
        self._delivery = task.model.delivery
        self._player = dialogue(task)
        self._adapters = adapters_of(task, self.rows.places, self.seed, vary=self.vary_adapters)
        self._labels = {LABEL: task.adapter} if task.adapter else {}
        self._row_labels = labels_of(task)
        retriever = f"retriever {task.retriever.owner}" if task.retriever else ""
        self._owners = (retriever, f"template {task.template.owner}")
        listed = task.dataset.listed
        self._plays = Plays(
            f"data set {listed.offer.name!r} of {listed.dist} {listed.version}",
            light=task.dataset.offer.play_cost == "light",
        )

    def begin(
        self, sample: Sample, repeat: int, before: Sequence[Transcript] = ()
    ) -> Conversation:
        """The conversation of one repeat of a sample, before its first request; ``before`` are
        those that it builds on. Where the data set plays it, its first step is still to be taken.

        What a plugin's code raises at this sample fails the conversation.
        """
        conversation = self._conversation(sample, repeat)
        task, (whose, template) = self.task, self._owners
        try:
            shots = shots_of(task, self.rows, sample, self.seed)
            whose = template
            self._open(conversation, rendered(task, sample, shots), before)
        except PLUGIN_ERRORS as error:
            if conversation.next_prompt is not None:
                whose = self._plays.whose
            conversation.fail(whose, error)
        return conversation

    def begun(self, sample: Sample, repeat: int = 0) -> Conversation:
        """:meth:`begin`, with the first prompt; it may have failed."""
        conversation = self.begin(sample, repeat)
        conversation.play()
        return conversation

    def all(self) -> Iterator[Conversation | Later]:
        """Everything that a task asks: all samples once, then all again for each further
        repeat."""
        for repeat in range(self.task.dataset.common.repeats):
            for sample in self.rows.samples:
                yield Later(sample, repeat, self) if sample.after else self.begin(sample, repeat)

    def first(self) -> Conversation:
        """The conversation of the first row that has a prompt, before anything is sent.

        Raises DataError as the first row's template does, and PluginError where code of a plugin
        breaks at each of the first rows: then nothing can be asked.
        """
        samples = [one for one in self.rows.samples[:FIRST_ROWS] if not one.after]
        for sample in samples:
            conversation = self.begun(sample)
            if conversation.broken is None:
                return conversation
            if conversation.cause is not None and sample is samples[0]:
                raise conversation.cause
        fault = conversation.broken
        assert fault is not None
        rows = f"each of the first {len(samples)} rows" if len(samples) > 1 else "the first row"
        raise PluginError(
            f"{self.task.label}: nothing can be asked, as {rows} fails: {fault.message}",
            hint="the log has the traceback of each; repair the plugin, or choose another",
        )

    def _open(
        self, conversation: Conversation, first: Prompt, before: Sequence[Transcript]
    ) -> None:
        sample = conversation.sample
        if self.change is not None:
            first = self.change(first, conversation.repeat)
        conversation.next_prompt = first
        if self._player is not None:
            if sample.after:
                follow = cast("FollowingDataset | AsyncFollowingDataset", self._player).follow
                turns = self._plays.of(lambda: follow(sample, first, before))
            else:
                play = self._player.play
                turns = self._plays.of(lambda: play(sample, first))
            conversation.turns, conversation.playing, conversation.next_prompt = turns, True, None
        elif first.choices:
            conversation.next_prompt, *more = each_choice(first)
            conversation.following = tuple(more)

    def _conversation(self, sample: Sample, repeat: int) -> Conversation:
        generation, labels = self.task.generation, self._labels
        if self._adapters is not None:
            generation, labels = self._adapters.settings(generation, sample, repeat)
        mark = labels
        if self._row_labels is not None:
            labels = {**self._row_labels.of(sample), **labels}
        return Conversation(
            sample=sample,
            repeat=repeat,
            model=self.model,
            identity=self._identity,
            generation=generation,
            stream=self.task.model.stream,
            seed=self.seed,
            turns=None,
            next_prompt=None,
            keyed=self.keyed,
            seeded=self.seeded,
            fit=self.fit,
            media_limit=self.task.model.common.media_limit,
            delivery=self._delivery,
            media=self.rows.media,
            labels={**sample.labels, **labels} if labels else sample.labels,
            mark=mark if self._adapters is not None and self.keyed else None,
        )


@frozen
class Later:
    """One repeat of a sample whose conversation builds on others."""

    sample: Sample
    repeat: int
    _asker: Asker

    def begin(self, before: Sequence[Transcript]) -> Conversation:
        """The conversation before its first request; ``before`` are those of its ``after``."""
        return self._asker.begin(self.sample, self.repeat, before)


def each_choice(prompt: Prompt) -> list[Prompt]:
    """A prompt for each choice, and where it is wanted another one without the question."""
    plain = attrs.evolve(prompt, choices=(), unconditional="")
    asked = [(number, one.continuation, one.context) for number, one in enumerate(prompt.choices)]
    found = [
        attrs.evolve(_behind(plain, context), continuation=text, choice=number)
        for number, text, context in asked
    ]
    if prompt.unconditional:
        alone = attrs.evolve(
            prompt, choices=(), text=prompt.unconditional, messages=None, tokens=None
        )
        found += [
            attrs.evolve(alone, continuation=text, choice=number) for number, text, _ in asked
        ]
    return found


def _behind(plain: Prompt, context: str | None) -> Prompt:
    """The prompt with another context of a choice."""
    if context is None:
        return plain
    if plain.messages is None:
        return attrs.evolve(plain, text=context, tokens=None)
    *before, last = plain.messages
    content: str | tuple[ContentPart, ...] = context
    if last.media:
        content = (*(ContentPart(media=one) for one in last.media), ContentPart(text=context))
    messages = (*before, attrs.evolve(last, content=content))
    return attrs.evolve(plain, messages=messages)


def conversations_of(
    task: Task,
    rows: Rows,
    model_name: str,
    seed: int,
    fit: Callable[[Request], Request] | None = None,
) -> Iterator[Conversation | Later]:
    """See :meth:`Asker.all`."""
    return Asker(task, rows, model_name, seed, fit=fit).all()
