"""One `aisbench run`: the stages in order, around one run directory."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from attrs import define
from rich.console import Console

from aisbench.base.errors import AbortError, ExitCode
from aisbench.base.visible import visible
from aisbench.cli.display import ProgressDisplay
from aisbench.cli.load_display import LoadDisplay
from aisbench.config.effective import differences, resolved_tables
from aisbench.config.plan import Plan
from aisbench.config.suite import ServerSettings
from aisbench.conversation.prepare import Rows, write_samples
from aisbench.engine.file_limits import allow_connections
from aisbench.plugins.catalog import Catalog
from aisbench.runs.logs import start_logging
from aisbench.runs.signals import as_interrupts, stop_signals
from aisbench.servers.leftovers import end_leftovers
from aisbench.servers.started import started
from aisbench.stages.evaluate import failed_share
from aisbench.stages.infer import Inference
from aisbench.stages.measure import failed_requests
from aisbench.stages.progress import Progress
from aisbench.stages.results import collect
from aisbench.stages.resuming import Reuse
from aisbench.stages.run_loads import LoadStage
from aisbench.stages.summarize import summarize
from aisbench.store.environment import (
    Environment,
    changes,
    checksums,
    libraries,
    record_session,
    with_core,
)
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder, read_tables, write_suite
from aisbench.store.seals import seal, unseal

log = logging.getLogger(__name__)

T = TypeVar("T")


@define
class Session:
    """What one process does to a run directory, which it holds locked."""

    plan: Plan
    catalog: Catalog
    rows: Mapping[str, Rows]
    run: RunFolder
    console: Console
    verbosity: int
    redactor: Redactor

    def execute(self) -> int:
        """Infer, evaluate, summarize; the exit code. Raises AisbenchError."""
        redactor = self.redactor
        start_logging(self.run.log, redactor, self.verbosity)
        for warning in self.catalog.warnings:
            log.warning("%s", warning)
        self._warn_of_broken()
        for sentence in end_leftovers(self.run):
            self._print(sentence)
            log.warning("%s", sentence)
        number = self._record()
        self._print(f"run {self.run.path}")
        log.info("session %d starts: %d tasks", number, len(self.plan.tasks))
        if self.plan.loads:
            return self._load(number, redactor)
        inference = Inference(
            plan=self.plan,
            rows=self.rows,
            run=self.run,
            session=number,
            progress=Progress(tasks=[]),
            redactor=redactor,
            tell=self._print,
        )
        # Before the loop: it opens files of its own.
        allow_connections(
            sum(one.service.concurrency for one in self.plan.models if not one.local)
        )
        run_loop(self._infer(inference))
        for task in inference.progress.tasks:
            log.info(
                "%s / %s: %d of %d done, %d reused, %d failed, %d retried",
                task.model, task.dataset, task.done, task.total, task.reused, task.failed,
                task.retried,
            )  # fmt: skip
        if inference.stopped:
            raise AbortError(
                "stopped before the end", hint=f"continue with: {self._resume_command()}"
            )
        return self.finish()

    def _load(self, number: int, redactor: Redactor) -> int:
        """The stages of a performance run."""
        loading = LoadStage(
            plan=self.plan,
            rows=self.rows,
            run=self.run,
            session=number,
            redactor=redactor,
            around=lambda live: LoadDisplay(live, self.console),
            tell=self._print,
            run_loop=run_loop,
        )

        # The servers' loop must not run while workers are forked: it only starts and stops them.
        loop = asyncio.new_event_loop()
        stack = contextlib.AsyncExitStack()
        starting: asyncio.Task[Mapping[str, str]] | None = None

        def interrupt(*_: object) -> None:
            again = loading.stopped
            loading.stop()
            if starting is not None and not starting.done():
                loop.call_soon_threadsafe(starting.cancel)
            elif loading.running is None and (again or not loading.settling):
                # Nothing is in flight that could be waited for; files are whole at any instant.
                raise KeyboardInterrupt

        before = {one: signal.signal(one, interrupt) for one in stop_signals()}
        try:
            starting = loop.create_task(
                stack.enter_async_context(started(self._servers(), self.run))
            )
            try:
                servers = loop.run_until_complete(starting)
            except asyncio.CancelledError:
                raise AbortError(
                    "stopped before the servers were ready",
                    hint=f"continue with: {self._resume_command()}",
                ) from None
            loading.execute(servers)
        finally:
            for one in before:
                signal.signal(one, signal.SIG_IGN)  # the servers must be ended first
            loop.run_until_complete(stack.aclose())
            loop.close()
            self._scrub()
            for one, handler in before.items():
                signal.signal(one, handler)
        code = self.finish()
        if loading.failure is not None:
            self._print(f"error: {loading.failure}")
            return ExitCode.FAILED_SAMPLES
        if loading.stopped:
            raise AbortError(
                "stopped before the end; the figures above are of what was done",
                hint=f"loads that were not finished are run by: {self._resume_command()}",
            )
        return code

    def finish(self, warnings: Sequence[str] = ()) -> int:
        """Evaluate and summarize what is stored."""
        results = collect(self.plan, self.run, warnings)
        width = self.console.width if self.console.is_terminal else 160
        for text in summarize(results, self.run, self.plan.summarizers, width):
            self._print("")
            self._print(text)
        if not self.plan.summarizers:
            self._print("no summarizer is installed: the figures are in results/ alone")
        self._print(f"\nresults: {self.run.path}")
        share = max(failed_share(results), failed_requests(results.performance))
        allowed = self.plan.suite.suite.max_failed
        if share > allowed:
            what = "requests of a load" if results.performance else "samples of a task"
            again = f"; ask them again with: {self._resume_command()}"
            self._print(
                f"{share:.1%} of the {what} failed, {allowed:.1%} are allowed "
                f"(suite.max_failed){'' if results.performance else again}"
            )
            return ExitCode.FAILED_SAMPLES
        if any(not one.complete for one in results.performance):
            return ExitCode.FAILED_SAMPLES
        return ExitCode.OK

    # -- parts

    def _record(self) -> int:
        """Write down what this session runs with, and say what changed since the last one."""
        dists = {one.dist: self.catalog.plugins[one.dist] for one in self._listed() if one.dist}
        local = [one for one in self.plan.models if one.local]
        environment = Environment(
            plugins=with_core(dists),
            data={name: rows.checksums for name, rows in self.rows.items()},
            models={one.name: checksums(one.weights.files()) for one in local},
            libraries=libraries() if local else {},
        )
        tables = resolved_tables(self.plan)
        found = changes(self.run, environment)
        if self.run.suite.exists():
            found = differences(read_tables(self.run.suite), tables) + found
        for change in found:
            self._print(f"changed since the last session: {change}")
            log.info("changed since the last session: %s", change)
        unseal(self.run, self.run.suite, self.run.environment, "samples")
        write_suite(self.run, tables)
        write_samples(self.run, self.rows)
        seal(self.run, {}, self.run.suite, "samples")
        return record_session(self.run, environment, self.plan.suite.suite.seed)

    def _listed(self) -> list[Any]:
        found = [part.listed for part in self.plan.summarizers]
        for task in self.plan.tasks:
            found += [task.model.listed, task.dataset.listed, task.template.listed]
            found += [task.evaluator.listed] if task.evaluator else []
            found += [part.listed for part in task.postprocessors]
            found += [part.listed for part in task.dataset.metrics.values()]
        return found

    def _warn_of_broken(self) -> None:
        for broken in self.catalog.broken:
            log.warning(
                "plugin %s (%s %s) is not used: %s; aisbench plugins doctor tells more",
                broken.plugin, broken.dist, broken.version, broken.reason,
            )  # fmt: skip

    async def _infer(self, inference: Inference) -> None:
        task = asyncio.current_task()
        assert task is not None

        def interrupt() -> None:
            # Before the first task there is nothing in flight to wait for.
            if inference.stopped or not inference.progress.tasks:
                task.cancel()
            inference.stop()

        loop = asyncio.get_running_loop()
        numbers = stop_signals()
        for number in numbers:
            loop.add_signal_handler(number, interrupt)
        try:
            async with contextlib.AsyncExitStack() as stack:
                servers = await stack.enter_async_context(started(self._servers(), self.run))
                await stack.enter_async_context(ProgressDisplay(inference.progress, self.console))
                await inference.execute(servers)
        except asyncio.CancelledError:
            raise AbortError(
                "stopped at once; requests in flight are lost",
                hint=f"continue with: {self._resume_command()}",
            ) from None
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
            as_interrupts()
            self._scrub()
            for notice in inference.notices:
                self._print(notice)
            for reuse in inference.reuses:
                self._print(_describe(reuse))

    def _scrub(self) -> None:
        """Servers that were started may have written the secrets that they got."""
        for path in (self.run.path / "servers").glob("*.log"):
            self.redactor.scrub(path)

    def _servers(self) -> dict[str, ServerSettings]:
        names = dict.fromkeys(one.service.server for one in self.plan.models if not one.local)
        return {name: self.plan.suite.servers[name] for name in names if name}

    def _resume_command(self) -> str:
        return f"aisbench run --resume {self.run.path}"

    def _print(self, text: str) -> None:
        self.console.print(visible(text), markup=False, highlight=False, soft_wrap=True)


def _describe(reuse: Reuse) -> str:
    text = f"{reuse.task}: {reuse.reused} answers of earlier sessions used again"
    if reuse.failed_before:
        text += f", {reuse.failed_before} failed requests sent again"
    if reuse.stale and reuse.why:
        text += (
            f"; {reuse.stale} stored answers are not of this model ({reuse.why}), and are set "
            "aside in predictions/*/stale/"
        )
    elif reuse.stale:
        text += (
            f"; {reuse.stale} stored answers belong to requests that the suite no longer makes, "
            "and are set aside in predictions/*/stale/"
        )
    return text


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest loop there is, and return its result."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
