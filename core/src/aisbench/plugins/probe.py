"""The process in which plugins without a manifest are imported, each in a fork of its own.

Whatever a plugin does at its import (end the process, loop, print, crash in C, change signals,
loggers or modules) it does to its fork. What came of it is written to standard output: a line
of JSON for each plugin.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from aisbench.base.orphans import end_with
from aisbench.plugins.faults import fault_of
from aisbench.plugins.importing import TARGET_LIMITS, guarded, hangs
from aisbench.plugins.loading import hooks_of, offers_of_module
from aisbench.plugins.manifest import checksums, package_folder
from aisbench.plugins.plain import NotPlain, to_plain

_PAUSE = 0.002
_PRINTED = 500
"""Characters of what a plugin prints at its import that are told."""


def serve(request: dict[str, Any]) -> None:
    """Answer for all the plugins of ``request``: {"parent": pid, "limit": seconds, "plugins":
    [{"value": "module", "dist": "...", "targets": ["module:attribute", ...]}]}."""
    end_with(request["parent"])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    with tempfile.TemporaryDirectory() as folder:
        waiting = list(enumerate(request["plugins"]))
        running: dict[int, _Fork] = {}
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                number, plugin = waiting.pop(0)
                fork = _Fork(number, plugin, Path(folder), request["limit"])
                running[fork.pid] = fork
            for pid in [pid for pid, fork in running.items() if fork.ended()]:
                answer = running.pop(pid).answer()
                print(json.dumps(answer), file=answers, flush=True)
            time.sleep(_PAUSE)


class _Fork:
    """The import of one plugin, and of the targets of its offers that are asked for."""

    def __init__(self, number: int, plugin: dict[str, Any], folder: Path, limit: float) -> None:
        self._number, self._plugin, self._limit = number, plugin, limit
        self._result = folder / f"{number}.json"
        self._printed = folder / f"{number}.txt"
        self._status: int | None = None
        self._late = False
        self._begun = time.monotonic()
        self._written = 0
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                end_with(parent)
                self._run()
            except BaseException:  # noqa: BLE001 - a fault of ours, which must not look like theirs
                self._printed.write_text(traceback.format_exc(), encoding="utf-8")
            finally:
                os._exit(0)  # nothing that a plugin has left for the end is done

    def _run(self) -> None:
        os.setpgid(0, 0)
        printed = os.open(self._printed, os.O_WRONLY | os.O_CREAT, 0o600)
        for standard in (1, 2):
            os.dup2(printed, standard)
        sys.stdout = open(1, "w", closefd=False, errors="replace")  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, errors="replace")  # noqa: SIM115
        found = _answer(lambda: _offered(self._plugin), self._limit)
        unusable: list[dict[str, Any]] = []
        for target in self._plugin.get("targets", ()):
            self._write({**found, "unusable": unusable, "at": target})
            module, _, attribute = target.partition(":")
            told = _answer(
                lambda module=module, name=attribute: _import(module, name),
                TARGET_LIMITS * self._limit,
            )
            found["notes"] += told["notes"]
            if "fault" in told:
                unusable.append({"target": target, **told["fault"]})
        self._write({**found, "unusable": unusable, "at": None})

    def _write(self, found: dict[str, Any]) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        part = self._result.with_suffix(".part")
        part.write_text(json.dumps(found), encoding="utf-8")
        part.replace(self._result)

    def ended(self) -> bool:
        """Whether it is done; it is ended when its time is up."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = status
            elif self._is_late():
                # The fork ends loops of Python itself, and says where; not those of C.
                self._late = True
                self._kill()
                self._status = os.waitpid(self.pid, 0)[1]
        if self._status is not None:
            self._kill()  # what it has started
        return self._status is not None

    def _is_late(self) -> bool:
        limit = self._limit
        if self._result.is_file():
            limit *= TARGET_LIMITS
            written = self._result.stat().st_mtime_ns
            if written != self._written:  # it goes on to the next target
                self._written, self._begun = written, time.monotonic()
        return time.monotonic() - self._begun > limit + 1.0

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def answer(self) -> dict[str, Any]:
        """What the plugin offers, or what is wrong with it."""
        found: dict[str, Any]
        if self._result.is_file():
            found = json.loads(self._result.read_text(encoding="utf-8"))
            if (target := found.pop("at")) is not None:
                found["unusable"].append({"target": target, "reason": self._end()})
        else:
            found = {"fault": {"reason": self._end()}, "notes": []}
        printed = b""
        if self._printed.is_file():
            printed = self._printed.read_bytes()[:_PRINTED]
        if text := " ".join(printed.decode("utf-8", "replace").split()):
            found["notes"].append(f"it prints at its import: {text}")
        return {"number": self._number, **found}

    def _end(self) -> str:
        if self._late:
            return hangs(self._limit * (TARGET_LIMITS if self._result.is_file() else 1))
        assert self._status is not None
        if os.WIFSIGNALED(self._status):
            return f"its import was ended by {signal.Signals(os.WTERMSIG(self._status)).name}"
        return f"its import ends the process (exit code {os.WEXITSTATUS(self._status)})"


def _answer(action: Callable[[], dict[str, Any]], limit: float) -> dict[str, Any]:
    changes: list[str] = []
    threads = threading.active_count()
    found: dict[str, Any]
    try:
        found = guarded(action, limit, changes)
    except NotPlain as error:
        found = {"not_plain": str(error)}
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        found = {"fault": attrs.asdict(fault_of(error))}
    if threading.active_count() > threads:
        changes.append("threads that go on")
    found["notes"] = [f"it changes at its import: {one} (put back)" for one in changes]
    return found


def _import(module: str, attribute: str) -> dict[str, Any]:
    getattr(importlib.import_module(module), attribute)
    return {}


def _offered(plugin: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of a plugin's module."""
    before = set(sys.modules)
    value = plugin["value"]
    module = importlib.metadata.EntryPoint("plugin", value, "aisbench").load()
    offers = offers_of_module(module, plugin["dist"])
    return {
        "api": module.AISBENCH_API,
        "hooks": hooks_of(module),
        "files": _files(value.partition(":")[0], before),
        "offers": [to_plain(offer) for offer in offers],
    }


def _files(module: str, before: set[str]) -> dict[str, str]:
    """The checksums of the files of the plugin's own package that its module is made of."""
    home = package_folder(module)
    if home is None:
        return {}
    files = set()
    for name in {module, *(set(sys.modules) - before)}:
        place = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(place, str) and Path(place).is_relative_to(home.path):
            files.add(Path(place))
    return checksums(files, home.path)
