"""Values that are valid by a JSON schema, made by chance and checked by the ``jsonschema``
package before they are sent."""

from __future__ import annotations

import functools
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from aisbench_plugin_simulator.refusal import OpenaiError, Refusal
from aisbench_plugin_simulator.schema_making import Impossible, ValueMaker

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_TRIES = 40


class SchemaValues:
    """The values of one schema. Raises Refusal where it is not a schema."""

    def __init__(self, schema: Any) -> None:
        # Only who asks for a schema waits for this import.
        import jsonschema
        from referencing import Registry

        self._schema = schema
        newest, older = jsonschema.Draft202012Validator, jsonschema.Draft7Validator
        kind = jsonschema.validators.validator_for(schema, default=newest)
        said = _problem(kind, schema)
        if said and not (isinstance(schema, dict) and "$schema" in schema):
            # Who does not say which draft it is may mean one in which lists of `items` stand.
            kind, said = older, said if _problem(older, schema) else ""
        if said:
            raise _refused(f"Invalid JSON schema: {said}")
        # With an empty registry, nothing that a schema names is fetched from anywhere.
        self._validator: Validator = kind(schema, registry=Registry())

    def holds(self, value: Any) -> bool:
        """Whether ``value`` is valid. Raises Refusal where that cannot be told."""
        from referencing.exceptions import Unresolvable

        try:
            return bool(self._validator.is_valid(value))
        except (Unresolvable, RecursionError) as error:
            raise _refused(f"Invalid JSON schema: {error}") from None

    def make(self, chance: int) -> Any:
        """A valid value, the same for the same ``chance``. Raises Refusal where none is found."""
        said = "a value was made, and was not valid"
        for attempt in range(_TRIES):
            try:
                value = ValueMaker(self._schema, Random(chance + attempt), attempt > 1).value()
            except (Impossible, RecursionError) as error:
                said = str(error)
                continue
            if self.holds(value):
                return value
        raise _refused(f"The simulator found no value that is valid by the schema: {said}")


def _problem(kind: type[Validator], schema: Any) -> str:
    """Why ``schema`` is none of this draft; empty where it is one."""
    import jsonschema

    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        return str(error.message)
    except RecursionError:
        return "it is too deep"
    return ""


def _refused(message: str) -> Refusal:
    return Refusal(
        400,
        message,
        param="response_format",
        openai=OpenaiError(message, "invalid_json_schema", "response_format"),
    )


def values_of(schema: Any) -> SchemaValues:
    """The values of a schema, which is read once. Raises Refusal."""
    return _values_of(orjson.dumps(schema))


@functools.lru_cache(maxsize=256)
def _values_of(schema: bytes) -> SchemaValues:
    return SchemaValues(orjson.loads(schema))
