"""The JSON Schema of suites."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import jsonschema
import pytest
import tomli
from attrs import frozen
from unit_fakes import DIST, GOOD, catalog, listed, sums

from aisbench.config.schema import class_schema, suite_schema, type_schema
from aisbench.plugins.catalog import Catalog
from aisbench.settings.fields import Secret, setting
from aisbench.types.json import JsonObject, JsonValue

Validator = jsonschema.Draft202012Validator

FULL = """\
summarizers = [{ summarizer = "table", digits = 2 }, { summarizer = "silent" }]
[suite]
name = "demo"
mode = "accuracy"
requires = ["attrs"]
[servers.s]
command = ["x"]
[models.m1]
backend = "chatty"
url = ["http://a", "http://b"]
api_key = "env:KEY"
timeout = { total = 5 }
headers = { X-Key = { env = "K" }, X = "v" }
generation = { anything = [1, { goes = true }] }
echo = true
[datasets.d1]
dataset = "aisbench-plugin-fake/sums"
path = "x"
limit = 5
[[exclude]]
model = "m1"
"""


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = suite_schema(catalog())
    Validator.check_schema(schema)
    return Validator(schema)


OF_FILES = """\
suite.plugins = ["./my.py"]
models.m1 = { backend = "chatty", url = "http://a" }
datasets.d1 = { dataset = "./sets/own.toml", path = "x", limit = 5 }
"""


@pytest.mark.parametrize("text", [GOOD, FULL, OF_FILES])
def test_good_suites_are_accepted(validator: Any, text: str) -> None:
    assert [error.message for error in validator.iter_errors(tomli.loads(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[suite]", "[suit]"),
        ('name = "demo"', 'nam = "demo"'),
        ('mode = "accuracy"', 'mode = "acuracy"'),
        ('backend = "chatty"', 'backend = "chaty"'),
        ('backend = "chatty"\n', ""),
        ("echo = true", "eco = true"),
        ("echo = true", "echo = 1"),
        ('"env:KEY"', '"sk-hunter2"'),
        ('"http://b"]', "5]"),
        ("{ total = 5 }", "{ totl = 5 }"),
        ("limit = 5", 'limit = "5"'),
        ("limit = 5", "difficult = 5"),
        ('path = "x"\n', ""),
        ('model = "m1"', 'modle = "m1"'),
        ("digits = 2", "digts = 2"),
        ('command = ["x"]', "ready = '/'"),
        ('{ env = "K" }', "{ enw = 'K' }"),
    ],
)
def test_wrong_suites_are_refused(validator: Any, old: str, new: str) -> None:
    assert old in FULL
    assert not validator.is_valid(tomli.loads(FULL.replace(old, new)))


def test_the_draft_is_stated_and_keys_are_described() -> None:
    schema = suite_schema(catalog())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    models = schema["properties"]["models"]["additionalProperties"]["anyOf"]
    assert [one["title"] for one in models] == ["chatty", "still", "texty"]
    chatty = models[0]["properties"]
    assert chatty["backend"]["enum"] == ["chatty", f"{DIST}/chatty"]
    assert chatty["concurrency"]["description"] == "requests in flight at once"
    assert chatty["concurrency"]["default"] == 32
    assert chatty["timeout"]["properties"]["total"]["description"].endswith("[s]")
    assert models[0]["required"] == ["backend"]
    datasets = schema["properties"]["datasets"]["additionalProperties"]["anyOf"]
    assert next(one for one in datasets if one["title"] == "sums")["required"] == [
        "dataset",
        "path",
    ]


def test_a_broken_plugin_costs_only_its_own_keys() -> None:
    gone = attrs.evolve(sums(name="gone"), settings="no_such_module:X")
    schema = suite_schema(catalog(listed(gone)))
    Validator.check_schema(schema)
    assert Validator(schema).is_valid(tomli.loads(FULL))


def test_without_plugins_the_schema_is_valid_too() -> None:
    Validator.check_schema(suite_schema(Catalog(listed=(), broken=())))


@frozen
class Some:
    must: int = setting(help="a number", unit="s")
    may: str | None = setting(default=None, help="a word")
    lots: tuple[float, ...] = setting(default=(), help="numbers")


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Path, {"type": "string"}),
        (Secret, {"type": "string", "pattern": "^env:."}),
        (JsonValue, {}),
        (JsonObject, {"type": "object"}),
        (int | None, {"type": "integer"}),
        (str | int, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Literal["a", "b"], {"enum": ["a", "b"]}),
    ],
)
def test_types(kind: Any, schema: Any) -> None:
    assert type_schema(kind) == schema


def test_classes() -> None:
    assert class_schema(Some) == {
        "type": "object",
        "properties": {
            "must": {"type": "integer", "description": "a number [s]"},
            "may": {"type": "string", "description": "a word"},
            "lots": {"type": "array", "items": {"type": "number"}, "description": "numbers"},
        },
        "required": ["must"],
        "additionalProperties": False,
    }


def test_simple_schemas_are_not_shared() -> None:
    type_schema(str)["description"] = "mine"
    assert type_schema(str) == {"type": "string"}
