"""Tuners: points of the space, the same ones for the same outcomes, and an end or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aisbench.api import DataError, Tuner, TuneSpace, TuneTrial, TuneVariable
from aisbench_testkit.checks.trial import NotChecked, trial

POINTS = 25

_SEQS = TuneVariable(name="seqs", values=(8, 16, 32))
_CHUNKED = TuneVariable(name="chunked", values=(True, False))
_BLOCK = TuneVariable(name="block", values=(16, 32), when={"chunked": (True,)})
_SHARE = TuneVariable(name="share", low=0.5, high=0.9)
_TOKENS = TuneVariable(name="tokens", low=256, high=4096, log=True, whole=True)
_STEP = TuneVariable(name="step", low=0.0, high=1.0, step=0.25)
SPACES: Mapping[str, tuple[TuneVariable, ...]] = {
    "lists": (_SEQS, _CHUNKED),
    "a condition": (_SEQS, _CHUNKED, _BLOCK),
    "ranges with steps": (_STEP, TuneVariable(name="n", low=1, high=9, step=2, whole=True)),
    "ranges": (_SHARE, _TOKENS),
    "all kinds": (_SEQS, _CHUNKED, _BLOCK, _SHARE, _TOKENS, _STEP),
}
"""What suites have in [tune.variables]."""


def check_tuner(make: Callable[[], Tuner]) -> list[str]:
    """Searches of every kind of space; a space may be refused with DataError."""
    problems: list[str] = []
    refused: list[str] = []
    for name, variables in SPACES.items():
        for better in ("up", "down"):
            space = TuneSpace(variables=variables, seed=7, better=better)
            with trial(problems, f"a search of {name}"):
                try:
                    size = make().size(space)
                    first = _walk(make, space)
                except DataError as error:
                    refused.append(error.message)
                    continue
                problems += _wrong(name, space, first, size)
                if _walk(make, space) != first:
                    problems.append(
                        f"a search of {name}: the same outcomes lead to other points: a run that "
                        "goes on would ask anew; draw from a random.Random of space.seed"
                    )
    if not problems and len(refused) == 2 * len(SPACES):
        raise NotChecked(f"it refuses every space: {refused[0]}")
    return list(dict.fromkeys(problems))


def _walk(make: Callable[[], Tuner], space: TuneSpace) -> list[dict[str, Any]]:
    """The first points, told outcomes of every kind that depend on the points alone."""
    session = make().session(space)
    found: list[dict[str, Any]] = []

    while len(found) < POINTS:
        values = session.propose()
        if values is None:
            break
        found.append(dict(values))
        number = sum(len(str(one)) for one in values.values())
        value = None if number % 5 == 0 else float(number)
        session.learn(
            TuneTrial(values=dict(values), value=value, attained=bool(value and number % 3))
        )
    return found


def _wrong(
    name: str, space: TuneSpace, found: list[dict[str, Any]], size: int | None
) -> list[str]:
    problems = []
    for values in found:
        chosen: dict[str, Any] = {}
        for one in space.variables:
            if one.active(chosen) != (one.name in values):
                problems.append(
                    f"a search of {name}: {values!r} has a value for {one.name} where it does not "
                    "matter, or none where it does"
                )
            if one.name in values:
                chosen[one.name] = values[one.name]
                if not _of(one, values[one.name]):
                    problems.append(f"a search of {name}: {one.name} = {values[one.name]!r}")
        if unknown := values.keys() - {one.name for one in space.variables}:
            problems.append(f"a search of {name}: {min(unknown)!r} is no variable")
    different = {tuple(sorted((key, repr(it)) for key, it in one.items())) for one in found}
    if size is not None and len(different) > size:
        problems.append(f"a search of {name}: more points than size() says: {size}")
    if not found:
        problems.append(f"a search of {name}: it proposes nothing")
    return problems


def _of(variable: TuneVariable, value: Any) -> bool:
    if variable.values:
        return any(type(one) is type(value) and one == value for one in variable.values)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    assert variable.low is not None
    assert variable.high is not None
    whole = not variable.whole or isinstance(value, int)
    return whole and variable.low <= value <= variable.high
