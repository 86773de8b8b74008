"""Scoring stored predictions: from the journals to figures, without a model."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from aisbench.base.errors import AisbenchError
from aisbench.base.gc_pause import seldom_collected
from aisbench.config.plan import Plan, Task
from aisbench.conversation.adapters import LABEL
from aisbench.conversation.prepare import asked_of
from aisbench.plugins.targets import groups_of
from aisbench.stages.answers import read_answers, read_samples
from aisbench.stages.checking import CheckedReducer
from aisbench.stages.failure_causes import FailureCauses
from aisbench.stages.judge_model import concluded
from aisbench.stages.oddities import Oddities
from aisbench.stages.own_figures import own_figures
from aisbench.stages.part_figures import figures_of, part_share, whole_first
from aisbench.stages.remarks import Remarks
from aisbench.stages.result_files import (
    answer_files,
    score_row,
    write_result,
    write_submission,
)
from aisbench.stages.scoring import (
    EvaluatorFailures,
    ScoringFailure,
    Tell,
    nobody,
    watched,
)
from aisbench.stages.scoring_together import AnsweredRows, score_rows
from aisbench.stages.slices import slice_figures, values_of
from aisbench.stages.token_totals import TokenTally
from aisbench.store.earlier import begin_results, replace_results
from aisbench.store.environment import recorded_choice
from aisbench.store.rows import ScoreRow
from aisbench.store.run import RunFolder
from aisbench.types.answer import Answer
from aisbench.types.figure import Figure
from aisbench.types.offer import Slicing
from aisbench.types.results import Counts, SuiteResult, TaskResult
from aisbench.types.sample import Sample
from aisbench.types.score import Score, ScoreGroup, Verdict

log = logging.getLogger(__name__)


def unheard(result: TaskResult) -> None:
    """Nobody waits for the result of a task."""


def evaluate(
    plan: Plan,
    run: RunFolder,
    warnings: Sequence[str] = (),
    tell: Tell = nobody,
    known: Callable[[TaskResult], None] = unheard,
) -> SuiteResult:
    """Score every task, keep the scores and figures in the run, and return the figures. ``tell``
    hears how far it is, where that takes long, and ``known`` gets each task's result.

    Earlier results are set aside when all new ones are there. Raises AisbenchError when figures
    cannot be made, StoreError when they cannot be kept.
    """
    staged = begin_results(run)
    results = []
    complete = True
    with seldom_collected():
        for task in plan.tasks:
            for load, predictions in answer_files(plan, run, task):
                result, whole = _evaluate_task(plan, task, staged, predictions, load, tell)
                complete = complete and whole
                results.append(result)
                known(result)
    _check_scored(plan, run, results)
    replace_results(run, staged)
    return SuiteResult(
        name=plan.suite.suite.name,
        run=run.path,
        complete=complete,
        tasks=tuple(results),
        warnings=tuple(warnings),
    )


def _check_scored(plan: Plan, run: RunFolder, results: Sequence[TaskResult]) -> None:
    """Raises AisbenchError where no task has a figure, as their evaluators could score nothing.
    Beside figures of others such a task is a line that says why."""
    if not results or not all(one.unscored for one in results):
        return
    first = results[0]
    task = next(
        one
        for one in plan.tasks
        if (one.model.name, one.dataset.name) == (first.model, first.dataset)
    )
    assert task.required_evaluator is not None
    name = task.required_evaluator.listed.offer.name
    raise AisbenchError(
        f"{task.label}: the evaluator {name!r} can score no answer: {first.unscored}",
        hint=f"the answers are kept: aisbench evaluate {run.path} --set "
        f"datasets.{task.dataset.name}.evaluator=...",
    )


def _evaluate_task(
    plan: Plan, task: Task, run: RunFolder, predictions: Path, load: str, tell: Tell
) -> tuple[TaskResult, bool]:
    """The result of a task, written into the run, and whether no answer is missing."""
    tally = TokenTally(task.model.common.tokenizer)
    answers = _read_answers(task, run, predictions, load, tally)
    scores, complete = _score(plan, task, run, answers, tell)
    scores.failures.check(run.path)
    groups = scores.groups(answers)
    if not groups:
        raise AisbenchError(
            f"{task.label}: there is no finished sample to evaluate",
            hint=_way_on(task, run, answers),
        )
    compared = _with_reference(task, answers.samples, groups)
    figures = list(_figures(task, compared, answers)) if compared else []
    figures += own_figures(task, answers.samples, groups)
    submission: tuple[str, ...] = ()
    if len(compared) < len(groups):
        submission = write_submission(task, run, load, answers.samples, scores.by_sample)
    chosen = recorded_choice(run, task.dataset.name)
    tokens = tally.result()
    result = TaskResult(
        model=task.model.name,
        dataset=task.dataset.name,
        variant=task.variant_name,
        samples=len(groups),
        repeats=answers.repeats,
        counts=_counts(groups),
        figures=tuple(figures),
        faults=scores.causes.counts(),
        tokens=tokens,
        submission=submission,
        parts=Counter(group.part for group in groups if group.part),
        load=load,
        adapter=task.adapter,
        dataset_version=task.dataset.offer.version,
        of=chosen[1] if chosen else None,
        chosen=chosen[0] if chosen else "",
        unscored="" if compared else scores.remarks.why_unjudged,
        odd=scores.oddities.count,
        anomalies=dict(scores.oddities.kinds),
        warnings=(
            *scores.sentences(run.path),
            *part_share(groups_of(task.dataset.listed), {group.part for group in groups}),
            *((tally.problem,) if tally.problem else ()),
        ),
    )
    write_result(run, task, result, scores.rows, predictions, complete=complete)
    return result, complete


def _way_on(task: Task, run: RunFolder, answers: _Answers) -> str:
    """What is to be done where nothing can be scored yet."""
    if task.judged_evaluator is not None and answers.stored:
        return f"its answers are not judged: aisbench judge {run.path}"
    return f"continue the run: aisbench run --resume {run.path}"


@frozen
class _Answers:
    """What is to be scored: ``repeats`` answers to each sample, as far as they are there."""

    samples: Sequence[Sample]
    repeats: int
    stored: Mapping[tuple[str, int], Answer]
    unscored: Sequence[Sample] = ()

    def each(self) -> Iterator[tuple[Sample, int, Answer]]:
        """Each stored answer, in the order of the samples."""
        for sample in self.samples:
            for repeat in range(self.repeats):
                if (answer := self.stored.get((sample.id, repeat))) is not None:
                    yield sample, repeat, answer

    def beside(self) -> list[tuple[Sample, dict[int, Answer]]]:
        """The samples that are not scored, each with its answers by repeat."""
        return [
            (
                sample,
                {
                    repeat: answer
                    for repeat in range(self.repeats)
                    if (answer := self.stored.get((sample.id, repeat))) is not None
                },
            )
            for sample in self.unscored
        ]

    def adapters(self) -> dict[str, str]:
        """The adapter that answered each question, as the journal keeps it."""
        questions = {sample.id: sample.question for sample in self.samples}
        return {
            questions[name]: label
            for (name, _), answer in self.stored.items()
            if name in questions and answer.prompts
            and (label := answer.prompts[-1].labels.get(LABEL))
        }  # fmt: skip

    def prompt_tokens(self) -> dict[str, int]:
        """The tokens of each sample's last prompt, where the server counted them."""
        return {
            name: known
            for (name, _), answer in self.stored.items()
            if (known := answer.response.usage.prompt_tokens) is not None
        }


