"""`aisbench validate`."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.cli import options
from aisbench.errors import ExitCode


def main(words: Sequence[str]) -> int:
    """Check a suite, its plugins and its data files; nothing is sent."""
    parser = options.parser(
        "validate", "Check a suite, its plugins and its data files without sending anything."
    )
    options.add_suite(parser)
    args = parser.parse_args(words)

    from aisbench.config.planner import make_plan
    from aisbench.stages.prepare import prepare, render

    source = options.source_of(args)
    catalog = options.catalog_of(args, source)
    options.tell_problems(catalog)
    plan = make_plan(source, catalog)
    rows = prepare(plan)
    for task in plan.tasks:
        chosen = rows[task.dataset.name]
        for sample in chosen.samples:
            render(task, chosen, sample, plan.suite.suite.seed)
        print(
            f"ok: {task.label}: variant {task.variant_name}, {len(chosen.samples)} samples x "
            f"{task.dataset.common.repeats} repeats"
        )
    return ExitCode.OK
