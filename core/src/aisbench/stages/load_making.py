"""One load, made ready to run: its schedule, its processes, its sources."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from attrs import define

from aisbench.config.addresses import is_secure
from aisbench.config.load_keys import scraped
from aisbench.config.plan import LoadPoint, Plan, PlannedDevices, Task
from aisbench.conversation.prepare import Rows
from aisbench.engine.discover import DiscoveredModel
from aisbench.loadgen.capacity import Capacity, allow_files, plan_capacity
from aisbench.loadgen.coordinator import LoadRun, first_document
from aisbench.loadgen.live import LiveLoad
from aisbench.loadgen.spec import LoadSpec
from aisbench.settings.plain import plain
from aisbench.stages.fitting import room_of
from aisbench.stages.load_conversations import TaskConversations
from aisbench.stages.load_schedules import context_of, schedule_of
from aisbench.stages.report_keys import REPORT_KEYS
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder
from aisbench.telemetry.device_process import WatchedDevices
from aisbench.types.json import JsonObject
from aisbench.types.load import LoadContext, OpenLoop, Schedule


@define(kw_only=True)
class LoadMaker:
    """Makes the loads of one model with one data set."""

    plan: Plan
    run: RunFolder
    session: int
    redactor: Redactor
    task: Task
    rows: Rows
    found: DiscoveredModel
    urls: Sequence[str]
    headers: Mapping[str, str]

    def make(self, point: LoadPoint, label: str, asked: JsonObject) -> LoadRun:
        """A load, ready to run; ``asked`` is what makes two loads the same."""
        settings, task = point.settings, self.task
        rows = self.rows
        context = context_of(task, point, rows, self.plan.suite.suite.seed)
        schedule = schedule_of(point, context)
        capacity = plan_capacity(settings, schedule, self.urls, self.rows.width)
        allow_files()
        spec = self._spec(point, label, context, schedule, capacity)
        live = LiveLoad(
            label=f"{task.label}: {label}",
            # Of conversations nobody knows how many requests they will be.
            wanted=None if task.dataset.offer.dialogue or self.rows.sessions else spec.requests,
            duration_ns=spec.duration_ns,
            due_ns=schedule.due_ns if isinstance(schedule, OpenLoop) else (),
        )
        document = first_document(
            spec,
            label,
            asked,
            shape=point.shape.listed.offer.name,
            in_flight=capacity.in_flight,
        )
        wanted: tuple[str, ...] = ()
        if settings.scrape:
            wanted = tuple(scraped(settings)) or tuple(dict.fromkeys(map(_metrics_url, self.urls)))
        return LoadRun(
            spec=spec,
            document=document,
            live=live,
            headers=dict(self.headers),
            scrape_urls=wanted,
            devices=tuple(map(_watched, self.plan.devices)),
        )

    def _spec(
        self,
        point: LoadPoint,
        label: str,
        context: LoadContext,
        schedule: Schedule,
        capacity: Capacity,
    ) -> LoadSpec:
        settings, task = point.settings, self.task
        requests = context.requests
        if isinstance(schedule, OpenLoop) and requests is not None:
            requests = min(requests, len(schedule.due_ns))
        room = room_of(task, self.found)
        nonce = f"{self.run.path.name}/{label}"
        keep_answers = settings.keep_answers or self.plan.suite.suite.mode == "both"
        conversations = TaskConversations(
            task,
            self.rows,
            self.found.name,
            settings,
            context.seed,
            nonce,
            keyed=keep_answers,
            fit=None if room is None else room.fit,
            # Answers that are scored are to have one adapter a row, for figures by adapter.
            vary_adapters=self.plan.suite.suite.mode == "performance",
        )
        return LoadSpec(
            label=task.label,
            service=task.model.service,
            codec=None if task.model.own else task.model.codec,
            transport=task.model.transport if task.model.own else None,
            schemes=task.model.offer.schemes,
            conversations=conversations,
            prime=conversations.prime if settings.only == "decode" else None,
            sessions=conversations if self.rows.sessions else None,
            model=self.found.name,
            urls=self.urls,
            headers=self.headers,
            settings=settings,
            schedule=schedule,
            requests=requests,
            duration_ns=context.duration_ns,
            seed=context.seed,
            nonce=nonce,
            folder=self.run.load(task.model.name, task.dataset.name, label),
            workers=capacity.workers,
            connections=capacity.connections,
            most_connections=capacity.most_connections,
            sources=capacity.sources,
            keep_answers=keep_answers,
            abort_after=self.plan.suite.suite.abort_after,
            session=self.session,
            redactor=self.redactor,
        )


def _metrics_url(url: str) -> str:
    """Where servers publish: /metrics of the host, whatever path and scheme the API has."""
    scheme = "https" if is_secure(url) else "http"
    return f"{scheme}://{urllib.parse.urlsplit(url).netloc}/metrics"


def _watched(one: PlannedDevices) -> WatchedDevices:
    return WatchedDevices(
        label=one.label,
        offer=one.component.listed.offer.name,
        sampler=one.component.instance,
        interval=one.common.interval,
        idle=one.common.idle,
        counted=one.common.count_energy,
    )


def asked_of(point: LoadPoint) -> dict[str, Any]:
    """What makes two loads the same."""
    asked = {**plain(point.settings), **plain(point.shape.settings)}
    for key in ("sweep", "search", *REPORT_KEYS):
        asked.pop(key, None)
    made: dict[str, Any] = orjson.loads(orjson.dumps(asked))
    made["shape"] = point.shape.listed.offer.name
    return made