def _read_answers(
    task: Task, run: RunFolder, predictions: Path, load: str, tally: TokenTally
) -> _Answers:
    rows = asked_of(task, list(read_samples(run, task.dataset.name)))
    samples = [sample for sample in rows if sample.scored]
    stored = read_answers(task, predictions, tally)
    unscored = [sample for sample in rows if not sample.scored]
    if not load:
        return _Answers(samples, task.dataset.common.repeats, stored, unscored)
    # A load asks its rows again and again, and stops anywhere among them.
    counts = Counter(name for name, _ in stored)
    repeats = min(counts.values(), default=0)
    answered = [sample for sample in samples if sample.id in counts]
    return _Answers(answered, repeats, _renumbered(stored, repeats), unscored)


def _renumbered(
    answers: Mapping[tuple[str, int], Answer], repeats: int
) -> dict[tuple[str, int], Answer]:
    """The first ``repeats`` answers to each sample, numbered from 0 without gaps."""
    counts: Counter[str] = Counter()
    renumbered = {}
    for (name, _), answer in sorted(answers.items(), key=lambda item: item[0]):
        if counts[name] < repeats:
            renumbered[name, counts[name]] = answer
            counts[name] += 1
    return renumbered


@define
class _Scores:
    """The scores of a task's answers, and what is counted while they are made."""

    remarks: Remarks
    failures: EvaluatorFailures
    oddities: Oddities
    causes: FailureCauses = field(factory=FailureCauses)
    by_sample: dict[str, list[Score]] = field(factory=dict)
    rows: list[ScoreRow] = field(factory=list)
    waiting: int = 0
    """Answers that are there, and whose judgement is not."""

    def sentences(self, run: Path) -> Iterator[str]:
        """What readers of the figures must know."""
        if self.waiting:
            yield f"{self.waiting:,} answers are not judged yet: aisbench judge {run}"
        yield from self.remarks.sentences()
        yield from self.failures.sentences()
        yield from self.oddities.sentences()

    def add(
        self, sample: Sample, repeat: int, answer: Answer, scored: Score | ScoringFailure
    ) -> None:
        """Take the score of one answer."""
        score = self.failures.score(sample, scored)
        self.by_sample.setdefault(sample.id, []).append(score)
        fault = self.failures.fault(sample, answer, scored)
        if fault is not None:
            self.causes.add(
                fault.kind.value, fault.status, fault.message, deterministic=fault.deterministic
            )
        self.remarks.add(sample, answer.response, score)
        odd = self.oddities.add(sample, repeat, answer)
        self.rows.append(score_row(sample, repeat, answer, score, fault, odd))

    def groups(self, answers: _Answers) -> list[ScoreGroup]:
        """The scores of each question all of whose answers are there.

        Unfinished ones are left out of an incomplete run's figures, which would otherwise depend
        on how far it came.
        """
        questions: dict[str, list[Sample]] = {}
        for sample in answers.samples:
            questions.setdefault(sample.question, []).append(sample)
        found = []
        for name, samples in questions.items():
            scores = [score for one in samples for score in self.by_sample.get(one.id, ())]
            if len(scores) == len(samples) * answers.repeats:
                group = ScoreGroup(sample_id=name, scores=tuple(scores), part=samples[0].part)
                found.append(group)
        return found


