"""`aisbench plugins`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

import attrs

from aisbench.base.errors import AisbenchError, ExitCode, PluginError
from aisbench.cli import options
from aisbench.plugins.catalog import KINDS, Catalog, Listed, describe_clashes
from aisbench.plugins.targets import construct, resolve, settings_class
from aisbench.types.offer import BackendOffer, DatasetOffer


def main(words: Sequence[str]) -> int:
    """List, show, doctor or check."""
    parser = options.parser("plugins", "List, show and check what is installed.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="everything that plugins offer (the default)")
    listing.add_argument("--kind", choices=KINDS, help="only this kind")
    listing.add_argument("--json", action="store_true", help="as JSON")
    show = actions.add_parser("show", help="settings of what is offered under a name")
    show.add_argument("name")
    actions.add_parser("backends", help="what each backend can do, as a Markdown table")
    actions.add_parser("doctor", help="what is broken, and how to mend it")
    check = actions.add_parser("check", help="run the conformance kit on a distribution")
    check.add_argument("dist")
    for one in (listing, show, check, actions.choices["doctor"], actions.choices["backends"]):
        options.add_plugins(one)
    options.add_plugins(parser)
    args = parser.parse_args(words)
    catalog = options.catalog_of(args)
    if args.action == "show":
        return _show(args.name, catalog)
    if args.action == "backends":
        from aisbench.cli.backends import backend_table

        print(backend_table(catalog))
        options.tell_problems(catalog)
        return ExitCode.OK
    if args.action == "doctor":
        return _doctor(catalog)
    if args.action == "check":
        return _check(args.dist, catalog)
    return _list(args, catalog)


def _list(args: argparse.Namespace, catalog: Catalog) -> int:
    kind = getattr(args, "kind", None)
    kinds = [kind] if kind else KINDS
    found = [one for each in kinds for one in catalog.of_kind(each)]
    if getattr(args, "json", False):
        print(json.dumps([_as_json(one) for one in found], indent=2))
    else:
        rows = [(one.offer.kind, one.offer.name, one.dist, one.version) for one in found]
        rows = [("kind", "name", "distribution", "version"), *rows]
        summaries = ["summary", *(one.offer.summary for one in found)]
        options.print_columns(
            [(*row, summary) for row, summary in zip(rows, summaries, strict=True)]
        )
    options.tell_problems(catalog)
    return ExitCode.OK


def _as_json(one: Listed) -> dict[str, str]:
    return {
        "kind": one.offer.kind,
        "name": one.offer.name,
        "distribution": one.dist,
        "version": one.version,
        "summary": one.offer.summary,
    }


def _show(name: str, catalog: Catalog) -> int:
    dist, _, short = name.rpartition("/")
    found = [one for one in catalog.named(short) if not dist or one.dist == dist]
    if not found:
        names = sorted({one.offer.name for one in catalog.listed})
        raise PluginError(
            f"no installed plugin offers {name!r}", hint=f"names are: {', '.join(names)}"
        )
    for one in found:
        _show_one(one)
    return ExitCode.OK


def _show_one(one: Listed) -> None:
    from aisbench.config.offer_keys import common_settings
    from aisbench.config.suite import LocalSettings

    print(f"{one.offer.kind} {one.offer.name}  ({one.dist} {one.version})")
    print(f"  {one.offer.summary}")
    if isinstance(one.offer, BackendOffer):
        able = ", ".join(
            f"{key.value}: {how.value}" for key, how in one.offer.capabilities.items()
        )
        print(f"  capabilities: {able or 'none'}")
    own = settings_class(one)
    if isinstance(one.offer, DatasetOffer):
        if one.offer.evaluator is None:
            print("  a workload: no evaluator of its own")
        else:
            print(f"  evaluator {one.offer.evaluator}, metrics {', '.join(one.offer.metrics)}")
        _show_variants(one, own)
    print("\n  own settings:" if own else "\n  no settings of its own")
    if own:
        _show_settings(own)
    if common := common_settings(one.offer):
        what = "local backend" if common is LocalSettings else one.offer.kind
        print(f"\n  settings of every {what}:")
        _show_settings(common)
    print()


def _show_variants(one: Listed, own: Any) -> None:
    if own and any(field.default is attrs.NOTHING for field in attrs.fields(own)):
        return  # variants cannot be told before its settings are
    dataset = construct(one, own() if own else None)
    print("  variants:")
    for name, variant in dataset.variants().items():
        print(f"    {name}: {variant.source}")


def _show_settings(cls: Any, indent: str = "    ") -> None:
    attrs.resolve_types(cls)
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
        print(f"{indent}{field.name} {words}{unit}")
        print(f"{indent}    {field.metadata.get('help', '')}")
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


def _doctor(catalog: Catalog) -> int:
    """Broken plugins, clashes, and targets that cannot be imported."""
    found = 0
    for broken in catalog.broken:
        found += 1
        print(f"broken: {broken.plugin} ({broken.dist} {broken.version})")
        print(f"  cause: {broken.reason}")
        print(f"  fix:   {broken.fix}")
        print("\n".join(f"  | {line}" for line in broken.details.rstrip().splitlines()))
    for clash in describe_clashes(catalog.listed):
        found += 1
        print(f"clash: {clash}")
        print('  fix:   write "distribution/name" in suites, or uninstall one')
    for one in catalog.listed:
        for target in filter(None, (one.offer.target, one.offer.settings)):
            try:
                resolve(target, one)
            except AisbenchError as error:
                found += 1
                print(f"unusable: {error.message}")
                print(f"  fix:   {error.hint}")
                break
    for warning in catalog.warnings:
        print(f"warning: {warning}")
    if catalog.disabled:
        print(f"disabled: {', '.join(catalog.disabled)}")
    if not found:
        print(f"all well: {len(catalog.plugins)} distributions, {len(catalog.listed)} offers")
    return ExitCode.USAGE if found else ExitCode.OK


def _check(dist: str, catalog: Catalog) -> int:
    try:
        from aisbench_testkit.checks import check_distribution
    except ModuleNotFoundError as error:
        if error.name and not error.name.startswith("aisbench_testkit"):
            raise
        raise PluginError(
            "the conformance kit is not installed", hint="pip install aisbench-testkit"
        ) from None
    problems, passed = check_distribution(dist, catalog)
    for line in passed:
        print(f"ok: {line}")
    for line in problems:
        print(f"not ok: {line}")
    print(f"{len(passed)} passed, {len(problems)} failed")
    return ExitCode.USAGE if problems else ExitCode.OK
