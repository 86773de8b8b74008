"""The process in which plugins without a manifest are imported, in forks.

Whatever a plugin does at its import (end the process, loop, print, crash in C, change signals,
loggers or modules) it does to its fork, which it is then the last one of. What came of it is
written to standard output: a line of JSON for each plugin.
"""

from __future__ import annotations

import contextlib
import functools
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
from collections.abc import Callable, Iterator
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
    plugins, limit = request["plugins"], request["limit"]
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        waiting = [list(range(one, len(plugins), cores)) for one in range(cores)]
        running: list[_Fork] = []
        while running or any(waiting):
            running += [_Fork(one, plugins, Path(folder), limit) for one in waiting if one]
            waiting = []
            for fork in [one for one in running if one.ended()]:
                running.remove(fork)
                for answer in fork.answers():
                    print(json.dumps(answer), file=answers, flush=True)
                waiting.append(fork.rest())
            time.sleep(_PAUSE)


class _Fork:
    """The imports of some plugins, and of the targets of their offers that are asked for.

    One after the other is imported as long as each does nothing but that; the first that ends or
    changes the process, and so might harm the next one, is the last of its fork.
    """

    def __init__(
        self, numbers: list[int], plugins: list[dict[str, Any]], folder: Path, limit: float
    ) -> None:
        self._numbers, self._plugins, self._limit = numbers, plugins, limit
        self._folder = folder
        self._status: int | None = None
        self._late = False
        self._at, self._finished = (0, 0), set[int]()
        self._begun = time.monotonic()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                end_with(parent)
                self._run()
            except BaseException:  # noqa: BLE001 - a fault of ours, which must not look like theirs
                text = traceback.format_exc()
                (folder / f"{numbers[0]}.txt").write_text(text, encoding="utf-8")
            finally:
                os._exit(0)  # nothing that a plugin has left for the end is done

    def _run(self) -> None:
        os.setpgid(0, 0)
        for number in self._numbers:
            printed = os.open(self._printed(number), os.O_WRONLY | os.O_CREAT, 0o600)
            for standard in (1, 2):
                os.dup2(printed, standard)
            os.close(printed)
            sys.stdout = open(1, "w", closefd=False, errors="replace")  # noqa: SIM115
            sys.stderr = open(2, "w", closefd=False, errors="replace")  # noqa: SIM115
            if not self._import(number):
                return

    def _import(self, number: int) -> bool:
        """Whether the process is as it was."""
        plugin = self._plugins[number]
        found = _answer(lambda: _offered(plugin), self._limit)
        unusable: list[dict[str, Any]] = []
        for target in plugin.get("targets", ()):
            self._write(number, {**found, "unusable": unusable, "at": target})
            module, _, attribute = target.partition(":")
            imported = functools.partial(_imported, module, attribute)
            told = _answer(imported, TARGET_LIMITS * self._limit)
            found["notes"] += told["notes"]
            found["harmless"] &= told["harmless"]
            if "fault" in told:
                unusable.append({"target": target, **told["fault"]})
        self._write(number, {**found, "unusable": unusable, "at": None})
        return bool(found["harmless"])

    def _write(self, number: int, found: dict[str, Any]) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        part = self._result(number).with_suffix(".part")
        part.write_text(json.dumps(found), encoding="utf-8")
        part.replace(self._result(number))

    def _result(self, number: int) -> Path:
        return self._folder / f"{number}.json"

    def _printed(self, number: int) -> Path:
        """What a plugin prints; the file is there as soon as its import begins."""
        return self._folder / f"{number}.txt"

    def ended(self) -> bool:
        """Whether it is done; it is ended when the time of the plugin that it imports is up."""
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid:
            self._status = status
        elif self._is_late():
            # The fork ends loops of Python itself, and says where; not those of C.
            self._late = True
            self._kill()
            self._status = os.waitpid(self._pid, 0)[1]
        if self._status is None:
            return False
        self._kill()  # what it has started
        return True

    def _is_late(self) -> bool:
        """Whether the plugin at hand, or its target, takes longer than it may."""
        number = next((one for one in self._numbers if not self._complete(one)), None)
        if number is None:
            return False
        limit, written = self._limit, 0
        if self._result(number).is_file():
            limit *= TARGET_LIMITS
            written = self._result(number).stat().st_mtime_ns
        if (number, written) != self._at:  # it goes on
            self._at, self._begun = (number, written), time.monotonic()
        return time.monotonic() - self._begun > limit + 1.0

    def _complete(self, number: int) -> bool:
        if number in self._finished:
            return True
        file = self._result(number)
        if file.is_file() and json.loads(file.read_text(encoding="utf-8"))["at"] is None:
            self._finished.add(number)
        return number in self._finished

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)

    def rest(self) -> list[int]:
        """The plugins that it has not begun with."""
        return [number for number in self._numbers if not self._printed(number).is_file()]

    def answers(self) -> Iterator[dict[str, Any]]:
        """What the plugins offer that it has begun with, or what is wrong with them."""
        for number in self._numbers:
            if not self._printed(number).is_file():
                return
            found: dict[str, Any] = {"fault": {"reason": self._end(1)}, "notes": []}
            if self._result(number).is_file():
                found = json.loads(self._result(number).read_text(encoding="utf-8"))
                del found["harmless"]
                if (target := found.pop("at")) is not None:
                    reason = self._end(TARGET_LIMITS)
                    found["unusable"].append({"target": target, "reason": reason})
            printed = self._printed(number).read_bytes()[:_PRINTED].decode("utf-8", "replace")
            if text := " ".join(printed.split()):
                found["notes"].append(f"it prints at its import: {text}")
            yield {"number": number, **found}

    def _end(self, limits: int) -> str:
        if self._late:
            return hangs(self._limit * limits)
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
    found["notes"] = [f"it changes at its import: {one} (put back)" for one in changes]
    if threading.active_count() > threads:
        found["notes"].append("it starts threads at its import, which go on")
    found["harmless"] = not found["notes"] and "fault" not in found
    return found


def _imported(module: str, attribute: str) -> dict[str, Any]:
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
