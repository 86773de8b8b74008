"""What the import of a plugin may change of the process, and putting it back.

Modules that nobody has imported yet (``logging``, ``random``, …) have no state to keep. What an
import adds to the environment or to ``sys.path`` stays, as its own code may rely on it; what it
changes or removes there is put back.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

PutBack = Callable[[], str]
"""Puts one thing back; says what had been changed, or "" when nothing had been."""


@contextlib.contextmanager
def kept_state(changes: list[str]) -> Iterator[None]:
    """Puts the process's state back at the end, and adds to ``changes`` what had been changed."""
    kept = [take() for take in _TAKERS]
    try:
        yield
    finally:
        for put_back in kept:
            if changed := put_back():
                changes.append(changed)


def _signals() -> PutBack:
    if threading.current_thread() is not threading.main_thread():
        return _nothing  # only the main thread can change them
    # Handlers that were set from outside Python read None, and cannot be set again.
    before = {
        number: handler
        for number in signal.Signals
        if (handler := signal.getsignal(number)) is not None
    }

    def put_back() -> str:
        changed = [number for number in before if signal.getsignal(number) is not before[number]]
        for number in changed:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, before[number])
        return _told("handlers of signals", [number.name for number in changed])

    return put_back


def _folder() -> PutBack:
    try:
        before = os.getcwd()  # noqa: PTH109 - as a text, it is compared
    except OSError:
        return _nothing  # it was deleted

    def put_back() -> str:
        with contextlib.suppress(OSError):
            if os.getcwd() == before:  # noqa: PTH109
                return ""
        with contextlib.suppress(OSError):
            os.chdir(before)
        return "the current folder"

    return put_back


def _environment() -> PutBack:
    before = dict(os.environ)

    def put_back() -> str:
        changed = [name for name, value in before.items() if os.environ.get(name) != value]
        for name in changed:
            os.environ[name] = before[name]
        return _told("environment variables", changed)

    return put_back


def _import_path() -> PutBack:
    holder, before = sys.path, list(sys.path)

    def put_back() -> str:
        after = sys.path
        if after is holder and after[: len(before)] == before:
            return ""  # what was added at the end hides nothing
        added = [entry for entry in after if entry not in before]
        sys.path = holder
        holder[:] = [*before, *added]
        return "sys.path"

    return put_back


def _logging() -> PutBack:
    logging: Any = sys.modules.get("logging")
    if logging is None:
        return _unused_logging
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    before = {
        one: (one.level, one.disabled, one.propagate, list(one.handlers), list(one.filters))
        for one in loggers
        if isinstance(one, logging.Logger)
    }
    threshold = logging.root.manager.disable

    def put_back() -> str:
        changed = []
        for one, (level, disabled, propagate, handlers, filters) in before.items():
            now = (one.level, one.disabled, one.propagate, one.handlers, one.filters)
            if now != (level, disabled, propagate, handlers, filters):
                changed.append(one.name)
                one.setLevel(level)
                one.disabled, one.propagate = disabled, propagate
                one.handlers[:], one.filters[:] = handlers, filters
        if logging.root.manager.disable != threshold:
            logging.disable(threshold)
            changed.append("all")
        return _told("loggers", changed)

    return put_back


def _unused_logging() -> str:
    """Where the import brought ``logging``, it is to be as it comes."""
    logging: Any = sys.modules.get("logging")
    if logging is None:
        return ""
    root = logging.root
    if not root.handlers and root.level == logging.WARNING and not root.manager.disable:
        return ""
    root.handlers.clear()
    root.setLevel(logging.WARNING)
    logging.disable(logging.NOTSET)
    return "loggers: root"


def _warning_filters() -> PutBack:
    before, show = list(warnings.filters), warnings.showwarning

    def put_back() -> str:
        changed = list(warnings.filters) != before or warnings.showwarning is not show
        if changed:
            warnings.filters[:] = before  # type: ignore[index]  # a list, whatever its stub says
            warnings.showwarning = show
            mutated = getattr(warnings, "_filters_mutated", None)
            if mutated is not None:
                mutated()  # or the old filters go on from their cache
        return "filters of warnings" if changed else ""

    return put_back


