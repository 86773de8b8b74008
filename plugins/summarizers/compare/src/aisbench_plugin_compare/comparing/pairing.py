"""Which answers of two sides are to the same question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import frozen

from aisbench_plugin_compare.sides.side import KEY_KINDS, KeyKind, SideRow, SideTask


@frozen(kw_only=True)
class PairedSample:
    """One sample that both sides answered: the places of its rows on each, in the order of the
    repeats."""

    question: str
    left: tuple[int, ...]
    right: tuple[int, ...]


@frozen(kw_only=True)
class Pairs:
    """What of two tasks belongs together.

    ``left_only`` and ``right_only`` are ids of samples without a partner; ``changed`` those of
    them that both sides have under one id, with other content. ``doubled`` samples share their
    content with another one of the same side, and were paired by id, else by order.
    """

    kind: KeyKind
    samples: Sequence[PairedSample]
    left_only: Sequence[str]
    right_only: Sequence[str]
    changed: Sequence[str] = ()
    doubled: int = 0

    @property
    def rows(self) -> list[tuple[int, int]]:
        """Each answer with the one that it is shown beside: repeat by repeat."""
        return [pair for one in self.samples for pair in zip(one.left, one.right, strict=False)]

    @property
    def questions(self) -> int:
        """How many questions are paired: what a figure has as its n."""
        return len({one.question for one in self.samples})

    @property
    def whole(self) -> bool:
        """Whether every sample has a partner."""
        return not self.left_only and not self.right_only


@frozen
class _Sample:
    id: str
    question: str
    rows: tuple[int, ...]
    keys: Mapping[KeyKind, str]


def pair(left: SideTask, right: SideTask, *, one_tool: bool = True) -> Pairs:
    """The pairs of two tasks, by the strongest kind of key that pairs anything.

    Runs of one tool are paired by content wherever that pairs any row: a row whose reference was
    corrected is another row. Between tools, whose fields differ, the kind that pairs most is
    taken; ids alone only where nothing else pairs.
    """
    ours, theirs = _samples(left.rows), _samples(right.rows)
    best: Pairs | None = None
    for kind in KEY_KINDS:
        if kind == "id" and (one_tool or (best is not None and best.samples)):
            continue
        found = _paired(ours, theirs, kind)
        if best is None or len(found.samples) > len(best.samples):
            best = found
        if one_tool and found.samples:
            break
    assert best is not None  # KEY_KINDS has kinds that are always tried
    return best


def _samples(rows: Sequence[SideRow]) -> list[_Sample]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        places[row.id].append(place)
    return [
        _Sample(
            name,
            rows[found[0]].question,
            tuple(sorted(found, key=lambda place: rows[place].repeat)),
            rows[found[0]].keys,
        )
        for name, found in places.items()
    ]


def _by_key(samples: Sequence[_Sample], kind: KeyKind) -> dict[str, list[_Sample]]:
    found: dict[str, list[_Sample]] = defaultdict(list)
    for one in samples:
        if key := one.keys.get(kind):
            found[key].append(one)
    return found


def _paired(left: Sequence[_Sample], right: Sequence[_Sample], kind: KeyKind) -> Pairs:
    theirs = _by_key(right, kind)
    matched: dict[str, _Sample] = {}
    doubled = 0
    for key, ours in _by_key(left, kind).items():
        others = theirs.get(key, [])
        if len(ours) > 1 or len(others) > 1:
            doubled += min(len(ours), len(others))
        matched.update(_one_by_one(ours, others))
    taken = {one.id for one in matched.values()}
    left_only = [one.id for one in left if one.id not in matched]
    right_only = [one.id for one in right if one.id not in taken]
    both = set(right_only)
    return Pairs(
        kind=kind,
        samples=[
            PairedSample(question=one.question, left=one.rows, right=matched[one.id].rows)
            for one in left
            if one.id in matched
        ],
        left_only=left_only,
        right_only=right_only,
        changed=[name for name in left_only if name in both],
        doubled=doubled,
    )


def _one_by_one(left: Sequence[_Sample], right: Sequence[_Sample]) -> dict[str, _Sample]:
    """Samples of one content: those of one id first, the others in their order."""
    others = {one.id: one for one in right}
    found = {one.id: others.pop(one.id) for one in left if one.id in others}
    rest = [one for one in left if one.id not in found]
    found.update({one.id: other for one, other in zip(rest, others.values(), strict=False)})
    return found
