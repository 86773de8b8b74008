"""The requests of one sample: their order, their keys, their seeds."""

from __future__ import annotations

import hashlib
import json
import logging
import string
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, cast

import attrs
import orjson
from attrs import define, field, frozen

from aisbench.config.convert import changed
from aisbench.config.plan import Plan, Task
from aisbench.contract import DialogueDataset, DoubtingBackend, FollowingDataset
from aisbench.engine.local import described_backend
from aisbench.errors import AisbenchError, DataError
from aisbench.media import sealed
from aisbench.stages.prepare import Rows, dialogue, render
from aisbench.types.json import JsonObject
from aisbench.types.prompt import Message, Part, Prompt
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import Transcript

log = logging.getLogger(__name__)


def derive_seed(seed: int, sample_id: str, repeat: int, turn: int) -> int:
    """A request's own seed: independent of order, of concurrency and of what else runs."""
    text = f"{seed}/{sample_id}/{repeat}/{turn}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1  # servers take 31 bits


def request_key(parts: Any) -> str:
    """The identity of a request's content, 32 hex digits."""
    try:
        encoded = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Halves of surrogate pairs, numbers beyond 64 bits.
        encoded = json.dumps(parts, sort_keys=True, default=str).encode("ascii")
    return hashlib.sha256(encoded).hexdigest()[:32]


def prompt_parts(prompt: Prompt) -> Any:
    """A prompt as JSON, for the key."""
    messages = prompt.messages and [_message_parts(one) for one in prompt.messages]
    parts: list[Any] = [prompt.text, messages, prompt.stop]
    if prompt.tokens is not None:
        parts.append(prompt.tokens)
    # What came later is there only where it is used: stored answers keep their keys.
    if prompt.tools:
        tools = [[one.name, one.description, one.parameters] for one in prompt.tools]
        parts.append({"tools": tools, "tool_choice": prompt.tool_choice})
    if prompt.continuation is not None:
        parts.append({"continuation": prompt.continuation})
    if prompt.rolling:
        parts.append({"rolling": True})
    return parts


def _message_parts(message: Message) -> list[Any]:
    if isinstance(message.content, str):
        parts: list[Any] = [message.role, message.content]
    else:
        parts = [message.role, [_content_part(part) for part in message.content]]
    if message.tool_calls or message.tool_call_id:
        calls = [[one.id, one.name, one.arguments] for one in message.tool_calls]
        parts.append([calls, message.tool_call_id])
    return parts


def _content_part(part: Part) -> Any:
    media = part.media
    # A file is what it holds, wherever it lies.
    return part.text if media is None else [media.kind, media.sha256 or media.address]


_BEFORE_A_BLANK = frozenset(string.ascii_letters + string.digits + ":;,.?!)")
"""What a word does not follow at once."""


