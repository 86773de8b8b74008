"""What each model is to be asked: conversations, and the journal that their answers go into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs
from attrs import define, field

from aisbench.config.plan import Model, Plan, Task
from aisbench.conversation.asking import Asker, Later
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.dependencies import EarlierTranscripts
from aisbench.conversation.prepare import Rows, asked_of
from aisbench.stages.judge_model import judge_of, judgements_to_ask
from aisbench.stages.progress import TaskProgress
from aisbench.store.held import LONG_ROW
from aisbench.store.run import RunFolder
from aisbench.types.request import Request


@define
class Assignment:
    """Conversations with one model that go into one journal; ``task`` where answers are scored
    as they come."""

    label: str
    model: Model
    path: Path
    stale: Path
    progress: TaskProgress
    conversations: Iterator[Conversation | Later]
    task: Task | None = None
    earlier: EarlierTranscripts = field(factory=lambda: EarlierTranscripts(frozenset()))
    asker: Asker | None = None
    """What begins the conversations, where they can be begun again."""

    def waiting(self, conversation: Conversation) -> Conversation | Later:
        """What is to be kept of a conversation that is not held at once: of one with a long prompt
        only which it is, as all their prompts would fill the memory."""
        begun = conversation.responses or conversation.turns is not None
        if self.asker is None or begun or conversation.size < LONG_ROW:
            return conversation
        return Later(conversation.sample, conversation.repeat, self.asker)


@define
class Assignments:
    """The assignments of one session: answers to data sets, then judgements of these answers."""

    plan: Plan
    rows: Mapping[str, Rows]
    run: RunFolder
    fits: dict[str, Callable[[Request], Request]] = field(factory=dict)
    """By the task's label: what makes requests fit the context of its model."""
    judging: bool = False

    def of_model(self, model: Model, name: str) -> Iterator[Assignment]:
        """What ``model``, which calls itself ``name``, is to be asked."""
        for task in self.plan.tasks:
            if self.judging and task.judged_evaluator and judge_of(self.plan, task) is model:
                yield self._judgements(task, model, name)
            elif not self.judging and task.model is model:
                yield self._answers(task, name)

    def _answers(self, task: Task, name: str) -> Assignment:
        rows = self.rows[task.dataset.name]
        rows = attrs.evolve(rows, samples=asked_of(task, rows.samples))
        seed, fit = self.plan.suite.suite.seed, self.fits.get(task.label)
        asker = Asker(task, rows, name, seed, fit=fit)
        names = (task.model.name, task.dataset.name)
        return Assignment(
            label=task.label,
            model=task.model,
            path=self.run.predictions(*names),
            stale=self.run.stale(*names),
            progress=TaskProgress(
                model=task.model.name,
                dataset=task.dataset.name,
                variant=task.variant_name,
                total=len(rows.samples) * task.dataset.common.repeats,
            ),
            conversations=asker.all(),
            asker=asker,
            task=task,
            earlier=EarlierTranscripts(
                frozenset(name for sample in rows.samples for name in sample.after)
            ),
        )

    def _judgements(self, task: Task, judge: Model, name: str) -> Assignment:
        conversations = list(judgements_to_ask(self.plan, task, self.run, name))
        names = (task.model.name, task.dataset.name)
        return Assignment(
            label=f"{judge.name} on {task.label}",
            model=judge,
            path=self.run.judgements(*names),
            stale=self.run.stale_judgements(*names),
            progress=TaskProgress(
                model=judge.name,
                dataset=f"answers of {task.label}",
                variant="judging",
                total=len(conversations),
                scored=-1,
            ),
            conversations=iter(conversations),
        )
