"""Which lines of a page are which of its reference: OmniDocBench's quick match.

``utils/match_quick.py`` (its state of October 2025: figures differ by the version of this code).
Lines that are alike are one; lines that together are like one of the reference are joined; the
rest is assigned at the least cost, and what is left is looked for within others.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field, frozen

_ALIKE = 0.25
_JOINED = 0.6
_OTHER = 0.7
"""A distance above which two lines have nothing to do with each other."""
_WITHIN = 0.4
_MOST = 60_000
"""Pairs of lines that are looked at this closely; of more, the assignment alone."""


@frozen
class Pairing:
    """Lines of the reference, and those of the page, by their numbers; either may be empty."""

    wanted: tuple[int, ...]
    said: tuple[int, ...]


def quick_match(wanted: Sequence[str], said: Sequence[str]) -> list[Pairing]:
    """Pairings of all lines of the reference; lines that belong to none are left out."""
    if not wanted:
        return []
    if not said:
        return [Pairing((number,), ()) for number in range(len(wanted))]
    if len(wanted) * len(said) > _MOST:
        return _assigned_alone(wanted, said)
    parts, costs = _joined(wanted, said)
    found = _Pairs(wanted, said)
    unmatched = []
    taken = dict(_assignment(costs))
    for number in range(len(wanted)):
        place = taken.get(number)
        if place is None or costs[number][place] > _OTHER:
            unmatched.append(number)
        else:
            found.add(number, parts[place])
    for place, line in enumerate(said):
        within = [one for one in unmatched if _found_within(wanted[one], line)]
        if within:
            found.add_all(within, (place,))
    return found.finished()


def distances(wanted: Sequence[str], said: Sequence[str]) -> list[list[float]]:
    """Edit distances by the length of the longer line."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    if not wanted or not said:
        return [[] for _ in wanted]
    costs = cdist(wanted, said, scorer=Levenshtein.normalized_distance, dtype="float64")
    found: list[list[float]] = costs.tolist()
    return found


