"""Which keys of a stored run may be changed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from aisbench.base.errors import ConfigError
from aisbench.config.source import parse_set
from aisbench.runs.changes import check_changes

MODELS = [SimpleNamespace(name=name) for name in ("ours", "both")]
JUDGES = [SimpleNamespace(name=name) for name in ("critic", "both")]
PLAN = cast("Any", SimpleNamespace(tested=MODELS, judges=JUDGES))


@pytest.mark.parametrize(
    "change",
    [
        "models.critic.generation.temperature=0",
        "models.both.url=http://127.0.0.1:1",
        "models.ours.reasoning={}",
        "datasets.d.evaluation.rule=aisbench",
        "datasets.d.metrics=['accuracy']",
        "datasets.d.dataset=run/files/datasets/d/d.toml",
        "groups.all.members=['d']",
        "suite.anomalies=true",
    ],
)
def test_what_becomes_of_answers_may_change(change: str) -> None:
    check_changes(PLAN, [parse_set(change)])


@pytest.mark.parametrize(
    "change",
    [
        "models.ours.generation.temperature=0",
        "models.ours.url=http://127.0.0.1:1",
        "datasets.d.limit=3",
        "datasets.d.variant=chat",
        "datasets.d={dataset='other'}",
        "suite.seed=1",
    ],
)
def test_what_was_asked_may_not(change: str) -> None:
    key = change.partition("=")[0]
    with pytest.raises(ConfigError, match=rf"--set {key}: .*(\n.*)+critic, which judges"):
        check_changes(PLAN, [parse_set("datasets.d.evaluator=exact"), parse_set(change)])
