"""Lines of a screen as plain data: what they are made of, how wide they are, how they are drawn.

A screen is drawn twice a second beside a load, so this is made to be cheap: no layout engine, a
line is a list of pieces of text, and only lines that changed are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from attrs import frozen
from rich.cells import cell_len, set_cell_size

Style = Literal["", "bold", "dim", "bad", "good", "accent", "cursor"]

COLOURED: dict[Style, str] = {
    "bold": "1", "dim": "2", "bad": "31", "good": "32", "accent": "36", "cursor": "7",
}  # fmt: skip
PLAIN: dict[Style, str] = {"bold": "1", "dim": "2", "bad": "1", "cursor": "7"}
"""Without colour, as NO_COLOR asks for."""

Piece = tuple[str, Style]
Line = list[Piece]

BLOCKS = " ▁▂▃▄▅▆▇█"
BLOCKS_ASCII = " .:-=+*%#"


def width_of(line: Line) -> int:
    """Columns of a terminal."""
    return sum(cell_len(text) for text, _ in line)


def fitted(text: str, width: int, *, right: bool = False, more: str = "…") -> str:
    """``text`` in exactly ``width`` columns; what does not fit is cut off, and shown to be."""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, max(0, width - len(more))) + more[:width]
    return " " * (width - size) + text if right else text + " " * (width - size)


def shortened(text: str, width: int, more: str = "…") -> str:
    """``text`` in at most ``width`` columns. What is cut out is before its end: names of a model
    with a data set, or of loads, differ there."""
    size = cell_len(text)
    if size <= width or width < 2 * len(more) + 6:
        return text if size <= width else fitted(text, width, more=more)
    tail = ""
    for sign in reversed(text):
        if cell_len(sign + tail) > (width - len(more)) * 2 // 3:
            break
        tail = sign + tail
    if " / " in tail:  # no part of the model's name but its beginning
        tail = tail[tail.index(" / ") :]
    return set_cell_size(text, width - len(more) - cell_len(tail)) + more + tail


def cropped(line: Line, width: int) -> Line:
    """The first ``width`` columns of a line."""
    if width_of(line) <= width:
        return line
    found: Line = []
    for text, style in line:
        size = cell_len(text)
        if size >= width:
            found.append((set_cell_size(text, width), style))
            break
        found.append((text, style))
        width -= size
    return found


def whole_pieces(line: Line, width: int) -> Line:
    """As many pieces of a line as there is room for, the first in any case."""
    found, left = line[:1], width - width_of(line[:1])
    for piece in line[1:]:
        left -= width_of([piece])
        if left < 0:
            break
        found.append(piece)
    return found


def spread(left: Line, right: Line, width: int) -> Line:
    """A line with something at both ends; what is left goes first where there is no room."""
    room = width - width_of(right)
    if room < 2:
        return cropped(right, width)
    left = cropped(left, room - 1)
    return [*left, (" " * (room - width_of(left)), ""), *right]


def drawn(line: Line, width: int, codes: dict[Style, str]) -> str:
    """A line as the terminal gets it."""
    found = []
    for text, style in cropped(line, width):
        code = codes.get(style)
        found.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
    return "".join(found)


@frozen
class ScreenColumn:
    """A column of a listing. Those of the highest ``rank`` are left out first."""

    name: str
    rank: int = 0
    right: bool = True
    least: int = 0


def tabled(
    columns: Sequence[ScreenColumn], rows: Sequence[Sequence[Piece]], width: int, more: str = "…"
) -> list[Line]:
    """Headings and rows, in ``width`` columns; the first column gives way to the others."""
    sizes = [
        max([cell_len(one.name), one.least, *(cell_len(row[at][0]) for row in rows)])
        for at, one in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    shortest = min(sizes[0], max(12, width // 3))
    while len(kept) > 1 and shortest + sum(sizes[at] + 2 for at in kept[1:]) > width:
        kept.remove(max(kept[1:], key=lambda at: (columns[at].rank, at)))
    sizes[0] = max(1, min(sizes[0], width - sum(sizes[at] + 2 for at in kept[1:])))
    lines: list[Line] = []
    for row in ([(one.name, "dim") for one in columns], *rows):
        line: Line = []
        for at in kept:
            text, style = row[at]
            if not at:
                text = shortened(text, sizes[at], more)
            else:
                line.append(("  ", ""))
            line.append((fitted(text, sizes[at], right=columns[at].right, more=more), style))
        lines.append(line)
    return lines


def bar(share: float | None, width: int, *, unicode: bool) -> str:
    """How much of something is done; nothing where that is not known."""
    if share is None or width <= 0:
        return " " * max(width, 0)
    full = round(min(max(share, 0.0), 1.0) * width)
    return ("█" if unicode else "#") * full + ("░" if unicode else ".") * (width - full)


def sparkline(values: Sequence[float | None], width: int, *, unicode: bool) -> str:
    """Values over time in ``width`` columns, from 0 to the highest; the last one is on the right.

    Each column is the mean of the values that fall into it.
    """
    if width <= 0:
        return ""
    blocks = BLOCKS if unicode else BLOCKS_ASCII
    count = len(values)
    groups: list[Sequence[float | None]]
    if count <= width:
        groups = [(one,) for one in values]
    else:
        groups = [values[at * count // width : (at + 1) * count // width] for at in range(width)]
    means = [_mean(one) for one in groups]
    top = max((one for one in means if one is not None), default=0.0)
    drawn_ = "".join(_block(one, top, blocks) for one in means)
    return drawn_.rjust(width)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def _block(value: float | None, top: float, blocks: str) -> str:
    if value is None:
        return " "
    if top <= 0:
        return blocks[1]
    return blocks[1 + min(len(blocks) - 2, int(value / top * (len(blocks) - 2) + 0.5))]


def clock(seconds: float) -> str:
    """ "1:23", "2:03:04"; days stay hours."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"


def short(value: float | None) -> str:
    """A number in about four digits."""
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value / 1e6:.1f}M"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}"
