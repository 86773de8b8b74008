"""Post-processors: what a suite's ``postprocess`` names. Pure."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

from aisbench.api import Sample, not_empty, setting


class Strip:
    """Blanks at both ends."""

    def process(self, text: str, sample: Sample) -> str | None:
        return text.strip() or None


class Lower:
    """Lower case."""

    def process(self, text: str, sample: Sample) -> str | None:
        return text.lower()


class FirstLine:
    """The first line that is not blank."""

    def process(self, text: str, sample: Sample) -> str | None:
        return next((line.strip() for line in text.split("\n") if line.strip()), None)


class LastLine:
    """The last line that is not blank."""

    def process(self, text: str, sample: Sample) -> str | None:
        return next((line.strip() for line in reversed(text.split("\n")) if line.strip()), None)


_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.S | re.M)


@frozen
class WhichSettings:
    """Of several."""

    which: Literal["first", "last"] = setting(default="last", help="of several, which")


class CodeBlock:
    """The inside of a fenced block."""

    def __init__(self, settings: WhichSettings) -> None:
        self._at = 0 if settings.which == "first" else -1

    def process(self, text: str, sample: Sample) -> str | None:
        found = _FENCE.findall(text)
        return str(found[self._at][1]).rstrip("\n") if found else None


@frozen
class MarkSettings:
    """A text to look for."""

    text: str = setting(help="the text to look for", example="Answer:", check=not_empty)
    which: Literal["first", "last"] = setting(default="last", help="of several, which")
    otherwise: Literal["unparsed", "whole"] = setting(
        default="unparsed", help="what an answer without it is"
    )


class After:
    """What follows a text."""

    def __init__(self, settings: MarkSettings) -> None:
        self._settings = settings

    def process(self, text: str, sample: Sample) -> str | None:
        cut = text.partition if self._settings.which == "first" else text.rpartition
        _, mark, after = cut(self._settings.text)
        if not mark:
            return text if self._settings.otherwise == "whole" else None
        return after.strip()


class Before:
    """What stands before a text."""

    def __init__(self, settings: MarkSettings) -> None:
        self._settings = settings

    def process(self, text: str, sample: Sample) -> str | None:
        cut = text.partition if self._settings.which == "first" else text.rpartition
        before, mark, _ = cut(self._settings.text)
        if not mark:
            return text if self._settings.otherwise == "whole" else None
        return before.strip()


def _regex(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return f"must be a regular expression ({error})"
    return None


@frozen
class RegexSettings:
    """A regular expression of Python."""

    pattern: str = setting(
        help="regular expression; its first group is taken",
        example="answer is (\\d+)",
        check=_regex,
    )
    which: Literal["first", "last"] = setting(default="last", help="of several matches, which")
    replace: str | None = setting(
        default=None, help="put this in place of every match instead of taking one", example=""
    )
    ignore_case: bool = setting(default=False, help="upper and lower case are the same")


class Regex:
    """What a regular expression finds, or the text with what it finds replaced."""

    def __init__(self, settings: RegexSettings) -> None:
        self._settings = settings
        flags = re.MULTILINE | (re.IGNORECASE if settings.ignore_case else 0)
        self._pattern = re.compile(settings.pattern, flags)

    def process(self, text: str, sample: Sample) -> str | None:
        if self._settings.replace is not None:
            return self._pattern.sub(self._settings.replace, text)
        matches = list(self._pattern.finditer(text))
        if not matches:
            return None
        found = matches[0 if self._settings.which == "first" else -1]
        return found.group(1) if self._pattern.groups else found.group(0)


_ANSWER_IS = re.compile(r"\banswer\s+is:?[ \t]*|答案(?:是|为)[:：]?[ \t]*", re.IGNORECASE)
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class AnswerIs:
    """What follows the last "the answer is", to the end of its line: without the final stop, and
    of bold text the inside; as the chain-of-thought answers of BIG-Bench Hard end (M. Suzgun et
    al. 2022, arXiv:2210.09261)."""

    def process(self, text: str, sample: Sample) -> str | None:
        matches = list(_ANSWER_IS.finditer(text))
        if not matches:
            return None
        said = text[matches[-1].end() :].lstrip().partition("\n")[0].strip()
        if bold := _BOLD.search(said):
            said = bold.group(1)
        return said.removesuffix(".").removesuffix("。").strip() or None
