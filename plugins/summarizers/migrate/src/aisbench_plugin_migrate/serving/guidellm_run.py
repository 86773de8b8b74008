"""``guidellm run`` (from 0.7), in the form that guidellm had before.

Its options are ``kind=NAME,key=value,...`` or JSON; keys may name what is within:
``extras.body.temperature=0``. docs/guides/v0.7.0_migration_guide.md of guidellm has the pairs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from aisbench_plugin_migrate.flags import Flag, Flags, mapping_of, scalar

_STRENGTHS = ("rate", "streams", "max_concurrency", "sweep_size")
_CONSTRAINTS = {
    "max_duration": ("--max-seconds", "seconds"),
    "max_requests": ("--max-requests", "count"),
    "max_errors": ("--max-errors", "count"),
    "max_error_rate": ("--max-error-rate", "rate"),
    "max_global_error_rate": ("--max-global-error-rate", "rate"),
}
_PATHS = ("path", "source")


def with_older_names(flags: Flags) -> Flags:
    """The flags of ``guidellm run`` as those of ``guidellm benchmark run``."""
    made = attrs.evolve(flags, given=[])
    for one in flags.given:
        text = one.values[0] if one.values else ""
        given = _table(text)
        if one.name == "--override":
            _override(made, one)
        elif one.name in _READ and set(given) & {"kind", "type"}:
            given["kind"] = given.pop("type", None) or given.get("kind")
            _READ[one.name](made, given)
        else:
            made.given.append(one)
    return made


def of_scenario(document: Mapping[str, Any], flags: Flags) -> Flags:
    """The flags of a scenario of guidellm 0.7: ``spec`` and ``benchmarks``."""
    names = {"constraints": "--constraint", "outputs": "--output", "metrics": "--metrics"}
    spec = document.get("spec")
    for key, value in spec.items() if isinstance(spec, Mapping) else ():
        name = names.get(str(key), f"--{str(key).replace('_', '-')}")
        for one in value if isinstance(value, list) else [value]:
            flags.add(name, {"kind": None, **one} if isinstance(one, Mapping) else one)
    loads = document.get("benchmarks")
    for key in ("profile.rate", "profile.streams"):
        values = [
            one[key]
            for one in (loads if isinstance(loads, list) else ())
            if isinstance(one, Mapping) and key in one
        ]
        if values:
            flags.given.append(Flag("--override", (key, ",".join(map(str, values)))))
    return with_older_names(flags)


def _table(text: str) -> dict[str, Any]:
    """A table, with ``a.b=1`` as a table within."""
    made: dict[str, Any] = {}
    for key, value in mapping_of(text).items():
        into = made
        *outer, last = str(key).split(".")
        for part in outer:
            inner = into.setdefault(part, {})
            into = inner if isinstance(inner, dict) else {}
        into[last] = value
    return made


def _backend(flags: Flags, given: dict[str, Any]) -> None:
    for key, name in (
        ("kind", "--backend"),
        ("target", "--target"),
        ("model", "--model"),
        ("request_format", "--request-type"),
    ):
        flags.add(name, given.pop(key, None))
    if given:
        flags.add("--backend-kwargs", json.dumps(given, default=str))


def _profile(flags: Flags, given: dict[str, Any]) -> None:
    flags.add("--profile", given.pop("kind", None))
    strength = next((key for key in _STRENGTHS if key in given), None)
    if strength is not None:
        flags.add("--rate", given.pop(strength))
    flags.add("--max-concurrency", given.pop("max_concurrency", None))
    flags.add("--rampup", given.pop("rampup_duration", None))
    for key in ("warmup", "cooldown"):
        flags.add(f"--{key}", given.pop(key, None))
    _left(flags, "profile", given)


def _constraint(flags: Flags, given: dict[str, Any]) -> None:
    kind = str(given.pop("kind", ""))
    if kind in _CONSTRAINTS:
        name, key = _CONSTRAINTS[kind]
        value = given.pop(key, None)
        flags.add(name, value[0] if isinstance(value, list) and value else value)
    elif kind == "over_saturation":
        flags.add("--detect-saturation", True)
    else:
        given["kind"] = kind
    _left(flags, "constraint", given)


def _data(flags: Flags, given: dict[str, Any]) -> None:
    kind = str(given.pop("kind", None) or "synthetic_text")
    path = next((given.pop(key) for key in _PATHS if given.get(key)), None)
    if path is not None and kind != "synthetic_text":
        flags.add("--data", str(path))
        _left(flags, "data", given)
    elif kind == "synthetic_text":
        flags.add("--data", json.dumps(given, default=str))
    else:
        _left(flags, "data", {"kind": kind, **given})


def _tokenizer(flags: Flags, given: dict[str, Any]) -> None:
    given.pop("kind", None)
    flags.add("--processor", given.pop("model", None))
    _left(flags, "tokenizer", given)


def _loader(flags: Flags, given: dict[str, Any]) -> None:
    given.pop("kind", None)
    flags.add("--data-samples", given.pop("samples", None))
    if given.pop("shuffle", False):
        flags.add("--data-sampler", "shuffle")
    _left(flags, "data-loader", given)


def _mapper(flags: Flags, given: dict[str, Any]) -> None:
    given.pop("kind", None)
    columns = given.pop("column_mappings", None)
    if isinstance(columns, Mapping):
        flags.add("--data-column-mapper", json.dumps(columns, default=str))
    _left(flags, "data-column-mapper", given)


def _seed(flags: Flags, given: dict[str, Any]) -> None:
    given.pop("kind", None)
    flags.add("--random-seed", given.pop("value", None))
    _left(flags, "seed", given)


def _override(flags: Flags, one: Flag) -> None:
    """``--override profile.rate 1,2,4``: one load for each."""
    named, *values = one.values or ("",)
    if named in ("profile.rate", "profile.streams") and values:
        flags.given = [other for other in flags.given if other.name != "--rate"]
        found = scalar(values[0])
        flags.add("--rate", found if isinstance(found, list) else values[0])
    else:
        flags.given.append(one)


def _left(flags: Flags, option: str, given: Mapping[str, Any]) -> None:
    """Keys without a flag in the older form are told by their own names."""
    for key, value in given.items():
        flags.add(f"--{option}.{key}", value)


_READ = {
    "--backend": _backend,
    "--profile": _profile,
    "--constraint": _constraint,
    "--data": _data,
    "--tokenizer": _tokenizer,
    "--data-loader": _loader,
    "--data-column-mapper": _mapper,
    "--random-seed": _seed,
}
