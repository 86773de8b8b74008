"""Standard input and output that may be closed, full, or go away: that must not end a run."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any, TextIO, cast

GONE = frozenset({errno.EPIPE, errno.EIO, errno.EBADF, errno.ECONNRESET})
"""Whoever read is not there any more (`| head`, a closed terminal): that is no failure."""


class Lasting(io.RawIOBase):
    """Writes to a descriptor until that fails, then to nowhere; remembers why."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.error: OSError | None = None
        """Why something could not be written, unless the reader went away."""
        self._lost = False

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return not self._lost and os.isatty(self._fd)

    def writable(self) -> bool:
        return True

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        """All of it, always. What cannot be shown is lost; what is stored does not suffer."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left and not self._lost:
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                # Somebody made the terminal non-blocking: wait as it would have.
                os.set_blocking(self._fd, True)
            except OSError as error:
                self._lost = True
                if error.errno not in GONE:
                    self.error = error
        return size


def keep_standard_files() -> None:
    """Open what is closed of 0, 1 and 2: else a run's file would get that number, and whatever is
    printed would be written into it."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)


def lasting_output() -> Lasting:
    """Make both standard outputs outlive their readers; the first one's descriptor."""
    output = Lasting(1)
    for name, raw in (("stdout", output), ("stderr", Lasting(2))):
        before: TextIO | None = getattr(sys, name)
        if before is not None:
            with contextlib.suppress(OSError):
                before.flush()
        made = io.TextIOWrapper(
            cast("Any", io.BufferedWriter)(raw),
            encoding=before.encoding if before is not None else "utf-8",
            errors="backslashreplace",
            line_buffering=name == "stderr" or raw.isatty(),
        )
        setattr(sys, name, made)
    return output
