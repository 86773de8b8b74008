"""Models of stored runs whose backend is not installed where their answers are scored."""

from __future__ import annotations

import pytest
import tomli_w
from unit_fakes import GOOD, OFFERS, catalog, listed, plan_of, source_of

from aisbench.base.errors import ConfigError, PluginError
from aisbench.config.absent_backends import backend_record, check_present
from aisbench.config.effective import resolved_tables
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.plugins.catalog import Catalog
from aisbench.types.offer import BackendOffer

OWN = GOOD.replace('url = "http', 'echo = true\ntokenizer = "./tok"\nurl = "http')
WITHOUT = Catalog(
    listed=tuple(listed(one) for one in OFFERS if not isinstance(one, BackendOffer)), broken=()
)


def elsewhere(before: Plan, text: str = "", found: Catalog = WITHOUT) -> Plan:
    """The plan that a machine makes of a run which kept what ``before`` was."""
    kept = text or tomli_w.dumps(resolved_tables(before))
    records = {one.name: backend_record(one) for one in before.models}
    return make_plan(source_of(kept), found, records)


def test_the_plan_is_the_same_and_so_is_the_suite_that_is_kept() -> None:
    before = plan_of(OWN)
    now = elsewhere(before)
    assert now.tasks[0].variant_name == before.tasks[0].variant_name
    assert now.tasks[0].model.common == before.tasks[0].model.common
    assert resolved_tables(now) == resolved_tables(before)
    assert backend_record(now.models[0]) == backend_record(before.models[0])
    with pytest.raises(PluginError, match="not installed here"):
        check_present(now.models, "it is to judge")


def test_the_variant_is_that_of_what_the_backend_could_do() -> None:
    before = plan_of(GOOD.replace('"chatty"', '"texty"'))
    assert before.tasks[0].variant_name != plan_of(GOOD).tasks[0].variant_name
    assert elsewhere(before).tasks[0].variant_name == before.tasks[0].variant_name


def test_an_installed_backend_is_used() -> None:
    now = elsewhere(plan_of(OWN), found=catalog())
    check_present(now.models, "it is to judge")
    assert now.models[0].settings.echo


def test_another_backend_than_the_recorded_one_must_be_there() -> None:
    with pytest.raises(ConfigError, match="no installed plugin offers the backend 'texty'"):
        elsewhere(plan_of(OWN), GOOD.replace('"chatty"', '"texty"'))
    with pytest.raises(ConfigError, match="no installed plugin offers the backend"):
        make_plan(source_of(OWN), WITHOUT)


def test_cores_own_keys_are_still_checked() -> None:
    with pytest.raises(ConfigError, match=r"models.m1.concurrency: must be"):
        elsewhere(plan_of(OWN), OWN.replace("echo = true", 'echo = true\nconcurrency = "x"'))
