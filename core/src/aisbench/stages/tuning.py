"""Tuning one server: which point comes next, what became of it, and what is best so far.

Each point that was tried is a file, ``tune/SERVER/point-0001.json``, written when it is over. A
session that goes on has the tuner propose from the beginning: what is known already is not asked
again, so that it comes to where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field, frozen

from aisbench.base.errors import PluginError
from aisbench.config.durations import seconds_of
from aisbench.config.plan import Plan, TunedServer, TunePlan
from aisbench.config.tune_command import command_with, shown, text_of
from aisbench.contract.tuners import Tuner
from aisbench.plugins.targets import named
from aisbench.stages.load_making import asked_of
from aisbench.stages.tune_again import judged_now, tried_alike
from aisbench.stages.tune_verdict import best_of, front_of
from aisbench.store.files import make_folder
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, read_json, understanding, write_json
from aisbench.store.seals import unseal
from aisbench.types.json import JsonObject
from aisbench.types.tuning import (
    TunePoint,
    TuneResult,
    TuneSpace,
    TuneTrial,
    TuneValue,
    TuneVariable,
    same_point,
    same_value,
)

MOST_REPEATS = 100
"""Proposals in a row that are known already, after which a tuner is taken to have no other."""
RESULT = "result.json"
SCHEMA = 1


def folder_of(run: RunFolder, server: str) -> Path:
    """Where the points of a server are kept."""
    return run.path / "tune" / server


@frozen
class NextPoint:
    """A point that is to be tried."""

    number: int
    values: Mapping[str, TuneValue]
    command: tuple[str, ...]

    @property
    def label(self) -> str:
        """How its loads and its server's output are called."""
        return f"point={self.number}"

    @property
    def words(self) -> str:
        """Its values, for messages."""
        return ", ".join(f"{key} = {text_of(one)}" for key, one in self.values.items())


