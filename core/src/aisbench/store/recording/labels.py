"""The labels of a load's requests: from the lines of each worker to columns of all attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from aisbench.base.errors import DamageError
from aisbench.store.recording.columns import ABSENT, PLACE, LabelColumn
from aisbench.store.recording.folder import LoadFolder, remedy, worker_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LABELS = PLACE["labels"]


def take_labels(
    folder: LoadFolder, rows: Sequence[NDArray[np.int64]]
) -> Mapping[str, LabelColumn]:
    """The labels of all workers' ``rows``, one after the other, by name. The numbers in the rows'
    column "labels", which counted the sets of each worker, count those of the load afterwards.

    Raises DamageError where a row has labels that its worker did not write.
    """
    import numpy as np

    numbers: dict[tuple[tuple[str, str], ...], int] = {}
    for path, table in zip(folder.raw("requests"), rows, strict=True):
        source = folder.path / f"labels-{worker_of(path)}.jsonl"
        sets = _read(source)
        own = table[:, _LABELS]
        if len(own) and int(own.max()) >= len(sets):
            raise DamageError(
                f"{source}: is damaged: it holds {len(sets)} sets of labels, and a request has "
                f"number {int(own.max())}",
                hint=remedy(folder.path),
            )
        if sets:
            places = [numbers.setdefault(tuple(sorted(one.items())), len(numbers)) for one in sets]
            own[:] = np.where(own == ABSENT, ABSENT, np.asarray(places)[own])
    every = np.concatenate([one[:, _LABELS] for one in rows]) if rows else np.empty(0, np.int64)
    return _columns([dict(one) for one in numbers], every)


def _columns(
    sets: Sequence[Mapping[str, str]], numbers: NDArray[np.int64]
) -> dict[str, LabelColumn]:
    import numpy as np

    found = {}
    for name in sorted({name for one in sets for name in one}):
        places: dict[str, int] = {}
        codes = [
            places.setdefault(one[name], len(places)) if name in one else ABSENT for one in sets
        ]
        mine = np.asarray([*codes, ABSENT], dtype=np.int64)  # the last one: requests without any
        found[name] = LabelColumn(values=tuple(places), codes=mine[numbers])
    return found


def _read(source: Path) -> list[dict[str, str]]:
    """The sets that one worker wrote, but for a line that a kill has torn."""
    if not source.exists():
        return []
    whole = source.read_bytes().rpartition(b"\n")[0]
    return [orjson.loads(line) for line in whole.splitlines()]
