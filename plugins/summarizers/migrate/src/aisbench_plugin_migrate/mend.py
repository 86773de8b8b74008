"""What core says of a suite that was made: keys that it refuses become comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aisbench import AisbenchError, Problem, check_suite
from aisbench.api import translated
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.literal import fits

_ROUNDS = 6
_NEEDED = frozenset({"backend", "dataset", "path", "url", "shape", "mode", "task", "judge"})
"""Keys that stay, and their problem is told: without them there would be another."""


def mended(draft: Draft) -> tuple[Problem, ...]:
    """Take out of ``draft`` what core refuses, with core's reasons. Returns what is still wrong,
    such as packages that are not installed."""
    problems: Sequence[Problem] = ()
    for _ in range(_ROUNDS):
        try:
            problems = check_suite(draft.tables())
        except AisbenchError as error:  # a broken plugin: the suite is not to blame
            return (Problem(path=(), message=error.message, hint=error.hint),)
        done = [_take_out(draft, one) for one in problems]
        if not any(done):
            break
    return tuple(problems)


def _take_out(draft: Draft, problem: Problem) -> bool:
    """Whether the key of ``problem`` could be taken out."""
    found = _section_of(draft, problem.path)
    if found is None:
        return False
    section, path = found
    line = next((one for one in section.lines if one.key == path[0]), None)
    if line is None or path[-1] in _NEEDED:
        return False
    why = translated(problem.hint or problem.message)
    value, rest = _without(line.value, path[1:])
    here = ".".join(map(str, path))
    place = next((one[1] for one, to in draft.carried.items() if to == here), "")
    draft.carried = {one: to for one, to in draft.carried.items() if to != here}
    draft.leave(section, here, value, place, why)
    if len(path) == 1:
        section.lines.remove(line)
    else:
        line.value = rest
    return True


def _section_of(draft: Draft, path: Sequence[Any]) -> tuple[DraftSection, list[Any]] | None:
    for header, section in draft.sections.items():
        if tuple(path[: len(header)]) == header and len(path) > len(header):
            return section, list(path[len(header) :])
    return None


def _without(value: Any, path: Sequence[Any]) -> tuple[Any, Any]:
    """What stands at ``path`` in ``value``, and ``value`` without it."""
    if not path or not isinstance(value, dict) or path[0] not in value:
        return value, value
    rest = dict(value)
    if len(path) == 1:
        return rest.pop(path[0]), rest
    taken, inner = _without(rest[path[0]], path[1:])
    rest[path[0]] = inner
    return taken, rest if fits(rest) else value
