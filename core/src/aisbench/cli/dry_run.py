"""`aisbench run --dry-run`: what would be sent, and where each setting comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import orjson

from aisbench.base.visible import tell
from aisbench.config.effective import leaves, resolved_tables
from aisbench.config.plan import Model, Plan, Task
from aisbench.config.suite import urls
from aisbench.contract.service_backends import SigningBackend
from aisbench.contract.transports import ShownTransport
from aisbench.conversation.conversation import Conversation, conversations_of
from aisbench.conversation.prepare import Rows
from aisbench.engine.replicas import join_url
from aisbench.media.contents import with_contents
from aisbench.settings.keys import dotted
from aisbench.store.redactor import HIDDEN
from aisbench.types.http import HttpRequest
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request


_LONG = 60
"""Characters of base64 that are shown."""


def show(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Print tasks, counts, one prompt and one request of each, and all settings."""
    tell(f"dry run of suite {plan.suite.suite.name!r}: nothing is sent\n")
    total = 0
    for task in plan.tasks:
        count = len(rows[task.dataset.name].samples) * task.dataset.common.repeats
        total += count
        _task(plan, task, rows, count)
    tell(f"{len(plan.tasks)} tasks, {total} conversations in all\n")
    if plan.loads:
        _loads(plan, rows)
    tell("settings (key = value, from where):")
    for path, value in leaves(resolved_tables(plan)):
        tell(f"  {dotted(path)} = {value!r}  ({plan.source.origin(path)})")
    for task in plan.tasks:
        for key, value in task.generation.items():
            tell(f"  {task.label}: generation.{key} = {value!r}  ({task.generation_origin[key]})")


def _task(plan: Plan, task: Task, rows: Mapping[str, Rows], count: int) -> None:
    samples = rows[task.dataset.name].samples
    repeats = task.dataset.common.repeats
    tell(f"== {task.label}")
    tell(f"   variant {task.variant_name}: {task.variant.source}")
    tell(f"   {len(samples)} samples x {repeats} repeats = {count} conversations")
    parts = Counter(sample.part for sample in samples if sample.scored)
    if task.dataset.common.limit is not None and len(parts) > 1:
        least, most = min(parts.values()), max(parts.values())
        each = str(least) if least == most else f"{least} to {most}"
        tell(f"   limit {task.dataset.common.limit}: {each} of each of {len(parts)} parts")
    if task.evaluator is not None:
        tell(f"   evaluator {task.evaluator.listed.offer.name}, "
              f"metrics {', '.join(task.dataset.metrics)}")  # fmt: skip
    model = task.model
    name = model.name if model.local else model.service.model or "<asked from the server>"
    # The first row builds on no other.
    conversation = next(
        one
        for one in conversations_of(task, rows[task.dataset.name], name, plan.suite.suite.seed)
        if isinstance(one, Conversation)
    )
    request = conversation.request()
    tell(f"   prompt of sample {request.sample_id}:")
    for line in _prompt(request.prompt).splitlines():
        tell(f"     | {line}")
    if model.local:
        tell(f"   answered in this process by {model.offer.name}\n")
        return
    _request(model, with_contents(request))


def _request(model: Model, request: Request) -> None:
    """What would be sent, and where to."""
    service = model.service
    scheme = model.offer.schemes[0]
    base = f"{scheme}://<server {service.server}>" if service.server else urls(service)[0]
    tell("   request:")
    if model.own:
        tell(f"     {base}, by the transport of {model.offer.name}")
        for header, value in _headers(model, {}).items():
            tell(f"     {header}: {value}")
        transport = model.transport
        if isinstance(transport, ShownTransport):
            for line in transport.shown(request).splitlines():
                tell(f"     {line}")
        tell("")
        return
    wire = model.codec.encode(request)
    tell(f"     {wire.method} {join_url(base, wire.path)}")
    for header, value in _headers(model, wire.headers).items():
        tell(f"     {header}: {value}")
    if isinstance(model.codec, SigningBackend):
        tell(f"     (and what {model.offer.name} signs it with, when it is sent)")
    tell(f"     {_without_contents(_body(wire), request.prompt)}\n")


def _loads(plan: Plan, rows: Mapping[str, Rows]) -> None:
    from aisbench.stages.load_schedules import preflight
    from aisbench.types.load import OpenLoop

    tell("loads:")
    for task, point, schedule, capacity in preflight(plan, rows):
        if isinstance(schedule, OpenLoop):
            seconds = schedule.due_ns[-1] / 1e9
            what = f"{len(schedule.due_ns)} conversations begin in {seconds:.3f} s"
        else:
            what = f"{len(schedule.clients)} virtual clients"
        tell(
            f"  {task.label}: {point.label}: {point.shape.listed.offer.name}, {what}; "
            f"{capacity.workers} worker process(es), {capacity.connections} connections opened "
            "before the start"
        )
        if capacity.sources:
            tell(f"    from {len(capacity.sources)} source addresses: one has too few ports")
    tell("")


def _prompt(prompt: Prompt) -> str:
    if prompt.text is not None:
        return prompt.text
    return "\n".join(f"[{one.role}] {_shown(one)}" for one in prompt.messages or ())


def _shown(message: Message) -> str:
    if isinstance(message.content, str):
        text = message.content
    else:
        text = " ".join(
            part.text if part.media is None else f"<{part.media.kind}: {part.media.whence}>"
            for part in message.content
        )
    calls = [f"<calls {one.name}({one.arguments})>" for one in message.tool_calls]
    return " ".join([text, *calls]) if calls else text


def _headers(model: Model, headers: Mapping[str, str]) -> dict[str, str]:
    shown = dict(headers)
    if model.service.api_key is not None:
        shown["Authorization"] = f"Bearer {HIDDEN} ({model.service.api_key})"
    for name, value in model.service.headers.items():
        shown[name] = value if isinstance(value, str) else f"{HIDDEN} (env:{value.env})"
    return shown


def _without_contents(text: str, prompt: Prompt) -> str:
    """A body in which sizes stand for contents, which nobody could read."""
    for media in prompt.media:
        if len(media.content) > _LONG:
            size = f"<{len(media.content) * 3 // 4} bytes in base64>"
            text = text.replace(media.content, size)
    return text


def _body(wire: HttpRequest) -> str:
    try:
        return (
            orjson.dumps(orjson.loads(wire.body), option=orjson.OPT_INDENT_2)
            .decode()
            .replace("\n", "\n     ")
        )
    except orjson.JSONDecodeError:
        return wire.body.decode("utf-8", "replace")
