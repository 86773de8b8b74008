"""Scores by a judge, another model of the suite: what it is asked, and how it decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from aisbench.base.errors import AisbenchError, DataError
from aisbench.config.plan import Component, Model, Plan, Task
from aisbench.contract.evaluators import JudgedEvaluator
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.read_answer import understood
from aisbench.media.contents import may_hold_media
from aisbench.media.store import MediaStore
from aisbench.settings.plain import changed
from aisbench.stages.answers import read_answers, read_samples, read_stored
from aisbench.stages.checking import checked_by_name
from aisbench.stages.outcome import outcome_of
from aisbench.stages.scoring import ScoringFailure, unjudged
from aisbench.store.run import RunFolder
from aisbench.types.answer import Answer
from aisbench.types.json import JsonObject
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict


@frozen(kw_only=True)
class Case:
    """One answer to be judged; ``score`` where the judge is not asked."""

    sample: Sample
    repeat: int
    answer: Answer
    prompts: tuple[Prompt, ...] = ()
    score: Score | ScoringFailure | None = None

    def name(self, judgement: int) -> str:
        """How the journal calls one judgement of it."""
        return f"{self.sample.id}#{self.repeat}#{judgement}"


def judge_of(plan: Plan, task: Task) -> Model:
    """The model that a task's evaluator asks."""
    assert task.judged_evaluator is not None
    return next(one for one in plan.judges if one.name == task.judged_evaluator.judge)


def cases(
    plan: Plan, task: Task, run: RunFolder, answers: Mapping[tuple[str, int], Answer]
) -> Iterator[Case]:
    """Every answer of a task."""
    evaluator = task.judged_evaluator
    assert evaluator is not None
    media, judge = MediaStore(), judge_of(plan, task)
    media.keep_in(run.media)
    rivals: Mapping[tuple[str, int], Answer] = {}
    if evaluator.against:
        other = next(
            one
            for one in plan.tasks
            if one.dataset is task.dataset and one.model.name == evaluator.against
        )
        rivals = read_answers(other, run.predictions(evaluator.against, task.dataset.name))
    for sample in read_samples(run, task.dataset.name):
        if not sample.scored:
            continue
        for repeat in range(task.dataset.common.repeats):
            answer = answers.get((sample.id, repeat))
            if answer is not None:
                case = _case(evaluator, sample, repeat, answer, rivals.get((sample.id, repeat)))
                yield _with_media(case, media, judge)


def _with_media(case: Case, media: MediaStore, judge: Model) -> Case:
    """With type and checksum of what the judge is shown, as stored judgements have them."""
    if not any(map(may_hold_media, case.prompts)):
        return case
    whose = f"sample {case.sample.id}"
    limit, delivery = judge.common.media_limit, judge.delivery
    prompts = tuple(media.prepared(one, limit, whose, delivery) for one in case.prompts)
    return attrs.evolve(case, prompts=prompts)


def _case(
    evaluator: JudgedEvaluator,
    sample: Sample,
    repeat: int,
    answer: Answer,
    rival: Answer | None,
) -> Case:
    score = outcome_of(answer)
    if score is None and evaluator.against and (rival is None or outcome_of(rival)):
        score = Score(
            value=0.0,
            verdict=Verdict.FAILED,
            reason=f"{evaluator.against} has no answer to compare with",
        )
    if score is not None:
        return Case(sample=sample, repeat=repeat, answer=answer, score=score)
    try:
        prompts = tuple(evaluator.questions(sample, answer, rival))
    except DataError as error:
        return Case(sample=sample, repeat=repeat, answer=answer, score=unjudged(error))
    except AisbenchError:
        raise
    except PLUGIN_ERRORS as error:
        return Case(sample=sample, repeat=repeat, answer=answer, score=ScoringFailure.of(error))
    return Case(sample=sample, repeat=repeat, answer=answer, prompts=prompts)


def judgements_to_ask(
    plan: Plan, task: Task, run: RunFolder, model_name: str
) -> Iterator[Conversation]:
    """Everything that the judge of a task is asked. Each judgement is a conversation whose prompts
    do not depend on the answers."""
    evaluator, judge = task.judged_evaluator, judge_of(plan, task)
    assert evaluator is not None
    identity: JsonObject = {"backend": judge.offer.name, "settings": changed(judge.settings)}
    answers = read_answers(task, run.predictions(task.model.name, task.dataset.name))
    for case in cases(plan, task, run, answers):
        for number in range(evaluator.judgements if case.prompts else 0):
            first, *more = case.prompts
            yield Conversation(
                sample=Sample(id=case.name(number)),
                repeat=0,
                model=model_name,
                identity=identity,
                generation={**evaluator.generation, **judge.common.generation},
                stream=judge.stream,
                seed=plan.suite.suite.seed,
                turns=None,
                next_prompt=first,
                media_limit=judge.common.media_limit,
                delivery=judge.delivery,
                following=tuple(more),
            )


def concluded(
    plan: Plan, task: Task, run: RunFolder, answers: Mapping[tuple[str, int], Answer]
) -> dict[tuple[str, int], Score | ScoringFailure]:
    """The score of each of ``answers`` that was judged; without those whose judgement is missing.

    A stored judgement counts only for the very prompt that would be asked now.
    """
    evaluator, judge = task.judged_evaluator, judge_of(plan, task)
    assert evaluator is not None
    judgements: dict[tuple[str, int], tuple[Prompt, Response]] = {}
    for row in read_stored(run.judgements(task.model.name, task.dataset.name)):
        key = (row.sample, row.turn)
        if key not in judgements or judgements[key][1].fault is not None:
            judgements[key] = (row.prompt, understood(row.response, judge.common))
    scores: dict[tuple[str, int], Score | ScoringFailure] = {}
    for case in cases(plan, task, run, answers):
        score: Score | ScoringFailure | None
        try:
            score = case.score or _conclude(task.required_evaluator, case, judgements)
        except DataError as error:
            score = unjudged(error)
        except AisbenchError:
            raise
        except PLUGIN_ERRORS as error:
            score = ScoringFailure.of(error)
        if score is not None:
            scores[case.sample.id, case.repeat] = score
    return scores


def _conclude(
    component: Component,
    case: Case,
    stored: Mapping[tuple[str, int], tuple[Prompt, Response]],
) -> Score | None:
    """The score of one answer; None where a judgement of it is missing."""
    evaluator: JudgedEvaluator = component.instance
    judgements: list[Sequence[Response]] = []
    for number in range(evaluator.judgements):
        responses: list[Response] = []
        for turn, prompt in enumerate(case.prompts):
            held = stored.get((case.name(number), turn))
            if held is None or held[0] != prompt:
                # After a failed turn the rest of a judgement is not asked: the judgement failed.
                return (responses and _failed(responses[-1])) or None
            responses.append(held[1])
            if held[1].fault is not None:
                return _failed(held[1])
        judgements.append(responses)
    score = evaluator.conclude(case.sample, case.answer, judgements)
    return checked_by_name(component, case.sample.id, score)


def _failed(response: Response) -> Score | None:
    if response.fault is None:
        return None
    return Score(
        value=0.0,
        verdict=Verdict.FAILED,
        reason=f"the judge did not answer: {response.fault.message}",
    )
