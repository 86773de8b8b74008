"""One session of a run: the stages in order, by one process, around one run directory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs
from attrs import Factory, define, field, frozen

from aisbench.config.absent_backends import backend_record
from aisbench.config.effective import differences, resolved_tables
from aisbench.config.named_files import copies_of, files_of
from aisbench.config.plan import Model, Plan
from aisbench.config.suite import ServerSettings
from aisbench.conversation.prepare import Rows, keep_media, write_samples
from aisbench.plugins.catalog import Catalog
from aisbench.runs.display import RunDisplay
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.logs import RunLog
from aisbench.runs.observers import Observers
from aisbench.runs.parts_in_use import distributions
from aisbench.runs.progress_file import ProgressFile
from aisbench.runs.stages_of import STAGES, Stage
from aisbench.servers.leftovers import end_leftovers
from aisbench.store.environment import (
    Environment,
    changes,
    checksums,
    libraries,
    record_session,
)
from aisbench.store.files import write_copies
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder, read_tables, write_suite
from aisbench.store.seals import seal, unseal

log = logging.getLogger(__name__)


@frozen(kw_only=True)
class Host:
    """The program that a run is made in: what it is shown by, and how it is stopped."""

    display: RunDisplay
    interrupts: Interrupts
    log: RunLog
    arguments: Sequence[str]
    """With which the program was called, for the history of the run."""
    resume_words: Callable[[Path], str]
    """How this program's user continues the run in a folder."""


@define
class Session:
    """What one process does to a run directory, which it holds locked."""

    plan: Plan
    catalog: Catalog
    rows: Mapping[str, Rows]
    run: RunFolder
    redactor: Redactor
    host: Host
    stages: tuple[Stage, ...] = STAGES
    """What is to be done. Without "answers" no row is read, and those that the run keeps hold."""
    observers: Observers = field(
        default=Factory(lambda it: Observers(it.plan, it.run, it.redactor), takes_self=True)
    )
    """What is told how it goes."""
    progress: ProgressFile = field(
        default=Factory(lambda it: ProgressFile(it.run), takes_self=True)
    )
    """Where others read how far it is."""

    @property
    def asked(self) -> tuple[Model, ...]:
        """The models that are asked anything in these stages."""
        tested = self.plan.tested if "answers" in self.stages else ()
        judges = self.plan.judges if "judgements" in self.stages else ()
        return tuple({one.name: one for one in (*tested, *judges)}.values())

    def begin(self) -> int:
        """Write down with what the session begins, and say what it is; its number, from 1.

        Raises AisbenchError.
        """
        self.host.log.write_to(self.run.log, self.redactor)
        for warning in self.catalog.warnings:
            log.warning("%s", warning)
        self._warn_of_broken()
        for sentence in end_leftovers(self.run):
            self.say(sentence)
            log.warning("%s", sentence)
        number = self._record()
        self.say(f"run {self.run.path}")
        log.info("session %d starts: %d tasks", number, len(self.plan.tasks))
        self.observers.begin(number, self.stages)
        return number

    def say(self, text: str) -> None:
        """Show a line to the user."""
        self.host.display.say(text)

    @property
    def title(self) -> str:
        """What a reader calls the run."""
        return f"{self.plan.suite.suite.name}/{self.run.path.name}"

    @property
    def resume_words(self) -> str:
        """How the run is continued."""
        return self.host.resume_words(self.run.path)

    @property
    def servers(self) -> dict[str, ServerSettings]:
        """The programs that the run's models are served by, by name."""
        names = dict.fromkeys(one.service.server for one in self.asked if not one.local)
        own = {model.service.server for model in self.asked if model.own}
        found = {name: self.plan.suite.servers[name] for name in names if name}
        # No path of HTTP says that a server of another protocol is ready.
        return {
            name: attrs.evolve(one, ready="") if name in own else one
            for name, one in found.items()
        }

    def clean_server_logs(self) -> None:
        """Servers that were started may have written the secrets that they got."""
        for path in (self.run.path / "servers").glob("*.log"):
            self.redactor.scrub(path)

    def _record(self) -> int:
        """Write down what this session runs with, and say what changed since the last one."""
        own = files_of(self.plan)
        local = [one for one in self.asked if one.local]
        rows_read = "answers" in self.stages
        environment = Environment(
            plugins=distributions(self.plan),
            data={name: rows.checksums for name, rows in self.rows.items()},
            chosen=self._chosen() if rows_read else {},
            models={one.name: checksums(one.weights.files()) for one in local},
            files={name: checksums(files) for name, files in own.items()},
            backends={one.name: backend_record(one) for one in self.plan.models},
            rows_read=rows_read,
            libraries=libraries() if local else {},
        )
        tables = resolved_tables(self.plan)
        found = changes(self.run, environment)
        if self.run.suite.exists():
            found = differences(read_tables(self.run.suite), tables) + found
        for change in found:
            self.say(f"changed since the last session: {change}")
            log.info("changed since the last session: %s", change)
        unseal(self.run, self.run.suite, self.run.environment, "samples", "files")
        write_copies(self.run.files, dict(copies_of(own)))
        for path in self.run.files.rglob("*"):
            if path.is_file():
                self.redactor.scrub(path)
        write_suite(self.run, tables)
        self.rows = keep_media(self.run, self.rows)
        # A load has no time to read rows from the disk.
        write_samples(self.run, self.rows, hold=not self.plan.loads)
        seal(self.run, {}, self.run.suite, "samples", "files")
        seed = self.plan.suite.suite.seed
        return record_session(self.run, environment, seed, self.host.arguments)

    def _chosen(self) -> dict[str, tuple[str, int]]:
        """Of each data set that is not asked whole how its rows were chosen, and of how many."""
        return {
            one.name: (one.common.described(), self.rows[one.name].of)
            for one in self.plan.datasets
            if self.rows[one.name].questions < self.rows[one.name].of
        }

    def _warn_of_broken(self) -> None:
        for broken in self.catalog.broken:
            log.warning(
                "plugin %s (%s %s) is not used: %s; aisbench plugins doctor tells more",
                broken.plugin, broken.dist, broken.version, broken.reason,
            )  # fmt: skip
