"""Loading the models: every load of the plan, one after the other, each into its own folder."""

from __future__ import annotations

import contextlib
import importlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.base.errors import AisbenchError, ServerError
from aisbench.config.plan import LoadPlan, LoadPoint, Model, Plan, Task
from aisbench.conversation.adapters import adapters_to_ask
from aisbench.conversation.prepare import Rows
from aisbench.engine.client import reveal_headers
from aisbench.engine.discover import DiscoveredModel
from aisbench.engine.open_link import addresses_of, open_link
from aisbench.engine.replicas import Replicas
from aisbench.engine.waiting import ServerWatch, Stopped
from aisbench.loadgen.coordinator import LoadRun
from aisbench.loadgen.live import LiveLoad
from aisbench.stages.advising import explained, first_request
from aisbench.stages.aside import aside
from aisbench.stages.fitting import fitting_notes
from aisbench.stages.load_conversations import lengthened
from aisbench.stages.load_making import LoadMaker, asked_of
from aisbench.stages.load_place import LoadPlace
from aisbench.stages.loads_progress import LoadProgress, LoadsProgress
from aisbench.stages.measure import finish_load, is_finished, measure_load, measured_load
from aisbench.stages.report_keys import report_as, within_other_limits
from aisbench.stages.search_loads import find_limit
from aisbench.stages.uploading import upload_media
from aisbench.store.earlier import set_aside_load
from aisbench.store.environment import record_note
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.redactor import Redactor
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, read_json, understanding, write_json
from aisbench.store.seals import unseal
from aisbench.types.performance import PerformanceResult, SearchResult

log = logging.getLogger(__name__)


@define
class LoadStage:
    """The stage. ``stop`` ends the load that runs, and all that would follow."""

    plan: Plan
    rows: Mapping[str, Rows]
    run: RunFolder
    session: int
    redactor: Redactor
    around: Callable[[LiveLoad], Any]
    """Makes what shows a load while it runs."""
    tell: Callable[[str], None]
    """Prints a line for the user."""
    run_loop: Callable[[Coroutine[Any, Any, Any]], Any]
    progress: LoadsProgress = field(factory=LoadsProgress)
    running: LoadRun | None = None
    stopped: bool = False
    settling: bool = False
    """Whether a load is over, and its files are made and its figures taken."""
    quiet: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    """Within it nothing of this process works beside a load."""
    known: Callable[[PerformanceResult], None] = lambda result: None
    """Gets what each load measured."""
    failure: AisbenchError | None = None
    """What ended the stage early, when something had been measured by then."""
    place: LoadPlace = field(factory=LoadPlace)
    """To which point the loads belong that run now."""
    expired: bool = False
    """Whether the time of that point is over."""
    seen: list[PerformanceResult] = field(factory=list)
    """What was measured at that point, in this session or before."""
    searches: list[SearchResult] = field(factory=list)
    """What was searched at that point."""
    _measured: int = field(default=0)

    def stop(self) -> None:
        """End the present load (the second time: at once) and begin no other."""
        self.stopped = self.progress.stopping = True
        if self.running is not None:
            self.running.stop()

    @property
    def ending(self) -> bool:
        """Whether no further load begins now."""
        return self.stopped or self.expired

    def expire(self) -> None:
        """End the load that runs at once, and begin no other at this point."""
        self.expired = True
        if (running := self.running) is not None:
            running.stop()
            running.stop()
            running.reason = "the time of the point is over (tune.point_time)"

    def load_at(self, place: LoadPlace, models: Sequence[Model], url: str) -> None:
        """Run the loads of a point against its server; see ``seen``, ``searches`` and
        ``expired``. Raises ServerError."""
        self.prepare()
        self.place, self.expired = place, False
        self.seen, self.searches = [], []
        try:
            for model in models:
                if not self.ending:
                    self._load_model(model, {model.service.server: url})
        finally:
            self.place = LoadPlace()

    @staticmethod
    def prepare() -> None:
        """Load what the live view needs: beside a load that would take that load's CPU."""
        importlib.import_module("numpy")

    def execute(self, servers: Mapping[str, str]) -> None:
        """Run every load that has not been run. Raises AisbenchError when nothing could be."""
        self.prepare()
        try:
            for model in self.plan.models:
                self._load_model(model, servers)
        except ServerError as error:
            if not self._measured:
                raise
            self.failure = error

    def _load_model(self, model: Model, servers: Mapping[str, str]) -> None:
        service = model.service
        headers = reveal_headers(service)
        addresses = addresses_of(model, servers)

        async def ask() -> DiscoveredModel:
            async with open_link(model, headers) as link:
                replicas = Replicas(addresses)
                await ServerWatch(model, link, replicas, self.tell, lambda: self.ending).ready()
                adapters = adapters_to_ask(self.plan, self.rows, model)
                found = await link.discover(model, replicas, adapters)
                await upload_media(self.plan, self.rows, model, link, replicas)
                return found

        async def wait() -> None:
            async with open_link(model, headers) as link:
                replicas = Replicas(addresses)
                await ServerWatch(model, link, replicas, self.tell, lambda: self.ending).ready()

        def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
            asked = aside(work, lambda: self.ending) if model.own else work()
            return self.run_loop(asked)

        try:
            found: DiscoveredModel = run(ask)
        except Stopped:
            return
        for task in self.plan.tasks:
            if task.model is model and not self.ending:
                rows, seed = self.rows[task.dataset.name], self.plan.suite.suite.seed
                for note in fitting_notes(task, rows, found, seed):
                    self.tell(note)
                    record_note(self.run, task.label, note)
                one = _TaskLoads(self, task, found, addresses, headers, lambda: run(wait))
                one.execute(self.plan.loads[model.name])

    def begin(self, running: LoadRun) -> None:
        """Run one load, interruptibly."""
        self.running = running
        try:
            with self.quiet():
                running.execute(lambda: self.around(running.live))
        finally:
            self.running = None


