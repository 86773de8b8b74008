"""AISBench's summarizers."""

from __future__ import annotations

from typing import Any

from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.static.values import Node, Value
from aisbench_plugin_migrate.words import words

_ALWAYS = ("average", "min", "max")
_READY = {"medium": "medium"}


def add_summary(draft: Draft, value: Value, name: str, performance: bool) -> None:
    """What a summarizer, by its config file's name or as a dictionary, means here."""
    suite = draft.section("suite")
    place = value.place if isinstance(value, Node) and value.place.file else name
    if name in _READY and not performance:
        suite.put("groups", [_READY[name]])
    if name == "stable_stage":
        draft.section("load").say(
            words().text(
                "stable_stage: the steady part of every load is reported beside the whole one, "
                "with "
                "AISBench's own window as a dialect."
            )
        )
    if name:
        draft.carry("--summarizer", place, "summarizers")
    if not isinstance(value, Node):
        return
    calculator = value.entries.get("calculator")
    stats = calculator.entries.get("stats_list") if isinstance(calculator, Node) else None
    if isinstance(stats, list) and isinstance(calculator, Node):
        _percentiles(draft, stats, str(calculator.where("stats_list")))
    groups = value.entries.get("summary_groups")
    if isinstance(groups, list) and groups and not value.preset:
        why = words().text("[[groups]] of a suite are groups of data sets: their members by name")
        draft.leave(suite, "summary_groups", groups, value.where("summary_groups"), why)
    if value.entries.get("dataset_abbrs"):
        why = words().text("the table shows every data set; groups order them")
        draft.leave(
            suite,
            "dataset_abbrs",
            value.entries["dataset_abbrs"],
            value.where("dataset_abbrs"),
            why,
        )


def _percentiles(draft: Draft, stats: list[Any], place: str) -> None:
    found = {50.0} if any(str(one).lower() == "median" for one in stats) else set()
    for one in map(str, stats):
        if one[:1].upper() == "P" and one[1:].replace(".", "", 1).isdigit():
            found.add(float(one[1:]))
        elif one.lower() not in (*_ALWAYS, "median"):
            why = words().text("mean, least and greatest, and any percentiles are reported")
            draft.leave(draft.section("load"), "stats_list", one, place, why)
    if found:
        values = [int(one) if one == int(one) else one for one in sorted(found)]
        draft.section("load").put("percentiles", values)
        draft.carry("stats_list", place, "load.percentiles")
