"""Figures that a data set makes itself, beside those of the suite's metrics."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.base.errors import AisbenchError, PluginError
from aisbench.config.plan import Task
from aisbench.contract.datasets import SummingDataset
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.plugins.targets import report_to
from aisbench.stages.checking import Nonsense, checked_figures
from aisbench.types.figure import Figure
from aisbench.types.sample import Sample
from aisbench.types.score import ScoreGroup


def own_figures(
    task: Task, samples: Sequence[Sample], groups: Sequence[ScoreGroup]
) -> Sequence[Figure]:
    """The figures of the task's data set, where it makes some; else none.

    Raises AisbenchError where the scores do not suffice, and PluginError, naming data set and
    distribution, for figures that cannot be and for what its code raises.
    """
    dataset = task.dataset.dataset
    if not isinstance(dataset, SummingDataset):
        return ()
    listed = task.dataset.listed
    whose = f"data set {listed.offer.name!r} of {listed.dist} {listed.version}"
    hint = f"{report_to(listed)}; scores are kept"
    try:
        figures = dataset.figures(samples, groups)
    except AisbenchError:
        raise
    except ValueError as error:
        raise AisbenchError(f"datasets.{task.dataset.name}: {error}") from error
    except PLUGIN_ERRORS as error:
        raise PluginError(
            f"{whose} fails at figures(): {type(error).__name__}: {error}", hint=hint
        ) from error
    try:
        return checked_figures(figures, len(groups))
    except Nonsense as error:
        raise PluginError(f"{whose} makes a figure that cannot be: {error}", hint=hint) from error
