"""From [tune] to the space of each server: variables, objective and tuner, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.base.errors import DataError, Problem
from aisbench.config.plan import Component, LoadPlan, Model, TunedServer, TunePlan
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite
from aisbench.config.tune_command import TunedVariable, places
from aisbench.config.tune_keys import DEFAULT_TUNER, TuneSettings, TuneVariableTable
from aisbench.config.tune_objective import Objective, objective_of
from aisbench.contract.tuners import Tuner
from aisbench.plugins.targets import construct, named
from aisbench.settings.convert import structure
from aisbench.settings.keys import KeyPath
from aisbench.settings.problems import Problems, nearest
from aisbench.types.offer import TunerOffer
from aisbench.types.tuning import TuneSpace, TuneValue, TuneVariable

_PLACES: KeyPath = ("tune", "variables")


def make_tune(
    maker: ComponentMaker, suite: Suite, models: Sequence[Model], loads: Mapping[str, LoadPlan]
) -> TunePlan | None:
    """What [tune] asks for; None without it, and where problems were noted."""
    _check_places(maker, suite)
    if not suite.tune:
        return None
    if suite.suite.mode != "performance":
        hint = 'set suite.mode = "performance"'
        maker.add(("tune",), f'has no effect where suite.mode = "{suite.suite.mode}"', hint)
        return None
    table = {"tuner": DEFAULT_TUNER, **suite.tune}
    found = maker.find_named(("tune",), table, "tuner", TunerOffer)
    if found is None:
        return None
    listed = found[1]
    split = maker.split_settings(("tune",), table, "tuner", TuneSettings, listed)
    if split is None:
        return None
    settings, own = split
    before = len(maker.problems)
    variables = dict(_variables(maker, settings.variables))
    objective, against = (_objective(maker, suite, loads, settings, key) for key in _FIGURES)
    _check_models(maker, models)
    tuner = Component(listed=listed, settings=own, instance=construct(listed, own))
    servers = []
    for name in dict.fromkeys(one.service.server for one in models if not one.local):
        if name and len(maker.problems) == before:
            servers.append(_server(maker, suite, name, variables, tuner, objective))
    made = [one for one in servers if one is not None]
    if len(maker.problems) > before or objective is None or against is None:
        return None
    return TunePlan(
        settings=settings,
        table={**suite.tune, "tuner": f"{listed.dist}/{listed.offer.name}"},
        tuner=tuner,
        objective=objective,
        against=against,
        servers=tuple(made),
    )


_FIGURES = ("objective", "against")


def _check_places(maker: ComponentMaker, suite: Suite) -> None:
    """Places that nothing stands for, and variables for which there is no place."""
    tuned = suite.tune.get("variables", {}) if suite.tune else {}
    names = list(tuned) if isinstance(tuned, Mapping) else []
    used: set[str] = set()
    for server, settings in suite.servers.items():
        found = places(settings.command)
        used |= found.keys()
        for name, index in found.items():
            if name not in names:
                hint = nearest(name, names) or f"put {name} = [...] under [tune.variables]"
                if f"${{{name}}}" in settings.command[index]:
                    hint = "no shell reads a command; the server gets the environment as it is"
                maker.add(
                    ("servers", server, "command", index), f"{{{name}}} stands for nothing", hint
                )
    for name in names:
        if name not in used:
            maker.add(
                (*_PLACES, name),
                "is used by no command of [servers]",
                nearest(name, used) or f'write "{{{name}}}" into the command of a server',
            )


def _check_models(maker: ComponentMaker, models: Sequence[Model]) -> None:
    for one in models:
        if one.local or not one.service.server:
            maker.add(
                ("models", one.name),
                "has no server that could be tuned: [tune] starts one for every point",
                'set server = "NAME" of a [servers.NAME]',
            )


def _objective(
    maker: ComponentMaker,
    suite: Suite,
    loads: Mapping[str, LoadPlan],
    settings: TuneSettings,
    key: str,
) -> Objective | None:
    points = [point.settings for one in loads.values() for point in one.points]
    try:
        return objective_of(getattr(settings, key), points, energy=bool(suite.devices))
    except DataError as error:
        maker.add(("tune", key), error.message, error.hint)
        return None


def _variables(
    maker: ComponentMaker, tables: Mapping[str, Any]
) -> Iterator[tuple[str, TunedVariable]]:
    known: dict[str, TuneVariable] = {}
    for name, table in tables.items():
        made = _variable(maker, name, table, known)
        if made is not None:
            known[name] = made.variable
            yield name, made


def _variable(
    maker: ComponentMaker, name: str, table: Any, known: Mapping[str, TuneVariable]
) -> TunedVariable | None:
    path = (*_PLACES, name)
    if isinstance(table, list):
        table = {"values": table}
    if not isinstance(table, Mapping):
        maker.add(path, f"must be a list of values or a table, got {table!r}", "[64, 128, 256]")
        return None
    try:
        read: TuneVariableTable = structure(TuneVariableTable, dict(table), maker.source.base)
    except Problems as error:
        maker.add_all(path, error.problems)
        return None
    problems = list(_wrong(read, known))
    for key, message, hint in problems:
        maker.add((*path, *key), message, hint)
    if problems:
        return None
    numbers = [one for one in (table.get("low"), table.get("high"), table.get("step")) if one]
    variable = TuneVariable(
        name=name,
        values=tuple(read.values),  # type: ignore[arg-type]
        low=read.low,
        high=read.high,
        step=read.step,
        log=read.log,
        whole=bool(numbers) and all(isinstance(one, int) for one in numbers),
        when={key: _listed(value) for key, value in read.when.items()},
    )
    return TunedVariable(variable=variable, flag=read.flag, off=read.off)


def _listed(value: Any) -> tuple[TuneValue, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


Wrong = tuple[tuple[str | int, ...], str, str]


def _wrong(read: TuneVariableTable, known: Mapping[str, TuneVariable]) -> Iterator[Wrong]:
    """What is wrong with a variable: the key below it, the problem, what to do."""
    ranged = (read.low, read.high)
    if read.values and any(one is not None for one in (*ranged, read.step)):
        yield ("values",), "stand beside a range", "give either values, or low and high"
    elif not read.values and None in ranged:
        yield (), "needs values, or low and high", "values = [64, 128], or low = 16, high = 512"
    elif not read.values:
        yield from _wrong_range(read)
    yield from _wrong_values(read)
    yield from _wrong_conditions(read, known)


def _wrong_values(read: TuneVariableTable) -> Iterator[Wrong]:
    for index, value in enumerate(read.values):
        if not isinstance(value, (bool, int, float, str)):
            yield ("values", index), f"must be a number, a text, true or false: {value!r}", ""
        elif any(_same(value, one) for one in read.values[:index]):
            yield ("values", index), f"{value!r} stands there twice", "leave one out"
    if read.off and (False not in read.values or not read.flag):
        hint = 'it stands in the place of "flag" where the value is false'
        yield ("off",), "has no effect without a flag and the value false", hint


def _wrong_conditions(
    read: TuneVariableTable, known: Mapping[str, TuneVariable]
) -> Iterator[Wrong]:
    for name, value in read.when.items():
        if name not in known:
            hint = nearest(name, known) or "conditions name variables that stand before it"
            yield ("when", name), "is no variable that stands before this one", hint
            continue
        allowed = known[name].listed()
        for one in _listed(value):
            if allowed is not None and not any(_same(one, other) for other in allowed):
                words = ", ".join(map(repr, allowed[:12]))
                yield ("when", name), f"{name} is never {one!r}", f"its values: {words}"


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _wrong_range(read: TuneVariableTable) -> Iterator[Wrong]:
    low, high = read.low, read.high
    assert low is not None
    assert high is not None
    if not low < high:
        yield ("high",), f"must be above low = {low:g}", ""
    if read.log and low <= 0:
        yield ("low",), "must be above 0 where log = true", ""
    if read.log and read.step is not None and read.step <= 1:
        yield ("step",), "must be above 1 where log = true: it is a factor", "2 doubles"


def _server(
    maker: ComponentMaker,
    suite: Suite,
    name: str,
    variables: Mapping[str, TunedVariable],
    tuner: Component,
    objective: Objective | None,
) -> TunedServer | None:
    """The space of one server: the variables that its command names."""
    command = suite.servers[name].command
    found = places(command)
    used = {key: one for key, one in variables.items() if key in found}
    if not used:
        maker.add(("servers", name, "command"), "uses no variable of [tune.variables]",
                  "leave its models out of this suite: there is nothing to tune")  # fmt: skip
        return None
    for key, one in used.items():
        index = found[key]
        for other in one.variable.when:
            if other not in used:
                maker.add((*_PLACES, key, "when", other), f"servers.{name} does not use it",
                          f'write "{{{other}}}" into its command, too')  # fmt: skip
        alone = command[index] == "{" + key + "}"
        if one.flag and not alone:
            maker.add(
                ("servers", name, "command", index),
                f"has more than {{{key}}}, which has a flag of its own",
                f'write the word "{{{key}}}" alone',
            )
        if alone and one.variable.when and not one.flag and _is_option(command, index):
            maker.add(
                ("servers", name, "command", index),
                f"{command[index - 1]} would stand alone where {key} does not matter",
                f'give {key} flag = "{command[index - 1]}" and leave that word out, or write '
                f'"{command[index - 1]}={{{key}}}"',
            )
    space = TuneSpace(
        variables=tuple(one.variable for one in used.values()),
        seed=suite.suite.seed,
        better=objective.better if objective is not None else "up",
    )
    searching: Tuner = tuner.instance
    try:
        with named(tuner.listed, "fails at size()"):
            size = searching.size(space)
    except DataError as error:
        maker.add_all((), [Problem(path=_PLACES, message=error.message, hint=error.hint)])
        return None
    return TunedServer(name=name, variables=used, space=space, size=size)


def _is_option(command: Sequence[str], index: int) -> bool:
    return index > 0 and command[index - 1].startswith("-") and "=" not in command[index - 1]
