"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.reference.keys import Key
from tools.reference.speaking import Speaker, english


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in cells may hold anything but line ends."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |")
    return "\n".join(lines)


def code(text: str) -> str:
    """A cell that is code; "" stays so."""
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def key_table(keys: Iterable[Key], say: Speaker = english) -> str:
    """The keys of a section."""
    return table(
        [say(one) for one in ("key", "type", "default", "meaning", "example")],
        (
            (code(one.name), one.type, one.default, plain(one.meaning), code(one.example))
            for one in keys
        ),
    )


def plain(text: str) -> str:
    """Words of a help text in Markdown: marks of HTML are only words there."""
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
