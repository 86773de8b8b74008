"""The whole terminal as a screen that is drawn by hand, and its keys.

The terminal is opened anew, for reading and writing without waiting: a terminal that is slow, or
that Ctrl-S stopped, holds up nobody, least of all a load; frames that it has no room for are
skipped. It is left as it was found, whatever happens: by an error, a signal, or Ctrl-Z.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from attrs import define, field

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J"
"""Another screen than the one with what was printed; no cursor; lines end where it does."""
LEAVE = "\x1b[0m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l"
LEAVE_SECONDS = 1.0
"""How long a terminal that takes nothing is waited for at the end."""
AFRESH_SECONDS = 10.0
"""After so long all lines are drawn again: something else may have written among them."""


def open_terminal(fd: int) -> int | None:
    """The terminal behind ``fd`` as a file of its own; None where it cannot be had."""
    flags = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(fd), flags)
    return None


@define
class Screen:
    """A terminal, while it is shown on."""

    fd: int
    """As :func:`open_terminal` gives it; :meth:`close` closes it."""
    on_suspend: Callable[[], None]
    """Called before Ctrl-Z stops the process, to :meth:`leave`."""
    shown: bool = False
    controls: bool = False
    """Whether keys are read: it is the terminal that the process belongs to."""
    _before: list[Any] | None = None
    _stop_before: Any = None
    _pid: int = field(factory=os.getpid)
    _lines: list[str] = field(factory=list)
    _size: tuple[int, int] = (0, 0)
    _unsent: bytes = b""
    _drawn_at: float = 0.0

    @property
    def foreground(self) -> bool:
        """Whether the terminal is ours to draw on: the shell has it while we are in the
        background."""
        try:
            return os.tcgetpgrp(self.fd) == os.getpgrp()
        except OSError:
            return True  # no job control there: it is nobody else's

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            found = os.get_terminal_size(self.fd)
        except OSError:
            return (80, 24)
        return (found.columns or 80, found.lines or 24)

    def enter(self) -> None:
        """Begin to show. Keys that were pressed before are nobody's."""
        try:
            self.controls = os.tcgetpgrp(self.fd) == os.getpgrp()
        except OSError:
            self.controls = False
        if self.controls:
            try:
                self._before = termios.tcgetattr(self.fd)
                termios.tcsetattr(self.fd, termios.TCSAFLUSH, _quiet(self._before))
            except termios.error:
                self._before, self.controls = None, False
            with contextlib.suppress(ValueError):  # not in the main thread
                self._stop_before = signal.signal(signal.SIGTSTP, self._suspend)
        self.shown = True
        self._lines, self._unsent = [], b""
        self._send(ENTER.encode())

    def leave(self) -> None:
        """Show what was printed again; the terminal is as it was."""
        if not self.shown:
            return
        self.shown = False
        self._send(LEAVE.encode())
        deadline = time.monotonic() + LEAVE_SECONDS
        while self._unsent and (left := deadline - time.monotonic()) > 0:
            if not select.select([], [self.fd], [], left)[1]:
                break
            self._send(b"")
        if self._before is not None:
            if self.foreground:  # else the shell has set it as it likes, and we would be stopped
                with contextlib.suppress(termios.error):
                    # TCSAFLUSH would wait for a terminal that takes nothing.
                    termios.tcflush(self.fd, termios.TCIFLUSH)
                    termios.tcsetattr(self.fd, termios.TCSANOW, self._before)
            self._before = None
        if self._stop_before is not None:
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGTSTP, self._stop_before)
            self._stop_before = None

    def close(self) -> None:
        """It is not needed any more."""
        self.leave()
        os.close(self.fd)

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines, as many as the terminal has; those that did not change are not
        sent."""
        if self._unsent:
            self._send(b"")
            if self._unsent:
                return  # it has not taken the last frame yet
        now, size = time.monotonic(), self.size
        parts = []
        if size != self._size or now - self._drawn_at > AFRESH_SECONDS:
            if size != self._size:
                parts.append("\x1b[2J")
            self._lines, self._size, self._drawn_at = [], size, now
        before = self._lines
        for number, line in enumerate(lines):
            if number >= len(before) or before[number] != line:
                parts.append(f"\x1b[{number + 1};1H{line}\x1b[0m\x1b[K")
        self._lines = list(lines)
        if parts:
            self._send("".join(parts).encode("utf-8", "replace"))

    def foot(self, line: str) -> None:
        """Show this as the last line below what is shown."""
        above = self.size[1] - 1
        self.draw([*self._lines[:above], *[""] * (above - len(self._lines)), line])

    def forget(self) -> None:
        """Draw everything again next time."""
        self._size = (0, 0)

    def read(self) -> bytes | None:
        """What was typed; None when the terminal is gone."""
        try:
            return os.read(self.fd, 1024) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def _send(self, data: bytes) -> None:
        self._unsent += data
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self.fd, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self._unsent = b""
            if error.errno not in (errno.EIO, errno.EPIPE, errno.ENXIO, errno.EBADF):
                raise

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: stop as any program does, with the terminal as it was."""
        if os.getpid() == self._pid:  # a forked child has no terminal to tidy up
            self.on_suspend()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Continued, maybe in the background: whoever draws next sees to that.
        signal.signal(signal.SIGTSTP, handler)


def _quiet(before: list[Any]) -> list[Any]:
    """Keys come at once and are not shown; Ctrl-C and Ctrl-Z mean what they mean."""
    made: list[Any] = [one[:] if isinstance(one, list) else one for one in before]
    made[3] &= ~(termios.ICANON | termios.ECHO)
    made[6][termios.VMIN], made[6][termios.VTIME] = 1, 0
    return made


class HeldStream:
    """Keeps what is printed while the screen is shown, for afterwards."""

    MOST = 1000

    def __init__(self, stream: Any, lines: list[tuple[Any, str]]) -> None:
        self._stream = stream
        self._lines = lines

    def write(self, text: str) -> int:
        """Keep a text."""
        self._lines.append((self._stream, text))
        if len(self._lines) > 2 * self.MOST:
            del self._lines[: self.MOST]
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Keep several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing is to be flushed until afterwards."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@define
class HeldOutput:
    """Standard output and standard error, as far as they are this terminal."""

    _lines: list[tuple[Any, str]] = field(factory=list)
    _before: tuple[Any, Any] | None = None

    @property
    def holding(self) -> bool:
        """Whether what is printed waits."""
        return self._before is not None

    def hold(self) -> None:
        """What is printed from now on waits."""
        if self._before is None:
            self._before = (sys.stdout, sys.stderr)
            sys.stdout = HeldStream(sys.stdout, self._lines)
            if sys.stderr is not None and sys.stderr.isatty():
                sys.stderr = HeldStream(sys.stderr, self._lines)

    def release(self) -> None:
        """Print it."""
        if self._before is None:
            return
        sys.stdout, sys.stderr = self._before
        self._before = None
        lines, self._lines[:] = list(self._lines), []
        for stream, text in lines:
            stream.write(text)
        for stream in {id(one): one for one, _ in lines}.values():
            stream.flush()
