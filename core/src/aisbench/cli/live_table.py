"""What displays have in common: a screen on a terminal, plain lines elsewhere."""

from __future__ import annotations

import abc
import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable
from types import TracebackType

from rich.text import Text

from aisbench.cli.frame import Line, clock, drawn, spread, whole_pieces, width_of
from aisbench.cli.keys import PARTIAL, keys_of
from aisbench.cli.live_view import LiveView
from aisbench.cli.screen import Screen
from aisbench.runs.logs import ROOT

log = logging.getLogger(__name__)

LINE_SECONDS = 10.0
"""Between the lines that stand in for a screen where there is no terminal."""
FIRST_SECONDS = 0.5
"""What is over before is shown by its last lines alone."""
REFRESH_SECONDS = 0.5
ESCAPE_SECONDS = 0.05
"""After which the beginning of a key is the Esc key."""
LEAST_ROWS = 4


class LiveTable(abc.ABC):
    """Shows something that goes on. Enter it around that; the last lines stay."""

    def __init__(self, view: LiveView) -> None:
        self.view = view
        self.words = view.words
        self._screen: Screen | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._typed = b""
        self._page = 1
        self._lined = time.monotonic()

    # -- what is shown

    @abc.abstractmethod
    def lines(self) -> Iterable[str]:
        """What is shown now where there is no terminal."""

    @abc.abstractmethod
    def last_lines(self) -> Iterable[str]:
        """What is shown for good when it is over."""

    @property
    @abc.abstractmethod
    def title(self) -> str:
        """What all of it is called."""

    @property
    @abc.abstractmethod
    def stopping(self) -> bool:
        """Whether what is in flight is being finished."""

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """Rows of the listing."""

    @abc.abstractmethod
    def busy(self) -> int:
        """The first row that is being worked on."""

    @abc.abstractmethod
    def summary(self) -> Line:
        """How far all of it is."""

    @abc.abstractmethod
    def listing(self, first: int, last: int, width: int) -> list[Line]:
        """Headings, and the rows from ``first`` up to ``last``."""

    @abc.abstractmethod
    def detail(self, number: int, width: int) -> list[Line]:
        """All about one row."""

    @abc.abstractmethod
    def about(self, number: int) -> str:
        """What lines of the log that are about a row have in them."""

    @property
    def goes_on(self) -> bool:
        """Whether another one follows, to which the screen is left."""
        return False

    def block(self, width: int, height: int) -> list[Line]:
        """What is shown below the listing, in at most ``height`` lines."""
        return []

    # -- the screen

    def frame(self, width: int, height: int) -> list[Line]:
        """All lines of a screen of that size."""
        view, words = self.view, self.words
        right: Line = [(clock(view.seconds), "")]
        if view.paused:
            right.insert(0, (words.text("screen paused, the run goes on") + "  ", "accent"))
        top = [spread([("aisbench  ", "dim"), (view.safe(self.title), "bold")], right, width)]
        if self.stopping:
            note = words.text("finishing what is in flight; Ctrl-C again stops at once")
            top.append([(note, "accent")])
        else:
            top.append(whole_pieces(self.summary(), width))
        room = max(0, height - len(top) - 1)
        if view.help:
            body = self._help()
        elif view.opened and self.count:
            body = self._opened(width, room)
        else:
            body = self._listed(width, room)
        body = [*body[:room], *([[]] * (room - len(body)))]
        return [*top, *body, self._keys(width)][:height]

    def _listed(self, width: int, room: int) -> list[Line]:
        view = self.view
        block = self.block(width, max(0, room - LEAST_ROWS - 1))
        left = room - len(block)
        rows = max(1, min(self.count, left - 1 - (left // 4 if left >= 8 else 0)))
        self._page = rows
        if view.follow:
            view.cursor = self.busy()
        view.cursor = max(0, min(view.cursor, self.count - 1))
        first = view.cursor // rows * rows
        found = self.listing(first, min(first + rows, self.count), width - 2)
        body: list[Line] = []
        for at, line in enumerate(found):
            chosen = at and first + at - 1 == view.cursor
            body.append([("> " if chosen else "  ", "accent"), *line])
        body += block
        return body + self._tail(width, room - len(body))

    def _opened(self, width: int, room: int) -> list[Line]:
        number = min(self.view.cursor, self.count - 1)
        body = self.detail(number, width)[:room]
        return body + self._tail(width, room - len(body), self.about(number))

    def _tail(self, width: int, room: int, about: str = "") -> list[Line]:
        """The end of the log, in what is left of the screen."""
        if room < 2:
            return []
        rule = "─" if self.view.unicode else "-"
        head = f"{rule * 2} {self.words.text('log')} "
        return [[(head + rule * max(0, width - len(head)), "dim")],
                *self.view.tail(room - 1, about)]  # fmt: skip

    def _help(self) -> list[Line]:
        words = self.words
        rows = (
            ("j k, ↑ ↓", words.text("choose a row")),
            ("PgUp PgDn", words.text("a page back, a page on (or b, n)")),
            ("g G", words.text("to the first row, to the last")),
            ("enter, l", words.text("open the chosen row")),
            ("esc, h", words.text("back")),
            ("f", words.text("follow what is being worked on")),
            ("p, space", words.text("hold the screen still; the run goes on")),
            ("Ctrl-L", words.text("draw all of it again")),
            ("Ctrl-Z", words.text("to the shell; fg comes back")),
            ("Ctrl-C", words.text("finish what is in flight and end; twice: stop at once")),
        )
        lines: list[Line] = [[]]
        for keys, meaning in rows:
            shown = keys if self.view.unicode else keys.replace(", ↑ ↓", "")
            lines.append([(f"  {shown:<12}", "bold"), (meaning, "")])
        return lines

    def _keys(self, width: int) -> Line:
        view, words = self.view, self.words
        if view.note:
            return [(view.note, "accent")]
        pages = -(-self.count // max(self._page, 1))
        right: Line = []
        if pages > 1 and not view.opened and not view.help:
            page = view.cursor // max(self._page, 1) + 1
            right = [(words.text("page {page}/{pages}", page=page, pages=pages), "")]
        if view.help or view.opened:
            choices = [words.text("esc back · p hold · ? help · Ctrl-C finish")]
        else:
            choices = [
                words.text(
                    "j k choose · enter open · PgUp PgDn page · p hold · ? help · Ctrl-C finish"
                ),
                words.text("j k · enter open · PgUp PgDn page · p hold · ? help · Ctrl-C finish"),
                words.text("enter open · p hold · ? help · Ctrl-C finish"),
                words.text("enter open · ? help"),
            ]
        room = width - width_of(right) - 2
        left = next((one for one in choices if width_of([(one, "")]) <= room), choices[-1])
        if not view.unicode:
            left = left.replace("·", "-")
        return spread([(left, "dim")], right, width)

    # -- going on

    async def __aenter__(self) -> LiveTable:
        self._loop = asyncio.get_running_loop()
        self._screen = self.view.taken(self._leave) or self.view.open(self._leave)
        logging.getLogger(ROOT).addHandler(self.view.log)
        self._task = asyncio.create_task(self._show())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if kind is None and self.goes_on:
            self._keep_screen()
        else:
            self._drop_screen()
        logging.getLogger(ROOT).removeHandler(self.view.log)
        self._print(self.last_lines())

    async def _show(self) -> None:
        if self._screen is not None and self._screen.shown:
            self._try_to_show()
        await asyncio.sleep(FIRST_SECONDS)
        # Not before: what is forked until now inherits no loop that reads the terminal.
        self._listen()
        while True:
            self._try_to_show()
            await asyncio.sleep(REFRESH_SECONDS)

    def _try_to_show(self) -> None:
        try:
            self._show_now()
        except Exception:
            # A display that breaks must not break the run.
            log.debug("the live view broke", exc_info=True)
            self._drop_screen()

    def _show_now(self) -> None:
        screen = self._screen
        if screen is not None and screen.foreground:
            if not screen.shown:
                self._enter(screen)
            if not self.view.paused:
                self._draw(screen)
        elif time.monotonic() - self._lined >= LINE_SECONDS:
            self._lined = time.monotonic()
            self._print(self.lines())

    def _draw(self, screen: Screen) -> None:
        width, height = screen.size
        # In the last column some terminals wrap, and some erase what stands there.
        lines = self.frame(width - 1, height)
        codes = self.view.codes
        screen.draw([drawn(line, width - 1, codes) for line in lines])

    def _enter(self, screen: Screen) -> None:
        self.view.held.hold()
        screen.enter()
        self._listen()

    def _listen(self) -> None:
        screen = self._screen
        if screen is not None and screen.shown and screen.controls and self._loop is not None:
            self._loop.add_reader(screen.fd, self._on_keys)

    def _leave(self) -> None:
        """The terminal is the shell's now, or soon."""
        if self._screen is not None:
            self._screen.leave()
        self.view.held.release()

    def _keep_screen(self) -> None:
        screen, self._screen = self._screen, None
        if screen is not None:
            if self._loop is not None:
                self._loop.remove_reader(screen.fd)
            self.view.keep(screen)

    def _drop_screen(self) -> None:
        screen, self._screen = self._screen, None
        if screen is not None:
            if self._loop is not None:
                self._loop.remove_reader(screen.fd)
            with contextlib.suppress(OSError):
                screen.close()
        self.view.held.release()

    def _on_keys(self) -> None:
        screen = self._screen
        if screen is None or not screen.shown or not screen.foreground:
            # To read from the background would stop the process.
            if screen is not None and self._loop is not None:
                self._loop.remove_reader(screen.fd)
            return
        read = screen.read()
        if read is None:
            if self._loop is not None:
                self._loop.remove_reader(screen.fd)
            return
        self._typed += read
        if PARTIAL.search(self._typed) and read and self._loop is not None:
            self._loop.call_later(ESCAPE_SECONDS, self._take_keys)
        else:
            self._take_keys()

    def _take_keys(self) -> None:
        typed, self._typed = self._typed, b""
        screen = self._screen
        if screen is None or not screen.shown or not typed:
            return
        if self.view.press(keys_of(typed), self.count, self._page):
            screen.forget()
        with contextlib.suppress(Exception):  # the next frame tells
            self._draw(screen)

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.view.console.print(Text(line), soft_wrap=True)
