"""Lines and sentences that are an option, or begin with one. Pure."""

from __future__ import annotations

import re

from aisbench.answers import LONGEST, Polarity, Statement, WrittenAnswer
from aisbench_plugin_choices.claims import Claim, ClaimReader, Weight, gives_reason
from aisbench_plugin_choices.mentions import behind, groups, letters, text_behind, texts
from aisbench_plugin_choices.option_lines import begins_with_letter, letter_line

STANDS = (Polarity.PLAIN, Polarity.RIGHT)


def own_line(
    answer: WrittenAnswer, one: Statement, reader: ClaimReader, *, first: int, last: int
) -> Claim | None:
    """A line or a statement that is an option; a first one that begins with it."""
    if not reader.by_letter:
        return begins(one, reader) if one.line == first else None
    line = answer.lines[one.line][:LONGEST]
    if one.line in (first, last):
        place = letter_line(line, reader.options)
        if place is not None:
            return Claim(place, Weight.SURE, "a line of its own")
    # "So which one? B.", but not the "1. A." of a list.
    ends = line.rstrip().endswith(one.text.strip())
    place = letter_line(one.text, reader.options) if ends else None
    if place is not None:
        others = {each.place for each in letters(line, reader.options)} - {place}
        if not others or one.text.strip() == line.strip():
            return Claim(place, Weight.CONCLUDED, "a sentence of its own")
    if one.line != first or one.text not in line or line.find(one.text) > _indent(line):
        return None
    return _leading(answer, one, line, reader)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _leading(
    answer: WrittenAnswer, one: Statement, line: str, reader: ClaimReader
) -> Claim | None:
    """A first line that begins with an option and goes on to say why: "B. It is red."."""
    at = begins_with_letter(line)
    found = None if at is None else behind(line, at, reader.options)
    if found is None or found.start != at or found.contradicts or not found.begun:
        return None
    grouped = groups(line, letters(line, reader.options))
    own = next((many for many in grouped if many[0].start == at), [found])
    if len({each.place for each in own}) > 1:
        return None
    whole = Statement(line, line.lower(), 0, 0) if len(line.lower()) == len(line) else one
    until = next((many[0].start for many in grouped if many[0].start > found.start), None)
    if reader.meant(whole, own, until=until) not in (Polarity.PLAIN, Polarity.RIGHT):
        return None
    others = set(re.findall(r"(?<![A-Za-z0-9(])([A-Z])[).:、]", answer.text))
    others &= set(reader.options.letters)
    if others - {line[found.start]} and not gives_reason(line, found.end):
        return None
    return Claim(found.place, Weight.SURE, "at the beginning")


def begins(one: Statement, reader: ClaimReader) -> Claim | None:
    """A first sentence that begins with an option's words, and goes on to say why."""
    found = text_behind(one.text, one.lower, 0, reader.options)
    if found is None or not found.begun or re.search(r"\w", one.text[: found.start]):
        return None
    others = {each.place for each in texts(one.text, one.lower, reader.options)}
    if len(others) > 1 or reader.meant(one, [found], until=None) not in STANDS:
        return None
    return Claim(found.place, Weight.SURE, "at the beginning", by_text=True)
