"""`aisbench run --dry-run`: what would be sent, and where each setting comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from aisbench.base.visible import tell as tell_data
from aisbench.cli.request_text import prompt_text, request_lines
from aisbench.config.effective import leaves, resolved_tables
from aisbench.config.plan import Plan, Task
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows, asked_of
from aisbench.media.contents import with_contents
from aisbench.settings.keys import dotted
from aisbench.stages.tuning import tuning_plan
from aisbench.wording.spoken import tell


def show(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Print tasks, counts, one prompt and one request of each, and all settings."""
    tell(f"dry run of suite {plan.suite.suite.name!r}: nothing is sent\n")
    total = 0
    for task in plan.tasks:
        asked = asked_of(task, rows[task.dataset.name].samples)
        count = len(asked) * task.dataset.common.repeats
        total += count
        _task(plan, task, rows, count)
    tell(f"{len(plan.tasks)} tasks, {total} conversations in all\n")
    if plan.loads:
        _loads(plan, rows)
    for line in tuning_plan(plan):
        tell(line)
    for sampler in plan.devices:
        tell(f"devices {sampler.label}: {sampler.component.owner} would read them\n")
    for one in plan.observers:
        tell(f"observer {one.label}: {one.component.owner} would be told of the run\n")
    tell("settings (key = value, from where):")
    for path, value in leaves(resolved_tables(plan)):
        tell_data(f"  {dotted(path)} = {value!r}  ({plan.source.origin(path)})")
    for task in plan.tasks:
        for key, value in task.generation.items():
            tell_data(
                f"  {task.label}: generation.{key} = {value!r}  ({task.generation_origin[key]})"
            )


def _task(plan: Plan, task: Task, rows: Mapping[str, Rows], count: int) -> None:
    chosen = rows[task.dataset.name]
    samples = asked_of(task, chosen.samples)
    asked = attrs.evolve(chosen, samples=samples)
    repeats = task.dataset.common.repeats
    tell_data(f"== {task.label}")
    tell(f"   variant {task.variant_name}: {task.variant.source}")
    tell(f"   {len(samples)} samples x {repeats} repeats = {count} conversations")
    if chosen.questions < chosen.of:
        number = len({one.question for one in samples if one.scored})
        tell(f"   {number:,} of {chosen.of:,} rows: {task.dataset.common.described()}")
    parts = Counter(sample.part for sample in samples if sample.scored)
    if task.dataset.common.limit is not None and len(parts) > 1:
        least, most = min(parts.values()), max(parts.values())
        each = str(least) if least == most else f"{least} to {most}"
        tell(f"   limit {task.dataset.common.limit}: {each} of each of {len(parts)} parts")
    if task.evaluator is not None:
        names = dict.fromkeys(one.evaluator.listed.offer.name for one in task.scorings)
        tell(f"   evaluator {', '.join(names)}, metrics {', '.join(task.dataset.metrics)}")
    model = task.model
    name = model.name if model.local else model.service.model or "<asked from the server>"
    request = Asker(task, asked, name, plan.suite.suite.seed).first().request()
    tell(f"   prompt of sample {request.sample_id}:")
    for line in prompt_text(request.prompt).splitlines():
        tell_data(f"     | {line}")
    if model.local:
        tell(f"   answered in this process by {model.offer.name}\n")
        return
    tell("   request:")
    for line in request_lines(model, with_contents(request)):
        tell_data(f"     {line}")
    tell("")


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
