"""The tables of the page "from AISBench", from the tables of `aisbench migrate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aisbench_plugin_migrate.tables.reading import table as told
from tools.reference.tables import code, table


def from_aisbench_tables() -> str:
    """Models, their keys, flags, data sets and error codes."""
    parts = [
        "## Model configs",
        table(("AISBench", "class", "here"), _models()),
        "## Keys of a model config",
        table(("AISBench", "here"), _told(told("aisbench-models")["keys"], "kept")),
        "## Flags of ais_bench",
        table(("AISBench", "here"), _told(told("ais_bench")["flags"], "here")),
        "## Data set configs",
        "Variants are those for chat models and for models that complete text; `-`: none. Notes "
        "that concern a family stand in its first row.",
        table(("AISBench", "data set", "variants", "what differs"), _data_sets()),
        "## Error codes",
        table(("AISBench", "means", "here"), _errors()),
    ]
    return "\n\n".join(parts)


def _models() -> Iterator[tuple[str, ...]]:
    models = told("aisbench-models")
    for name, config in models["configs"].items():
        about = models["classes"][config["class"]]
        here = about.get("missing") or f'`backend = "{about["backend"]}"`'
        if "stream" in config and "backend" in about:
            here += f", `stream = {str(config['stream']).lower()}`"
        if "note" in about:
            here += f"; {about['note']}"
        yield code(name), code(config["class"]), here


def _told(rows: Mapping[str, Mapping[str, Any]], kept: str) -> Iterator[tuple[str, ...]]:
    for name, about in rows.items():
        short = f", {code(about['short'])}" if "short" in about else ""
        yield code(name) + short, about.get(kept) or about.get("why") or "-"


def _data_sets() -> Iterator[tuple[str, ...]]:
    for family in told("aisbench-datasets").values():
        note = family.get("note", "")
        for name, config in family["configs"].items():
            one: dict[str, Any] = (
                {"variants": config} if isinstance(config, list) else dict(config)
            )
            both = {**family, **one}
            if "missing" in both:
                yield code(name), "-", "", both["missing"]
                continue
            sets = ", ".join(map(code, [str(both["dataset"]), *both.get("also", ())]))
            differs = "; ".join(
                text for text in (note, one.get("note", ""), _settings(one)) if text
            )
            yield code(name), sets, _variants(both.get("variants", [])), differs
            note = ""


def _variants(pair: Any) -> str:
    return ", ".join(code(one) if one else "-" for one in pair)


def _settings(one: Mapping[str, Any]) -> str:
    from tools.reference.toml_inline import inline

    keys = {key: one[key] for key in ("parts",) if key in one}
    keys.update(one.get("settings", {}))
    shots = one.get("chat_shots", one.get("text_shots"))
    if shots:
        keys["shots"] = shots
    return ", ".join(code(f"{key} = {inline(value)}") for key, value in keys.items())


def _errors() -> Iterator[tuple[str, ...]]:
    for one in told("aisbench-errors")["errors"]:
        yield ", ".join(map(code, one["codes"])), one["means"], one["here"]