@define
class Conversation:
    """One repeat of one sample, walked turn by turn."""

    sample: Sample
    repeat: int
    model: str
    identity: JsonObject
    """What besides the prompt decides the answer: backend, its settings."""
    generation: JsonObject
    stream: bool
    seed: int
    turns: Generator[Prompt, Response, None] | None
    next_prompt: Prompt | None
    keyed: bool = True
    """Whether requests get the key of their content; it costs time that a load must not lose."""
    seeded: bool = True
    """Whether requests carry their seed. Their key holds it in any case."""
    fit: Callable[[Request], Request] | None = None
    """Makes a request that fits the model's context; its key stays."""
    media_limit: float = 50.0
    """The largest file of a prompt, in MB."""
    following: tuple[Prompt, ...] = ()
    """Prompts after the next that do not depend on answers: the further choices."""
    prompts: list[Prompt] = field(factory=list)
    responses: list[Response] = field(factory=list)

    def request(self, ahead: int = 0) -> Request:
        """The request to send now, or the one so many places after it in :attr:`following`."""
        assert self.next_prompt is not None
        if self.next_prompt.messages is not None:
            self.next_prompt = sealed(
                self.next_prompt, self.media_limit, f"sample {self.sample.id}"
            )
        prompt = self.following[ahead - 1] if ahead else self.next_prompt
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
        made = Request(
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
        return made if self.fit is None else self.fit(made)

    def answer(self, response: Response) -> None:
        """Take the answer to :meth:`request` and go to the next turn, if there is one."""
        assert self.next_prompt is not None
        self.prompts.append(self.next_prompt)
        self.responses.append(response)
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
        """No request is left, be it that one failed."""
        return self.next_prompt is None

    @property
    def transcript(self) -> Transcript:
        """All that was said."""
        return Transcript(prompts=tuple(self.prompts), responses=tuple(self.responses))


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
    """Makes another prompt of the first one; its second argument is the repeat."""
    _identity: dict[str, Any] = field(init=False)
    _player: DialogueDataset | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._identity = {
            "backend": self.task.model.offer.name,
            "settings": changed(self.task.model.settings),
        }
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
            first, *more = _each_choice(first)
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


def _each_choice(prompt: Prompt) -> list[Prompt]:
    """A prompt for each choice, and one more without the question where that is wanted."""
    plain = attrs.evolve(prompt, choices=(), unconditional="")
    found = [attrs.evolve(plain, continuation=choice) for choice in prompt.choices]
    if prompt.unconditional:
        alone = attrs.evolve(plain, text=prompt.unconditional, messages=None)
        found += [attrs.evolve(alone, continuation=choice) for choice in prompt.choices]
    return found


def check_prompts(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises DataError when the first prompt of a task carries a setting that its backend
    refuses, or a file of any first prompt is not as it must be."""
    for task in plan.tasks:
        _warn_of_names(task)
        chosen = rows[task.dataset.name]
        asker = Asker(task, chosen, "", plan.suite.suite.seed, keyed=False)
        prompt = asker.begin(chosen.samples[0], 0).next_prompt
        if prompt is None:
            continue
        _warn_of_glue(task.label, prompt)
        refused = task.model.backend.refused({**task.generation, **prompt.generation})
        for key in sorted(refused.keys() & prompt.generation.keys()):
            raise DataError(
                f"{task.label}: the data set's prompts ask for generation.{key}, which "
                f"{task.model.offer.name} refuses",
                hint=refused[key],
            )
        if prompt.media:
            for sample in chosen.samples:
                if not sample.after:
                    asker.begin(sample, 0).request()


def _warn_of_names(task: Task) -> None:
    """Of settings that the model's server will probably not know."""
    backend = task.model.backend
    if not isinstance(backend, DoubtingBackend):
        return
    for name, meant in backend.doubted(task.generation).items():
        where = task.generation_origin.get(name, "")
        log.warning(
            "%s: no server of this kind is known to have generation.%s (%s): %s It is sent as it "
            "is",
            task.label, name, where, meant if meant.endswith("?") else f"{meant}.",
        )  # fmt: skip


def _warn_of_glue(label: str, prompt: Prompt) -> None:
    """Of words that run together where a text is continued by an option."""
    text, more = prompt.text or "", prompt.continuation or ""
    if text and more and text[-1] in _BEFORE_A_BLANK and more[0].isascii() and more[0].isalnum():
        log.warning(
            "%s: there is no blank between prompt and options: they are scored as %r; set "
            'prompt.before = " ", or begin the options with a blank, if that is not meant',
            label,
            text[-12:] + more[:12],
        )


def check_models(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises AisbenchError, naming the model, for one in this process that can be seen to fail
    before its weights are loaded."""
    for model in plan.models:
        described = described_backend(model.weights) if model.local else None
        if described is None:
            continue
        prompts = []
        for task in plan.tasks:
            if task.model is model:
                chosen = rows[task.dataset.name]
                asker = Asker(task, chosen, "", plan.suite.suite.seed, keyed=False)
                prompt = asker.begin(chosen.samples[0], 0).next_prompt
                prompts += [prompt] if prompt is not None else []
        try:
            described.check(prompts)
        except AisbenchError as error:
            raise AisbenchError(f"models.{model.name}: {error.message}", hint=error.hint) from None


def conversations_of(
    task: Task,
    rows: Rows,
    model_name: str,
    seed: int,
    fit: Callable[[Request], Request] | None = None,
) -> Iterator[Conversation | Later]:
    """Everything that a task asks: all samples once, then once more for each further repeat."""
    asker = Asker(task, rows, model_name, seed, fit=fit)
    for repeat in range(task.dataset.common.repeats):
        for sample in rows.samples:
            yield Later(sample, repeat, asker) if sample.after else asker.begin(sample, repeat)
