"""The JSON of a request and the types of its fields, checked as pydantic does it for vLLM: what
can be read as the type is, and the words of what cannot are its words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from aisbench_plugin_simulator.refusal import OpenaiError, Refusal

Problem = tuple[str, str, str]
"""The type of an error, what should be there, and OpenAI's word for that."""

MOST_ERRORS = 10
LONGEST_INPUT = 200


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises Refusal."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _not_json(body) from None
    if not isinstance(data, dict):
        rule = "Input should be a valid dictionary or object to extract fields from"
        error = {
            "type": "model_attributes_type",
            "loc": "body",
            "msg": rule,
            "input": summary(data),
        }
        raise invalid([error], _NOT_JSON)
    return data


_NOT_JSON = OpenaiError(
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was "
    "not valid JSON.)"
)


def _not_json(body: bytes) -> Refusal:
    problem, at = "Expecting value", 0
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        problem, at = error.msg, error.pos
    except (ValueError, RecursionError) as error:
        problem = str(error)
    said = {
        "type": "json_invalid",
        "loc": f"body.{at}",
        "msg": "JSON decode error",
        "input": summary({}),
        "ctx": {"error": problem},
    }
    return invalid([said], _NOT_JSON)


def summary(value: object) -> object:
    """What an error tells of a value, as vLLM does."""
    if isinstance(value, (list, dict)):
        return f"<{type(value).__name__} of {len(value)} items>"
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_INPUT else text[:LONGEST_INPUT] + "...[truncated]"


def invalid(errors: list[dict[str, Any]], openai: OpenaiError | None = None) -> Refusal:
    """The error for all that does not have its type."""
    count = len(errors)
    label = "error" if count == 1 else "errors"
    lines = [f"  {error!r}" for error in errors[:MOST_ERRORS]]
    if count > MOST_ERRORS:
        lines.append(f"  ...and {count - MOST_ERRORS} more {label}")
    message = f"{count} validation {label}:\n" + "\n".join(lines)
    return Refusal(400, message, kind="Bad Request", param=errors[0]["loc"], openai=openai)


def bad_value(name: str, value: object, rule: str, code: str = "invalid_value") -> Refusal:
    """A value that breaks a rule."""
    return Refusal(
        400,
        f"{rule} (parameter={name}, value={value})",
        param=name,
        openai=OpenaiError(f"Invalid '{name}': {rule}", code, name),
    )


def wrong_type(name: str, kind: str, value: object) -> Refusal:
    """A field that is not of the ``kind`` ("str", "list", "dict", "int", "bool", "float")."""
    return _refused([(name, value, _PLAIN[kind])])


def missing(data: Mapping[str, Any], name: str) -> Refusal:
    """A field that must be there."""
    error = {
        "type": "missing",
        "loc": f"body.{name}",
        "msg": "Field required",
        "input": summary(data),
    }
    said = f"Missing required parameter: '{name}'."
    return invalid([error], OpenaiError(said, "missing_required_parameter", name))


def check_types(data: dict[str, Any], kinds: Mapping[str, str]) -> None:
    """Give the fields that ``kinds`` names their types, where they can be read as such; None
    stays. Raises Refusal that lists all that cannot."""
    wrong = []
    for name, value in data.items():
        kind = kinds.get(name)
        if kind is None or value is None or type(value) is _TYPES.get(kind):
            continue
        try:
            data[name] = _READERS[kind](value)
        except _WrongType as error:
            wrong.append((name, value, error.problem))
    if wrong:
        raise _refused(wrong)


def _refused(wrong: list[tuple[str, object, Problem]]) -> Refusal:
    errors = [
        {"type": type_, "loc": f"body.{name}", "msg": rule, "input": summary(value)}
        for name, value, (type_, rule, _) in wrong
    ]
    name, value, (_, _, wanted) = wrong[0]
    name = name.replace(".", "[", 1).replace(".", "].", 1) if "." in name else name
    said = f"Invalid type for '{name}': expected {wanted}, but got {_called(value)} instead."
    return invalid(errors, OpenaiError(said, "invalid_type", name))


def _called(value: object) -> str:
    """OpenAI's name of a value's type."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "a boolean"
    names = {int: "an integer", float: "a decimal number", str: "a string", list: "an array"}
    return names.get(type(value), "an object")


class _WrongType(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem[1])
        self.problem = problem


_PLAIN: dict[str, Problem] = {
    "str": ("string_type", "Input should be a valid string", "a string"),
    "int": ("int_type", "Input should be a valid integer", "an integer"),
    "float": ("float_type", "Input should be a valid number", "a decimal number"),
    "bool": ("bool_type", "Input should be a valid boolean", "a boolean"),
    "list": ("list_type", "Input should be a valid list", "an array"),
    "dict": ("dict_type", "Input should be a valid dictionary", "an object"),
    "model": (
        "model_attributes_type",
        "Input should be a valid dictionary or object to extract fields from",
        "an object",
    ),
}
_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
_TYPES["model"] = dict
_TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off"})


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    plain = _PLAIN["int"]
    if isinstance(value, float):
        said = f"{plain[1]}, got a number with a fractional part"
        raise _WrongType(("int_from_float", said, plain[2]))
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            said = f"{plain[1]}, unable to parse string as an integer"
            raise _WrongType(("int_parsing", said, plain[2])) from None
    raise _WrongType(plain)


def _number(value: Any) -> float:
    plain = _PLAIN["float"]
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            said = f"{plain[1]}, unable to parse string as a number"
            raise _WrongType(("float_parsing", said, plain[2])) from None
    raise _WrongType(plain)


def _flag(value: Any) -> bool:
    plain = _PLAIN["bool"]
    if isinstance(value, (int, float, str)):
        word = (value if isinstance(value, str) else f"{value:g}").strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        said = f"{plain[1]}, unable to interpret input"
        raise _WrongType(("bool_parsing", said, plain[2]))
    raise _WrongType(plain)


def _stops(value: Any) -> Any:
    if isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    ):
        return value
    # pydantic tells both ways in which the field could have been right.
    raise _WrongType(_PLAIN["str"])


def _only(kind: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        raise _WrongType(_PLAIN[kind])

    return read


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": _number,
    "bool": _flag,
    "stops": _stops,
    **{kind: _only(kind) for kind in ("str", "list", "dict", "model")},
}
