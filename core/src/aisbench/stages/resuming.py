"""Which of the answers to be asked for are stored already: matched by content, not by place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.conversation.asking import Later
from aisbench.conversation.conversation import Conversation
from aisbench.stages.answers import stored_row
from aisbench.stages.assignments import Assignment
from aisbench.stages.turn_failures import read_or_fail
from aisbench.store.files import replacing
from aisbench.store.held import LONG_ROW, RowFile
from aisbench.store.journal import placed_rows
from aisbench.store.run import RunFolder
from aisbench.store.seals import unseal


@frozen(kw_only=True)
class Reuse:
    """What a resumed task took over, in requests."""

    task: str
    reused: int
    failed_before: int
    stale: int
    folder: str = "predictions"
    """Of the run, in which they are set aside."""
    why: str = ""
    """What made stored answers stale, where it is known."""


@frozen(kw_only=True)
class Matched:
    """What is left of an assignment, and which stored rows belong to it."""

    pending: Sequence[Conversation | Later]
    unwritten: Sequence[Conversation]
    """Those that fail at a stored answer, which the journal does not say yet."""
    reused: int
    failed_before: int
    wanted: frozenset[str]
    """Keys of the requests that are part of the assignment."""
    present: Sequence[_Journalled]
    aside: Sequence[_Journalled]


@frozen
class _Journalled:
    """A row of a journal; that of a long document stays in the file."""

    key: str
    failed: bool
    digest: bytes
    """Of its line, by which copies are known."""
    known: dict[str, Any] | None
    file: RowFile
    at: int
    length: int

    @property
    def row(self) -> dict[str, Any]:
        if self.known is not None:
            return self.known
        return dict(self.file.row(self.at, self.length))

    @property
    def line(self) -> bytes:
        return self.file.line(self.at, self.length)


def has_stored(assignment: Assignment) -> bool:
    """Whether any of it was asked before."""
    return assignment.path.exists() or assignment.stale.exists()


def match(assignment: Assignment, over: Callable[[Assignment, Conversation], None]) -> Matched:
    """Play the stored answers; ``over`` is called with each conversation that they end.

    Uses up the conversations of ``assignment``, and changes no file.
    """
    stored: dict[str, _Journalled] = {}
    failed: set[str] = set()
    present = list(_rows(assignment.path))
    aside = list(_rows(assignment.stale))
    for row in [*aside, *present]:
        if row.failed:
            failed.add(row.key)
        else:
            stored[row.key] = row
    wanted: set[str] = set()
    reused = failed_before = 0
    pending: list[Conversation | Later] = []
    unwritten: list[Conversation] = []
    for one in assignment.conversations:
        if isinstance(one, Later) and assignment.earlier.missing(one) is not None:
            pending.append(one)
            continue
        conversation = assignment.earlier.begin(one) if isinstance(one, Later) else one
        conversation.play()
        while not conversation.finished:
            key = conversation.request().key
            wanted.add(key)
            answered = stored.get(key)
            if answered is None:
                failed_before += key in failed
                pending.append(assignment.waiting(conversation))
                if conversation.turns is not None:
                    conversation.turns.rest()
                break
            reused += 1
            held = stored_row(answered.row)
            response = read_or_fail(held.response, assignment.model.common, held.sample)
            conversation.take(response, held.timing)
            conversation.play()
        if conversation.broken is not None:
            key = conversation.unasked().key
            wanted.add(key)
            if key not in failed:
                unwritten.append(conversation)
        if conversation.finished:
            assignment.earlier.keep(conversation)
            assignment.progress.reused += 1
            over(assignment, conversation)
    return Matched(
        pending=pending,
        unwritten=unwritten,
        reused=reused,
        failed_before=failed_before,
        wanted=frozenset(wanted),
        present=present,
        aside=aside,
    )


def sort_out(assignment: Assignment, matched: Matched, run: RunFolder) -> Reuse:
    """Set aside the rows that no request asks for any more, and take back those that one does."""
    wanted, aside, present = matched.wanted, matched.aside, matched.present
    # A killed process may have left rows in both files.
    there = {row.digest for row in present}
    answered = {row.key for row in present if not row.failed}
    back: list[_Journalled] = []
    stale: list[_Journalled] = []
    for row in _distinct(aside):
        if row.key not in wanted or (row.key in answered and row.digest not in there):
            stale.append(row)
        elif row.digest not in there:
            back.append(row)
    stale = _distinct([*stale, *(row for row in present if row.key not in wanted)])
    if back or len(stale) != len(aside):
        unseal(run, assignment.stale, assignment.path)
        # The stale file first: a crash in between leaves a row in both files, never in neither.
        _write(assignment.stale, _distinct([*aside, *stale]))
        _write(assignment.path, [*back, *(row for row in present if row.key in wanted)])
        _write(assignment.stale, stale)
    return Reuse(
        task=assignment.label,
        reused=matched.reused,
        failed_before=matched.failed_before,
        stale=len(stale),
        folder=assignment.stale.relative_to(run.path).parts[0],
    )


def _rows(path: Path) -> Iterator[_Journalled]:
    """The rows of a journal, each of them checked. Raises DamageError."""

    def checked(row: Any) -> dict[str, Any]:
        stored_row(row)
        return dict(row)

    file: RowFile | None = None
    for row, at, length in placed_rows(path, checked):
        file = file or RowFile(path)
        yield _Journalled(
            key=row["key"],
            failed=row["response"].get("fault") is not None,
            digest=hashlib.sha256(file.line(at, length)).digest(),
            known=row if length < LONG_ROW else None,
            file=file,
            at=at,
            length=length,
        )


def _distinct(rows: Sequence[_Journalled]) -> list[_Journalled]:
    return list({row.digest: row for row in rows}.values())


def _write(path: Path, rows: Sequence[_Journalled]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.writelines(row.line for row in rows)
