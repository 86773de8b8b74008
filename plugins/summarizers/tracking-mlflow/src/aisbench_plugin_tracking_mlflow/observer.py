"""Telling MLflow: its own client, over HTTP to a tracking server."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from aisbench.api import (
    PerformanceResult,
    RunEnd,
    RunProgress,
    RunStart,
    Secret,
    SuiteResult,
    TaskResult,
    above,
    at_least,
    setting,
)
from aisbench.tracking import (
    TrackedNumber,
    keep,
    kept,
    numbers_of_group,
    numbers_of_load,
    numbers_of_progress,
    numbers_of_task,
    parameters,
    tags,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(f"aisbench.plugins.{__name__}")

LOCAL = "http://127.0.0.1:5000"
"""Where ``mlflow server`` listens unless it is told otherwise."""
MOST_METRICS, MOST_PARAMS, MOST_TAGS = 1000, 100, 100
"""Of one request, by the limits of MLflow's REST API (log-batch)."""
LONGEST_NAME, LONGEST_VALUE = 250, 6000
"""Characters of a parameter that MLflow takes."""
ENDED = ("aisbench.outcome", "aisbench.exit_code", "aisbench.message")
"""Tags that tell how a session ended."""
STATUS = {"complete": "FINISHED", "failed": "FAILED", "aborted": "KILLED"}


@frozen
class MlflowSettings:
    """Where and as what runs are tracked."""

    uri: str = setting(
        default="",
        help=f"the tracking server; empty: MLFLOW_TRACKING_URI of the environment, or {LOCAL}",
        example="https://mlflow.example.com",
    )
    experiment: str = setting(
        default="", help="the experiment; empty: the suite's name", example="nightly"
    )
    name: str = setting(
        default="", help="of the tracked run; empty: that of the run's folder", example="qwen-8b"
    )
    tags: Mapping[str, str] = setting(
        factory=dict, help="further tags", example={"team": "evaluation"}
    )
    files: bool = setting(default=True, help="keep the summary's files as artifacts")
    token: Secret | None = setting(
        default=None,
        help="sent as a bearer token; absent: what MLflow's own variables hold",
        example="env:MLFLOW_TOKEN",
    )
    timeout: float = setting(
        default=10.0, unit="s", check=above(0), help="when a request to the server is given up"
    )
    retries: int = setting(default=2, check=at_least(0), help="further attempts of a request")


