"""The requests of one sample: their order, keys and seeds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, cast

import attrs
from attrs import define, field, frozen

from aisbench.config.plan import Task
from aisbench.contract.datasets import DialogueDataset, FollowingDataset
from aisbench.conversation.keys import derive_seed, prompt_parts, request_key
from aisbench.conversation.prepare import Rows, dialogue, render
from aisbench.media.contents import may_hold_media
from aisbench.media.store import MediaStore
from aisbench.settings.plain import changed
from aisbench.types.answer import Answer, Transcript
from aisbench.types.json import JsonObject
from aisbench.types.prompt import ContentPart, Prompt
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.timing import Timing

log = logging.getLogger(__name__)


@define
class Conversation:
    """One repeat of one sample, walked turn by turn."""

    sample: Sample
    repeat: int
    model: str
    identity: JsonObject
    """What decides the answer apart from the prompt: the backend and its settings."""
    generation: JsonObject
    stream: bool
    seed: int
    turns: Generator[Prompt, Response, None] | None
    next_prompt: Prompt | None
    keyed: bool = True
    """Whether requests get a key of their content, which takes too long under a load."""
    seeded: bool = True
    """Whether requests carry their seed. It is always part of their key."""
    fit: Callable[[Request], Request] | None = None
    """Makes a request fit the model's context, under the same key."""
    media_limit: float = 50.0
    """The largest file of a prompt, in MB."""
    media: MediaStore | None = None
    """Where contents of prompts are kept; without it they are read where they are."""
    following: tuple[Prompt, ...] = ()
    """Prompts after the next one that do not depend on answers: further choices."""
    prompts: list[Prompt] = field(factory=list)
    responses: list[Response] = field(factory=list)
    timings: list[Timing | None] = field(factory=list)

    def request(self, ahead: int = 0) -> Request:
        """The request to send next, or the one ``ahead`` places behind it in :attr:`following`."""
        assert self.next_prompt is not None
        if ahead:
            prompt = self._prepared(self.following[ahead - 1])
        else:
            prompt = self.next_prompt = self._prepared(self.next_prompt)
        turn = len(self.prompts) + ahead
        seed = None
        if self.seeded or self.keyed:
            seed = derive_seed(self.seed, self.sample.id, self.repeat, turn)
        generation = self.generation
        if self.sample.generation or prompt.generation:
            generation = {
                **generation,
                **self.sample.generation,
                **prompt.generation,
            }
        key = ""
        if self.keyed:
            key = request_key(
                [
                    self.sample.id,
                    self.repeat,
                    turn,
                    self.model,
                    self.identity,
                    generation,
                    seed,
                    prompt_parts(prompt),
                ]
            )
        request = Request(
            key=key,
            sample_id=self.sample.id,
            repeat=self.repeat,
            turn=turn,
            model=self.model,
            prompt=prompt,
            generation=generation,
            stream=self.stream,
            seed=seed if self.seeded else None,
        )
        return request if self.fit is None else self.fit(request)

    def _prepared(self, prompt: Prompt) -> Prompt:
        """With type and checksum of the media that it holds."""
        if not may_hold_media(prompt):
            return prompt
        media = self.media or MediaStore()
        return media.prepared(prompt, self.media_limit, f"sample {self.sample.id}")

    def answer(self, response: Response, timing: Timing | None = None) -> None:
        """Take the answer to :meth:`request` and go to the next turn, if there is one."""
        assert self.next_prompt is not None
        self.prompts.append(self.next_prompt)
        self.responses.append(response)
        self.timings.append(timing)
        self.next_prompt = None
        if response.fault is not None:
            return
        if self.following:
            self.next_prompt, *rest = self.following
            self.following = tuple(rest)
        elif self.turns is not None:
            try:
                self.next_prompt = self.turns.send(response)
            except StopIteration:
                self.turns = None

    @property
    def finished(self) -> bool:
        """Whether no request is left, also because one failed."""
        return self.next_prompt is None

    @property
    def transcript(self) -> Transcript:
        """All that was said. Without times, by which no later prompt may differ."""
        return Transcript(prompts=tuple(self.prompts), responses=tuple(self.responses))

    @property
    def answer_to_score(self) -> Answer:
        """All that was said, as evaluators get it."""
        return Answer(
            prompts=tuple(self.prompts),
            responses=tuple(self.responses),
            timings=tuple(self.timings),
        )


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
    _identity: dict[str, Any] = field(init=False)
    _player: DialogueDataset | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._identity = {
            "backend": self.task.model.offer.name,
            "settings": changed(self.task.model.settings),
        }
        # Only where there is one, so that keys of older answers still hold.
        if (version := self.task.dataset.offer.version) is not None:
            self._identity["dataset_version"] = version
        self._player = dialogue(self.task)

    def begin(
        self, sample: Sample, repeat: int, before: Sequence[Transcript] = ()
    ) -> Conversation:
        """The conversation of one repeat of a sample, before its first request; ``before`` are
        those that it builds on."""
        first = render(self.task, self.rows, sample, self.seed)
        if self.change is not None:
            first = self.change(first, repeat)
        turns = None
        if self._player is not None and sample.after:
            turns = cast("FollowingDataset", self._player).follow(sample, first, before)
        elif self._player is not None:
            turns = self._player.play(sample, first)
        following: tuple[Prompt, ...] = ()
        if turns is None and first.choices:
            first, *more = each_choice(first)
            following = tuple(more)
        return Conversation(
            sample=sample,
            repeat=repeat,
            model=self.model,
            identity=self._identity,
            generation=self.task.generation,
            stream=self.task.model.stream,
            seed=self.seed,
            turns=turns,
            next_prompt=next(turns, None) if turns else first,
            keyed=self.keyed,
            seeded=self.seeded,
            fit=self.fit,
            media_limit=self.task.model.common.media_limit,
            media=self.rows.media,
            following=following,
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
    """Everything that a task asks: all samples once, then all again for each further repeat."""
    asker = Asker(task, rows, model_name, seed, fit=fit)
    for repeat in range(task.dataset.common.repeats):
        for sample in rows.samples:
            yield Later(sample, repeat, asker) if sample.after else asker.begin(sample, repeat)
