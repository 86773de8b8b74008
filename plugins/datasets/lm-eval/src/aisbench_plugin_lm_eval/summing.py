"""lm-eval's own numbers: its aggregations and groups over all that was scored."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import attrs
from attrs import frozen

from aisbench.api import Figure, Sample, ScoreGroup, mean_interval
from aisbench_plugin_lm_eval.asked import tasks_of
from aisbench_plugin_lm_eval.harness import Built, WantedTasks, quiet
from aisbench_plugin_lm_eval.means import is_share, share_of
from aisbench_plugin_lm_eval.plain import value_of
from aisbench_plugin_lm_eval.stored import rebuilt

Z95 = 1.959963984540054
Key = tuple[str, str]
"""A measure and the filter before it, as in lm-eval's ``exact_match,strict-match``."""


def figures_of(
    wanted: WantedTasks, samples: Sequence[Sample], groups: Sequence[ScoreGroup], iterations: int
) -> list[Figure]:
    """lm-eval's table: for each group and task each measure behind each filter, with its standard
    error. Of several repeats it is the mean of what lm-eval would print for each.

    Where a measure is a mean of shares, answers that failed count as 0, the interval is
    aisbench's, and bounds say what the number would be if all that failed had been wrong, or
    right. Other numbers leave failed answers out; ``n`` says so.
    """
    firsts = tasks_of(samples)
    built = rebuilt(wanted, firsts)
    task_by_sample = {sample.id: str(_about(sample)["task"]) for sample in samples}
    repeats = max((len(group.scores) for group in groups), default=0)
    rounds = [
        _Round(built, [(task_by_sample[one.sample_id], one, at) for one in groups], iterations)
        for at in range(repeats)
    ]
    rounds = [one for one in rounds if one.results]
    if not rounds:
        return []
    roots = _roots(built)
    only = next(iter(roots)) if len(roots) == 1 else ""
    return [
        _figure(name, key, "" if name == only else name, rounds, built)
        for name, keys in rounds[0].results.items()
        for key in keys
        if all(key in one.results.get(name, {}) for one in rounds)
    ]


def _about(sample: Sample) -> Mapping[str, Any]:
    about: Any = sample.fields["lm_eval"]
    return about  # type: ignore[no-any-return]


def _roots(built: Built) -> list[str]:
    """What stands in no group: the groups and tasks that were asked for."""
    inside = {name for group in built.groups.values() for name in group.child_names}
    return [name for name in (*built.groups, *built.tasks) if name not in inside]


@frozen
class _Number:
    value: float
    stderr: float | None
    n: int


class _Round:
    """One repeat of all documents, summed up."""

    def __init__(
        self, built: Built, scores: Sequence[tuple[str, ScoreGroup, int]], iterations: int
    ) -> None:
        self._answers: dict[str, list[Any]] = {}
        """By task, in the order of the documents; None: it failed."""
        for name, group, at in scores:
            score = group.scores[at] if at < len(group.scores) else None
            values = score.details.get("values") if score is not None else None
            self._answers.setdefault(name, []).append(value_of(values) if values else None)
        self._shares = {
            (name, key)
            for name in self._answers
            for key, values in self._values(name, None).items()
            if is_share(built.tasks[name], key[0])
            and all(share_of(value) is not None for value in values)
        }
        self.results = self._summed(built, 0.0, iterations)
        failed = any(one is None for answers in self._answers.values() for one in answers)
        self.best = self._summed(built, 1.0, 0) if failed and self.results else self.results

    def _values(self, name: str, failed_as: float | None) -> dict[Key, list[Any]]:
        """A task's values, failed answers standing for so much where a measure is a share; None:
        they are left out."""
        answers = self._answers[name]
        keys = [
            (metric, filtered)
            for filtered, measures in next(filter(None, answers), {}).items()
            for metric in measures
        ]
        found: dict[Key, list[Any]] = {key: [] for key in keys}
        for answer in answers:
            if answer is None:
                for key in keys:
                    if failed_as is not None and (name, key) in self._shares:
                        found[key].append(failed_as)
                continue
            for filtered, measures in answer.items():
                for metric, value in measures.items():
                    found.setdefault((metric, filtered), []).append(value)
        return found

    def shares(self, name: str, key: Key) -> list[float] | None:
        """The share of each document; None where the measure is no mean of shares."""
        if (name, key) not in self._shares:
            return None
        return [float(one) for one in self._values(name, 0.0)[key]]

    def _summed(
        self, built: Built, failed_as: float, iterations: int
    ) -> dict[str, dict[Key, _Number]]:
        from lm_eval.evaluator_utils import _process_results

        accumulated = {
            name: {
                "task": built.tasks[name],
                "raw_metrics": self._values(name, failed_as),
                "logged_samples": [],
            }
            for name, answers in self._answers.items()
            if any(answers)
        }
        if not accumulated:
            return {}
        with quiet(), _in_this_process():
            made = _process_results(accumulated, built.groups, iterations)._to_eval_results()
        self.better = made["higher_is_better"]
        return {name: dict(_numbers(one)) for name, one in made["results"].items()}


