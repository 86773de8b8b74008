"""Scoring by evaluators that need all answers of a data set at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.config.plan import ScoringPlan, Task
from aisbench.contract.evaluators import TogetherEvaluator
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.stages.checking import checked_by_name
from aisbench.stages.outcome import outcome_of
from aisbench.stages.scoring import Item, ScoringFailure, score_all, unjudged
from aisbench.types.answer import Answer
from aisbench.types.sample import Sample
from aisbench.types.score import Score

Result = Score | ScoringFailure


@frozen
class AnsweredRows:
    """What there is to score: ``items`` with the repeat of each, and the samples that are not
    scored, with their answers by repeat."""

    items: Sequence[tuple[Sample, int, Answer]]
    beside: Sequence[tuple[Sample, dict[int, Answer]]]


def together(scoring: ScoringPlan) -> bool:
    """Whether its evaluator needs all answers at once."""
    return isinstance(scoring.evaluator.instance, TogetherEvaluator)


def score_rows(task: Task, rows: AnsweredRows) -> Iterator[Result]:
    """The score of each item, in order; raises as :func:`~aisbench.stages.scoring.score_all`."""
    if not any(map(together, task.scorings)):
        return score_all(task, [(sample, answer) for sample, _, answer in rows.items])
    return _mixed(task, rows)


def _mixed(task: Task, rows: AnsweredRows) -> Iterator[Result]:
    groups: dict[tuple[int, int], list[int]] = {}
    alone: list[int] = []
    for place, (sample, repeat, _) in enumerate(rows.items):
        scoring = task.scoring_of(sample)
        if together(scoring):
            groups.setdefault((task.scorings.index(scoring), repeat), []).append(place)
        else:
            alone.append(place)
    found: dict[int, Result] = {}
    for (number, repeat), places in groups.items():
        items = [(rows.items[place][0], rows.items[place][2]) for place in places]
        beside = [(sample, by_repeat.get(repeat)) for sample, by_repeat in rows.beside]
        scores = _together(task.scorings[number], items, beside)
        found.update(zip(places, scores, strict=True))
    items = [(rows.items[place][0], rows.items[place][2]) for place in alone]
    found.update(zip(alone, score_all(task, items), strict=True))
    yield from (found[place] for place in range(len(rows.items)))


def _together(
    scoring: ScoringPlan,
    items: Sequence[Item],
    beside: Sequence[tuple[Sample, Answer | None]],
) -> list[Result]:
    """The scores of one evaluator's answers. Raises PluginError for another number of them."""
    found: list[Result | None] = [outcome_of(answer) for _, answer in items]
    places = [place for place, one in enumerate(found) if one is None]
    seen = [items[place] for place in places]
    made: Sequence[Result]
    component = scoring.evaluator
    evaluator: TogetherEvaluator = component.instance
    try:
        scores = evaluator.score_together(seen, beside)
        if len(scores) != len(seen):
            raise PluginError(
                f"evaluator {component.owner} gives {len(scores)} scores of {len(seen)} answers"
            )
        made = [
            checked_by_name(component, sample.id, score)
            for (sample, _), score in zip(seen, scores, strict=True)
        ]
    except DataError as error:
        made = [unjudged(error)] * len(seen)
    except AisbenchError:
        raise
    except PLUGIN_ERRORS as error:
        made = [ScoringFailure.of(error)] * len(seen)
    for place, one in zip(places, made, strict=True):
        found[place] = one
    return [one for one in found if one is not None]
