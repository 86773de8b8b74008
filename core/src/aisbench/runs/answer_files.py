"""Runs of a folder, and single answers of a run by their places: for programs that keep an index
of their own beside the files, such as viewers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from aisbench.runs.calls import AnyPath
from aisbench.runs.result import answered_tasks
from aisbench.runs.samples import AnsweredSample, journal_of, read_one
from aisbench.store.run import SUITE, RunFolder, open_run

DEEPEST = 6
"""Levels of folders below the given one in which runs are looked for."""


@frozen
class AnswerFiles:
    """The files that the answers of one task are in: a model on a data set, under one load or "".

    Each holds a JSON object a line. ``answers`` grows while a run goes on, and its last line may
    be half-written; of several lines of one turn the good one counts, else the last.
    """

    run: Path
    model: str
    dataset: str
    load: str
    answers: Path
    """A line a turn: "sample", "repeat", "turn", "prompt", "response", "timing", …"""
    samples: Path
    """A line a row of the data set: "id", "part", "target", …"""
    scores: Path
    """A line an answer: "sample", "repeat", "score", …; absent before the first evaluation."""
    judgements: Path
    """A line a turn of what a judge said: "sample" (SAMPLE#REPEAT#NUMBER), "turn", "response", …;
    absent where no judge is asked."""

    def read(
        self,
        turns: Sequence[int],
        sample_at: int,
        score_at: int | None = None,
        *,
        repeat: int,
        judged_at: Sequence[int] = (),
    ) -> AnsweredSample:
        """The answer whose turns begin at the bytes ``turns`` of ``answers``, whose sample does
        at ``sample_at`` of ``samples``, whose score at ``score_at`` of ``scores`` (None: it has
        none), and of which a judge spoke at ``judged_at`` of ``judgements``, in order of number
        and turn.

        Raises DamageError where no such rows are there (any more).
        """
        folder = RunFolder(self.run)
        task = (self.model, self.dataset, self.load)
        return read_one(folder, task, turns, sample_at, score_at, repeat, judged_at)


def answer_files(run: AnyPath) -> tuple[AnswerFiles, ...]:
    """The tasks of a run that have answers, in the order of its suite. Files that are not there
    yet are named all the same.

    Raises AisbenchError where there is no run, DamageError where its suite cannot be read.
    """
    folder = open_run(Path(run))
    return tuple(
        AnswerFiles(
            folder.path,
            one.model,
            one.dataset,
            one.load,
            journal_of(folder, one.model, one.dataset, one.load),
            folder.samples(one.dataset),
            folder.scores(one.model, one.dataset, one.load),
            folder.judgements(one.model, one.dataset),
        )
        for one in answered_tasks(folder)
    )


def find_runs(folder: AnyPath) -> Iterator[Path]:
    """The run directories in a folder and below, the newest first by their names; ``folder``
    itself where it is one. Nothing but names is read, and hidden folders are left out.

    Raises OSError where ``folder`` cannot be listed; folders below it that cannot are left out.
    """
    top = Path(folder)
    os.scandir(top).close()
    found = sorted(_runs_below(top, 0), key=lambda path: (path.name, str(path)), reverse=True)
    yield from found


def _runs_below(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / SUITE).is_file():
        yield folder  # what lies in a run is its own
        return
    if depth == DEEPEST:
        return
    try:
        with os.scandir(folder) as entries:
            below = [Path(one.path) for one in entries if _is_open_folder(one)]
    except OSError:
        return
    for path in below:
        yield from _runs_below(path, depth + 1)


def _is_open_folder(entry: os.DirEntry[str]) -> bool:
    # Links are not followed: a link to a folder above would be walked for ever.
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
