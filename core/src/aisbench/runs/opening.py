"""From a suite to a run that may begin: everything that can be wrong is found before anything is
sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from aisbench.config.hub_paths import with_hub_data
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.config.secrets import check_own_keys, doubts
from aisbench.config.source import Source
from aisbench.conversation.adapters import check_adapters
from aisbench.conversation.prepare import Rows, check_rows, prepare
from aisbench.conversation.row_labels import check_labels
from aisbench.engine.client import reveal_headers
from aisbench.plugins.catalog import Catalog
from aisbench.runs.lock_checks import held_to_lock
from aisbench.runs.placing import place_answers
from aisbench.stages.load_schedules import preflight
from aisbench.stages.preflight import check_models, check_prompts
from aisbench.stages.slices import check_slices
from aisbench.stages.token_totals import check_tokenizers
from aisbench.store.run import RunFolder, create_run, latest_run, open_run

log = logging.getLogger(__name__)

LATEST = "latest"
"""The word for the newest run of a suite, where a run is to be resumed."""


@frozen(kw_only=True)
class OpenedSuite:
    """A checked suite with the rows of its data sets, which a session takes out of it: they may be
    most of what is in memory."""

    plan: Plan
    catalog: Catalog
    rows: dict[str, Rows]
    locked: bool = False
    """Whether it is a lock: a run of it calls nobody but the models."""

    def taken(self) -> dict[str, Rows]:
        """The rows, which are here no longer."""
        rows = dict(self.rows)
        self.rows.clear()
        return rows


def open_suite(source: Source, catalog: Catalog) -> OpenedSuite:
    """Check a suite and read its data. Nothing is sent, and no model is needed.

    Raises ConfigError with every problem of the suite, PluginError, DataError.
    """
    with held_to_lock(source) as (held, check):
        plan = make_plan(with_hub_data(held), catalog)
        rows = checked_rows(plan)
        check(plan, rows)
    place_answers(plan, rows)
    locked = source.lock is not None
    return OpenedSuite(plan=plan, catalog=plan.catalog, rows=rows, locked=locked)


def checked_rows(plan: Plan) -> dict[str, Rows]:
    """The rows of each data set, once they, their prompts and the tokenizers were checked.

    Raises DataError, PluginError.
    """
    rows = prepare(plan)
    check_rows(plan, rows)
    for dataset in plan.datasets:
        check_slices(dataset.offer.slices, rows[dataset.name].samples)
    check_adapters(plan, rows)
    check_labels(plan, rows)
    check_prompts(plan, rows)
    check_tokenizers(plan)
    return rows


def check_ready(opened: OpenedSuite) -> None:
    """Check what only a run needs: the secrets, the models, every load. Raises AisbenchError."""
    plan, rows = opened.plan, opened.rows
    for doubt in doubts(plan):
        log.warning("%s", doubt)
    for model in plan.models:
        if not model.local:
            # What is not set is an error now.
            reveal_headers(model.service)
            check_own_keys(model)
    check_models(plan, rows)
    check_loads(plan, rows)


def check_loads(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Schedule every load, so that one that cannot be is an error now, and not when the servers
    are up. Raises AisbenchError."""
    if plan.loads:
        for _ in preflight(plan, rows):
            pass


def folder_for(plan: Plan, resume: str | Path | None) -> RunFolder:
    """The folder of a new run, of the suite's latest one, or of one at a path.

    Raises StoreError when none can be made, AisbenchError when there is none to resume.
    """
    output, name = Path(plan.suite.suite.output), plan.suite.suite.name
    if resume is None:
        return create_run(output, name)
    if resume == LATEST:
        return latest_run(output, name)
    return open_run(Path(resume))
