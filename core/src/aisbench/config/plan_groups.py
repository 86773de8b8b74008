"""The groups of a suite: those that it writes itself, and ready-made ones that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from attrs import frozen

from aisbench.base.errors import PluginError, Problem
from aisbench.config.group_keys import GroupFile, MemberTable, SuiteGroupTable
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import NAME, Suite
from aisbench.plugins.group_files import read_group_file
from aisbench.settings.convert import structure
from aisbench.settings.keys import KeyPath
from aisbench.settings.problems import Problems, nearest

_LETTERS = "use letters, digits, '.', '_' and '-'"


@frozen(kw_only=True)
class MemberPlan:
    """A member of a group: another ``group``, or a ``dataset`` of the suite, or ``part`` of one;
    neither where the suite does not have it. ``name`` is how reports call it."""

    name: str
    group: str = ""
    dataset: str = ""
    part: str = ""
    figure: str = ""
    floor: float = 0.0


@frozen(kw_only=True)
class GroupPlan:
    """[groups.NAME], with what its members mean."""

    name: str
    table: SuiteGroupTable
    members: tuple[MemberPlan, ...]

    @property
    def title(self) -> str:
        """How reports call it."""
        return self.table.title or self.name


def find_groups(maker: ComponentMaker, suite: Suite) -> dict[str, SuiteGroupTable]:
    """All groups of a suite by name, ready-made ones first; what is wrong with them is noted."""
    found: dict[str, SuiteGroupTable] = {}
    for index, name in enumerate(suite.suite.groups):
        try:
            tables, place = read_group_file(name, maker.source.base)
            made = structure(GroupFile, tables, Path())
        except PluginError as error:
            maker.add(("suite", "groups", index), error.message, error.hint)
            continue
        except Problems as error:
            for one in error.problems:
                key = ".".join(map(str, one.path))
                maker.add(("suite", "groups", index), f"{place}: {key}: {one.message}", one.hint)
            continue
        for key, table in made.groups.items():
            if key in found:
                maker.add(("suite", "groups", index), f"{place}: the group {key!r} is there twice")
            found[key] = attrs.evolve(table, optional=True)
    for key in suite.groups:
        if key in found:
            maker.add(("groups", key), "is also a ready-made group of [suite] groups", "rename it")
    if suite.suite.mode == "performance" and (suite.suite.groups or suite.groups):
        path: KeyPath = ("suite", "groups") if suite.suite.groups else ("groups",)
        maker.add(path, "has no effect: a performance run scores no answers", "leave it out")
    return {**found, **suite.groups}


def planned_groups(
    tables: Mapping[str, SuiteGroupTable],
    datasets: Mapping[str, str],
    problem: Callable[[Problem], None] = lambda _: None,
) -> tuple[GroupPlan, ...]:
    """The groups with what their members mean; ``datasets`` are the suite's, name -> what plugins
    call them. Each ``problem`` is told with its path from the suite's top."""
    made = []
    for name, table in tables.items():
        for one in _table_problems(name, table, datasets):
            problem(one)
        members = []
        for index, given in enumerate(table.members):
            member = given if isinstance(given, MemberTable) else MemberTable(of=given)
            plan = _member(member, tables, datasets)
            if isinstance(plan, str):
                where = ("groups", name, "members", index)
                problem(Problem(path=where, message=plan, hint=_ways(member.of, datasets)))
                plan = MemberPlan(name=member.of)
            elif not (plan.group or plan.dataset) and not table.optional:
                where = ("groups", name, "members", index)
                message = f"there is no data set and no group {member.of!r}"
                known = [*datasets, *tables]
                hint = nearest(member.of, known) or f"there are: {', '.join(known)}"
                problem(Problem(path=where, message=message, hint=hint))
            elif plan.group and tables[plan.group].mean == "none" != table.mean:
                where = ("groups", name, "members", index)
                message = f"{plan.group} is a section without a mean"
                problem(Problem(path=where, message=message, hint='give it a mean, or set "none"'))
            members.append(attrs.evolve(plan, figure=member.figure or table.figure))
        made.append(GroupPlan(name=name, table=table, members=tuple(members)))
    for one in _circles(made):
        problem(one)
    return tuple(made)


def _member(
    member: MemberTable, tables: Mapping[str, SuiteGroupTable], datasets: Mapping[str, str]
) -> MemberPlan | str:
    """What a member means; the problem where it means several."""
    of, floor = member.of, member.floor
    if of in tables:
        return MemberPlan(name=tables[of].title or of, group=of, floor=floor)
    name = f"{of} ({member.figure})" if member.figure else of
    whole, _, part = of.partition("/")
    for called, of_it in ((of, ""), (whole, part)):
        if called in datasets:
            return MemberPlan(name=name, dataset=called, part=of_it, floor=floor)
        same = [key for key, offered in datasets.items() if offered == called]
        if len(same) > 1:
            return f"{called!r} may be {' or '.join(same)}"
        if same:
            return MemberPlan(name=name, dataset=same[0], part=of_it, floor=floor)
    return MemberPlan(name=name, floor=floor)


def _ways(name: str, datasets: Mapping[str, str]) -> str:
    same = ", ".join(key for key, offered in datasets.items() if offered == name.split("/")[0])
    return f"write a [groups.NAME] of your own that names one of {same}"


def _table_problems(
    name: str, table: SuiteGroupTable, datasets: Mapping[str, str]
) -> Iterator[Problem]:
    where = ("groups", name)
    if not NAME.match(name):
        yield Problem(path=where, message=f"{name!r} cannot be a name", hint=_LETTERS)
    if name in datasets:
        yield Problem(path=where, message="is also the name of a data set", hint="rename it")
    if wrong := _weights_problem(table):
        yield Problem(path=(*where, "weights"), message=wrong)
    if table.plus and table.mean != "harmonic":
        yield Problem(path=(*where, "plus"), message='has no effect without mean = "harmonic"')
    names = [("", one) if isinstance(one, str) else (one.figure, one.of) for one in table.members]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        message = f"{', '.join(of for _, of in twice)}: named twice"
        yield Problem(path=(*where, "members"), message=message, hint="give it a weight")


def _weights_problem(table: SuiteGroupTable) -> str:
    if not table.weights:
        return ""
    if table.mean not in ("members", "harmonic"):
        return f'has no effect with mean = "{table.mean}"'
    if len(table.weights) != len(table.members):
        return f"{len(table.weights)} weights for {len(table.members)} members"
    return "" if min(table.weights) >= 0 and any(table.weights) else "must be 0 or more, not all 0"


def _circles(groups: Sequence[GroupPlan]) -> Iterator[Problem]:
    """Groups that hold themselves."""
    inside = {one.name: [member.group for member in one.members if member.group] for one in groups}
    for name in inside:
        seen: set[str] = set()
        coming = list(inside[name])
        while coming:
            group = coming.pop()
            if group not in seen:
                seen.add(group)
                coming += inside[group]
        if name in seen:
            yield Problem(path=("groups", name, "members"), message="the group holds itself")
