"""The JSON Schema of declared data sets."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import tomli
from unit_fakes import catalog

from aisbench.builtin import aisbench_prompts
from aisbench.config.declaration_schema import declaration_schema
from aisbench.plugins.catalog import Catalog, Listed

GOOD = """\
summary = "Made up."
version = 2
evaluator = "exact-ish"
columns = { choices = ["A", "B"], answer_is = "letter", aliases = "x" }
fields = { a = "{b}", c = { of = "d", pattern = "(.)" } }
files.test = ["a.csv", "b.csv"]
rows = { where = { x = { present = true } }, explode = [["a", "b"]], limit = { p = 1 }, \
join = [{ file = { test = "x.lst" }, by = "line" }] }
[variants.one]
template = "chat"
prompt.user = "{a}"
[variants.two]
template = "chat"
prompt = "own:function"
"""


@pytest.fixture(scope="module")
def validator() -> Any:
    core = [
        Listed(offer=one, plugin="core", dist="aisbench", version="1")
        for one in aisbench_prompts()
    ]
    fakes = catalog()
    problems: list[str] = []
    schema = declaration_schema(Catalog(listed=(*fakes.listed, *core), broken=()), problems)
    assert not problems
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("text", [GOOD, 'extends = "_x"\ncard = { task = "t" }\n'])
def test_good_declarations(validator: Any, text: str) -> None:
    assert not list(validator.iter_errors(tomli.loads(text)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('summary = "Made up."', ""),
        ("prompt.user", "prompt.usr"),
        ('"letter"', '"leter"'),
        ("where =", "were ="),
        (', by = "line"', ""),
        ("limit = { p = 1 }", 'limit = "x"'),
        ('template = "chat"', "template = 5"),
    ],
)
def test_wrong_declarations(validator: Any, old: str, new: str) -> None:
    assert old in GOOD
    assert list(validator.iter_errors(tomli.loads(GOOD.replace(old, new, 1))))