def _locale() -> PutBack:
    import locale

    try:
        before = locale.setlocale(locale.LC_ALL)
    except locale.Error:
        return _nothing

    def put_back() -> str:
        if locale.setlocale(locale.LC_ALL) == before:
            return ""
        locale.setlocale(locale.LC_ALL, before)
        return "the locale"

    return put_back


def _chance() -> PutBack:
    random: Any = sys.modules.get("random")
    if random is None:
        return _nothing
    before = random.getstate()

    def put_back() -> str:
        if random.getstate() == before:
            return ""
        random.setstate(before)
        return "the state of random"

    return put_back


_PLACES = (
    (sys, "stdin"), (sys, "stdout"), (sys, "stderr"), (sys, "excepthook"), (sys, "displayhook"),
    (sys, "unraisablehook"), (threading, "excepthook"),
)  # fmt: skip


def _hooks() -> PutBack:
    before = [(holder, name, getattr(holder, name)) for holder, name in _PLACES]

    def put_back() -> str:
        changed = []
        for holder, name, value in before:
            if getattr(holder, name) is not value:
                setattr(holder, name, value)
                changed.append(f"{holder.__name__}.{name}")
        return _told("hooks", changed)

    return put_back


def _builtins() -> PutBack:
    import builtins

    before = dict(vars(builtins))

    def put_back() -> str:
        now = vars(builtins)
        # "_" is the last value of an interactive session.
        changed = [name for name in before if now.get(name) is not before[name] and name != "_"]
        for name in changed:
            now[name] = before[name]
        return _told("built-in names", changed)

    return put_back


def _modules() -> PutBack:
    """Of Python and of aisbench: those of others may be imported again by whoever knows them."""
    before = {
        name: module
        for name, module in sys.modules.items()
        if (top := name.partition(".")[0]) in sys.stdlib_module_names or top == "aisbench"
    }

    def put_back() -> str:
        changed = [name for name in before if sys.modules.get(name) is not before[name]]
        sys.modules.update({name: before[name] for name in changed})
        return _told("modules", changed)

    return put_back


def _interpreter() -> PutBack:
    depth, collects, interval = (
        sys.getrecursionlimit(),
        gc.isenabled(),
        sys.getswitchinterval(),
    )
    trace, profile = sys.gettrace(), sys.getprofile()

    def put_back() -> str:
        changed = []
        if sys.getrecursionlimit() != depth:
            sys.setrecursionlimit(depth)
            changed.append("the recursion limit")
        if gc.isenabled() != collects:
            (gc.enable if collects else gc.disable)()
            changed.append("garbage collection")
        if sys.getswitchinterval() != interval:
            sys.setswitchinterval(interval)
            changed.append("the switch interval")
        if sys.gettrace() is not trace or sys.getprofile() is not profile:
            sys.settrace(trace)
            sys.setprofile(profile)
            changed.append("tracing")
        return _told("the interpreter", changed)

    return put_back


def _networking() -> PutBack:
    socket: Any = sys.modules.get("socket")
    if socket is None:
        return _nothing
    before = socket.getdefaulttimeout()

    def put_back() -> str:
        if socket.getdefaulttimeout() == before:
            return ""
        socket.setdefaulttimeout(before)
        return "the time-out of sockets"

    return put_back


def _nothing() -> str:
    return ""


def _told(what: str, changed: list[str]) -> str:
    return f"{what}: {', '.join(changed[:5])}{', …' * (len(changed) > 5)}" if changed else ""


_TAKERS: tuple[Callable[[], PutBack], ...] = (
    _hooks, _builtins, _modules, _interpreter, _signals, _folder, _environment, _import_path,
    _logging, _warning_filters, _locale, _chance, _networking,
)  # fmt: skip