@define
class ServerTuning:
    """The tuning of one server."""

    plan: Plan
    tune: TunePlan
    tuned: TunedServer
    run: RunFolder
    tell: Callable[[str], None]
    reason: str = ""
    """Why it is over."""
    points: list[TunePoint] = field(factory=list)
    """Those that the tuner proposed so far and that were tried, in that order."""
    _stored: list[TunePoint] = field(factory=list)
    """Those of earlier sessions, tried with the same command and loads."""
    _numbers: set[int] = field(factory=set)
    """Those of all points that have files."""

    def steps(self) -> Iterator[NextPoint]:
        """The points to try. Each must be :meth:`kept` before the next one is asked for. Raises
        PluginError, DataError for a tuner that fails."""
        self._read()
        unseal(self.run, folder_of(self.run, self.tuned.name))
        session = self._session()
        repeats = 0
        while True:
            proposed = self._proposal(session)
            if proposed is None:
                self.reason = self.reason or "every point of the tuner was tried"
                break
            known = self._find(self.points, proposed)
            repeats = 0 if known is None else repeats + 1
            if repeats > MOST_REPEATS:
                self.reason = "the tuner proposes nothing new"
                break
            if known is None and self._is_over():
                break
            known = known or self._taken(proposed)
            if known is None:
                number = next(one for one in count(1) if one not in self._numbers)
                command = command_with(self._command, self.tuned.variables, proposed)
                yield NextPoint(number, proposed, command)
                known = self._find(self.points, proposed)
                if known is None:
                    return  # stopped
            with named(self.tune.tuner.listed, "fails at learn()"):
                session.learn(
                    TuneTrial(
                        values=known.values,
                        value=known.objective,
                        attained=known.verdict == "held",
                    )
                )
        self._tell_of_unused()
        self.write()

    def kept(self, point: TunePoint) -> None:
        """Keep a point that was tried, and what is best now."""
        self.points.append(point)
        self._numbers.add(point.number)
        self._keep(point)
        self.write()

    def _keep(self, point: TunePoint) -> None:
        """Write the file of a point."""
        make_folder(folder_of(self.run, self.tuned.name))
        write_json(
            folder_of(self.run, self.tuned.name) / f"point-{point.number:04d}.json",
            {
                "schema": SCHEMA,
                "asked": self._asked(point.values),
                "point": converter().unstructure(point),
            },
        )

    def write(self) -> None:
        """Keep what is known now as the result."""
        make_folder(folder_of(self.run, self.tuned.name))
        path = folder_of(self.run, self.tuned.name) / RESULT
        write_json(path, converter().unstructure(self.result()))

    def result(self) -> TuneResult:
        """What is known now."""
        tune = self.tune
        best = best_of(self.points, tune.objective.better)
        return TuneResult(
            server=self.tuned.name,
            models=tuple(
                one.name
                for one in self.plan.tested
                if not one.local and one.service.server == self.tuned.name
            ),
            tuner=tune.tuner.listed.offer.name,
            objective=tune.objective.name,
            unit=tune.objective.unit,
            better=tune.objective.better,
            against=tune.against.name,
            variables=tuple(self.tuned.variables),
            points=tuple(self.points),
            best=None if best is None else best.number,
            front=front_of(self.points, tune.objective.better, tune.against.better),
            planned=self._planned(),
            reason=self.reason,
            command="" if best is None else shown(best.command),
        )

    # -- what is known

    def _read(self) -> None:
        """The points of earlier sessions."""
        folder = folder_of(self.run, self.tuned.name)
        others, judged = 0, 0
        for path in sorted(folder.glob("point-*.json")):
            document = read_json(path)
            with understanding(path):
                point = converter().structure(document["point"], TunePoint)
                asked, now = document["asked"], self._asked(point.values)
                alike = asked == now or tried_alike(asked, now)
            self._numbers.add(point.number)
            kept: TunePoint | None = point if alike else None
            if alike and asked != now:
                kept = judged_now(self.plan, self.tune, self.tuned, self.run, point)
                judged += kept is not None
                if kept is not None:
                    unseal(self.run, path)
                    self._keep(kept)
            if kept is not None:
                self._stored.append(kept)
            else:
                others += 1
        if judged:
            self.tell(
                f"servers.{self.tuned.name}: {judged} points of earlier sessions are judged anew, "
                "by what the suite says now"
            )
        if others:
            self.tell(
                f"servers.{self.tuned.name}: {others} points of earlier sessions were of another "
                "command or of other loads, and are not used"
            )

    def _taken(self, values: Mapping[str, TuneValue]) -> TunePoint | None:
        """A stored point with these values, which is one of this session's now."""
        found = self._find(self._stored, values)
        if found is not None:
            self._stored.remove(found)
            self.points.append(found)
        return found

    @staticmethod
    def _find(points: Sequence[TunePoint], values: Mapping[str, TuneValue]) -> TunePoint | None:
        return next((one for one in points if same_point(one.values, values)), None)

    def _tell_of_unused(self) -> None:
        if self._stored:
            self.tell(
                f"servers.{self.tuned.name}: {len(self._stored)} points of earlier sessions are "
                "not among those that the tuner proposes now, and are not used"
            )

    def _asked(self, values: Mapping[str, TuneValue]) -> JsonObject:
        """What makes two points the same, beside their values: the command, and the loads."""
        settings = self.plan.suite.servers[self.tuned.name]
        loads: dict[str, Any] = {}
        for task in self.plan.tasks:
            if not task.model.local and task.model.service.server == self.tuned.name:
                planned = self.plan.loads[task.model.name]
                search = planned.search
                loads[task.label] = {
                    "loads": [asked_of(one) for one in planned.points],
                    "search": None if search is None else converter().unstructure(search),
                    "slo": dict(planned.points[0].settings.slo),
                }
        command = command_with(settings.command, self.tuned.variables, values)
        asked = {
            "command": command,
            "ready": settings.ready,
            "loads": loads,
            "objective": self.tune.objective.name,
            "against": self.tune.against.name,
        }
        made: JsonObject = orjson.loads(orjson.dumps(asked))
        return made

    # -- the tuner and the budget

    @property
    def _command(self) -> tuple[str, ...]:
        return self.plan.suite.servers[self.tuned.name].command

    def _session(self) -> Any:
        tuner: Tuner = self.tune.tuner.instance
        with named(self.tune.tuner.listed, "fails at session()"):
            return tuner.session(self.tuned.space)

    def _proposal(self, session: Any) -> dict[str, TuneValue] | None:
        with named(self.tune.tuner.listed, "fails at propose()"):
            made = session.propose()
        if made is None:
            return None
        if (wrong := _wrong(self.tuned.space, made)) is not None:
            raise PluginError(f"{self.tune.tuner.owner} proposes a point that may not be: {wrong}")
        return {one.name: made[one.name] for one in self.tuned.space.variables if one.name in made}

    def _planned(self) -> int | None:
        found = (self.tuned.size, self.tune.settings.points)
        return min((one for one in found if one is not None), default=None)

    def _is_over(self) -> bool:
        settings = self.tune.settings
        if settings.points is not None and len(self.points) >= settings.points:
            self.reason = f"tune.points = {settings.points} were tried"
        spent = sum(one.seconds for one in self.points)
        if settings.time and spent >= seconds_of(settings.time):
            self.reason = f"the points took {spent:.0f} s in all, and tune.time = {settings.time}"
        if self.tuned.size is not None and len(self.points) >= self.tuned.size:
            self.reason = "every point of the space was tried"
        return bool(self.reason)


