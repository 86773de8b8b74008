"""Scoring stored predictions: from the journals to figures, without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import attrs

from aisbench.base.clock import wall_time
from aisbench.base.errors import AisbenchError
from aisbench.base.gc_pause import seldom_collected
from aisbench.config.plan import Plan, Task
from aisbench.contract.datasets import SubmittingDataset
from aisbench.plugins.catalog import groups_of
from aisbench.settings.convert import plain
from aisbench.stages.answers import StoredAnswer, read_answers, read_samples
from aisbench.stages.checking import CheckedReducer
from aisbench.stages.failure_causes import Causes
from aisbench.stages.judge_model import concluded
from aisbench.stages.measure import load_folders
from aisbench.stages.part_figures import figures_of
from aisbench.stages.provenance import check_made_of, made_of
from aisbench.stages.remarks import Remarks
from aisbench.stages.scoring import Breakages, BrokenScorer, score_all
from aisbench.stages.token_totals import TokenTally
from aisbench.store.earlier import begin_results, replace_results
from aisbench.store.files import write_atomically
from aisbench.store.rows import ScoreRow, converter, dump_row
from aisbench.store.run import RunFolder, read_json, understanding, write_json
from aisbench.types.figure import Figure
from aisbench.types.response import FinishReason
from aisbench.types.results import Counts, SuiteResult, TaskResult
from aisbench.types.sample import Sample
from aisbench.types.score import Score, ScoreGroup, Transcript, Verdict

SCHEMA = 1


def evaluate(plan: Plan, run: RunFolder, warnings: Sequence[str] = ()) -> SuiteResult:
    """Score every task, keep the scores and figures in the run, and return the figures.

    Earlier results are set aside when all new ones are there. Raises AisbenchError when figures
    cannot be made, StoreError when they cannot be kept.
    """
    staged = begin_results(run)
    results = []
    complete = True
    with seldom_collected():
        for task in plan.tasks:
            for load, predictions in _sources(plan, run, task):
                result, whole = _evaluate_task(plan, task, staged, predictions, load)
                complete = complete and whole
                results.append(result)
    replace_results(run, staged)
    return SuiteResult(
        name=plan.suite.suite.name,
        run=run.path,
        complete=complete,
        tasks=tuple(results),
        warnings=tuple(warnings),
    )


def _sources(plan: Plan, run: RunFolder, task: Task) -> Iterator[tuple[str, Path]]:
    """Where a task's answers are, by the load that they were given under ("": none)."""
    if not plan.loads:
        yield "", run.predictions(task.model.name, task.dataset.name)
        return
    for one, folder in load_folders(plan, run):
        if one is task and folder.answers.exists():
            yield folder.path.name, folder.answers


def _evaluate_task(
    plan: Plan, task: Task, run: RunFolder, predictions: Path, load: str
) -> tuple[TaskResult, bool]:
    model, dataset = task.model.name, task.dataset.name
    samples = [sample for sample in read_samples(run, dataset) if sample.scored]
    tally = TokenTally(task.model.common.tokenizer)
    answers = read_answers(task, predictions, tally)
    repeats = task.dataset.common.repeats
    if load:
        # A load asks as many rows as it asks, the same ones again and again.
        counts = Counter(name for name, _ in answers)
        samples = [sample for sample in samples if sample.id in counts]
        repeats = min(counts.values(), default=0)
        answers = _renumber(answers, repeats)
    asked = [
        (sample, repeat, answer.transcript)
        for sample in samples
        for repeat in range(repeats)
        if (answer := answers.get((sample.id, repeat))) is not None
    ]
    scored: Iterable[Score | BrokenScorer]
    if task.judged_evaluator is None:
        items = [(sample, transcript) for sample, _, transcript in asked]
        scored = score_all(task, items)
    else:
        # An answer whose judgement is missing is as unfinished as one that is missing itself.
        opinions = concluded(plan, task, run, answers)
        asked = [one for one in asked if (one[0].id, one[1]) in opinions]
        scored = [opinions[sample.id, repeat] for sample, repeat, _ in asked]
    whole = len(asked) == len(samples) * repeats
    by_sample: dict[str, list[Score]] = {}
    rows: list[ScoreRow] = []
    faults = Causes()
    remarks = Remarks(task.model)
    breakages = Breakages(task)
    for (sample, repeat, transcript), made in zip(asked, scored, strict=True):
        score = breakages.score(sample, made)
        by_sample.setdefault(sample.id, []).append(score)
        fault = transcript.response.fault
        if fault is not None:
            faults.add(
                fault.kind.value, fault.status, fault.message, deterministic=fault.deterministic
            )
        remarks.add(sample, transcript.response, score)
        rows.append(_score_row(sample, repeat, transcript, score))
    breakages.check(run.path)
    # Unfinished samples are left out of an incomplete run's figures: half a group would make
    # them depend on how far it came.
    groups = [
        ScoreGroup(sample_id=sample.id, scores=tuple(scores), part=sample.part)
        for sample in samples
        if len(scores := by_sample.get(sample.id, ())) == repeats
    ]
    judged = _judged(task, samples, groups)
    if not groups:
        raise AisbenchError(
            f"{task.label}: there is no finished sample to evaluate",
            hint=f"continue the run: aisbench run --resume {run.path}",
        )
    if remarks.open and not judged:
        raise AisbenchError(
            f"{task.label}: the evaluator {task.required_evaluator.listed.offer.name!r} can judge no answer: "
            f"{remarks.why_open}",
            hint=f"the answers are kept: aisbench evaluate {run.path} --set "
            f"datasets.{dataset}.evaluator=...",
        )
    figures: list[Figure] = []
    breakdown = groups_of(task.dataset.listed)
    for name, part in task.dataset.metrics.items():
        try:
            figures += figures_of(CheckedReducer(part), judged, breakdown) if judged else []
        except ValueError as error:
            raise AisbenchError(f"datasets.{dataset}.metrics: {name}: {error}") from error
    handed_in: tuple[str, ...] = ()
    if len(judged) < len(groups):
        handed_in = _submit(task, run, load, samples, by_sample)
    result = TaskResult(
        model=model,
        dataset=dataset,
        variant=task.variant_name,
        samples=len(groups),
        repeats=repeats,
        counts=_counts(groups),
        figures=tuple(figures),
        faults=faults.counts(),
        tokens=tally.result(),
        submission=handed_in,
        parts=Counter(group.part for group in groups if group.part),
        load=load,
        warnings=(*remarks.told(), *breakages.told()),
    )
    lines = b"".join(dump_row(row) for row in rows)
    write_atomically(run.scores(model, dataset, load), lines)
    sources = made_of(run, (predictions, run.samples(dataset), *_judged_by(task, run)))
    document = {**_document(task, result, whole), "made_of": sources}
    write_json(run.result(model, dataset, load), document)
    return result, whole


