"""What is stored already of what is to be asked: matched by content, never by place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field, frozen

from aisbench.config.plan import Model, Task
from aisbench.conversation.conversation import Conversation, Later
from aisbench.conversation.dependencies import EarlierTranscripts
from aisbench.stages.answers import stored_row
from aisbench.stages.odd import failure_of, go_on
from aisbench.stages.progress import TaskProgress
from aisbench.store.files import write_atomically
from aisbench.store.journal import read_rows
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder
from aisbench.store.seals import unseal
from aisbench.types.response import Response


@define
class Assignment:
    """Conversations with one model that go into one journal; ``task`` where answers are scored
    as they come."""

    label: str
    model: Model
    path: Path
    stale: Path
    progress: TaskProgress
    conversations: Iterator[Conversation | Later]
    task: Task | None = None
    earlier: EarlierTranscripts = field(factory=lambda: EarlierTranscripts(frozenset()))


@frozen(kw_only=True)
class Reuse:
    """What a resumed task took over, in requests."""

    task: str
    reused: int
    failed_before: int
    stale: int
    why: str = ""
    """What made stored answers stale, where it is known."""


@frozen(kw_only=True)
class Matched:
    """What is left of some work, and which stored rows are of use to it."""

    pending: Sequence[Conversation | Later]
    unwritten: Sequence[Conversation]
    """Those that fail at a stored answer, which the journal does not tell yet."""
    reused: int
    failed_before: int
    wanted: frozenset[str]
    """Keys of requests that are part of the work."""
    present: Sequence[dict[str, Any]]
    aside: Sequence[dict[str, Any]]


def has_stored(work: Assignment) -> bool:
    """Whether anything of it was asked before."""
    return work.path.exists() or work.stale.exists()


def match(work: Assignment, over: Callable[[Assignment, Conversation], None]) -> Matched:
    """Play the stored answers; ``over`` is told of conversations that end by them.

    Uses up the conversations of ``work``, and changes no file.
    """
    stored: dict[str, dict[str, Any]] = {}
    failed: set[str] = set()
    present = list(_rows(work.path))
    aside = list(_rows(work.stale))
    for row in [*aside, *present]:
        if row["response"].get("fault") is None:
            stored[row["key"]] = row
        else:
            failed.add(row["key"])
    wanted: set[str] = set()
    reused = failed_before = 0
    pending: list[Conversation | Later] = []
    unwritten: list[Conversation] = []
    for one in work.conversations:
        if isinstance(one, Later) and work.earlier.missing(one) is not None:
            pending.append(one)
            continue
        conversation = work.earlier.begin(one) if isinstance(one, Later) else one
        while not conversation.finished:
            key = conversation.request().key
            wanted.add(key)
            answered = stored.get(key)
            if answered is None:
                failed_before += key in failed
                pending.append(conversation)
                break
            reused += 1
            response = converter().structure(answered["response"], Response)
            if not go_on(conversation, response, work.model.common):
                request, _ = failure_of(conversation)
                wanted.add(request.key)
                if request.key not in failed:
                    unwritten.append(conversation)
        if conversation.finished:
            work.earlier.keep(conversation)
            work.progress.reused += 1
            over(work, conversation)
    return Matched(
        pending=pending,
        unwritten=unwritten,
        reused=reused,
        failed_before=failed_before,
        wanted=frozenset(wanted),
        present=present,
        aside=aside,
    )


def sort_out(work: Assignment, matched: Matched, run: RunFolder) -> Reuse:
    """Set rows without a use aside, and take back those that have one again."""
    wanted, aside, present = matched.wanted, matched.aside, matched.present
    # A killed process may have left rows in both files: once is enough.
    there = {orjson.dumps(row) for row in present}
    answered = {row["key"] for row in present if row["response"].get("fault") is None}
    back: list[dict[str, Any]] = []
    stale: list[dict[str, Any]] = []
    for row in _distinct(aside):
        if row["key"] not in wanted or (row["key"] in answered and orjson.dumps(row) not in there):
            stale.append(row)
        elif orjson.dumps(row) not in there:
            back.append(row)
    stale = _distinct([*stale, *(row for row in present if row["key"] not in wanted)])
    if back or len(stale) != len(aside):
        unseal(run, work.stale, work.path)
        # The stale file first: a crash in between leaves rows in both files, and in none less.
        write_atomically(work.stale, _lines(_distinct([*aside, *stale])))
        write_atomically(work.path, _lines([*back, *(r for r in present if r["key"] in wanted)]))
        write_atomically(work.stale, _lines(stale))
    return Reuse(
        task=work.label,
        reused=matched.reused,
        failed_before=matched.failed_before,
        stale=len(stale),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a journal that can be used. Raises DamageError."""

    def checked(row: Any) -> dict[str, Any]:
        stored_row(row)
        return dict(row)

    return read_rows(path, checked)


def _distinct(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({orjson.dumps(row): row for row in rows}.values())


def _lines(rows: Sequence[Any]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)