def _wrong(space: TuneSpace, values: Any) -> str | None:
    """What is wrong with a proposal."""
    if not isinstance(values, Mapping):
        return f"{values!r:.80} is no mapping"
    chosen: dict[str, TuneValue] = {}
    for one in space.variables:
        if one.active(chosen) != (one.name in values):
            return f"{one.name} is missing, or does not matter there: {dict(values)!r:.200}"
        if one.name in values:
            if not _allowed(one, values[one.name]):
                return f"{one.name} = {values[one.name]!r}"
            chosen[one.name] = values[one.name]
    unknown = [key for key in values if key not in chosen]
    return f"{unknown[0]!r} is no variable" if unknown else None


def _allowed(variable: TuneVariable, value: Any) -> bool:
    if variable.values:
        return any(same_value(one, value) for one in variable.values)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    assert variable.low is not None
    assert variable.high is not None
    whole = not variable.whole or float(value).is_integer()
    return whole and variable.low - 1e-9 <= value <= variable.high + 1e-9


def read_tunings(run: RunFolder) -> Iterator[TuneResult]:
    """What was found of each server, from the files of a run. Raises DamageError."""
    for path in sorted((run.path / "tune").glob(f"*/{RESULT}")):
        with understanding(path):
            yield converter().structure(read_json(path), TuneResult)


def tuning_plan(plan: Plan) -> Iterator[str]:
    """What [tune] asks for, a line a server: how many points, and how many loads each runs."""
    if plan.tune is None:
        return
    tune, settings = plan.tune, plan.tune.settings
    for server in tune.servers:
        most = [one for one in (server.size, settings.points) if one is not None]
        points = f"{min(most):,} points" if most else "points without a number of their own"
        if settings.points is not None and server.size is None:
            points = f"{settings.points:,} points at most"
        limit = f", and none begins after {settings.time}" if settings.time else ""
        yield (
            f"tune servers.{server.name}: {tune.tuner.listed.offer.name}, {points} of "
            f"{', '.join(server.variables)}{limit}; each starts the server and runs "
            f"{_loads_of(plan, server)}; {tune.objective.name} is to be "
            f"{'high' if tune.objective.better == 'up' else 'low'}"
        )
        if not most and not settings.time:
            yield (
                f"tune servers.{server.name}: nothing ends it but you: set tune.points or "
                "tune.time"
            )


def _loads_of(plan: Plan, server: TunedServer) -> str:
    tasks = [
        one for one in plan.tasks
        if not one.model.local and one.model.service.server == server.name
    ]  # fmt: skip
    searched = sum(1 for one in tasks if plan.loads[one.model.name].search is not None)
    loads = sum(
        len(plan.loads[one.model.name].points)
        for one in tasks
        if plan.loads[one.model.name].search is None
    )
    parts = [f"{loads} load(s)"] if loads else []
    parts += [f"{searched} search(es)"] if searched else []
    return " and ".join(parts)
