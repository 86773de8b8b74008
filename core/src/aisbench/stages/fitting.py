"""Answers that fit the model's context: checked before anything is sent, where the server says how
long it is.

A data set's own ``max_tokens`` is a default: where prompt and answer may not fit the context
together, the request is sent without it, or with what is left. A bound that the suite sets is
never changed, and refused where it cannot hold. A request's key always holds the original bound,
so that a resume finds the answer whatever the server's context is by then.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import attrs
from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Task
from aisbench.contract.service_backends import TellingBackend
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows
from aisbench.engine.discover import DiscoveredModel
from aisbench.tokens.tokenizer import load_tokenizer
from aisbench.types.prompt import Prompt
from aisbench.types.request import LIMITS, Request

LEAST = 64
"""Where the tokens are only guessed and less room than this is left, the request is not changed:
the server knows better."""
FRAME_TOKENS, MESSAGE_TOKENS = 64, 16
"""What a chat template may add, to a chat and to each of its messages."""
LOOKED_AT = 100
"""Rows that are checked before anything is sent."""


@frozen(kw_only=True)
class Room:
    """The context of one task's model. ``limit`` is the name of the data set's own bound, "" where
    the suite gives one; ``open_ended``: without a bound the server goes on to the context's end.
    ``count`` counts the tokens of a text."""

    context: int
    limit: str
    open_ended: bool
    count: Callable[[str], int] | None = None

    def fit(self, request: Request) -> Request:
        """The request, or one with another bound on its answer."""
        wanted = request.generation.get(self.limit)
        own = {**request.prompt.generation}
        if not self.limit or type(wanted) is not int or self.limit in own:
            return request
        left = self.context - self._most(request.prompt)
        if wanted <= left:
            return request
        generation = dict(request.generation)
        if self.open_ended:
            del generation[self.limit]
        elif left >= (1 if self.count is not None else LEAST):
            generation[self.limit] = left
        else:
            return request
        return attrs.evolve(request, generation=generation)

    def _most(self, prompt: Prompt) -> int:
        """An upper bound of a prompt's tokens: no token of a text is shorter than a byte."""
        if prompt.tokens is not None:
            return len(prompt.tokens)
        frame = FRAME_TOKENS
        if prompt.messages is None:
            texts = [prompt.words]
        else:
            texts = [message.text for message in prompt.messages]
            frame += MESSAGE_TOKENS * len(texts)
        if self.count is not None:
            return frame + sum(map(self.count, texts))
        return frame + sum(len(text.encode("utf-8", "replace")) for text in texts)


def room_of(task: Task, discovered: DiscoveredModel) -> Room | None:
    """How the requests of a task are made to fit; None where no server tells its context, or the
    suite sets the bound."""
    if discovered.context is None or not discovered.strict:
        return None
    limit = next((name for name in LIMITS if name in task.generation), "")
    if not limit or task.generation_origin.get(limit, "[").startswith("["):
        return None
    backend, tokenizer = task.model.backend, task.model.common.tokenizer
    count = load_tokenizer(tokenizer).count if tokenizer else None
    return Room(
        context=discovered.context,
        limit=limit,
        open_ended=isinstance(backend, TellingBackend) and backend.open_ended,
        count=count,
    )


def fitting_notes(task: Task, rows: Rows, discovered: DiscoveredModel, seed: int) -> Iterator[str]:
    """Sentences about bounds of a task that may be changed, for the user.

    Raises AisbenchError where an answer cannot fit, however short the prompt is.
    """
    if discovered.context is None or not discovered.strict:
        return
    room = room_of(task, discovered)
    asker = Asker(task, rows, discovered.name, seed, keyed=False)
    changed = 0
    for sample in itertools.islice(rows.samples, LOOKED_AT):
        if sample.after:
            continue
        conversation = asker.begun(sample)
        if conversation.next_prompt is None or conversation.next_prompt.continuation is not None:
            continue
        request = conversation.request()
        if room is not None and room.fit(request) is not request:
            changed += 1
        else:
            _check(task, request, discovered.context, fixed=room is None)
    if changed and room is not None:
        limit = room.limit
        yield (
            f"{task.label}: the data set's {limit} = {task.generation[limit]} may not fit the "
            f"context of {discovered.context} tokens that the server tells: requests are sent "
            f"with what is left of it; [datasets.{task.dataset.name}.generation] {limit} sets "
            "another"
        )


def _check(task: Task, request: Request, context: int, *, fixed: bool) -> None:
    """Raises AisbenchError for a bound, or token ids and a bound, beyond the context."""
    limit = next((name for name in LIMITS if name in request.generation), "")
    wanted = request.generation.get(limit)
    if not fixed or type(wanted) is not int:
        return
    ids = len(request.prompt.tokens or ())
    if wanted + ids <= context and wanted < context:
        return
    what = f"{limit} = {wanted}" + (f" and a prompt of {ids} tokens" if ids else "")
    origin = task.generation_origin.get(limit)
    own = request.generation.get(limit) != task.generation.get(limit)
    where = f"datasets.{task.dataset.name}" if own or origin is None else origin
    raise AisbenchError(
        f"{task.label}: {what} ({where}) do not fit the context of {context} tokens that the "
        f"server of models.{task.model.name} tells: it would refuse every such request",
        hint=f"ask for less (prompt and answer together have {context} tokens), or serve the "
        "model with a longer context, such as vLLM's --max-model-len",
    )
