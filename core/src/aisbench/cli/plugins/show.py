"""`aisbench plugins show NAME`: settings of what is offered under a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs

from aisbench.base.errors import ExitCode, PluginError
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.files import plugin_of_file, set_of_file
from aisbench.plugins.names import names_file
from aisbench.plugins.targets import construct, settings_class
from aisbench.settings.problems import nearest
from aisbench.types.offer import BackendOffer, DatasetOffer
from aisbench.wording.spoken import say


def show_named(name: str, catalog: Catalog) -> int:
    """Show every offer of that name, or, where it is the path of a file, all that it offers.
    Raises PluginError."""
    if names_file(name):
        path = Path(name).expanduser()
        is_plugin = path.suffix.lower() == ".py"
        for one in plugin_of_file(path) if is_plugin else (set_of_file(path),):
            _show_one(one)
        return ExitCode.OK
    dist, _, short = name.rpartition("/")
    found = [one for one in catalog.named(short) if not dist or one.dist == dist]
    if not found:
        names = sorted({one.offer.name for one in catalog.listed})
        raise PluginError(
            f"no installed plugin offers {name!r}",
            hint=nearest(short, names) or "aisbench plugins list tells all names",
        )
    for one in found:
        _show_one(one)
    return ExitCode.OK


def _show_one(one: Listed) -> None:
    from aisbench.config.offer_keys import common_settings
    from aisbench.config.suite import LocalSettings

    say(f"{one.offer.kind} {one.offer.name}  ({one.dist} {one.version})")
    say(f"  {one.offer.summary}", package=one.package)
    if isinstance(one.offer, BackendOffer):
        able = ", ".join(
            f"{key.value}: {how.value}" for key, how in one.offer.capabilities.items()
        )
        say(f"  capabilities: {able or 'none'}")
    own = settings_class(one)
    if isinstance(one.offer, DatasetOffer):
        if one.offer.evaluator is None:
            say("  a workload: no evaluator of its own")
        else:
            say(f"  evaluator {one.offer.evaluator}, metrics {', '.join(one.offer.metrics)}")
        _show_variants(one, own)
    say("\n  own settings:" if own else "\n  no settings of its own")
    if own:
        _show_settings(own)
    if common := common_settings(one.offer):
        what = "local backend" if common is LocalSettings else one.offer.kind
        say(f"\n  settings of every {what}:")
        _show_settings(common)
    say()


def _show_variants(one: Listed, own: Any) -> None:
    if own and any(field.default is attrs.NOTHING for field in attrs.fields(own)):
        return  # variants cannot be told before its settings are
    dataset = construct(one, own() if own else None)
    say("  variants:")
    for name, variant in dataset.variants().items():
        say(f"    {name}: {variant.source}")


def _show_settings(cls: Any, indent: str = "    ") -> None:
    attrs.resolve_types(cls)
    package = cls.__module__.partition(".")[0]
    for field in attrs.fields(cls):
        unit = f" [{field.metadata['unit']}]" if field.metadata.get("unit") else ""
        nested = attrs.has(field.type) and "help" in attrs.fields(field.type)[0].metadata
        if field.default is attrs.NOTHING:
            default = "required"
        elif nested or not isinstance(field.default, (str, int, float, bool, tuple, type(None))):
            default = ""
        else:
            default = f"= {_toml(field.default)}"
        words = " ".join(word for word in (f"({type_name(field.type)})", default) if word)
        say(f"{indent}{field.name} {words}{unit}")
        say(f"{indent}    {field.metadata.get('help', '')}", package=package)
        if nested:
            _show_settings(field.type, indent + "    ")


def _toml(value: object) -> str:
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return json.dumps(value)


def type_name(kind: Any) -> str:
    """A settings type in words of TOML."""
    from aisbench.config.schema import type_schema

    def word(schema: dict[str, Any]) -> str:
        if "enum" in schema:
            return " | ".join(json.dumps(one) for one in schema["enum"])
        if "anyOf" in schema:
            return " or ".join(word(one) for one in schema["anyOf"])
        if schema.get("type") == "array":
            return f"list of {word(schema['items'])}"
        name = str(schema.get("type", "any"))
        return "table" if name == "object" else name

    return word(type_schema(kind))
