"""What an evaluation leaves in the run: scores, figures, files to hand in; and reading them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import attrs

from aisbench.base.clock import wall_time
from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Component, Plan, Task
from aisbench.contract.datasets import SubmittingDataset
from aisbench.settings.plain import plain
from aisbench.stages.measure import load_folders
from aisbench.stages.provenance import check_made_of, made_of
from aisbench.store.files import write_atomically
from aisbench.store.rows import ScoreRow, converter, dump_row
from aisbench.store.run import RunFolder, read_json, understanding, write_json
from aisbench.types.anomaly import OddAnswer
from aisbench.types.answer import Answer
from aisbench.types.response import Fault, FinishReason
from aisbench.types.results import SuiteResult, TaskResult
from aisbench.types.sample import Sample
from aisbench.types.score import Score

SCHEMA = 1


def answer_files(plan: Plan, run: RunFolder, task: Task) -> Iterator[tuple[str, Path]]:
    """Where a task's answers are, by the load under which they were given ("": none)."""
    if not plan.loads:
        yield "", run.predictions(task.model.name, task.dataset.name)
        return
    for loaded, folder in load_folders(plan, run):
        if loaded is task and folder.answers.exists():
            yield folder.path.name, folder.answers


def score_row(
    sample: Sample,
    repeat: int,
    answer: Answer,
    score: Score,
    fault: Fault | None,
    odd: tuple[OddAnswer, ...] = (),
) -> ScoreRow:
    """What is kept of one scored answer."""
    response = answer.response
    question = sample.fields.get("question")
    return ScoreRow(
        sample=sample.id,
        repeat=repeat,
        target=sample.target,
        score=score,
        truncated=response.finish_reason is FinishReason.LENGTH,
        part=sample.part,
        question=question if isinstance(question, str) else "",
        answer=response.shown or response.refusal or "",
        faults=plain(fault) if fault else {},
        anomalies=odd,
    )


def write_result(
    run: RunFolder,
    task: Task,
    result: TaskResult,
    rows: Sequence[ScoreRow],
    predictions: Path,
    *,
    complete: bool,
) -> None:
    """Keep the scores and the figures of a task, with what they were made of. Raises
    StoreError."""
    model, dataset = task.model.name, task.dataset.name
    write_atomically(run.scores(model, dataset, result.load), map(dump_row, rows))
    inputs = (predictions, run.samples(dataset), *_judging_files(task, run))
    document = {
        "schema": SCHEMA,
        "created": wall_time(),
        "complete": complete,
        **attrs.asdict(result),
        "evaluator": _described(task.required_evaluator),
        "postprocess": [_described(one) for one in task.postprocessors],
        **_by_part(task),
        "metrics": {name: _described(one) for name, one in task.dataset.metrics.items()},
        "made_of": made_of(run, inputs),
    }
    write_json(run.result(model, dataset, result.load), document)


def _by_part(task: Task) -> dict[str, Any]:
    """Who scored which parts and rows, where not all were scored alike."""
    if not task.divided:
        return {}
    where = {id(one.scoring): one for one in task.by_rows}
    parts = {id(one): one for one in task.by_part.values()}
    return {
        "evaluators": [
            {
                "parts": sorted(where[id(one)].parts)
                if id(one) in where
                else [part for part, own in task.by_part.items() if own is one],
                **({"where": dict(where[id(one)].where)} if id(one) in where else {}),
                "evaluator": _described(one.evaluator),
                "postprocess": [_described(step) for step in one.postprocessors],
            }
            for one in task.scorings
            if id(one) in where or id(one) in parts
        ]
    }


def _described(component: Component) -> dict[str, Any]:
    listed, settings = component.listed, component.settings
    return {
        "name": listed.offer.name,
        "distribution": listed.dist,
        "version": listed.version,
        "settings": plain(settings) if settings is not None else {},
    }


def _judging_files(task: Task, run: RunFolder) -> Iterator[Path]:
    """The further journals that the scores of a judged task are made of."""
    if task.judged_evaluator is not None:
        yield run.judgements(task.model.name, task.dataset.name)
        if task.judged_evaluator.against:
            yield run.predictions(task.judged_evaluator.against, task.dataset.name)


def write_submission(
    task: Task,
    run: RunFolder,
    load: str,
    samples: Sequence[Sample],
    scores: Mapping[str, Sequence[Score]],
) -> tuple[str, ...]:
    """Write the files to hand in, of the first answer to each row without a reference. Returns
    their paths, from the run's folder."""
    if not task.dataset.offer.submits:
        return ()
    dataset = cast("SubmittingDataset", task.dataset.dataset)
    answers = [
        (sample, scores[sample.id][0].extracted)
        for sample in samples
        if sample.target is None and sample.id in scores
    ]
    folder = run.submission(task.model.name, task.dataset.name, load)
    # Results are staged elsewhere until all are there; the paths are those that they end at.
    final = RunFolder(run.path).submission(task.model.name, task.dataset.name, load)
    paths = []
    for name, content in dataset.submission(answers).items():
        write_atomically(folder / name, content)
        paths.append(str((final / name).relative_to(run.path)))
    return tuple(paths)


def read_results(plan: Plan, run: RunFolder) -> SuiteResult:
    """The figures of the last evaluation, as they are stored. Raises AisbenchError."""
    tasks = []
    complete = True
    for task in plan.tasks:
        for load, _ in answer_files(plan, run, task):
            path = run.result(task.model.name, task.dataset.name, load)
            if not path.exists():
                raise AisbenchError(
                    f"{run.path}: {task.label} has not been evaluated",
                    hint=f"aisbench evaluate {run.path}",
                )
            document = read_json(path)
            with understanding(path):
                complete = complete and document["complete"]
                tasks.append(converter().structure(document, TaskResult))
                check_made_of(run, path, document.get("made_of", {}))
    return SuiteResult(
        name=plan.suite.suite.name, run=run.path, complete=complete, tasks=tuple(tasks)
    )
