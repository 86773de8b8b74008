"""What an answer must be: JSON of a schema, any JSON object, a text of an expression, or one of
several texts; and where requests say so."""

from __future__ import annotations

import enum
from typing import Any

import orjson
from attrs import field, frozen

from aisbench_plugin_simulator.refusal import OpenaiError, Refusal


class ConstraintKind(str, enum.Enum):
    """The kinds of constraints."""

    JSON = "json"
    REGEX = "regex"
    CHOICE = "choice"


@frozen
class Constraint:
    """``value`` is a JSON schema, a regular expression, or a tuple of texts."""

    kind: ConstraintKind
    value: Any = field(eq=False)


ANY_OBJECT = Constraint(ConstraintKind.JSON, {"type": "object"})
_VLLM_KEYS = ("json", "regex", "choice", "grammar", "json_object", "structural_tag")

_GUIDED = {f"guided_{key}": key for key in _VLLM_KEYS}

_KEYS = frozenset({"response_format", "structured_outputs", *_GUIDED})


def read_constraint(data: dict[str, Any]) -> Constraint | None:
    """From ``response_format``, ``structured_outputs`` or the older ``guided_*``. Raises
    Refusal."""
    if _KEYS.isdisjoint(data):
        return None
    form = data.get("response_format")
    outputs = data.get("structured_outputs")
    if outputs is None and form is None:
        outputs = {key: value for name, key in _GUIDED.items() if (value := data.get(name))}
        if not outputs:
            return None
    if outputs:
        return _of_vllm(outputs)
    return None if form is None else of_format(form, "response_format")


def of_format(form: object, param: str) -> Constraint | None:
    """A ``response_format`` of chats, or the ``text.format`` of responses, where the schema
    stands beside the type. Raises Refusal."""
    kind = form.get("type") if isinstance(form, dict) else None
    if not isinstance(form, dict) or kind in (None, "text"):
        if isinstance(form, dict) and kind == "text":
            return None
        raise _bad(param, f"`{param}` must be an object with a `type`")
    if kind == "json_object":
        return ANY_OBJECT
    if kind != "json_schema":
        allowed = "'text', 'json_object' and 'json_schema'"
        raise Refusal(
            400,
            f"{param}.type must be one of {allowed}, got {kind!r}",
            param=f"{param}.type",
            openai=OpenaiError(
                f"Invalid value: '{kind}'. Supported values are: {allowed}.",
                "invalid_value",
                f"{param}.type",
            ),
        )
    inner = form if "schema" in form else form.get("json_schema")
    if inner is None:
        raise Refusal(
            400,
            "When response_format type is 'json_schema', the 'json_schema' field must be "
            "provided.",
            param=param,
            openai=OpenaiError(
                f"Missing required parameter: '{param}.json_schema'.",
                "missing_required_parameter",
                f"{param}.json_schema",
            ),
        )
    schema = inner.get("schema", inner.get("json_schema")) if isinstance(inner, dict) else inner
    if schema is None:
        return ANY_OBJECT
    return Constraint(ConstraintKind.JSON, _schema(schema, param))


def _of_vllm(outputs: object) -> Constraint:
    param = "structured_outputs"
    if not isinstance(outputs, dict):
        raise _bad(param, f"`{param}` must be an object")
    given = [key for key in _VLLM_KEYS if outputs.get(key) not in (None, False)]
    if len(given) != 1:
        said = "You can only use one kind of constraints for structured outputs ('json', "
        raise _bad(param, said + "'regex' or 'choice').")
    (key,) = given
    value = outputs[key]
    if key == "json_object":
        return ANY_OBJECT
    if key == "json":
        return Constraint(ConstraintKind.JSON, _schema(value, param))
    if key == "regex" and isinstance(value, str):
        return Constraint(ConstraintKind.REGEX, value)
    if key == "choice" and isinstance(value, list) and value:
        return Constraint(ConstraintKind.CHOICE, tuple(map(str, value)))
    if key in ("grammar", "structural_tag"):
        raise _bad(param, f"`{key}` is not supported by the simulator.")
    raise _bad(param, f"`{key}` is not of the type that it must have")


def _schema(value: object, param: str) -> object:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise _bad(param, "Invalid JSON grammar specification.") from None
    if not isinstance(value, (dict, bool)):
        raise _bad(param, "a JSON schema must be an object")
    return value


def _bad(param: str, message: str) -> Refusal:
    return Refusal(400, message, param=param)
