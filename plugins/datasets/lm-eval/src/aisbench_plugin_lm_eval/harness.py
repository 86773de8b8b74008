"""lm-eval itself: finding its tasks, groups and tags, and making them, quietly.

The one module that knows how lm-eval builds tasks; it is imported where it is used, as it takes
seconds.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import functools
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from aisbench.api import DataError, JsonObject

Hook = Callable[[str, Mapping[str, Any], Callable[[], dict[str, Any]]], Any]
"""Called for each task before it is made, and before its code is imported: with its name, its
configuration with functions as texts, and what imports them. What it returns, if it is not None,
stands in place of the task."""


@frozen(kw_only=True)
class WantedTasks:
    """Which tasks: names, groups, tags, patterns or YAML files, in the user's words."""

    tasks: tuple[str, ...]
    include_path: tuple[str, ...] = ()
    metadata: JsonObject = field(factory=dict, hash=False)

    def as_json(self) -> JsonObject:
        """For the samples of a run, which are scored where no suite is."""
        return {
            "tasks": list(self.tasks),
            "include_path": list(self.include_path),
            "metadata": self.metadata,
        }

    @classmethod
    def of_json(cls, stored: Any) -> WantedTasks:
        """From :meth:`as_json`."""
        return cls(
            tasks=tuple(stored["tasks"]),
            include_path=tuple(stored["include_path"]),
            metadata=stored["metadata"],
        )


class Unbuilt(Exception):
    """A task cannot be made; its cause is what was raised."""

    def __init__(self, task: str, path: str) -> None:
        super().__init__(task)
        self.task = task
        self.path = path


@frozen
class Built:
    """Tasks and groups by name, in lm-eval's order."""

    tasks: Mapping[str, Any]
    groups: Mapping[str, Any]


def build(wanted: WantedTasks, hook: Hook) -> Built:
    """Make the tasks. Raises DataError for names that there are not, and without lm-eval, and
    Unbuilt for a task that cannot be made."""
    from yaml import YAMLError  # type: ignore[import-untyped,unused-ignore]

    try:
        manager = _manager_for(wanted)
        specs = _specs(manager, wanted)
        with quiet():
            made = _hooked(manager, wanted.metadata, hook).load(list(specs))
    except YAMLError as error:
        raise DataError(f"{', '.join(wanted.tasks)}: not YAML: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{', '.join(wanted.tasks)}: lm-eval says: {error}") from error
    return Built(tasks=made["tasks"], groups=made.get("groups", {}))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """lm-eval and `datasets` print and draw bars while they work; what matters is raised."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@functools.lru_cache(maxsize=4)
def manager_of(include_path: tuple[str, ...], *, builtin: bool) -> Any:
    """lm-eval's index of tasks. With its own ones it takes seconds to read."""
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise DataError(
            f"lm-eval cannot be imported: {error}",
            hint="pip install aisbench-plugin-lm-eval, which brings lm-eval (torch is not needed)",
        ) from error
    for folder in include_path:
        if not Path(folder).is_dir():
            raise DataError(f"include_path: {folder} is not a folder")
    with quiet():
        return TaskManager(include_path=list(include_path), include_defaults=builtin)


def _manager_for(wanted: WantedTasks) -> Any:
    """An index that knows all that is wanted: the user's own folders alone, where they do."""
    own = manager_of(wanted.include_path, builtin=False)
    if all(_complete(own, one) for one in wanted.tasks):
        return own
    return manager_of(wanted.include_path, builtin=True)


def _complete(manager: Any, name: str) -> bool:
    """Whether a task, with all that it refers to, is known without lm-eval's own tasks."""
    from lm_eval.tasks._yaml_loader import load_yaml

    if Path(name).is_file():
        members = load_yaml(name, resolve_func=False).get("task")
    elif name in manager.task_index:
        entry = manager.task_index[name]
        members = entry.cfg.get("task") if entry.cfg else None
    else:
        return False
    if not isinstance(members, list):
        return True
    return all(_complete(manager, _member_name(one)) for one in members)


def _member_name(member: Any) -> str:
    """Of a group's member: a name, or a table of what is changed of a task."""
    name = member.get("task") if isinstance(member, dict) else member
    return name if isinstance(name, str) else ""


def _specs(manager: Any, wanted: WantedTasks) -> Sequence[str]:
    """What ``TaskManager.load`` takes, patterns filled in. Raises DataError."""
    specs: list[str] = []
    for one in wanted.tasks:
        if Path(one).is_file():
            found = [one]
        else:
            # A folder of this name beside the suite does not hide a task.
            name = Path(one).name if Path(one).is_dir() else one
            found = manager.match_tasks([name])
        if not found and (one.endswith((".yaml", ".yml")) or "/" in one):
            raise DataError(f"there is no task file {one}")
        if not found:
            raise DataError(f"lm-eval has no task, group or tag {one!r}", hint=_near(manager, one))
        specs += [spec for spec in found if spec not in specs]
    return specs


def _near(manager: Any, name: str) -> str:
    near = difflib.get_close_matches(Path(name).name, manager.all_tasks, n=5)
    ways = "lm_eval ls tasks shows all; a file is given as ./NAME.yaml, and folders of your own \
as include_path"
    return f"perhaps {', '.join(near)}? {ways}" if near else ways


def _hooked(manager: Any, metadata: JsonObject, hook: Hook) -> Any:
    """The same index with a factory that asks ``hook`` first."""
    from lm_eval.tasks._factory import TaskFactory
    from lm_eval.tasks._yaml_loader import load_yaml

    class Factory(TaskFactory):  # type: ignore[misc]  # lm-eval has no types
        def _build_task(self, entry: Any, overrides: dict[str, Any] | None) -> Any:
            known = entry.cfg or load_yaml(entry.yaml_path, resolve_func=False)
            raw = {**known, **(overrides or {})}
            try:
                taken = hook(
                    raw["task"], raw, lambda: dict(self._load_full_config(entry, overrides))
                )
                return super()._build_task(entry, overrides) if taken is None else taken
            except (Exception, SystemExit) as error:  # some tasks' code ends the program
                raise Unbuilt(raw["task"], str(raw.get("dataset_path") or "")) from error

    hooked = copy.copy(manager)
    hooked._index = dict(manager._index)  # groups add names of their members to it
    hooked._factory = Factory(meta=dict(metadata))
    return hooked
