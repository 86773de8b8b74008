"""Groups of data sets: a row for each group's figure, then one for each of its members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from aisbench.api import Figure, GroupResult, SuiteResult
from aisbench_plugin_table.cells import MISSING, figure_text
from aisbench_plugin_table.rows import TableRow

MOST_MISSING = 8
"""More names of what a group lacks are only counted."""

Groups = Mapping[str, GroupResult]
"""One group of all models, by model."""


def group_rows(results: SuiteResult, models: Sequence[str]) -> Iterator[TableRow]:
    """The figure of each group and of what it is made of; groups and members that no model has
    are left out, and told by :func:`group_notes`."""
    for found in _by_group(results):
        group = next(iter(found.values()))
        label = group.title + (f" [{group.load}]" if group.load else "")
        if name := next((one.figure.name for one in found.values() if one.figure), ""):
            cells = tuple(_cell(found.get(model)) for model in models)
            yield TableRow(label, name, _numbers(one.figure for one in found.values()), cells)
        for place, member in enumerate(group.members):
            of_models = {model: one.members[place].figure for model, one in found.items()}
            if any(of_models.values()):
                cells = tuple(figure_text(of_models.get(model)) for model in models)
                yield TableRow(label, f"  {member.name}", _numbers(of_models.values()), cells)


def group_notes(results: SuiteResult) -> Iterator[str]:
    """What groups lack, which their figures are without."""
    for found in _by_group(results):
        lacking: dict[tuple[str, ...], list[str]] = {}
        for model, one in found.items():
            if one.missing:
                lacking.setdefault(one.missing, []).append(model)
        for missing, models in lacking.items():
            group = found[models[0]]
            whose = "" if len(models) == len(found) else f" of {', '.join(models)}"
            some = ", ".join(missing[:MOST_MISSING])
            more = len(missing) - MOST_MISSING
            rest = f" and {more} more" if more > 0 else ""
            yield f"{group.title}{whose}: {group.share}; not there: {some}{rest}"


def _by_group(results: SuiteResult) -> Iterator[Groups]:
    groups: dict[tuple[str, str], dict[str, GroupResult]] = {}
    for one in results.groups:
        groups.setdefault((one.name, one.load), {})[one.model] = one
    yield from groups.values()


def _cell(group: GroupResult | None) -> str:
    """The figure, with how much of the group it is of."""
    if group is None or group.figure is None:
        return MISSING
    return figure_text(group.figure) + (f" ({group.share})" if group.share else "")


def _numbers(figures: Iterable[Figure | None]) -> str:
    return ", ".join(dict.fromkeys(str(one.n) for one in figures if one is not None))
