"""What a plugin does at its import ends with it."""

from __future__ import annotations

import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.base.errors import PluginError
from aisbench.plugins.importing import ImportFault, guarded, time_limit
from aisbench.plugins.process_state import kept_state


def _loop() -> None:
    while True:
        pass


def _ignore() -> None:
    """Ends only when it is asked the second time."""
    try:
        _loop()
    except BaseException:  # noqa: BLE001
        _loop()


def _exit() -> None:
    sys.exit("over")


def _interrupt() -> None:
    raise KeyboardInterrupt


def _thread_of(action: Callable[[], None]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


@pytest.mark.parametrize("action", [_loop, _ignore, lambda: time.sleep(60)])
def test_what_does_not_end_is_ended(action: Callable[[], None]) -> None:
    begun, handler = time.monotonic(), signal.getsignal(signal.SIGALRM)
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    with pytest.raises(ImportFault, match=r"did not end within 0\.1 s"):
        guarded(action, 0.1)
    assert time.monotonic() - begun < 10
    # pytest's own alarm, if there is one, goes on.
    assert signal.getsignal(signal.SIGALRM) is handler
    assert bool(left) == bool(signal.getitimer(signal.ITIMER_REAL)[0])


def test_a_loop_is_ended_in_other_threads_too() -> None:
    raised: list[Exception] = []

    def work() -> None:
        try:
            guarded(_loop, 0.1)
        except Exception as error:  # noqa: BLE001
            raised.append(error)

    _thread_of(work)
    assert isinstance(raised[0], ImportFault)


@pytest.mark.parametrize(
    ("action", "told"), [(_exit, r"sys\.exit\('over'\)"), (_interrupt, "raises KeyboardInterrupt")]
)
def test_what_is_no_exception_becomes_one(action: Callable[[], None], told: str) -> None:
    with pytest.raises(ImportFault, match=told):
        guarded(action, 5)


def test_the_users_interrupt_is_the_users() -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(lambda: os.kill(os.getpid(), signal.SIGINT) or time.sleep(5), 9)


def test_what_is_printed_stays_out_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(lambda: print("a word") or 3, 5) == 3
    assert capsys.readouterr() == ("", "a word\n")


def test_the_process_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "1")
    monkeypatch.delenv("ADDED", raising=False)
    folder, handler, stdout = Path.cwd(), signal.getsignal(signal.SIGTERM), sys.stdout
    path, level, handlers = list(sys.path), logging.root.level, list(logging.root.handlers)
    filters, state = list(warnings.filters), random.getstate()
    place = locale.setlocale(locale.LC_ALL)
    changes: list[str] = []
    with kept_state(changes):
        os.chdir(tmp_path)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.stdout = None
        sys.path[:] = ["/first", *sys.path[1:]]
        logging.basicConfig(level=logging.DEBUG, force=True)
        logging.getLogger("aisbench.some").disabled = True
        warnings.simplefilter("error")
        locale.setlocale(locale.LC_ALL, "C.UTF-8" if place == "C" else "C")
        random.seed(3)
        os.environ["KEPT"] = "2"
        os.environ["ADDED"] = "1"
        sys.modules["json"] = None  # type: ignore[assignment]
        socket.setdefaulttimeout(1)
        sys.setrecursionlimit(sys.getrecursionlimit() + 1)
    assert (Path.cwd(), signal.getsignal(signal.SIGTERM), sys.stdout) == (folder, handler, stdout)
    # What is added stays, where it hides nothing.
    assert sys.path == [*path, "/first"]
    assert (os.environ["KEPT"], os.environ["ADDED"]) == ("1", "1")
    assert (logging.root.level, logging.root.handlers) == (level, handlers)
    assert list(warnings.filters) == filters
    assert locale.setlocale(locale.LC_ALL) == place
    assert random.getstate() == state
    assert sys.modules["json"] is not None
    assert socket.getdefaulttimeout() is None
    assert len(changes) == 11, changes
    sys.path.remove("/first")
    monkeypatch.delenv("ADDED")


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan"])
def test_a_wrong_limit_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISBENCH_PLUGIN_TIMEOUT", text)
    with pytest.raises(PluginError, match=f"AISBENCH_PLUGIN_TIMEOUT is '{text}'"):
        time_limit()
    monkeypatch.setenv("AISBENCH_PLUGIN_TIMEOUT", "2.5")
    assert time_limit() == 2.5
