"""Answers that fit the model's context: known before anything is sent, where the server tells it.

A data set's own ``max_tokens`` is a bound that nobody asked for: where prompt and answer may not
fit the context together, the request is sent without it, or with what is left. What the suite asks
for is never changed: it is refused where it cannot be. A request's key is that of the bound as it
was asked for, so that a resume finds it whatever the server's context is by then.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import attrs
from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Task
from aisbench.contract.service_backends import TellingBackend
from aisbench.conversation.conversation import Asker
from aisbench.conversation.prepare import Rows
from aisbench.engine.discover import DiscoveredModel
from aisbench.tokens.tokenizer import load_tokenizer
from aisbench.types.prompt import Prompt
from aisbench.types.request import LIMITS, Request

LEAST = 64
"""With less room than this, by a guess, a request is left as it is: the server knows better."""
FRAME_TOKENS, MESSAGE_TOKENS = 64, 16
"""What a chat template may add, to a chat and to each of its messages."""
LOOKED_AT = 100
"""Rows that are looked at before anything is sent."""


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
        """Tokens that a prompt has at most: no token of a text is less than a byte."""
        if prompt.tokens is not None:
            return len(prompt.tokens)
        frame = FRAME_TOKENS
        if prompt.messages is None:
            texts = [prompt.text or ""]
        else:
            texts = [message.text for message in prompt.messages]
            frame += MESSAGE_TOKENS * len(texts)
        if self.count is not None:
            return frame + sum(map(self.count, texts))
        return frame + sum(len(text.encode("utf-8", "replace")) for text in texts)


def room_of(task: Task, found: DiscoveredModel) -> Room | None:
    """How the requests of a task are made to fit; None where no server tells, or nothing is to
    be done."""
    if found.context is None or not found.strict:
        return None
    limit = next((name for name in LIMITS if name in task.generation), "")
    if not limit or task.generation_origin.get(limit, "[").startswith("["):
        return None
    codec, tokenizer = task.model.codec, task.model.common.tokenizer
    count = load_tokenizer(tokenizer).count if tokenizer else None
    return Room(
        context=found.context,
        limit=limit,
        open_ended=isinstance(codec, TellingBackend) and codec.open_ended,
        count=count,
    )


def fitting_notes(task: Task, rows: Rows, found: DiscoveredModel, seed: int) -> Iterator[str]:
    """What is to be told of a task before it is asked: bounds that may be changed.

    Raises AisbenchError where an answer cannot fit, however short the prompt is.
    """
    if found.context is None or not found.strict:
        return
    room = room_of(task, found)
    asker = Asker(task, rows, found.name, seed, keyed=False)
    changed = 0
    for sample in itertools.islice(rows.samples, LOOKED_AT):
        if sample.after:
            continue
        conversation = asker.begin(sample, 0)
        if conversation.next_prompt is None or conversation.next_prompt.continuation is not None:
            continue
        request = conversation.request()
        if room is not None and room.fit(request) is not request:
            changed += 1
        else:
            _check(task, request, found.context, fixed=room is None)
    if changed and room is not None:
        limit = room.limit
        yield (
            f"{task.label}: the data set's {limit} = {task.generation[limit]} may not fit the "
            f"context of {found.context} tokens that the server tells: requests are sent with "
            f"what is left of it; [datasets.{task.dataset.name}.generation] {limit} sets another"
        )


def _check(task: Task, request: Request, context: int, *, fixed: bool) -> None:
    """Raises AisbenchError for a bound, or ids and a bound, that are beyond the context."""
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
