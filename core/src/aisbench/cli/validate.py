"""`aisbench validate`."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.base.errors import ExitCode
from aisbench.cli import options


def main(words: Sequence[str]) -> int:
    """Check a suite, its plugins and its data files; nothing is sent."""
    parser = options.parser(
        "validate", "Check a suite, its plugins and its data files without sending anything."
    )
    options.add_suite(parser)
    args = parser.parse_args(words)

    from aisbench.config.hub_paths import with_hub_data
    from aisbench.config.planner import make_plan
    from aisbench.config.secrets import doubts
    from aisbench.conversation.prepare import render
    from aisbench.runs.lock_checks import held_to_lock
    from aisbench.runs.offline import offline
    from aisbench.runs.opening import check_loads, checked_rows
    from aisbench.stages.tuning import tuning_plan
    from aisbench.wording.spoken import tell

    source = options.source_of(args)
    catalog = options.catalog_of(args, source)
    options.tell_problems(catalog)
    with offline(), held_to_lock(source) as (held, check):
        plan = make_plan(with_hub_data(held), catalog)
        for doubt in doubts(plan):
            tell(f"warning: {doubt}", error=True)
        rows = checked_rows(plan)
        check(plan, rows)
        for task in plan.tasks:
            chosen = rows[task.dataset.name]
            for sample in chosen.samples:
                render(task, chosen, sample, plan.suite.suite.seed)
            tell(
                f"ok: {task.label}: variant {task.variant_name}, {len(chosen.samples)} "
                f"samples x {task.dataset.common.repeats} repeats"
            )
        check_loads(plan, rows)
        for line in tuning_plan(plan):
            tell(f"ok: {line}")
    return ExitCode.OK
