"""The requests of one sample: their order, keys and seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from attrs import define, field

from aisbench.base.errors import AisbenchError, DataError
from aisbench.conversation.blame import PLUGIN_ERRORS, plugin_fault
from aisbench.conversation.keys import derive_seed, prompt_parts, request_key
from aisbench.conversation.playing import Known, Play
from aisbench.media.contents import may_hold_media
from aisbench.media.delivery import MediaDelivery
from aisbench.media.store import MediaStore
from aisbench.types.answer import Answer, Transcript
from aisbench.types.json import JsonObject
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import Fault, Response
from aisbench.types.sample import Sample
from aisbench.types.timing import Timing


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
    turns: Play | None
    """The data set's part, where it plays the user."""
    next_prompt: Prompt | None
    keyed: bool = True
    """Whether requests get a key of their content, which takes too long under a load."""
    seeded: bool = True
    """Whether requests carry their seed. It is always part of their key."""
    fit: Callable[[Request], Request] | None = None
    """Makes a request fit the model's context, under the same key."""
    media_limit: float = 50.0
    """The largest file of a prompt, in MB."""
    delivery: MediaDelivery | None = None
    """How contents reach the model's server."""
    media: MediaStore | None = None
    """Where contents of prompts are kept; without it they are read where they are."""
    labels: Mapping[str, str] = field(factory=dict)
    """Of all its requests: those of the sample, and core's."""
    mark: Mapping[str, str] | None = None
    """Labels that the journal is to keep with each prompt."""
    following: tuple[Prompt, ...] = ()
    """Prompts after the next one that do not depend on answers: further choices."""
    prompts: list[Prompt] = field(factory=list)
    responses: list[Response] = field(factory=list)
    timings: list[Timing | None] = field(factory=list)
    playing: bool = False
    """Whether :attr:`turns` is to say what comes next, after :attr:`told`."""
    told: Response | None = None
    broken: Fault | None = None
    """Why it cannot go on, where no request is the reason."""
    cause: AisbenchError | None = None
    """What a plugin said of that itself."""

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
        if self.mark is not None:
            prompt = attrs.evolve(prompt, labels={**prompt.labels, **self.mark})
        labels = self.labels
        if prompt.labels:
            labels = {**labels, **prompt.labels}
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
            labels=labels,
        )
        return request if self.fit is None else self.fit(request)

    def _prepared(self, prompt: Prompt) -> Prompt:
        """With type and checksum of the media that it holds."""
        if not may_hold_media(prompt):
            return prompt
        media = self.media or MediaStore()
        return media.prepared(prompt, self.media_limit, f"sample {self.sample.id}", self.delivery)

    def take(self, response: Response, timing: Timing | None = None) -> None:
        """Take the answer to :meth:`request`. Where the data set plays the user, it is then
        :attr:`playing`."""
        assert self.next_prompt is not None
        self.prompts.append(self.next_prompt)
        self.responses.append(response)
        self.timings.append(timing)
        self.next_prompt = None
        if response.fault is not None:
            self.turns = None
        elif self.following:
            self.next_prompt, *rest = self.following
            self.following = tuple(rest)
        elif self.turns is not None:
            self.playing, self.told = True, response

    def play(self) -> None:
        """Let the data set say what comes next, if it is its turn; a failure of it fails the
        conversation."""
        if self.playing:
            assert self.turns is not None
            try:
                prompt = self.turns.now(self.told)
            except PLUGIN_ERRORS as error:
                self.fail(self.turns.whose, error)
            else:
                self.played(prompt)

    def settle(self, known: Known) -> None:
        """Take the end of a step that was begun by ``turns.soon(told)``."""
        assert self.turns is not None
        error = known.exception()
        if error is None:
            self.played(known.result())
        elif isinstance(error, PLUGIN_ERRORS):
            self.fail(self.turns.whose, error)
        else:
            raise error

    def played(self, prompt: Prompt | None) -> None:
        """The data set has said what comes next; None: nothing. A file that cannot be used fails
        this conversation alone, unless it is of the first prompt: a run checks those before."""
        whose = self.turns.whose if self.turns else ""
        self.playing, self.told, self.next_prompt = False, None, prompt
        if prompt is not None:
            if self.responses:
                try:
                    self.next_prompt = self._prepared(prompt)
                except DataError as error:
                    self.fail(whose, error)
            return
        self.turns = None
        if not self.responses:
            self.fail(whose, ValueError("play ends before its first prompt"))

    def fail(self, whose: str, error: BaseException) -> None:
        """It cannot go on, as the code of a plugin raised ``error``."""
        fault = plugin_fault(whose, self.sample.id, error)
        self.playing, self.told, self.turns = False, None, None
        self.next_prompt, self.following = None, ()
        self.broken = fault
        self.cause = error if isinstance(error, AisbenchError) else None
        self.prompts.append(self.prompts[-1] if self.prompts else Prompt(text=""))
        self.responses.append(Response(fault=fault))
        self.timings.append(None)

    def unasked(self) -> Request:
        """What stands for the request that was never made, where it is :attr:`broken`. Its key is
        the same each time that it fails in that way."""
        assert self.broken is not None
        turn = len(self.responses) - 1
        return unasked(self.sample.id, self.repeat, turn, self.broken, self.labels)

    @property
    def finished(self) -> bool:
        """Whether no request is left, also because one failed."""
        return self.next_prompt is None and not self.playing

    @property
    def size(self) -> int:
        """Characters of the next prompt, or its tokens."""
        prompt = self.next_prompt
        if prompt is None:
            return 0
        if prompt.messages is None:
            return len(prompt.tokens or prompt.words)
        return sum(len(one.text) for one in prompt.messages)

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


def unasked(
    sample: str, repeat: int, turn: int, fault: Fault, labels: Mapping[str, str] | None = None
) -> Request:
    """What stands for a request that was never made."""
    return Request(
        key=request_key([sample, repeat, turn, "not asked", fault.message]),
        sample_id=sample,
        repeat=repeat,
        turn=turn,
        model="",
        prompt=Prompt(text=""),
        generation={},
        stream=False,
        seed=0,
        labels=labels or {},
    )