def alike(wanted: Sequence[str], said: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of numbers of lines that are nearly the same, in order."""
    return [
        (row, column)
        for row, line in enumerate(distances(wanted, said))
        for column, value in enumerate(line)
        if value < _ALIKE
    ]


def assigned(wanted: Sequence[str], said: Sequence[str]) -> dict[int, int]:
    """The pairs of numbers at the least sum of distances."""
    return dict(_assignment(distances(wanted, said)))


def _assigned_alone(wanted: Sequence[str], said: Sequence[str]) -> list[Pairing]:
    taken = assigned(wanted, said)
    return [
        Pairing((number,), (taken[number],) if number in taken else ())
        for number in range(len(wanted))
    ]


def _distance(one: str, other: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_distance(one, other))


def _assignment(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(costs)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]


# -- lines that were cut


def _joined(
    wanted: Sequence[str], said: Sequence[str]
) -> tuple[list[tuple[int, ...]], list[list[float]]]:
    """The page's lines, some of them joined, by their numbers; and the distances."""
    costs = distances(wanted, said)
    close = {(row, column) for row, line in enumerate(costs)
             for column, value in enumerate(line) if value < _ALIKE}  # fmt: skip
    done, taken = {row for row, _ in close}, {column for _, column in close}
    candidates: list[_RunOfLines] = []
    for row, line in enumerate(wanted):
        if row in done:
            continue
        runs = [_run(line, said, place, taken) for place in range(len(said)) if place not in taken]
        if runs:
            candidates.append(min(runs, key=lambda one: one.cost))
    chosen = _without_overlaps(candidates)
    if not chosen:
        return [(place,) for place in range(len(said))], costs
    parts = _laid_over(len(said), chosen)
    lines = [" ".join(said[place] for place in part) for part in parts]
    return parts, distances(wanted, lines)


@frozen
class _RunOfLines:
    """Lines of the page that follow each other, and how far they are from one of the reference."""

    places: tuple[int, ...]
    cost: float


def _run(line: str, said: Sequence[str], start: int, taken: set[int]) -> _RunOfLines:
    end = start + 1
    while end < len(said) and end not in taken:
        joins, goes_on = _joins(line, said[start : end + 1])
        if not joins:
            break
        end += 1
        if not goes_on:
            break
    places = tuple(range(start, end))
    return _RunOfLines(places, _distance(line, " ".join(said[start:end])))


def _joins(line: str, parts: Sequence[str]) -> tuple[bool, bool]:
    """Whether the last part belongs to the line as those before it do, and whether there is room
    for more."""
    before, after = " ".join(parts[:-1]), " ".join(parts)
    if _distance(line, after) > _distance(line, before):
        return False, False
    inner = [_within(line, part, _JOINED) for part in parts]
    if any(one is None or one > _JOINED for one in inner[:-1]) or inner[-1] is None:
        return False, False
    return inner[-1] < _JOINED, len(after) <= len(line)


def _within(line: str, part: str, most: float) -> float | None:
    """The least distance between a part and any stretch of the line of its length, by that
    length; None: it is longer than the line, or empty. What is above ``most`` is some value above
    it."""
    from rapidfuzz.distance import Levenshtein

    length = len(part)
    if not 0 < length <= len(line):
        return None
    best = int(most * length) + 1
    for start in range(len(line) - length + 1):
        stretch = line[start : start + length]
        best = min(best, Levenshtein.distance(stretch, part, score_cutoff=best))
        if not best:
            break
    return best / length


def _found_within(part: str, line: str) -> bool:
    value = _within(line, part, _WITHIN)
    return value is not None and value < _WITHIN


def _without_overlaps(runs: Sequence[_RunOfLines]) -> list[tuple[int, ...]]:
    """Of runs that share lines, those that cost least on average together."""
    groups: list[list[_RunOfLines]] = []
    for run in sorted(runs, key=lambda one: one.places[0]):
        if groups and any(set(run.places) & set(one.places) for one in groups[-1]):
            groups[-1].append(run)
        else:
            groups.append([run])
    found: list[tuple[int, ...]] = []
    for group in groups:
        paths = _paths(group)
        best = min(paths, key=lambda path: sum(one.cost for one in path) / len(path))
        found += [one.places for one in best]
    return found


def _paths(group: Sequence[_RunOfLines]) -> list[list[_RunOfLines]]:
    """Ways to take runs that share no line; each run joins all that it can, or begins one."""
    paths = [[group[0]]]
    for run in group[1:]:
        begins = True
        for path in paths:
            same = [one for one in path if one.places == run.places]
            if same:
                begins = False
                if same[0].cost > run.cost:
                    path.remove(same[0])
                    path.append(run)
            elif not any(set(run.places) & set(one.places) for one in path):
                path.append(run)
                begins = False
        if begins:
            paths.append([run])
    return paths


def _laid_over(count: int, chosen: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    parts: list[tuple[int, ...]] = [(place,) for place in range(count)]
    for run in chosen:
        if all((place,) in parts for place in run):
            start = parts.index((run[0],))
            parts[start : start + len(run)] = [run]
    return parts


# -- pairs


@define
class _Pairs:
    """Lines of the page -> lines of the reference."""

    wanted: Sequence[str]
    said: Sequence[str]
    _found: dict[tuple[int, ...], list[int]] = field(factory=dict)
    _done: set[int] = field(factory=set)

    def add(self, number: int, places: tuple[int, ...]) -> None:
        """A line of the reference, which is these."""
        self.add_all([number], places)

    def add_all(self, numbers: Sequence[int], places: tuple[int, ...]) -> None:
        """Lines of the reference that are in these; each is once in all."""
        held = self._found.setdefault(places, [])
        for number in numbers:
            if number not in self._done:
                held.append(number)
                self._done.add(number)

    def finished(self) -> list[Pairing]:
        """With what is left of both assigned to each other, and lines of the reference alone."""
        pairs = [
            Pairing(tuple(sorted(numbers)), places) for places, numbers in self._found.items()
            if numbers
        ]  # fmt: skip
        used = {place for places in self._found for place in places}
        rows = [number for number in range(len(self.wanted)) if number not in self._done]
        columns = [place for place in range(len(self.said)) if place not in used]
        left: dict[int, int] = {}
        if rows and columns:
            left = assigned(
                [self.wanted[one] for one in rows], [self.said[one] for one in columns]
            )
        for row, number in enumerate(rows):
            pairs.append(Pairing((number,), (columns[left[row]],) if row in left else ()))
        return pairs


def joined_lines(lines: Sequence[str], numbers: Sequence[int]) -> str:
    """The lines of these numbers, one behind the other."""
    return "".join(lines[one] for one in numbers)
