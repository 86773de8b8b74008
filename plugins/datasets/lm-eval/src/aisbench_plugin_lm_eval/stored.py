"""Tasks made again without their data: each of the one document at hand.

A run is also scored where no data file is. What a task's code needs of its data beside the
document (the features' names, whether documents have several inputs or targets, which lm-eval
reads off the first one) is kept with each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock

from aisbench.api import Sample
from aisbench_plugin_lm_eval.harness import Built, WantedTasks, build
from aisbench_plugin_lm_eval.plain import plain, value_of

KEPT = ("features", "multiple_input", "multiple_target")


def kept(task: Any) -> dict[str, Any]:
    """What is kept of a task with each of its samples."""
    return {name: plain(getattr(task, name)) for name in KEPT if hasattr(task, name)}


def rebuilt(wanted: WantedTasks, samples: Mapping[str, Sample]) -> Built:
    """The tasks of ``samples``, by name; those that have none are there by name alone."""
    from lm_eval.api.task import ConfigurableTask

    documents = {name: value_of(one.fields["doc"]) for name, one in samples.items()}

    def download(task: Any, *_: Any, **__: Any) -> None:
        # The documents are those that the task's own functions made.
        task.config.process_docs = None
        if task.config.fewshot_config is not None:
            task.config.fewshot_config.process_docs = None
        task.dataset = _Splits(documents[task.config.task])

    def hook(name: str, raw: Mapping[str, Any], load: Callable[[], dict[str, Any]]) -> Any:
        if name not in documents:
            return _absent(name)
        if "class" not in raw:
            return None
        config = load()
        own = config["class"]
        if own.download is ConfigurableTask.download:
            return None
        made = type(own.__name__, (own,), {"download": download})
        return _of_class(made, name, config)

    with mock.patch.object(ConfigurableTask, "download", download):
        built = build(wanted, hook)
    for name, sample in samples.items():
        about: Any = sample.fields["lm_eval"]
        for key, value in about["kept"].items():
            setattr(built.tasks[name], key, value_of(value))
    return built


class _Splits(dict[str, Any]):
    """Any split: the one document."""

    def __init__(self, document: Any) -> None:
        super().__init__()
        self._document = document

    def __missing__(self, split: str) -> Any:
        from datasets import Dataset

        if not isinstance(self._document, dict):
            return [self._document]
        return Dataset.from_list([self._document])


def _of_class(made: Any, name: str, config: dict[str, Any]) -> Any:
    from lm_eval.tasks._factory import _ctor_accepts_config

    config = {key: one for key, one in config.items() if key not in ("tag", "group", "task_list")}
    task = made(config=config) if _ctor_accepts_config(made) else made()
    if hasattr(task, "config") and hasattr(task.config, "task"):
        task.config.task = name
    return task


def _absent(name: str) -> Any:
    """A task of a group none of whose documents were asked."""
    from lm_eval.api.task import ConfigurableTask

    class Absent(ConfigurableTask):  # type: ignore[misc]  # lm-eval has no types
        def __init__(self) -> None:
            self._name = name

        @property
        def task_name(self) -> str:
            return self._name

        def __repr__(self) -> str:
            return f"Absent({self._name!r})"

    return Absent()
