"""Values that are valid by a schema, whatever is in it; texts of expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import jsonschema
import pytest

from aisbench_plugin_simulator.expression_text import NoText, matching_text
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.schema_values import values_of

NODE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}},
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/node",
}
MUST_END = {
    "$defs": {
        "tree": {
            "type": "object",
            "properties": {
                "child": {"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
            },
            "required": ["child", "children"],
        }
    },
    "$ref": "#/$defs/tree",
}
SCHEMAS: list[Any] = [
    True, {}, {"type": "null"}, {"type": "boolean"}, {"const": {"a": [1]}}, {"enum": [None, 3]},
    {"type": "integer", "minimum": 7, "maximum": 7},
    {"type": "integer", "exclusiveMinimum": -4, "exclusiveMaximum": -2},
    {"type": "integer", "minimum": 10, "maximum": 30, "multipleOf": 7},
    {"type": "integer", "maximum": -1000},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "multipleOf": 0.25, "minimum": 1.1, "maximum": 1.3},
    {"type": "number", "minimum": 3, "exclusiveMinimum": True, "$schema":
        "http://json-schema.org/draft-04/schema#"},
    {"type": "string", "minLength": 90, "maxLength": 91}, {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 3, "maxLength": 3},
    {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}(-[a-f]+)?$"},
    {"type": "string", "pattern": "^a+$", "minLength": 30},
    {"type": "string", "pattern": "id"},
    *({"type": "string", "format": form} for form in ("date-time", "email", "uuid", "ipv4")),
    {"type": ["string", "null"], "maxLength": 3}, {"type": ["object", "array"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "maxItems": 0}, {"type": "array", "items": False},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False},
    {"items": [{"const": 1}, {"type": "string"}], "additionalItems": False, "type": "array"},
    {"type": "array", "contains": {"const": 9}, "minContains": 2, "items": {"type": "integer"}},
    {"type": "object", "required": ["odd"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "minProperties": 3, "propertyNames": {"pattern": "^x[0-9]$"}},
    {"type": "object", "minProperties": 2, "patternProperties": {"^n_[a-z]{3}$":
        {"type": "number"}}, "additionalProperties": False},
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
     "maxProperties": 1},
    {"properties": {"a": {"const": 1}}, "required": ["a"], "dependentRequired": {"a": ["b"]}},
    {"allOf": [{"minimum": 5}, {"maximum": 6}, {"type": "integer"}]},
    {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]},
    {"anyOf": [False, {"type": "null"}]}, {"not": {"type": "string"}},
    {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"],
     "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]},
     "else": {"required": ["y"]}},
    NODE, MUST_END,
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:60])
def test_valid_and_always_the_same(schema: Any) -> None:
    values = [values_of(schema).make(chance) for chance in range(12)]
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    if isinstance(schema, dict) and isinstance(schema.get("items"), list):
        kind = jsonschema.Draft7Validator
    for value in values:
        kind(schema).validate(json.loads(json.dumps(value)))
    assert values == [values_of(schema).make(chance) for chance in range(12)]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (False, "no value"),
        ({"type": 5}, "Invalid JSON schema"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no whole number is between 3 and 2"),
        ({"$ref": "#/$defs/none"}, "not within the schema"),
        ({"$ref": "https://example.com/other.json"}, "not within the schema"),
        ({"$ref": "#"}, "circle"),
        ({"type": "string", "pattern": "^(?!a)a$"}, "no text was found"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "no value is allowed"),
        ({"$defs": {"a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/a"}},
         "required": ["b"]}}, "$ref": "#/$defs/a"}, "too deep"),
    ],
)  # fmt: skip
def test_what_nothing_is_valid_by(schema: Any, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        values_of(schema).make(0)


@pytest.mark.parametrize(
    "pattern",
    [r"abc", r"[^a-z]{5}", r"(yes|no)", r"\d{3}-\d{4}", r"^\w+@\w+\.com$", r"(a|b)\1", r"x*?y{2,}",
     r"(?P<word>\w+) \S \s", r"(?=.*\d)[a-z0-9]{4}", r".\W\D", r"[\d\-]+", r"(?i:ab)"],
)  # fmt: skip
def test_texts_of_expressions(pattern: str) -> None:
    for seed in range(10):
        assert re.fullmatch(pattern, matching_text(pattern, Random(seed)))


def test_expressions_that_cannot_be_met() -> None:
    for pattern in ("(", r"(?!a)a", r"\b\B"):
        with pytest.raises(NoText):
            matching_text(pattern, Random(0))


def test_the_forms_in_which_vllm_is_asked(serve: Callable[..., Any], tmp_path: Any) -> None:
    answers = tmp_path / "answers.jsonl"
    known = {"How many?": "1,234", "Yes or no?": "no"}
    lines = (json.dumps({"question": one, "answer": answer}) for one, answer in known.items())
    answers.write_text("\n".join(lines))
    api = serve(answers=str(answers))

    def text(question: str, **more: Any) -> str:
        found: str = api.chat(question, **more).json["choices"][0]["message"]["content"]
        return found

    assert re.fullmatch(r"[a-c]{2}", text("?", structured_outputs={"regex": "[a-c]{2}"}))
    assert re.fullmatch(r"[a-c]{2}", text("?", guided_regex="[a-c]{2}"))
    assert text("?", guided_choice=["left", "right"]) in ("left", "right")
    assert isinstance(json.loads(text("?", guided_json={"type": "array"})), list)
    reply = api.text("?", guided_json='{"type": "integer"}', max_tokens=16)
    assert isinstance(json.loads(reply.json["choices"][0]["text"]), int)
    # What the model knows is said in the form that is asked for.
    assert text("Yes or no?", structured_outputs={"choice": ["yes", "no"]}) == "no"
    assert json.loads(text("How many?", guided_json={"type": "integer"})) == 1234
    form = {
        "type": "object",
        "properties": {"thoughts": {"type": "string"}, "answer": {"type": "integer"}},
        "required": ["thoughts", "answer"],
    }
    assert json.loads(text("How many?", guided_json=form))["answer"] == 1234
    assert api.stats()["answers"] == {"unknown": 5, "right": 3}
    refused: list[Any] = [{"json": {}, "regex": "a"}, {"grammar": "root ::= a"}, {"choice": []}, 5]
    for outputs in refused:
        assert api.chat("?", structured_outputs=outputs).status == 400