@contextlib.contextmanager
def _in_this_process() -> Iterator[None]:
    """lm-eval draws its bootstrap in a pool of forked processes, which it ends by SIGTERM: one
    that inherits a handler of this program may survive it, and is waited for without end. The
    same draws in this process give the same numbers."""
    with mock.patch.dict(os.environ, DISABLE_MULTIPROC="1"):
        yield


def _numbers(measures: Mapping[str, Any]) -> Iterator[tuple[Key, _Number]]:
    """Those of lm-eval's results for one task or group that are numbers."""
    for name, value in measures.items():
        metric, comma, filtered = name.partition(",")
        if not comma or metric.endswith("_stderr"):
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if not math.isfinite(number):
            continue
        stderr: Any = measures.get(f"{metric}_stderr,{filtered}")
        known = not isinstance(stderr, str) and stderr is not None and math.isfinite(stderr)
        yield (
            (metric, filtered),
            _Number(
                value=number, stderr=float(stderr) if known else None, n=measures["sample_len"]
            ),
        )


def _figure(name: str, key: Key, part: str, rounds: Sequence[_Round], built: Built) -> Figure:
    numbers = [one.results[name][key] for one in rounds]
    mean = _mean([one.value for one in numbers])
    better = rounds[0].better.get(name, {}).get(key[0])
    figure = Figure(
        name=",".join(key),
        value=mean,
        unit="",
        n=numbers[0].n,
        better=None if better is None else "up" if better else "down",
        stderr=numbers[0].stderr if len(numbers) == 1 else None,
        method="" if len(numbers) == 1 else f"mean of {len(numbers)} repeats",
        part=part,
    )
    figure = _with_interval(figure, name, key, rounds)
    if figure.low is not None and figure.high is not None and _of_shares(name, key, rounds, built):
        figure = attrs.evolve(figure, low=max(figure.low, 0.0), high=min(figure.high, 1.0))
    return _with_bounds(figure, name, key, rounds)


def _with_bounds(figure: Figure, name: str, key: Key, rounds: Sequence[_Round]) -> Figure:
    """What it would be if all that failed had been right; as it is, they count as wrong."""
    if all(one.best is one.results for one in rounds):
        return figure
    bests = [found for one in rounds if (found := one.best.get(name, {}).get(key)) is not None]
    best = _mean([one.value for one in bests]) if len(bests) == len(rounds) else figure.value
    if best == figure.value:
        return figure
    return attrs.evolve(figure, bound_low=figure.value, bound_high=best)


def _of_shares(name: str, key: Key, rounds: Sequence[_Round], built: Built) -> bool:
    """Whether a task's number, or a group's, is a mean of shares."""
    group = built.groups.get(name)
    tasks = [name] if group is None else [one.task_name for one in group.get_all_tasks()]
    known = [one for one in tasks if key in rounds[0].results.get(one, {})]
    return all(rounds[0].shares(one, key) is not None for one in known)


def _mean(values: Sequence[float]) -> float:
    return values[0] if len(values) == 1 else math.fsum(values) / len(values)


def _with_interval(figure: Figure, name: str, key: Key, rounds: Sequence[_Round]) -> Figure:
    shares = [found for one in rounds if (found := one.shares(name, key)) is not None]
    if len(shares) == len(rounds) and len({len(one) for one in shares}) == 1:
        each = [math.fsum(one) / len(one) for one in zip(*shares, strict=True)]
        interval = mean_interval(each)
        return attrs.evolve(
            figure,
            low=interval.low,
            high=interval.high,
            stderr=figure.stderr if figure.stderr is not None else interval.stderr,
            method="; ".join(filter(None, (interval.method, figure.method))),
        )
    if figure.stderr is None:
        return figure
    reach = Z95 * figure.stderr
    return attrs.evolve(
        figure,
        low=figure.value - reach,
        high=figure.value + reach,
        method="normal, of lm-eval's standard error",
    )
