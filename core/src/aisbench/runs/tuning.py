"""Tuning: for every point a new server, its loads, its end, and what is kept of it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

import attrs
from attrs import define, field

from aisbench.base.clock import now_ns
from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.durations import seconds_of
from aisbench.config.plan import Model, TunedServer, TunePlan
from aisbench.runs.session import Session
from aisbench.servers.started import LateServer, WatchedServer, started_apart, tail_of
from aisbench.stages.load_place import LoadPlace
from aisbench.stages.run_loads import LoadStage
from aisbench.stages.tune_verdict import judge
from aisbench.stages.tuning import NextPoint, ServerTuning
from aisbench.types.tuning import TunePoint

LOG_LINES = 12
SAID_LINES = 3
MOST_WHY = 200
"""Characters of a reason that are told while points are tried; files and reports have all."""


@define
class Tuning:
    """The tuning of all servers of a suite."""

    session: Session
    stage: LoadStage
    loop: asyncio.AbstractEventLoop
    starting: asyncio.Task[WatchedServer] | None = field(default=None)
    """A server that is not ready yet, while there is one."""
    busy: bool = False
    """Whether a server is being started or ended: neither may be left half done."""

    def execute(self, tune: TunePlan) -> None:
        """Try all points that are wanted, until asked to stop. Raises AisbenchError."""
        for tuned in tune.servers:
            if not self.stage.stopped:
                self._server(tune, tuned)

    def _server(self, tune: TunePlan, tuned: TunedServer) -> None:
        session, stage = self.session, self.stage
        models = [
            one for one in session.plan.tested
            if not one.local and one.service.server == tuned.name
        ]  # fmt: skip
        tuning = ServerTuning(session.plan, tune, tuned, session.run, session.say)
        for step in tuning.steps():
            planned, at = tuning.result().planned, len(tuning.points) + 1
            session.say(begun(tuned.name, step, at, planned))
            point = self._point(tune, tuned, step, models)
            if stage.stopped:
                return
            tuning.kept(point)
            session.say(f"servers.{tuned.name}: point {step.number}: {told(point, tune)}")
            for line in said_last(point):
                session.say(f"    | {line}")
        for task in session.plan.tasks:
            if task.model in models:
                stage.progress.searched(task.model.name, task.dataset.name)

    def _point(
        self, tune: TunePlan, tuned: TunedServer, step: NextPoint, models: Sequence[Model]
    ) -> TunePoint:
        """Try one point; what is returned after a stop is not to be kept."""
        began = now_ns()
        point = TunePoint(
            number=step.number, values=step.values, verdict="no figure", command=step.command
        )
        stack = contextlib.AsyncExitStack()
        log = self.session.run.path / "servers" / f"{tuned.name}-{step.label}.log"
        try:
            self.busy = True
            server = self._start(stack, tuned, step)
            self.busy = False
            ready = (now_ns() - began) / 1e9
            point = attrs.evolve(point, ready_seconds=ready)
            point = self._measured(tune, point, step, models, server)
        except asyncio.CancelledError:
            pass  # stopped
        except LateServer as error:
            why = _first_line(error, tuned.name)
            point = attrs.evolve(point, verdict="not ready", why=why)
        except ServerError as error:
            why = _first_line(error, tuned.name)
            point = attrs.evolve(point, verdict="not started", why=why)
        finally:
            self.busy = True
            self.loop.run_until_complete(stack.aclose())
            self.busy = False
            self.session.clean_server_logs()
        if point.verdict in ("not started", "not ready", "died"):
            point = attrs.evolve(point, log=tuple(tail_of(log, LOG_LINES)))
        return attrs.evolve(point, seconds=(now_ns() - began) / 1e9)

    def _start(
        self, stack: contextlib.AsyncExitStack, tuned: TunedServer, step: NextPoint
    ) -> WatchedServer:
        """Raises ServerError, CancelledError after a stop."""
        settings = attrs.evolve(self.session.servers[tuned.name], command=step.command)
        begun = started_apart(tuned.name, settings, self.session.run, step.label)
        self.starting = self.loop.create_task(stack.enter_async_context(begun))
        try:
            return self.loop.run_until_complete(self.starting)
        finally:
            self.starting = None

    def _measured(
        self,
        tune: TunePlan,
        point: TunePoint,
        step: NextPoint,
        models: Sequence[Model],
        server: WatchedServer,
    ) -> TunePoint:
        """The point with what its loads came to."""
        stage = self.stage
        trouble: AisbenchError | None = None
        place = LoadPlace(step.label, dict(step.values))
        with limited(tune.settings.point_time, stage.expire):
            try:
                stage.load_at(place, models, server.url)
            except ServerError as error:
                trouble = error
        outcome = judge(stage.seen, stage.searches, tune.objective, tune.against)
        point = attrs.evolve(
            point,
            verdict=outcome.verdict,
            why=outcome.why,
            objective=outcome.objective,
            against=outcome.against,
            loads=tuple(one.load for one in stage.seen),
            searches=tuple(stage.searches),
        )
        if stage.stopped:
            return point
        if (code := server.code()) is not None:
            why = f"the server ended with code {code} while it was under load"
            return attrs.evolve(point, verdict="died", why=why, objective=None, against=None)
        if stage.expired:
            why = f"it took longer than tune.point_time = {tune.settings.point_time}"
            return attrs.evolve(point, verdict="timed out", why=why, objective=None, against=None)
        if trouble is not None:
            return attrs.evolve(
                point, verdict="no figure", why=_first_line(trouble), objective=None, against=None
            )
        return point


@contextlib.contextmanager
def limited(time: str, over: Callable[[], None]) -> Iterator[None]:
    """Call ``over`` when a block takes longer than ``time``; never, where that is empty."""
    if not time:
        yield
        return
    timer = threading.Timer(seconds_of(time), over)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def told(point: TunePoint, tune: TunePlan) -> str:
    """What became of a point, in a line."""
    figure = ""
    if point.objective is not None:
        figure = f", {tune.objective.name} = {point.objective:.6g} {tune.objective.unit}"
    short = point.why if len(point.why) <= MOST_WHY else f"{point.why[: MOST_WHY - 1]}…"
    why = f" ({short})" if short else ""
    return f"{point.verdict}{figure}{why}"


def said_last(point: TunePoint) -> Sequence[str]:
    """What a server that did not do its work said last, in a few lines."""
    return [line for line in point.log if line.strip()][-SAID_LINES:]


def begun(server: str, step: NextPoint, at: int, planned: int | None) -> str:
    """Which point is tried: its number, and its place among those that are planned."""
    if planned is None:
        return f"servers.{server}: point {step.number}: {step.words}"
    if at == step.number:
        return f"servers.{server}: point {step.number} of {planned}: {step.words}"
    return f"servers.{server}: point {step.number} ({at} of {planned}): {step.words}"


def _first_line(error: AisbenchError, server: str = "") -> str:
    """What an error says, without the lines and the name of the server that stand beside it."""
    first = error.message.partition("\n")[0].rstrip(":")
    return first.removeprefix(f"servers.{server}: ") if server else first
