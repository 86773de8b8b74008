"""References within a JSON schema, and two schemas as one that asks for what both do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote


class Impossible(Exception):
    """No value can be made; the message says why."""


def pointed(root: Any, reference: str) -> Any:
    """What ``reference`` names within ``root``. Raises Impossible."""
    place, _, pointer = reference.partition("#")
    if place and place not in (root.get("$id"), root.get("id")):
        found = _named(root, "$id", place)
    else:
        found = root
    if pointer and not pointer.startswith("/"):
        anchor = _named(root, "$anchor", pointer)
        found = anchor if anchor is not None else _named(root, "$dynamicAnchor", pointer)
    elif pointer:
        for step in unquote(pointer[1:]).split("/"):
            found = _inside(found, step.replace("~1", "/").replace("~0", "~"))
    if found is None:
        raise Impossible(f"{reference} is not within the schema")
    return found


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _named(value: Any, key: str, name: str) -> Any:
    """The schema inside of ``value`` whose ``key`` says ``name``."""
    if isinstance(value, Mapping):
        if value.get(key) == name:
            return value
        value = list(value.values())
    if isinstance(value, list):
        return next((hit for one in value if (hit := _named(one, key, name)) is not None), None)
    return None


def merged(left: Any, right: Any) -> Any:
    """A schema for values that are valid by both. Raises Impossible where there are none."""
    if left is False or right is False:
        raise Impossible("nothing is valid by `false`")
    if not isinstance(left, Mapping) or not left:
        return right if isinstance(right, Mapping) else {}
    if not isinstance(right, Mapping) or not right:
        return left
    out = dict(left)
    for key, value in right.items():
        if key not in out or out[key] == value:
            out[key] = value
        elif key in ("anyOf", "oneOf", "$ref", "allOf", "not", "if"):
            # Two of the same cannot stand beside each other.
            out["allOf"] = [*out.get("allOf", ()), {key: value}]
        else:
            out[key] = _BOTH.get(key, _latter)(out[key], value)
    if out.get("enum") == [] or out.get("type") == []:
        raise Impossible("no value is allowed by both of two parts of the schema")
    return out


def _types(left: Any, right: Any) -> Any:
    first = [left] if isinstance(left, str) else list(left)
    second = [right] if isinstance(right, str) else list(right)
    both = [one for one in first if one in second]
    if "integer" in first + second and "number" in first + second and "integer" not in both:
        both.append("integer")
    return both[0] if len(both) == 1 else both


def _properties(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(left)
    for name, schema in right.items():
        out[name] = {"allOf": [out[name], schema]} if name in out else schema
    return out


def _latter(left: Any, right: Any) -> Any:
    return right


def _greater(left: Any, right: Any) -> Any:
    return max(left, right)


def _smaller(left: Any, right: Any) -> Any:
    return min(left, right)


def _pattern(left: str, right: str) -> str:
    return f"(?={left})(?:{right})"


_BOTH: Mapping[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": lambda left, right: [one for one in left if one in right],
    "required": lambda left, right: list(dict.fromkeys([*left, *right])),
    "properties": _properties,
    "patternProperties": _properties,
    "$defs": _properties,
    "items": merged,
    "additionalProperties": merged,
    "pattern": _pattern,
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), _greater
    ),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), _smaller
    ),
}
