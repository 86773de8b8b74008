"""The conversations of a task as a load asks them: salted, fitted to the context, warmed up."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import attrs
from attrs import define, field

from aisbench.config.load_keys import LoadSettings
from aisbench.config.plan import Task
from aisbench.conversation.asking import Asker
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.prepare import Rows
from aisbench.conversation.sessions import SessionPlan
from aisbench.loadgen.wording import PromptChanger, changer
from aisbench.tokens.tokenizer import load_tokenizer
from aisbench.types.answer import Transcript
from aisbench.types.request import LIMITS, Request

FEW = 64
"""Rows whose prompts are looked at before anything is sent."""


@define
class TaskConversations:
    """The rows of one task (see :class:`aisbench.loadgen.spec.ConversationSource`).

    ``nonce`` goes into the salt of prompts: another for each load of each run.
    """

    task: Task
    rows: Rows
    model: str
    """The name that is sent."""
    settings: LoadSettings
    seed: int
    nonce: str
    keyed: bool
    """Whether requests get the key of their content, for answers that are kept."""
    fit: Callable[[Request], Request] | None = None
    """Makes a request that fits the model's context."""
    vary_adapters: bool = False
    """Whether a row that is asked again may be answered by another adapter."""
    _measured: Asker = field(init=False)
    _warm_up: Asker = field(init=False)
    _prime: Asker = field(init=False)

    def __attrs_post_init__(self) -> None:
        wording = wording_of(self.task)
        once = one_token(self.fit)
        fit = once if self.settings.only == "prefill" else self.fit
        salting = None
        if self.settings.salt:
            salting = changer(
                lambda prompt, source: wording.salted(prompt, source)[0],
                f"{self.seed}/{self.nonce}",
            )
        self._measured = Asker(
            self.task,
            self.rows,
            self.model,
            self.seed,
            keyed=self.keyed,
            seeded=self.settings.send_seed,
            fit=fit,
            change=salting,
            vary_adapters=self.vary_adapters,
        )
        self._prime = Asker(
            self.task,
            self.rows,
            self.model,
            self.seed,
            keyed=False,
            seeded=self.settings.send_seed,
            fit=once,
        )
        self._warm_up = Asker(
            self.task,
            self.rows,
            self.model,
            self.seed,
            keyed=False,
            seeded=self.settings.send_seed,
            fit=self.fit,
            vary_adapters=self.vary_adapters,
            change=changer(wording.shuffled, f"{self.seed}/warm-up"),
        )

    def __len__(self) -> int:
        return len(self.rows.samples)

    def begin(self, row: int, repeat: int) -> Conversation:
        """The conversation before its first request."""
        return self._measured.begin(self.rows.samples[row], repeat)

    def prime(self, row: int) -> Conversation:
        """The conversation of a row, of which one token is asked."""
        return self._prime.begun(self.rows.samples[row])

    @property
    def plans(self) -> Sequence[SessionPlan]:
        """See :class:`aisbench.loadgen.sessions.Sessions`."""
        sessions = self.rows.sessions
        return () if sessions is None else sessions.plans

    def follow(self, row: int, repeat: int, before: Sequence[Transcript]) -> Conversation:
        """See :class:`aisbench.loadgen.sessions.Sessions`."""
        return self._measured.begin(self.rows.samples[row], repeat, before)

    def warm_up(self, row: int, repeat: int) -> Conversation:
        """The same, as long as a measured one and of its words in another order."""
        return self._warm_up.begun(self.rows.samples[row], repeat)


def one_token(fit: Callable[[Request], Request] | None) -> Callable[[Request], Request]:
    """Makes a request ask for one token alone."""

    def once(request: Request) -> Request:
        fitted = request if fit is None else fit(request)
        left = {key: value for key, value in fitted.generation.items() if key != "min_tokens"}
        limit = next((name for name in LIMITS if name in left), LIMITS[0])
        return attrs.evolve(fitted, generation={**left, limit: 1})

    return once


def wording_of(task: Task) -> PromptChanger:
    """With the tokenizer of the task's model, where the suite names it."""
    name, model = task.model.service.tokenizer, task.model.name
    return PromptChanger(load_tokenizer(name, f"models.{model}.tokenizer") if name else None)


def lengthened(task: Task, rows: Rows, seed: int) -> tuple[int, int]:
    """How many of the first rows' prompts the salt makes longer, and how many rows were looked
    at."""
    wording = wording_of(task)
    asker = Asker(task, rows, "", seed, keyed=False)
    few = rows.samples[:FEW]
    prompts = [asker.begun(one).next_prompt for one in few if not one.after]
    longer = sum(
        not wording.salted(prompt, random.Random(0))[1] for prompt in prompts if prompt is not None
    )
    return longer, len(few)
