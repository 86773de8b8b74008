"""Which rows of a data set are asked: by id, by place, drawn, or the first ones."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.base.wildcards import pattern_of
from aisbench.config.row_choice import RowChoice, span
from aisbench.settings.problems import nearest
from aisbench.types.sample import Sample

SHOWN = 5


@frozen(kw_only=True)
class Chosen:
    """The rows to ask, and those that they build on; ``questions`` of ``of`` are asked, a question
    that is asked in several ways being one."""

    samples: Sequence[Sample]
    questions: int
    of: int


def choose(name: str, choice: RowChoice, samples: Sequence[Sample], seed: int) -> Chosen:
    """The rows of the data set ``name`` that ``choice`` leaves. A question that is asked in
    several ways is one row, and is asked in all of them. Raises DataError."""
    questions: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.scored:
            # Without what it asks: all rows together may be too long for the memory.
            light = attrs.evolve(sample, fields={}, target=None)
            questions.setdefault(sample.question, []).append(light)
    scored = [ways[0] for ways in questions.values()]
    left = scored
    for key, step in _steps(name, choice, questions, seed):
        before, left = left, step(left)
        if before and not left:
            value = getattr(choice, key)
            raise DataError(
                f"datasets.{name}.{key}: {value!r} leaves none of {len(before)} rows",
                hint=f"the ids are such as {_some([one.id for one in before])}",
            )
    if len(left) == len(scored):
        return Chosen(samples=samples, questions=len(scored), of=len(scored))
    wanted = {way.id for sample in left for way in questions[sample.question]}
    wanted |= always_asked(samples)
    for sample in reversed(samples):
        if sample.id in wanted:
            wanted.update(sample.after)
    chosen = [sample for sample in samples if sample.id in wanted]
    return Chosen(samples=chosen, questions=len(left), of=len(scored))


def always_asked(samples: Sequence[Sample]) -> set[str]:
    """The rows that are not scored and that none builds on, such as documents that are searched:
    all are needed, whatever rows are chosen."""
    leaned_on = {name for sample in samples for name in sample.after}
    return {one.id for one in samples if not (one.scored or one.id in leaned_on)}


Step = Callable[[Sequence[Sample]], "list[Sample]"]


def _steps(
    name: str, choice: RowChoice, questions: Mapping[str, Sequence[Sample]], seed: int
) -> Iterator[tuple[str, Step]]:
    """The keys that are set, each with what it leaves of rows."""
    if choice.ids:
        ids = choice.ids
        assert isinstance(ids, (tuple, Mapping))
        many = ids.values() if isinstance(ids, Mapping) else [ids]
        every = [sample for ways in questions.values() for sample in ways]
        wanted = {one for some in many for one in named_questions(name, some, every)}
        yield "ids", lambda rows: [one for one in rows if one.question in wanted]
    if choice.range:
        yield "range", lambda rows: list(rows[span(choice.range)])
    if choice.part_range:
        yield (
            "part_range",
            lambda rows: _of_parts(rows, lambda _, some: some[span(choice.part_range)]),
        )
    if choice.sample is not None:
        yield "sample", lambda rows: stratified(rows, _count(choice.sample, len(rows)), seed)
    if (limits := choice.part_limit) is not None:
        if isinstance(limits, Mapping):
            _check_parts(name, limits, questions)
        yield (
            "part_limit",
            lambda rows: _of_parts(rows, lambda part, some: some[: _most(limits, part)]),
        )
    if (limit := choice.limit) is not None:
        draw = random.Random(f"{seed}/{name}") if choice.shuffle else None
        yield "limit", lambda rows: _evenly(rows, limit, draw)


def named_questions(name: str, ids: Sequence[str], samples: Sequence[Sample]) -> set[str]:
    """The questions that ``ids`` name, which may be patterns. Raises DataError for one that names
    none."""
    by_id = {one.id: one.question for one in samples}
    by_id |= {one.question: one.question for one in samples}
    found: set[str] = set()
    missing: list[str] = []
    for wanted in ids:
        if wanted in by_id:
            found.add(by_id[wanted])
            continue
        matching = _matching(wanted, by_id)
        found.update(by_id[one] for one in matching)
        if not matching:
            missing.append(wanted)
    if missing:
        number = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DataError(
            f"datasets.{name}.ids: there is no row {_some(missing)}{number}",
            hint=nearest(missing[0], by_id) or f"the ids are such as {_some(list(by_id))}",
        )
    return found


def _matching(pattern: str, names: Mapping[str, object]) -> list[str]:
    made = pattern_of(pattern)
    return [] if made is None else [one for one in names if made.fullmatch(one)]


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:SHOWN]))


def _parts(rows: Sequence[Sample]) -> dict[str, list[Sample]]:
    parts: dict[str, list[Sample]] = {}
    for sample in rows:
        parts.setdefault(sample.part, []).append(sample)
    return parts


def _of_parts(
    rows: Sequence[Sample], some: Callable[[str, list[Sample]], list[Sample]]
) -> list[Sample]:
    kept = {id(one) for part, members in _parts(rows).items() for one in some(part, members)}
    return [one for one in rows if id(one) in kept]


def _most(limits: int | Mapping[str, int], part: str) -> int | None:
    return limits.get(part) if isinstance(limits, Mapping) else limits


def _check_parts(
    name: str, limits: Mapping[str, int], questions: Mapping[str, Sequence[Sample]]
) -> None:
    known = dict.fromkeys(ways[0].part for ways in questions.values())
    for part in limits:
        if part not in known:
            names = ", ".join(filter(None, known)) or "none"
            raise DataError(
                f"datasets.{name}.part_limit: {part!r} is not a part that is asked",
                hint=nearest(part, known) or f"they are: {names}",
            )


def _count(wanted: int | float | None, rows: int) -> int:
    if isinstance(wanted, float):
        return max(1, round(wanted * rows))
    return min(wanted or 0, rows)


def stratified(rows: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """``count`` rows, of each part in proportion to its size, drawn by a hash of the seed and the
    row's own id: which are drawn does not depend on the order of the rows, and those of a larger
    count hold those of a smaller one.

    The shares are Webster's (M. Balinski and H. P. Young, "Fair Representation", 1982), which no
    larger count makes smaller: the k-th row of a part of n comes at (k - 1/2) / n.
    """
    places: list[tuple[float, int, Sample]] = []
    for number, members in enumerate(_parts(rows).values()):
        drawn = sorted(members, key=lambda one: _lot(seed, one))
        size = len(drawn)
        places += [((at + 0.5) / size, number, one) for at, one in enumerate(drawn)]
    places.sort(key=lambda place: place[:2])
    kept = {id(one) for _, _, one in places[:count]}
    return [one for one in rows if id(one) in kept]


def _lot(seed: int, sample: Sample) -> bytes:
    text = f"{seed}/sample/{sample.question}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _evenly(rows: Sequence[Sample], limit: int, draw: random.Random | None) -> list[Sample]:
    """As many of each part as :func:`even_shares` says: the first ones, or those drawn. The first
    rows of the files might all be of one part."""
    if limit >= len(rows):
        return list(rows)
    parts = _parts(rows)
    shares = even_shares([len(part) for part in parts.values()], limit)
    kept: set[int] = set()
    for part, share in zip(parts.values(), shares, strict=True):
        kept.update(map(id, part[:share] if draw is None else draw.sample(part, share)))
    return [one for one in rows if id(one) in kept]


def even_shares(sizes: Sequence[int], limit: int) -> list[int]:
    """How many to take from each of several groups so that ``limit`` are taken as evenly as
    possible.

    Small groups give all that they have, and the others share the rest; a remainder comes from
    the first ones. The sum is ``limit``, or that of ``sizes`` if it is smaller.
    """
    shares = [0] * len(sizes)
    left = min(limit, sum(sizes))
    while left:
        able = [place for place, size in enumerate(sizes) if shares[place] < size]
        each = left // len(able)
        for place in able[: None if each else left]:
            more = min(max(each, 1), sizes[place] - shares[place])
            shares[place] += more
            left -= more
    return shares
