"""Holding a suite that was locked to what it was: versions, files, rows."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping

from aisbench.base.clock import wall_time
from aisbench.base.errors import ConfigError
from aisbench.config.named_files import files_of
from aisbench.config.plan import Plan
from aisbench.config.source import Source
from aisbench.conversation.prepare import Rows
from aisbench.runs.lock_asked import suite_problems
from aisbench.runs.lock_file import (
    SCHEMA,
    LockDocument,
    LockedRows,
    read_lock,
    tokenizer_files,
    with_content,
)
from aisbench.runs.offline import offline
from aisbench.runs.parts_in_use import distributions
from aisbench.store.environment import checksums
from aisbench.store.rows import dump_row

SHOWN = 12
"""Digits of a checksum in messages."""

Check = Callable[[Plan, Mapping[str, Rows]], None]
"""Raises ConfigError for a plan or rows that are not those of the lock."""


@contextlib.contextmanager
def held_to_lock(source: Source) -> Iterator[tuple[Source, Check]]:
    """The suite to plan, and what checks the plan and its rows. Of a suite that is no lock: the
    same suite, and what checks nothing. Within it nothing of a lock is fetched.

    Raises ConfigError.
    """
    lock = read_lock(source)
    if lock is None:
        yield source, lambda plan, rows: None
        return
    check_installed(source, lock)
    check_suite_held(source, lock)
    with offline():
        yield (
            with_content(source, lock),
            lambda plan, rows: check_opened(source, lock, plan, rows),
        )


def check_installed(source: Source, lock: LockDocument) -> None:
    """Raises ConfigError unless the distributions of the lock are what is installed."""
    problems, wanted = [], []
    for name, version in lock.plugins.items():
        try:
            now = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            now = ""
        if now != version:
            told = f"{now} is installed" if now else "is not installed"
            problems.append(f"{source.name}: lock.plugins: {name}: {told}, the lock has {version}")
            wanted.append(f'"{name}=={version}"')
    if problems:
        problems[-1] += f"\n  help: pip install {' '.join(wanted)}; or lock the suite again"
        raise ConfigError(problems)


def check_suite_held(source: Source, lock: LockDocument) -> None:
    """Raises ConfigError unless the suite, with the flags, asks what the lock has."""
    if problems := list(suite_problems(source, lock.suite)):
        problems[-1] += (
            "\n  help: only where models are and how they are reached may differ, such as --url; "
            "else change the suite, and lock it again: aisbench lock"
        )
        raise ConfigError(problems)


def check_opened(source: Source, lock: LockDocument, plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises ConfigError with everything that is not what it was when the suite was locked."""
    now = locked_now(plan, rows)
    problems = []
    for kind, before, found, label in (
        ("data", lock.data, now.data, "datasets"),
        ("tokenizers", lock.tokenizers, now.tokenizers, "models"),
        ("weights", lock.weights, now.weights, "models"),
        ("files", lock.files, now.files, ""),
    ):
        for name in dict.fromkeys([*before, *found]):
            told = f"{label}.{name}" if label else name
            for sentence in _differences(before.get(name, {}), found.get(name, {})):
                problems.append(f"{source.name}: lock.{kind}: {told}: {sentence}")
    if not problems:
        problems += _row_problems(source, lock.rows, now.rows)
    if problems:
        problems[-1] += (
            "\n  help: bring back what the suite was locked with, or lock it again: aisbench lock"
        )
        raise ConfigError(problems)


def _row_problems(
    source: Source, before: Mapping[str, LockedRows], now: Mapping[str, LockedRows]
) -> Iterator[str]:
    for name in dict.fromkeys([*before, *now]):
        was, found = before.get(name), now.get(name)
        if was == found:
            continue
        counts = [f"{one.count:,}" if one is not None else "none" for one in (was, found)]
        told = f"{counts[1]} rows are asked, the lock has {counts[0]}"
        if counts[0] == counts[1]:
            told = f"other rows are asked than the {counts[0]} of the lock"
        yield (
            f"{source.name}: lock.rows: datasets.{name}: {told} (a flag or --set that chooses "
            "rows, or a plugin that reads the files otherwise)"
        )


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*before, *now]):
        if name not in now:
            yield f"{name} is missing, or no longer read"
        elif name not in before:
            yield f"{name} is new"
        elif before[name] != now[name]:
            yield (
                f"{name} has other content (sha256 {now[name][:SHOWN]}..., the lock has "
                f"{before[name][:SHOWN]}...)"
            )


def locked_now(plan: Plan, rows: Mapping[str, Rows]) -> LockDocument:
    """What everything is now."""
    named = {
        model.name: str(model.common.tokenizer)
        for model in plan.models
        if getattr(model.common, "tokenizer", None)
    }
    return LockDocument(
        schema=SCHEMA,
        made=wall_time(),
        plugins=distributions(plan),
        data={name: dict(one.checksums) for name, one in rows.items() if one.checksums},
        rows={name: _rows_of(one) for name, one in rows.items()},
        tokenizers={name: tokenizer_files(one) for name, one in named.items()},
        weights={
            model.name: checksums(model.weights.files()) for model in plan.models if model.local
        },
        files={name: checksums(files) for name, files in files_of(plan).items()},
    )


def _rows_of(rows: Rows) -> LockedRows:
    digest = hashlib.sha256()
    for sample in rows.samples:
        digest.update(dump_row(sample))
    return LockedRows(count=rows.questions, sha256=digest.hexdigest())
