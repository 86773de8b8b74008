"""The resolved suite says everything, and means the same when it is read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli
import tomli_w
from unit_fakes import DIST, GOOD, OTHER, catalog, listed, plan_of, sums

from aisbench.config.effective import differences, leaves, resolved_tables
from aisbench.plugins.catalog import Catalog

RICH = """\
[suite]
name = "nightly"
seed = 7
requires = ["attrs>=1"]
max_failed = 0.1

[servers.sim]
command = ["{python}", "-m", "x", "--port", "{port}"]

[models.m1]
backend = "chatty"
server = "sim"
api_key = "env:KEY"
headers = { X-Key = { env = "OTHER" }, X-Plain = "v" }
timeout = { total = 5 }
generation = { temperature = 0.6, stop = ["a"] }
echo = true

[models.m2]
backend = "texty"
url = ["https://a", "https://b"]
tls = { ca = "ca.pem" }

[datasets.d1]
dataset = "sums"
path = "sums.jsonl"
limit = 2
shots = 3
evaluation = { tolerance = 0.5 }
prompt = { user = "{question}?" }
variant = "chat-4"

[datasets.d2]
dataset = "talks"

[datasets.d3]
dataset = "sums"
path = "/abs/sums.jsonl"

[[exclude]]
model = "m2"
dataset = "d[12]"

[[summarizers]]
summarizer = "table"
digits = 2

[plugins]
disable = ["nothing"]
"""


def again(text: str, found: Catalog | None = None, base: str = "/run") -> tuple[Any, Any]:
    """The resolved tables, and those of the suite that they make when read from ``base``."""
    first = resolved_tables(plan_of(text, found))
    written = tomli_w.dumps(first)
    assert tomli.loads(written) == first
    return first, resolved_tables(plan_of(written, found, base=Path(base)))


@pytest.mark.parametrize("text", [GOOD, RICH, "summarizers = []\n" + GOOD])
def test_round_trip(text: str) -> None:
    first, second = again(text)
    assert second == first
    assert differences(first, second) == []


def test_it_says_everything() -> None:
    tables = resolved_tables(plan_of(RICH))
    assert tables["suite"]["abort_after"] == 20
    model = tables["models"]["m1"]
    assert model["backend"] == f"{DIST}/chatty"
    assert model["concurrency"] == 32
    assert model["timeout"] == {"connect": 10.0, "first_token": 300.0, "total": 5.0}
    assert model["echo"] is True
    assert tables["models"]["m2"]["url"] == ["https://a", "https://b"]
    assert tables["models"]["m2"]["tls"]["ca"] == "/suites/ca.pem"
    assert tables["datasets"]["d1"]["path"] == "/suites/sums.jsonl"
    assert tables["datasets"]["d1"]["evaluator"] == f"{DIST}/same"
    assert tables["datasets"]["d1"]["metrics"] == ["accuracy"]
    assert tables["exclude"] == [
        {"model": "m2", "dataset": "d1"},
        {"model": "m2", "dataset": "d2"},
    ]
    assert list(tables["servers"]) == ["sim"]
    assert tables["plugins"] == {"disable": ["nothing"]}


def test_secrets_stay_references(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "hunter2-hunter2")
    monkeypatch.setenv("OTHER", "hunter3-hunter3")
    written = tomli_w.dumps(resolved_tables(plan_of(RICH)))
    assert "hunter" not in written
    assert 'api_key = "env:KEY"' in written


def test_a_model_that_is_left_out_altogether_is_not_kept() -> None:
    text = GOOD + '[models.m2]\nbackend = "texty"\nurl = "http://b"\n[[exclude]]\nmodel = "m2"\n'
    first, second = again(text)
    assert list(first["models"]) == ["m1"]
    assert second == first


def test_a_backend_named_with_its_distribution() -> None:
    found = catalog(listed(next(one.offer for one in catalog().of_kind("backend")), dist=OTHER))
    first, second = again(GOOD.replace('"chatty"', f'"{DIST}/chatty"'), found)
    assert first["models"]["m1"]["backend"] == f"{DIST}/chatty"
    assert second == first


def test_a_data_set_named_with_its_distribution() -> None:
    found = catalog(listed(sums(), dist=OTHER))
    first, second = again(GOOD.replace('"sums"', f'"{DIST}/sums"'), found)
    assert second == first


def test_relative_paths_in_an_evaluators_settings_stay_the_same_files() -> None:
    text = GOOD + 'evaluation = { rules = "rules.txt" }\n'
    before = plan_of(text)
    after = plan_of(tomli_w.dumps(resolved_tables(before)), base=Path("/run"))
    assert before.tasks[0].required_evaluator.settings.rules == Path("/suites/rules.txt")
    assert (
        after.tasks[0].required_evaluator.settings == before.tasks[0].required_evaluator.settings
    )


def test_leaves() -> None:
    table = {"a": 1, "b": {"c": [1, {"d": 2}], "e": {}}, "f": {"g": {"h": None}}}
    assert dict(leaves(table)) == {
        ("a",): 1,
        ("b", "c"): [1, {"d": 2}],
        ("b", "e"): {},
        ("f", "g", "h"): None,
    }


def test_differences_are_sentences() -> None:
    before = resolved_tables(plan_of(GOOD))
    after = resolved_tables(
        plan_of(GOOD.replace('"demo"', '"other"').replace("8000", "9000") + "limit = 5\n")
    )
    assert differences(before, after) == [
        "suite.name: 'demo' -> 'other'",
        "models.m1.url: 'http://127.0.0.1:8000' -> 'http://127.0.0.1:9000'",
        "datasets.d1.limit: absent -> 5",
    ]
    assert differences(after, before)[-1] == "datasets.d1.limit: 5 -> absent"


def test_true_and_one_and_lists_differ() -> None:
    assert differences({"a": [1, 2]}, {"a": [2, 1]}) == ["a: [1, 2] -> [2, 1]"]
    assert differences({"a": 1}, {"a": 1}) == []
