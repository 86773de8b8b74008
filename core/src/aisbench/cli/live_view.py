"""What a person does to the live view: where they are in it. It outlives the single load."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable

from attrs import define, field
from rich.console import Console

from aisbench.base.visible import visible
from aisbench.cli.frame import COLOURED, PLAIN, Line, Style, drawn
from aisbench.cli.keys import Key
from aisbench.cli.screen import HeldOutput, Screen, open_terminal
from aisbench.store.redactor import Redactor
from aisbench.wording.catalogue import Wording, wording
from aisbench.wording.lines import translated

LOG_LINES = 500
NOTE_SECONDS = 6.0


def wants_screen(console: Console) -> bool:
    """Whether the whole terminal may be used: there is one, it can be drawn on, and this is no
    continuous integration, whose logs are read afterwards."""
    if not console.is_terminal or console.is_dumb_terminal:
        return False
    return os.environ.get("CI", "").lower() in ("", "0", "false")


class ViewLog(logging.Handler):
    """The last lines of the log, for the screen."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[tuple[str, str, str]] = deque(maxlen=LOG_LINES)
        """Time of day, level, text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        try:
            self.add(record.getMessage(), record.levelname.lower())
        except Exception:  # noqa: BLE001 - as every handler of the standard library does
            self.handleError(record)

    def add(self, text: str, level: str = "") -> None:
        """Take a text, line by line."""
        now = time.strftime("%H:%M:%S")
        for line in text.splitlines():
            if line.strip():
                self.lines.append((now, level, line))


@define
class LiveView:
    """The live view of one run, from its first task or load to its last."""

    console: Console
    words: Wording = field(factory=lambda: wording("aisbench"))
    log: ViewLog = field(factory=ViewLog)
    redactor: Redactor | None = None
    cursor: int = 0
    follow: bool = True
    """Whether the cursor stays with what is being worked on."""
    paused: bool = False
    help: bool = False
    opened: bool = False
    began: float = field(factory=time.monotonic)
    held: HeldOutput = field(factory=HeldOutput)
    _note: tuple[str, float] = ("", 0.0)
    _kept: Screen | None = None

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        return self.console.encoding.lower().startswith("utf")

    @property
    def more(self) -> str:
        """What stands for what was cut off."""
        return "…" if self.unicode else "~"

    @property
    def codes(self) -> dict[Style, str]:
        """How styles are drawn."""
        return PLAIN if self.console.no_color else COLOURED

    @property
    def showing(self) -> bool:
        """Whether a screen is shown now, and what is printed waits."""
        return self.held.holding

    @property
    def seconds(self) -> float:
        """Since the view began."""
        return time.monotonic() - self.began

    def open(self, on_suspend: Callable[[], None]) -> Screen | None:
        """The terminal to draw on, where there is one for that."""
        if not wants_screen(self.console):
            return None
        try:
            fd = self.console.file.fileno()
        except (OSError, ValueError):
            return None
        found = open_terminal(fd)
        return None if found is None else Screen(found, on_suspend)

    def keep(self, screen: Screen) -> None:
        """Leave a screen shown for the next load, which begins in a moment."""
        screen.on_suspend = self.release
        self._kept = screen

    def taken(self, on_suspend: Callable[[], None]) -> Screen | None:
        """The screen that the load before left, where there is one."""
        found, self._kept = self._kept, None
        if found is not None:
            found.on_suspend = on_suspend
        return found

    def told(self, text: str) -> bool:
        """Show a line on a kept screen; False where that cannot be."""
        screen = self._kept
        if screen is None or not screen.shown or not screen.foreground or "\n" in text:
            return False
        width = screen.size[0] - 1
        shown = self.safe(translated(text, self.words.language))
        screen.foot(drawn([(shown, "accent")], width, self.codes))
        return True

    def release(self) -> None:
        """Show what was printed, if a screen was kept: it is not drawn on between loads."""
        if self._kept is not None:
            with contextlib.suppress(OSError):
                self._kept.leave()
            self.held.release()

    def close(self) -> None:
        """The run is over, whatever was expected to come."""
        self.release()
        screen = self.taken(lambda: None)
        if screen is not None:
            with contextlib.suppress(OSError):
                screen.close()

    def safe(self, text: str) -> str:
        """Text of others, without secrets and unable to command the terminal."""
        if self.redactor is not None:
            text = self.redactor.whole(text)
        text = visible(text).replace("\t", " ").replace("\n", " ")
        if self.unicode:
            return text
        return text.encode("ascii", "backslashreplace").decode()

    def say(self, text: str) -> None:
        """Show a sentence at the bottom for some seconds."""
        self._note = (text, time.monotonic() + NOTE_SECONDS)

    @property
    def note(self) -> str:
        """What is to be said now."""
        return self._note[0] if time.monotonic() < self._note[1] else ""

    def tail(self, count: int, about: str = "") -> list[Line]:
        """The last ``count`` lines of the log, those of one task first of all."""
        chosen = [one for one in self.log.lines if not about or about in one[2]][-count:]
        lines: list[Line] = []
        for when, level, text in chosen if count > 0 else ():
            style: Style = "bad" if level in ("warning", "error", "critical") else ""
            shown = self.safe(translated(text, self.words.language))
            lines.append([(f" {when} ", "dim"), (shown, style)])
        return lines

    def press(self, keys: Iterable[Key], count: int, page: int) -> bool:
        """Do what keys ask for, in a listing of ``count`` rows that shows ``page``; whether
        all is to be drawn again."""
        redraw = False
        for key in keys:
            if key == "redraw":
                redraw = True
            elif key in ("pause", "quit"):
                self._pause_or_not(key)
            elif key == "help":
                self.help = not self.help
            elif key == "back":
                self.back()
            elif key == "open":
                self.help, self.opened = False, bool(count)
            elif key == "follow":
                self.follow = True
            else:
                self._move(key, count, page)
        return redraw

    def back(self) -> None:
        """Close what is open."""
        if self.help:
            self.help = False
        else:
            self.opened = False

    def _pause_or_not(self, key: Key) -> None:
        if key == "pause":
            self.paused = not self.paused
            return
        words = self.words
        self.say(words.text("q ends nothing: Ctrl-C finishes, twice stops at once"))

    def _move(self, key: Key, count: int, page: int) -> None:
        steps = {
            "up": -1, "down": 1, "page-up": -page, "page-down": page, "first": -count,
            "last": count,
        }  # fmt: skip
        self.follow = False
        self.cursor = max(0, min(count - 1, self.cursor + steps[key]))