def _score(
    plan: Plan, task: Task, run: RunFolder, answers: _Answers, tell: Tell
) -> tuple[_Scores, bool]:
    """The scores of all answers, and whether none is missing."""
    answered = list(answers.each())
    stored = len(answered)
    scored: Iterable[Score | ScoringFailure]
    if task.judged_evaluator is None:
        scored = score_rows(task, AnsweredRows(answered, answers.beside()))
    else:
        # An answer whose judgement is missing is as unfinished as one that is missing itself.
        judged = concluded(plan, task, run, answers.stored)
        answered = [item for item in answered if (item[0].id, item[1]) in judged]
        scored = [judged[sample.id, repeat] for sample, repeat, _ in answered]
    oddities = Oddities(wanted=plan.suite.suite.anomalies)
    scores = _Scores(Remarks(task.model, task.generation), EvaluatorFailures(task), oddities)
    scores.waiting = stored - len(answered)
    # Closed on Ctrl-C too, so that no process goes on.
    with contextlib.closing(watched(scored, task.label, len(answered), tell)) as told:
        del scored
        for (sample, repeat, answer), one in zip(answered, told, strict=True):
            scores.add(sample, repeat, answer, one)
    return scores, len(answered) == len(answers.samples) * answers.repeats


def _with_reference(
    task: Task, samples: Sequence[Sample], groups: Sequence[ScoreGroup]
) -> list[ScoreGroup]:
    """The samples whose reference is known here. An answer to one without it may also have failed
    or hold no answer, which does not make it a wrong one."""
    open_ = {
        group.sample_id
        for group in groups
        if any(score.verdict is Verdict.UNJUDGED for score in group.scores)
    }
    open_ |= {
        sample.question
        for sample in samples
        if sample.target is None
        and (open_ or task.scoring_of(sample).evaluator.reference != "unused")
    }
    return [group for group in groups if group.sample_id not in open_]


def _figures(task: Task, groups: Sequence[ScoreGroup], answers: _Answers) -> Iterator[Figure]:
    part_groups = groups_of(task.dataset.listed)
    sliced = [
        (one, values_of(one, answers.samples, answers.prompt_tokens()))
        for one in task.dataset.offer.slices
    ]
    if task.adapters.mix is not None:
        sliced.append((Slicing(by=LABEL), answers.adapters().get))
    silent: list[AisbenchError] = []
    for name, reducer in task.dataset.metrics.items():
        try:
            yield from whole_first(figures_of(CheckedReducer(reducer), groups, part_groups))
        except ValueError as error:
            where = f"datasets.{task.dataset.name}.metrics"
            silent.append(AisbenchError(f"{where}: {name}: {error}"))
            # The parts that were chosen may be scored without what it sums up.
            if task.divided and len(silent) < len(task.dataset.metrics):
                log.info("%s", silent[-1])
                continue
            raise silent[0] from error
        for slicing, value_of in sliced:
            yield from slice_figures(
                CheckedReducer(reducer), groups, part_groups, slicing, value_of
            )


def _counts(groups: Sequence[ScoreGroup]) -> Counts:
    verdicts = Counter(score.verdict for group in groups for score in group.scores)
    return Counts(
        asked=sum(verdicts.values()),
        **{verdict.value: verdicts[verdict] for verdict in Verdict},
    )


def failed_share(result: SuiteResult) -> float:
    """The largest share of failed answers of any task, 0..1; all of them, where an evaluator could
    score none."""
    return max(
        (
            1.0 if task.unscored else task.counts.failed / task.counts.asked
            for task in result.tasks
        ),
        default=0.0,
    )
