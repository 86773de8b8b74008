"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Card, DatasetOffer, EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="lm-eval",
            summary="Any task, group or YAML file of lm-evaluation-harness.",
            target="aisbench_plugin_lm_eval.dataset:LmEvalDataset",
            settings="aisbench_plugin_lm_eval.settings:LmEvalSettings",
            evaluator="lm-eval",
            metrics=(),
            dialogue=True,
            play_cost="light",
            card=Card(
                task="whatever the task is",
                licence="that of each task's data",
                source="https://github.com/EleutherAI/lm-evaluation-harness (lm_eval/tasks)",
                layout="lm-eval reads its tasks' data itself: from a hub, or from files that a "
                "task's YAML names",
                citation="L. Gao et al., The Language Model Evaluation Harness, "
                "doi:10.5281/zenodo.12608602",
            ),
        )
    ]


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="lm-eval",
            summary="lm-eval's filters and process_results, for samples of its tasks.",
            target="aisbench_plugin_lm_eval.evaluator:LmEvalEvaluator",
            cost="compute",
            reference="unused",
        )
    ]
