"""Observers: any run can be told to them, and they write into their folder and nowhere else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from aisbench.api import (
    AisbenchError,
    JsonObject,
    ObservedTask,
    Observer,
    ProgressObserver,
    RunEnd,
    RunProgress,
    RunStart,
)
from aisbench_testkit import canned
from aisbench_testkit.canned import CannedResult
from aisbench_testkit.checks.trial import NotChecked, elsewhere, trial

METHODS = ("begin", "task", "load", "summary", "end")
ENDS = (
    RunEnd(outcome="complete", exit_code=0),
    RunEnd(outcome="failed", exit_code=1, message='50.0% failed, "0%" are allowed'),
    RunEnd(outcome="aborted", exit_code=3, message="stopped\nbefore the end", missing=True),
)


def check_observer(make: Callable[[], Observer]) -> list[str]:
    """Runs of every canned result, each in a folder of its own: complete, failed and aborted
    ones, one that goes on, and one without anything between its beginning and its end."""
    made = make()
    if lacking := [name for name in METHODS if not callable(getattr(made, name, None))]:
        return [f"it has no method {', '.join(lacking)}"]
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        sandbox = Path(name).resolve()
        for index, one in enumerate(canned.results(sandbox / "run")):
            run = sandbox / f"run-{index}"
            folder = run / "observers" / "label"
            (run / "summary").mkdir(parents=True)
            for file in ("summary/summary.json", "environment.json", "suite.toml"):
                (run / file).write_text("{}" if "json" in file else "", encoding="utf-8")
            folder.mkdir(parents=True)
            before = elsewhere(sandbox, folder)
            end = ENDS[index % len(ENDS)]
            _session(problems, make(), _start(one, run, folder, 1), one, end)
            _session(problems, make(), _start(one, run, folder, 2), one, ENDS[0])
            _session(problems, make(), _start(one, run, folder, 3), None, ENDS[2])
            if written := elsewhere(sandbox, folder) - before:
                names = ", ".join(sorted(map(str, written)))
                problems.append(f"a run of {one.name} writes outside its folder: {names}")
    return list(dict.fromkeys(problems))


def _session(
    problems: list[str],
    observer: Observer,
    start: RunStart,
    one: CannedResult | None,
    end: RunEnd,
) -> None:
    about = f"of {one.name}" if one is not None else "of a session that is stopped at once"
    with trial(problems, f"begin() {about}"):
        try:
            observer.begin(start)
        except AisbenchError as error:
            raise NotChecked(
                f"begin() says: {error.message}",
                give="settings with which it needs no server",
            ) from None
    if one is not None:
        _middle(problems, observer, start, one)
    with trial(problems, f"end() {about}"):
        observer.end(end)


def _middle(problems: list[str], observer: Observer, start: RunStart, one: CannedResult) -> None:
    result = one.result
    if isinstance(observer, ProgressObserver):
        with trial(problems, f"progress() of {one.name}"):
            observer.progress(_progress(start.tasks))
            observer.progress(())
    for task in result.tasks:
        with trial(problems, f"task() of {one.name}"):
            observer.task(task)
    for load in result.performance:
        with trial(problems, f"load() of {one.name}"):
            observer.load(load)
    with trial(problems, f"summary() of {one.name}"):
        observer.summary(result, (start.path / "summary" / "summary.json",))


def _progress(tasks: Sequence[ObservedTask]) -> list[RunProgress]:
    return [
        RunProgress(
            label=f"{task.model} / {task.dataset}",
            done=index,
            total=None if index else 3,
            failed=0,
            in_flight=1,
            retried=0,
            accuracy=None if index else 0.5,
        )
        for index, task in enumerate(tasks)
    ]


def _start(one: CannedResult, run: Path, folder: Path, session: int) -> RunStart:
    result = one.result
    pairs = dict.fromkeys((task.model, task.dataset, task.variant) for task in result.tasks)
    plain: JsonObject = {
        "suite": {"name": result.name, "seed": 0},
        "models": {"m": {"api_key": "env:KEY"}},
    }
    return RunStart(
        path=run,
        folder=folder,
        name=result.name,
        mode="accuracy",
        session=session,
        stages=("answers", "judgements", "scores"),
        suite=plain,
        environment={"plugins": {"aisbench": "0"}, "sessions": [{"started": "", "host": {}}]},
        tasks=tuple(
            ObservedTask(
                model=model, dataset=dataset, backend="b", variant=variant, repeats=1,
                generation={"max_tokens": 5, "stop": ["a"]},
            )
            for model, dataset, variant in pairs
        ),
    )  # fmt: skip
