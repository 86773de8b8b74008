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

    from aisbench.base.visible import tell
    from aisbench.cli.offline import offline
    from aisbench.config.planner import make_plan
    from aisbench.config.secrets import doubts
    from aisbench.conversation.prepare import check_rows, prepare, render
    from aisbench.stages.load_schedules import preflight
    from aisbench.stages.preflight import check_prompts
    from aisbench.stages.token_totals import check_tokenizers

    source = options.source_of(args)
    catalog = options.catalog_of(args, source)
    options.tell_problems(catalog)
    with offline():
        plan = make_plan(source, catalog)
        for doubt in doubts(plan):
            tell(f"warning: {doubt}", error=True)
        rows = prepare(plan)
        check_rows(plan, rows)
        check_prompts(plan, rows)
        check_tokenizers(plan)
        for task in plan.tasks:
            chosen = rows[task.dataset.name]
            for sample in chosen.samples:
                render(task, chosen, sample, plan.suite.suite.seed)
            tell(
                f"ok: {task.label}: variant {task.variant_name}, {len(chosen.samples)} "
                f"samples x {task.dataset.common.repeats} repeats"
            )
        if plan.loads:
            for _ in preflight(plan, rows):
                pass
    return ExitCode.OK
