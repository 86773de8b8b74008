"""Makes one value by a JSON schema (drafts 4 to 2020-12). What chance cannot meet (``not``,
``if``, ``uniqueItems`` of small sets) is left to who checks the value and tries again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from aisbench_plugin_simulator.expression_text import NoText, matching_text
from aisbench_plugin_simulator.filler import filler
from aisbench_plugin_simulator.schema_merging import Impossible, merged, pointed

__all__ = ["Impossible", "ValueMaker"]

DEEP = 4
"""From this depth on only what must be there is made."""
DEEPEST = 40
_NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
_FORMATS = {
    "date-time": "20{a:02}-0{b}-1{c}T1{c}:{d}5:00Z",
    "date": "20{a:02}-0{b}-1{c}",
    "time": "1{c}:{d}5:00Z",
    "duration": "P{b}DT{c}H",
    "email": "user{a}@example.com",
    "idn-email": "user{a}@example.com",
    "hostname": "host{a}.example.com",
    "idn-hostname": "host{a}.example.com",
    "ipv4": "192.0.2.{a}",
    "ipv6": "2001:db8::{a}",
    "uri": "https://example.com/{a}",
    "uri-reference": "/{a}",
    "iri": "https://example.com/{a}",
    "uuid": "123e4567-e89b-42d3-a456-4266141740{a:02}",
    "json-pointer": "/{a}",
    "regex": "[a-z]{{{b}}}",
}


class ValueMaker:
    """Makes a value of ``schema`` with the draws of ``random``; with ``any_kind`` also what is no
    text where any value may stand."""

    def __init__(self, schema: Any, random: Random, any_kind: bool = False) -> None:
        self._root = schema
        self._random = random
        self._any_kind = any_kind

    def value(self) -> Any:
        """Raises Impossible."""
        return self._make(self._root, 0)

    def _make(self, schema: Any, depth: int) -> Any:
        if schema is False or depth > DEEPEST:
            raise Impossible(
                "nothing is valid by `false`" if schema is False else "it is too deep"
            )
        schema = self._flat({} if schema is True else schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._branch(schema, key, depth)
        if "if" in schema:
            return self._conditional(schema, depth)
        kind = self._kind(schema, depth)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind in ("integer", "number"):
            return self._number(schema, kind == "integer")
        if kind == "string":
            return self._text(schema)
        return None if kind == "null" else self._random.random() < 0.5

    def _flat(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """With its references and ``allOf`` put in."""
        for _ in range(DEEPEST):
            if "$ref" in schema or "$dynamicRef" in schema:
                key = "$ref" if "$ref" in schema else "$dynamicRef"
                rest = {name: value for name, value in schema.items() if name != key}
                schema = merged(pointed(self._root, schema[key]), rest)
            elif "allOf" in schema:
                rest = {name: value for name, value in schema.items() if name != "allOf"}
                for part in schema["allOf"]:
                    rest = dict(merged(rest, self._flat(part) if part is not True else {}))
                schema = rest
            else:
                return schema
        raise Impossible("its references go in a circle")

    def _branch(self, schema: Mapping[str, Any], key: str, depth: int) -> Any:
        rest = {name: value for name, value in schema.items() if name != key}
        branches = list(schema[key])
        self._random.shuffle(branches)
        if depth >= DEEP:
            branches.sort(key=self._weight)
        said = Impossible(f"no branch of `{key}` can be met")
        for branch in branches:
            try:
                return self._make(merged(rest, branch), depth + 1)
            except Impossible as error:
                said = error
        raise said

    def _weight(self, schema: Any) -> int:
        """How much a branch may bring: what has none of its own comes first."""
        if not isinstance(schema, Mapping):
            return 0
        if "$ref" in schema:
            return 3
        kinds = schema.get("type")
        return (
            2
            if {"object", "array"} & set([kinds] if isinstance(kinds, str) else kinds or ())
            else 1
        )

    def _conditional(self, schema: Mapping[str, Any], depth: int) -> Any:
        rest = {k: v for k, v in schema.items() if k not in ("if", "then", "else")}
        ways = [(schema["if"], schema.get("then", True)), (True, schema.get("else", True))]
        self._random.shuffle(ways)
        for condition, way in ways:
            try:
                return self._make(merged(rest, merged(condition, way)), depth + 1)
            except Impossible:
                continue
        raise Impossible("neither `then` nor `else` can be met")

    def _kind(self, schema: Mapping[str, Any], depth: int) -> str:
        kinds = schema.get("type")
        if isinstance(kinds, str):
            return kinds
        if kinds:
            plain = [one for one in kinds if one not in ("object", "array")]
            # Something that says something, where something may be said.
            full = [one for one in kinds if one != "null"]
            return str(self._random.choice((plain if depth >= DEEP and plain else full) or kinds))
        for kind, keys in _KEYS.items():
            if any(key in schema for key in keys):
                return kind
        return self._random.choice(_PLAIN) if self._any_kind else "string"

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = list(schema.get("required") or ())
        least = int(schema.get("minProperties", 0))
        made: dict[str, Any] = {}
        for name in self._wanted(schema, required, least, depth):
            try:
                made[name] = self._make(self._property(schema, name), depth + 1)
            except Impossible:
                if name in required:
                    raise
        while len(made) < least:
            name = self._name(schema, made)
            made[name] = self._make(self._property(schema, name), depth + 1)
        return made

    def _wanted(
        self, schema: Mapping[str, Any], required: Sequence[str], least: int, depth: int
    ) -> Sequence[str]:
        """The properties that are made, in the order of the schema."""
        properties = schema.get("properties") or {}
        most = schema.get("maxProperties", math.inf)
        wanted = set(required)
        for name in properties:
            if name in wanted or len(wanted) >= most:
                continue
            if len(wanted) < least or (depth < DEEP and self._random.random() < 0.7):
                wanted.add(name)
        for name in list(wanted):
            wanted |= set((schema.get("dependentRequired") or {}).get(name, ()))
        named = dict.fromkeys([*properties, *required, *sorted(wanted)])
        return [name for name in named if name in wanted]

    def _property(self, schema: Mapping[str, Any], name: str) -> Any:
        """What the value of a property must be."""
        import re

        found: Any = (schema.get("properties") or {}).get(name)
        for pattern, inner in (schema.get("patternProperties") or {}).items():
            if re.search(pattern, name):
                found = inner if found is None else merged(found, inner)
        return schema.get("additionalProperties", True) if found is None else found

    def _name(self, schema: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
        """A name that no property has yet."""
        for at in range(100):
            patterns = list(schema.get("patternProperties") or ())
            if "propertyNames" in schema:
                name = self._make(merged({"type": "string"}, schema["propertyNames"]), DEEP)
            elif patterns and schema.get("additionalProperties") is False:
                name = self._matching(self._random.choice(patterns), 0)
            else:
                name = _NAMES[at % len(_NAMES)] + ("" if at < len(_NAMES) else str(at))
            if name not in taken:
                return str(name)
        raise Impossible("no further name of a property was found")

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        items = schema.get("items", True)
        prefix: Sequence[Any] = schema.get("prefixItems") or ()
        if isinstance(items, list):
            # Drafts before 2020-12 have the first items in ``items``.
            prefix, items = items, schema.get("additionalItems", True)
        contains = schema.get("contains")
        needed = int(schema.get("minContains", 1)) if contains is not None else 0
        least = max(int(schema.get("minItems", 0)), needed)
        most = schema.get("maxItems", math.inf)
        count = max(least, min(most, least if depth >= DEEP else self._random.randint(1, 3)))
        if items is False:
            count = max(least, min(count, len(prefix)))
        elif depth < DEEP:
            count = max(count, min(most, len(prefix)))
        made: list[Any] = []
        for at in range(int(count)):
            inner = prefix[at] if at < len(prefix) else items
            try:
                if at < needed:
                    inner = merged(inner, contains)
                made.append(self._item(inner, depth, made if schema.get("uniqueItems") else ()))
            except Impossible:
                if len(made) < least:
                    raise
                break
        return made

    def _item(self, schema: Any, depth: int, taken: Sequence[Any]) -> Any:
        for _ in range(50):
            value = self._make(schema, depth + 1)
            if value not in taken:
                return value
        raise Impossible("no further item was found that is not there yet")

    def _number(self, schema: Mapping[str, Any], whole: bool) -> int | float:
        low, high = _limits(schema)
        step = schema.get("multipleOf")
        if low is None:
            low = min(0, high - 100) if high is not None else 0
        if high is None:
            high = low + max(100, 10 * (step or 0))
        if step:
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if first > last:
                raise Impossible(f"no multiple of {step} is between {low} and {high}")
            made = self._random.randint(first, last) * step
            return int(made) if whole else round(made, 10)
        if whole:
            if math.ceil(low) > math.floor(high):
                raise Impossible(f"no whole number is between {low} and {high}")
            return self._random.randint(math.ceil(low), math.floor(high))
        value = self._random.uniform(low, high)
        rounded = round(value, 2)
        return rounded if low <= rounded <= high else value

    def _text(self, schema: Mapping[str, Any]) -> str:
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength", math.inf)
        if "pattern" in schema:
            return self._matching(schema["pattern"], least)
        form = _FORMATS.get(str(schema.get("format")))
        if form is not None:
            parts = {name: self._random.randint(1, 9) for name in "bc"}
            return form.format(
                a=self._random.randint(10, 99), d=self._random.randint(0, 5), **parts
            )
        text = "".join(filler(self._random.randint(1, 4), self._random.getrandbits(32))).strip()
        while len(text) < least:
            text += "".join(filler(1 + (least - len(text)) // 4, self._random.getrandbits(32)))
        if len(text) <= most:
            return text
        cut = text[: int(most)]
        return cut if cut.strip() == cut else cut.strip().ljust(least, "a")

    def _matching(self, pattern: str, longer: int) -> str:
        try:
            return matching_text(pattern, self._random, longer)
        except NoText as error:
            raise Impossible(str(error)) from None


_KEYS: Mapping[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties", "minProperties",
               "patternProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
"""The keywords that tell the type where none is said."""

_PLAIN = ("string", "integer", "number", "boolean", "null", "object", "array")


def _limits(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The least and the greatest number; exclusive limits are moved by a little, and by 1 for
    whole numbers."""
    little = 1 if schema.get("type") == "integer" else 0.01
    lows = [schema[key] for key in ("minimum",) if key in schema]
    highs = [schema[key] for key in ("maximum",) if key in schema]
    low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    # Draft 4 says by true or false whether the limit itself is excluded.
    if low is True or high is True:
        lows = [one + little * (low is True) for one in lows]
        highs = [one - little * (high is True) for one in highs]
    if isinstance(low, (int, float)) and not isinstance(low, bool):
        lows.append(math.floor(low) + 1 if little == 1 else low + _inside(schema, little))
    if isinstance(high, (int, float)) and not isinstance(high, bool):
        highs.append(math.ceil(high) - 1 if little == 1 else high - _inside(schema, little))
    return max(lows, default=None), min(highs, default=None)


def _inside(schema: Mapping[str, Any], little: float) -> float:
    """How far inside of an excluded limit a number may well be."""
    low = schema.get("exclusiveMinimum", schema.get("minimum"))
    high = schema.get("exclusiveMaximum", schema.get("maximum"))
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and high > low:
        return min(little, float(high - low) / 4)
    return little
