"""Child processes that do not outlive the process that forked them, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """In a forked child: be killed when ``parent``, the process that forked it, is gone.

    Without prctl(2) nothing happens. The fork must have been made by a thread that lives as long
    as the process: the kernel sends the signal when that thread ends.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it has ended already


def leave_signals_to(parent: int) -> None:
    """In a forked child: let the parent decide what a signal to the whole group means."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_with(parent)