def _judged_by(task: Task, run: RunFolder) -> Iterator[Path]:
    """The journals that its scores are made of, besides its own answers."""
    if task.judged_evaluator is not None:
        yield run.judgements(task.model.name, task.dataset.name)
        if task.judged_evaluator.against:
            yield run.predictions(task.judged_evaluator.against, task.dataset.name)


def _judged(
    task: Task, samples: Sequence[Sample], groups: Sequence[ScoreGroup]
) -> list[ScoreGroup]:
    """The samples whose reference is known here, whatever became of their answers: one without
    it may also have failed, or hold no answer at all, and is no more a wrong one for that."""
    open_ = {
        group.sample_id
        for group in groups
        if any(score.verdict is Verdict.UNJUDGED for score in group.scores)
    }
    if open_ or task.required_evaluator.reference != "unused":
        open_ |= {sample.id for sample in samples if sample.target is None}
    return [group for group in groups if group.sample_id not in open_]


def _submit(
    task: Task,
    run: RunFolder,
    load: str,
    samples: Sequence[Sample],
    scores: Mapping[str, Sequence[Score]],
) -> tuple[str, ...]:
    """Write the files to hand in, of the first answer to each row without a reference."""
    if not task.dataset.offer.submits:
        return ()
    dataset = cast("SubmittingDataset", task.dataset.dataset)
    answers = [
        (sample, scores[sample.id][0].extracted)
        for sample in samples
        if sample.target is None and sample.id in scores
    ]
    folder = run.submission(task.model.name, task.dataset.name, load)
    written = []
    for name, content in dataset.submission(answers).items():
        write_atomically(folder / name, content)
        lasting = RunFolder(run.path).submission(task.model.name, task.dataset.name, load)
        written.append(str((lasting / name).relative_to(run.path)))
    return tuple(written)


def _renumber(
    answers: Mapping[tuple[str, int], StoredAnswer], repeats: int
) -> dict[tuple[str, int], StoredAnswer]:
    """The first ``repeats`` answers to each sample, numbered from 0 without gaps."""
    counts: Counter[str] = Counter()
    found = {}
    for (name, _), answer in sorted(answers.items(), key=lambda item: item[0]):
        if counts[name] < repeats:
            found[name, counts[name]] = answer
            counts[name] += 1
    return found


def _score_row(sample: Sample, repeat: int, transcript: Transcript, score: Score) -> ScoreRow:
    response = transcript.response
    question = sample.fields.get("question")
    return ScoreRow(
        sample=sample.id,
        repeat=repeat,
        target=sample.target,
        score=score,
        truncated=response.finish_reason is FinishReason.LENGTH,
        part=sample.part,
        question=question if isinstance(question, str) else "",
        answer=response.text or response.refusal or "",
        faults=plain(response.fault) if response.fault else {},
    )


def _counts(groups: Sequence[ScoreGroup]) -> Counts:
    found = Counter(score.verdict for group in groups for score in group.scores)
    return Counts(
        asked=sum(found.values()),
        **{verdict.value: found[verdict] for verdict in Verdict},
    )


def _document(task: Task, result: TaskResult, whole: bool) -> Mapping[str, Any]:
    def part(one: Any) -> dict[str, Any]:
        return {
            "name": one.listed.offer.name,
            "distribution": one.listed.dist,
            "version": one.listed.version,
            "settings": plain(one.settings) if one.settings is not None else {},
        }

    return {
        "schema": SCHEMA,
        "created": wall_time(),
        "complete": whole,
        **attrs.asdict(result),
        "evaluator": part(task.required_evaluator),
        "postprocess": [part(one) for one in task.postprocessors],
        "metrics": {name: part(one) for name, one in task.dataset.metrics.items()},
    }


def read_results(plan: Plan, run: RunFolder) -> SuiteResult:
    """The figures of the last evaluation, as they are stored. Raises AisbenchError."""
    tasks = []
    complete = True
    for task in plan.tasks:
        for load, _ in _sources(plan, run, task):
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


def failed_share(result: SuiteResult) -> float:
    """The largest share of failed answers of any task, 0..1."""
    return max((task.counts.failed / task.counts.asked for task in result.tasks), default=0.0)