@define
class _TaskLoads:
    """All loads of one model with one data set."""

    stage: LoadStage
    task: Task
    found: DiscoveredModel
    """What the server told of the model."""
    urls: Sequence[str]
    headers: Mapping[str, str]
    wait: Callable[[], None]
    """Returns when the server is there. Raises ServerError, Stopped."""

    def execute(self, loads: LoadPlan) -> None:
        self._tell_of_salt(loads)
        for point in loads.points:
            if self.stage.ending:
                return
            if loads.search is not None:
                self._search(loads)
            elif not self._done(point, label := self.stage.place.label(point.label)):
                self._one(point, label)

    def _tell_of_salt(self, loads: LoadPlan) -> None:
        """Say how many prompts salt makes longer: they may not fit a context that is nearly
        full."""
        if not any(point.settings.salt for point in loads.points):
            return
        rows = self.stage.rows[self.task.dataset.name]
        longer, seen = lengthened(self.task, rows, self.stage.plan.suite.suite.seed)
        if longer:
            self.stage.tell(
                f"{self.task.label}: load.salt makes {longer} of the first {seen} prompts some "
                "ten tokens longer: they have too few words to give any of them for it"
            )

    def _done(self, point: LoadPoint, label: str) -> bool:
        if not self._was_run(self._folder(label), point):
            return False
        self.stage.tell(f"{self.task.label}: {label} was measured in an earlier session")
        self.stage._measured += 1
        self._settle(label, measured_load(self._folder(label)))
        return True

    def _shown(self, label: str) -> LoadProgress:
        """The load among those that displays show."""
        return self.stage.progress.of(self.task.model.name, self.task.dataset.name, label)

    def _settle(self, label: str, result: PerformanceResult | None) -> None:
        """A load is over: displays show what it measured."""
        if result is not None:
            self.stage.seen.append(result)
        shown = self._shown(label)
        shown.result = result
        shown.state = "done" if result is None or result.complete else "stopped"

    def _was_run(self, folder: LoadFolder, point: LoadPoint) -> bool:
        """Whether an earlier session ran this load to its end; its files are made lasting."""
        if not is_finished(folder) or folder.document().asked != self._asked(point):
            return False
        finish_load(folder, self.task)
        if report_as(self.stage.run, folder, point):
            measure_load(self.stage.run, self.task, folder, folder.path.name)
        return True

    def _asked(self, point: LoadPoint) -> dict[str, Any]:
        """What makes two loads the same; at a point also the settings of the server."""
        place = self.stage.place
        return {**asked_of(point), **({"server": dict(place.server)} if place.point else {})}

    def _folder(self, label: str) -> LoadFolder:
        run = self.stage.run
        return LoadFolder(run.load(self.task.model.name, self.task.dataset.name, label))

    def _one(self, point: LoadPoint, label: str) -> PerformanceResult | None:
        """Run a load and measure it; None when it could not even begin, after a stop."""
        stage = self.stage
        try:
            self.wait()
        except Stopped:
            return None
        running = LoadMaker(
            plan=stage.plan,
            run=stage.run,
            session=stage.session,
            redactor=stage.redactor,
            task=self.task,
            rows=stage.rows[self.task.dataset.name],
            found=self.found,
            urls=self.urls,
            headers=self.headers,
        ).make(point, label, self._asked(point))
        set_aside_load(stage.run, self._folder(label).path)
        shown = self._shown(label)
        shown.state, shown.live, shown.asked = "running", running.live, self._asked(point)
        try:
            stage.begin(running)
        finally:
            shown.state = "failed" if running.shared["start"] == 0 else "stopped"
        folder = self._folder(label)
        error = running.error
        if running.shared["start"] == 0:
            if error is not None:
                raise self._explained(error, point)
            return None
        stage.settling = True
        try:
            finish_load(folder, self.task)
            result = measure_load(stage.run, self.task, folder, label)
        finally:
            stage.settling = False
        stage._measured += 1
        self._settle(label, result)
        stage.known(result)
        if error is not None:
            raise error
        if result.counts.failed and not result.counts.success and (why := self._why(point)):
            stage.tell(f"{self.task.label}: {why}")
        return result

    def _explained(self, error: AisbenchError, point: LoadPoint) -> AisbenchError:
        """The error of a load that could not begin, with a remedy where one is found."""
        why = self._why(point)
        return ServerError(error.message, hint=why) if why else error

    def _why(self, point: LoadPoint) -> str:
        """Why the server refuses the load's first request; empty where it does not."""
        stage = self.stage
        seed = stage.plan.suite.suite.seed
        request = first_request(
            self.task,
            stage.rows[self.task.dataset.name],
            self.found.name,
            seed,
            seeded=point.settings.send_seed,
        )
        model = self.task.model
        if stage.ending or model.own:
            return ""

        async def ask() -> str:
            async with open_link(model, self.headers) as link:
                return await explained(link, self.task, request, Replicas(self.urls))

        return stage.redactor.clean(stage.run_loop(ask()))

    # -- searching

    def _search(self, loads: LoadPlan) -> None:
        stage, task = self.stage, self.task
        if stage.place.point:
            # Its result is the point's, and not that of the task.
            if (of_point := find_limit(task, loads, self._probe, stage.tell)) is not None:
                stage.searches.append(of_point)
            return
        path = stage.run.search(task.model.name, task.dataset.name)
        if path.exists() and self._searched_otherwise(path, loads):
            stage.tell(
                f"{task.label}: load.slo is another one than that of the search, which is made "
                "again; loads that were measured are judged anew"
            )
            unseal(stage.run, path)
            path.unlink()
        if path.exists():
            stage.tell(f"{task.label}: the search was finished in an earlier session")
            stage._measured += 1
            stage.progress.searched(task.model.name, task.dataset.name)
            return
        found = find_limit(task, loads, self._probe, stage.tell)
        if not stage.stopped:
            stage.progress.searched(task.model.name, task.dataset.name)
        if found is not None:
            write_json(path, converter().unstructure(found))

    def _searched_otherwise(self, path: Path, loads: LoadPlan) -> bool:
        """Whether a search was made within other limits."""
        with understanding(path):
            found = converter().structure(read_json(path), SearchResult)
        labels = [one.load for one in found.probes]
        return within_other_limits(self.stage.run, self.task, labels, loads.points[0])

    def _probe(self, label: str, point: LoadPoint) -> PerformanceResult | None:
        """A load of a search, run now or in an earlier session; None after a stop."""
        label = self.stage.place.label(label)
        result = self._earlier(label, point) or self._one(point, label)
        return None if self.stage.ending else result

    def _earlier(self, label: str, point: LoadPoint) -> PerformanceResult | None:
        """A probe of a session that was cut short."""
        folder = self._folder(label)
        if not self._was_run(folder, point):
            return None
        self.stage._measured += 1
        result = measure_load(self.stage.run, self.task, folder, label)
        self._settle(label, result)
        return result