class MlflowObserver:
    """One tracked run for each run, gone on with in its later sessions."""

    def __init__(self, settings: MlflowSettings) -> None:
        self._settings = settings
        self._client: MlflowClient | None = None
        self._run = ""
        self._begun = time.monotonic()
        self._loads = 0
        self._before: dict[str, str | None] = {}

    def begin(self, start: RunStart) -> None:
        """Open the tracked run. Raises MlflowException where the server cannot be reached."""
        self._set_environment()
        from mlflow import MlflowClient

        client = self._client = MlflowClient(
            tracking_uri=self._settings.uri or os.environ.get("MLFLOW_TRACKING_URI") or LOCAL
        )
        self._begun = time.monotonic()
        named = {**tags(start), **self._settings.tags}
        known = self._known_run(client, kept(start.folder).get("run", ""))
        if known is None:
            self._run = self._new_run(client, start, named)
            keep(start.folder, {"run": self._run})
            known = {}
        else:
            client.update_run(self._run, status="RUNNING")
            self._tag(named)
        self._tag({"aisbench.session": str(start.session)})
        self._log_parameters(start, known)
        self._log_files(start)
        log.info("tracked by MLflow as run %s", self._run)

    def progress(self, found: Sequence[RunProgress]) -> None:
        """Points of the series ``progress/...``, at the second of the session."""
        self._log(numbers_of_progress(found, int(time.monotonic() - self._begun)))

    def task(self, result: TaskResult) -> None:
        """The figures of a task."""
        self._log(numbers_of_task(result))

    def load(self, result: PerformanceResult) -> None:
        """The figures of a load, and the next point of the series over loads."""
        self._log(numbers_of_load(result, self._loads))
        self._loads += 1

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        """What only all results together tell, and the files."""
        for group in results.groups:
            self._log(numbers_of_group(group))
        for task in results.tasks:
            if task.load:  # with right answers a second
                self._log(numbers_of_task(task))
        if self._settings.files and self._client is not None:
            for file in files:
                self._client.log_artifact(self._run, str(file), "summary")

    def end(self, end: RunEnd) -> None:
        """Close the tracked run."""
        try:
            self._tag(
                {
                    "aisbench.outcome": end.outcome,
                    "aisbench.exit_code": str(end.exit_code),
                    "aisbench.message": end.message,
                }
            )
            if self._client is not None:
                self._client.set_terminated(self._run, STATUS[end.outcome])
        finally:
            self._reset_environment()

    def _known_run(self, client: MlflowClient, run: str) -> dict[str, str] | None:
        """The parameters of the run of an earlier session; None where there is none."""
        from mlflow.exceptions import MlflowException

        if not run:
            return None
        try:
            found = client.get_run(run)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        if found.info.lifecycle_stage != "active":
            return None
        self._run = run
        for name in ENDED:
            if name in found.data.tags:
                client.delete_tag(run, name)
        return dict(found.data.params)

    def _new_run(self, client: MlflowClient, start: RunStart, named: Mapping[str, str]) -> str:
        name = self._settings.experiment or start.name
        experiment = client.get_experiment_by_name(name)
        where = client.create_experiment(name) if experiment is None else experiment.experiment_id
        made = client.create_run(
            where, tags=dict(named), run_name=self._settings.name or start.path.name
        )
        return str(made.info.run_id)

    def _log_parameters(self, start: RunStart, known: Mapping[str, str]) -> None:
        """MLflow changes no parameter: what differs from an earlier session becomes a tag."""
        from mlflow.entities import Param

        assert self._client is not None
        short = {
            name[:LONGEST_NAME]: str(value)[:LONGEST_VALUE]
            for name, value in parameters(start).items()
        }
        new = [Param(name, value) for name, value in short.items() if name not in known]
        for some in _chunks(new, MOST_PARAMS):
            self._client.log_batch(self._run, params=some)
        changed = {
            f"changed.{name}"[:LONGEST_NAME]: value
            for name, value in short.items()
            if known.get(name, value) != value
        }
        self._tag(changed)

    def _log_files(self, start: RunStart) -> None:
        if not self._settings.files:
            return
        assert self._client is not None
        self._client.log_artifact(self._run, str(start.path / "suite.toml"))
        text = json.dumps(dict(start.environment), indent=2, ensure_ascii=False)
        self._client.log_text(self._run, text + "\n", "environment.json")

    def _tag(self, named: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        if self._client is None:
            return
        found = [RunTag(name, value[:LONGEST_VALUE]) for name, value in named.items() if value]
        for some in _chunks(found, MOST_TAGS):
            self._client.log_batch(self._run, tags=some)

    def _log(self, numbers: Iterable[TrackedNumber]) -> None:
        from mlflow.entities import Metric

        assert self._client is not None
        now = int(time.time() * 1000)
        found = [Metric(one.name[:LONGEST_NAME], one.value, now, one.step or 0) for one in numbers]
        for some in _chunks(found, MOST_METRICS):
            self._client.log_batch(self._run, metrics=some)

    def _set_environment(self) -> None:
        """MLflow's client reads its limits, its token and what it may print there alone."""
        wanted = {
            "MLFLOW_HTTP_REQUEST_TIMEOUT": str(max(round(self._settings.timeout), 1)),
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(self._settings.retries),
            # The terminal is the run's.
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        }
        if self._settings.token is not None:
            wanted["MLFLOW_TRACKING_TOKEN"] = self._settings.token.reveal() or ""
        self._before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)

    def _reset_environment(self) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _chunks(found: Sequence[object], size: int) -> Iterable[list[object]]:
    for place in range(0, len(found), size):
        yield list(found[place : place + size])
