"""What the run's own files say of the rows that a load asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aisbench.config.plan import Task
from aisbench.store.journal import read_rows
from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.store.run import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def stored_rows(run: RunFolder, task: Task) -> list[dict[str, Any]]:
    """The rows that were asked, without what they ask."""
    path = run.samples(task.dataset.name)
    if not path.exists():
        return []
    left_out = ("fields", "target")
    return [
        {key: value for key, value in row.items() if key not in left_out}
        for row in read_rows(path)
    ]


def least_tokens(
    stored: Sequence[Mapping[str, Any]], task: Task, recording: Recording
) -> NDArray[np.int64] | None:
    """For each row of the table how many tokens its answer had to have, ABSENT where the model was
    free to end it; None where no answer had to have any.

    By the settings of the task and of the samples; those of a single turn are not known here.
    """
    import numpy as np

    if not stored:
        return None
    demands = []
    for row in stored:
        own = {**task.generation, **row.get("generation", {})}
        least = own.get("min_tokens")
        demands.append(
            (bool(own.get("ignore_eos")), least if type(least) is int and least > 0 else ABSENT)
        )
    if not any(full or least != ABSENT for full, least in demands):
        return None
    full, least = np.array(demands, dtype=np.int64).T
    place = recording.columns["row"]
    asked = recording.columns["asked_tokens"]
    # No sample there: a damaged run, of which nothing is said here.
    known = (place >= 0) & (place < len(demands))
    place = np.where(known, place, 0)
    demanded = np.where(
        full[place] == 1,
        asked,
        np.where(asked == ABSENT, least[place], np.minimum(asked, least[place])),
    )
    return np.where(known, demanded, ABSENT)
