"""Which row the n-th conversation of a load asks, and the words it asks it with."""

from __future__ import annotations

import random
from collections.abc import Sequence

from attrs import define, field

from aisbench.config.plan import Task
from aisbench.conversation.conversation import Asker, Conversation
from aisbench.conversation.prepare import Rows
from aisbench.loadgen.spec import LoadSpec
from aisbench.loadgen.wording import Wording, changer
from aisbench.tokens.tokenizer import load_tokenizer
from aisbench.types.load import OpenLoop

FEW = 64
"""Rows that are looked at before anything is sent."""


@define
class RowOrder:
    """Conversations by number: the same in every process, whoever begins them."""

    spec: LoadSpec
    _asker: Asker = field(init=False)
    _warm: Asker = field(init=False)
    _bound: Sequence[int] | None = field(init=False)
    _cycle: int = -1
    _shuffled: list[int] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        spec = self.spec
        schedule = spec.schedule
        self._bound = schedule.rows if isinstance(schedule, OpenLoop) else None
        wording = wording_of(spec.task)
        salting = None
        if spec.settings.salt:
            salting = changer(
                lambda prompt, source: wording.salted(prompt, source)[0],
                f"{spec.seed}/{spec.nonce}",
            )
        self._asker = Asker(
            spec.task,
            spec.rows,
            spec.model,
            spec.seed,
            keyed=spec.keep_answers,
            seeded=spec.settings.send_seed,
            fit=spec.fit,
            change=salting,
        )
        self._warm = Asker(
            spec.task,
            spec.rows,
            spec.model,
            spec.seed,
            keyed=False,
            seeded=spec.settings.send_seed,
            fit=spec.fit,
            change=changer(wording.shuffled, f"{spec.seed}/warm-up"),
        )

    def begin(self, number: int) -> tuple[int, Conversation]:
        """The row, and the conversation before its first request."""
        row, repeat = self._place(number)
        return row, self._asker.begin(self.spec.rows.samples[row], repeat)

    def warm_up(self, number: int) -> tuple[int, Conversation]:
        """The same for the warm-up: the lengths of real prompts, of words in another order."""
        samples = self.spec.rows.samples
        row = len(samples) - 1 - number % len(samples)
        return row, self._warm.begin(samples[row], number)

    def _place(self, number: int) -> tuple[int, int]:
        count = len(self.spec.rows.samples)
        cycle, place = divmod(number, count)
        if self._bound is not None:
            return self._bound[number], cycle
        order = self.spec.settings.order
        if order == "rows":
            return place, cycle
        if order == "random":
            # Drawn by number, not one after the other: any process can begin any of them.
            return random.Random(f"{self.spec.seed}/{number}").randrange(count), number
        if cycle != self._cycle:
            self._cycle = cycle
            self._shuffled = list(range(count))
            random.Random(f"{self.spec.seed}/{cycle}").shuffle(self._shuffled)
        return self._shuffled[place], cycle


def wording_of(task: Task) -> Wording:
    """With the tokenizer of the task's model, where the suite names it."""
    name, model = task.model.service.tokenizer, task.model.name
    return Wording(load_tokenizer(name, f"models.{model}.tokenizer") if name else None)


def lengthened(task: Task, rows: Rows, seed: int) -> tuple[int, int]:
    """Of how many of the first rows' prompts the salt changes the length, and how many rows were
    looked at."""
    wording = wording_of(task)
    asker = Asker(task, rows, "", seed, keyed=False)
    few = rows.samples[:FEW]
    prompts = [asker.begin(one, 0).next_prompt for one in few if not one.after]
    longer = sum(
        not wording.salted(prompt, random.Random(0))[1] for prompt in prompts if prompt is not None
    )
    return longer, len(few)
