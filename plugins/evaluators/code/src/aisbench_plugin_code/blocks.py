"""Blocks of code in the Markdown of an answer, and its end. Pure.

Fences are those of CommonMark 0.31, section 4.5: a closing one is at least as long as the one
that opened, of the same kind, and indented no more than three columns beyond it; each line of the
content loses as many columns as the opening fence is indented. Fences in lists and quotes lose
what stands before them. Beyond that, fences after words in the same line, tags of HTML, of models
and of LaTeX are taken for the same.
"""

from __future__ import annotations

import re

from attrs import frozen

_TOKEN_TEXT = (
    r"(?:<\|[^|<>\n]{1,40}\|>|<\uff5c[^\uff5c<>\n]{1,40}\uff5c>|</?s>"
    r"|</?(?:bos|eos|pad|EOT|eot|EOD|eo[adh])>|<TOKENS_UNUSED_\d>|<reserved_\d+>"
    r"|\[UNUSED_TOKEN_\d+\]|<(?:end|start)_of_turn>"
    r"|<end_of_(?:text|utterance|sentence)>|\[/?INST\]|\[(?:DONE|END|EOS|BEGIN)\]"
    r"|<</?SYS>>|<\u3010[^\u3011\n]{1,40}\u3011>)"
)
_TOKEN = re.compile(_TOKEN_TEXT)
_LEADING = re.compile(rf"(?:\s*{_TOKEN_TEXT})+(?:(?:assistant|model|final)\b[ \t]*)?\n?")
# Each blank can be taken in one way only, so that no text makes these slow.
_OPENING = re.compile(
    r"^(?P<before>[ \t]*(?=\S)(?:(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))[ \t]*(?=\S))*)"
    r"(?P<fence>`{3,}(?!`)|~{3,}(?!~))(?P<info>[^`\n]*)$"
)
_LATE = re.compile(r"^(?P<before>[^`\n]*\S[ \t]*)(?P<fence>`{3})(?P<info>[\w+#.-]*)[ \t]*$")
_SHORT = re.compile(
    r"```(?:[A-Za-z0-9+]+[ \t])?[ \t]*((?:def|class|async def|import|from)\b[^`\n]*)```"
)
_TAG = re.compile(
    r"(?:<(?P<html>code|pre|python|py|solution|answer|program)(?:\s[^>\n]*)?>(?P<a>.*?)(?:</(?P=html)>|\Z))"
    r"|(?:\[(?P<square>PYTHON|CODE|SOLUTION|ANSWER)\](?P<b>.*?)(?:\[/(?P=square)\]|\Z))"
    r"|(?:\\begin\{(?P<latex>lstlisting|verbatim|minted|python)\}(?:\[[^\]]*\]|\{[^}]*\})*"
    r"(?P<c>.*?)(?:\\end\{(?P=latex)\}|\Z))",
    re.S,
)  # fmt: skip
_PYTHON = {"", "python", "python3", "py", "py3", "python2", "ipython", "ipython3", "sage", "code",
           "pycon", "cython", "gpython", "jupyter", "python-repl", "pyi", "starlark"}  # fmt: skip
_STARTS = re.compile(r"^(?:def|class|import|from|async|@\w)\b")


@frozen(kw_only=True)
class Block:
    """``start``: its place in the answer. ``open``: nothing closed it."""

    code: str
    python: bool
    start: int
    open: bool = False


def without_tokens(text: str) -> str:
    """Up to the first token that ends a turn; those at the beginning are dropped."""
    if (first := _LEADING.match(text)) is not None:
        text = text[first.end() :]
    found = _TOKEN.search(text)
    return text if found is None else text[: found.start()]


def blocks_of(text: str) -> list[Block]:
    """All blocks, in the order of the answer."""
    found = _fenced(text, _OPENING)
    if not found:
        found = _fenced(text, _LATE)
    found += [
        Block(code=match[1].strip() + "\n", python=True, start=match.start())
        for match in _SHORT.finditer(text)
    ]
    if not found:
        found = [
            Block(code=code, python=True, start=match.start())
            for match in _TAG.finditer(text)
            if (code := _untagged(match)).strip()
        ]
    return sorted(found, key=lambda block: block.start)


def _untagged(match: re.Match[str]) -> str:
    code = next(one for one in (match["a"], match["b"], match["c"]) if one is not None)
    code = re.sub(r"^\s*<code[^>\n]*>|</code>\s*$", "", code)
    return code[1:] if code.startswith("\n") else code


def _fenced(text: str, pattern: re.Pattern[str]) -> list[Block]:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: list[Block] = []
    place = 0
    while place < len(lines):
        opening = pattern.match(lines[place])
        if opening is None:
            place += 1
            continue
        end, closed = _end(lines, place, opening, late=pattern is _LATE)
        code, python = _content(lines[place + 1 : end], closed, opening, late=pattern is _LATE)
        found.append(Block(code=code, python=python, start=starts[place], open=closed is None))
        # Where another fence opens, the block before it was never closed.
        place = end if closed is None else end + 1
    return found


def _end(
    lines: list[str], place: int, opening: re.Match[str], *, late: bool
) -> tuple[int, str | None]:
    """The line of the closing fence, and the code that stands before it there; None: no fence."""
    fence = opening["fence"]
    most = 3 + (0 if late else len(opening["before"].expandtabs(4)))
    mark = re.escape(fence[0])
    closing = re.compile(rf"^[ \t>]*{mark}{{{len(fence)},}}[ \t]*$")
    for number in range(place + 1, len(lines)):
        line = lines[number].rstrip(" \t")
        if fence not in line:
            continue
        width = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" >"))
        if closing.match(line) and width <= most:
            return number, ""
        bare = line.lstrip(" \t>")
        if bare.startswith(fence):
            if width <= most and _OPENING.match(line):
                return number, None
        elif line.endswith(fence) and not set(line) & set("\"'#"):
            return number, line[: -len(fence)].rstrip(fence[0])
    return len(lines), None


def _content(
    lines: list[str], closed: str | None, opening: re.Match[str], *, late: bool
) -> tuple[str, bool]:
    lines = [*lines, closed] if closed else lines
    before = "" if late else opening["before"]
    quotes = before.count(">")
    width = len(re.sub(r">[ ]?", "", before).expandtabs(4))
    content = []
    for line in lines:
        for _ in range(quotes):
            line = re.sub(r"^[ \t]*>[ ]?", "", line)
        content.append(_less(line, width))
    info = opening["info"].strip().strip("{}").lstrip(".")
    language, _, rest = info.partition(" ")
    if _STARTS.match(info):
        content.insert(0, info)
        language = ""
    elif _STARTS.match(rest.strip()):
        content.insert(0, rest.strip())
    return "\n".join(content) + "\n", re.split(r"[:,{ ]", language.lower())[0] in _PYTHON


def _less(line: str, width: int) -> str:
    """Without up to ``width`` columns of blanks at its beginning."""
    column = place = 0
    while place < len(line) and column < width and line[place] in " \t":
        column = column + 1 if line[place] == " " else (column // 4 + 1) * 4
        place += 1
    return " " * max(0, column - width) + line[place:]
