"""The texts of an answer that may be its program, best first. Pure: nothing is parsed or run
here; which of them is a program is found out in the sandbox (``inside/picking``).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from keyword import iskeyword

from attrs import asdict, frozen

from aisbench_plugin_code.blocks import Block, blocks_of, without_tokens

_CODE = re.compile(r"^(?:def|class|import|from|async def)\b|^@\w", re.MULTILINE)
_RETURNS = re.compile(r"\b(?:return|yield|raise)\b")
_MAGIC = re.compile(r"^[ \t]*[!%]{1,2}[a-z][^\n]*$", re.MULTILINE)
_PROMPTED = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: |$)", re.MULTILINE)
_NUMBERED = re.compile(r"^[ \t]*\d+[:|.)]?(?: \|)?(?: |\t|$)")
_HEAD = re.compile(r"^(?:def|class|async|if|for|while|try|with|else|elif)\b.*:\s*(?:#.*)?$")
_MOST, _FEWEST, _MOST_TEXT = 64, 8, 1 << 20
"""Candidates, and characters in all of them: each may have to be parsed."""


@frozen(kw_only=True)
class CandidateProgram:
    """``code`` is run after ``before``, in the same names.

    ``loose`` code stood between words that may have to be left out; a ``body`` continues the
    prompt.
    """

    code: str
    before: str = ""
    loose: bool = False
    body: bool = False


@frozen(kw_only=True)
class CandidatePrograms:
    """``others``: code that may hold imports and helpers which a candidate lacks."""

    texts: tuple[CandidateProgram, ...]
    others: tuple[str, ...] = ()

    def data(self) -> dict[str, object]:
        return asdict(self)


def find_programs(answer: str, prompt: str, entry_point: str) -> CandidatePrograms | None:
    """None when there is nothing in the answer.

    Of blocks of code the last that defines ``entry_point`` counts, then the text outside of
    them. What defines it follows the prompt's imports and helpers; another continues the prompt
    where it ends.
    """
    prompt = _lines(prompt)
    whole = _lines(answer)
    cut = without_tokens(whole)
    found: list[CandidateProgram] = []
    others: list[str] = []
    for text in dict.fromkeys((cut, whole)):
        blocks = blocks_of(text)
        found += _candidates(text, blocks, prompt, entry_point)
        others += [block.code for block in blocks]
    texts = tuple(dict.fromkeys(one for one in found if one.code.strip()))
    if not texts or not cut.strip():
        return None
    size = sum(len(one.code) for one in texts) // len(texts)
    most = max(_FEWEST, min(_MOST, _MOST_TEXT // (size + 1)))
    return CandidatePrograms(texts=texts[:most], others=tuple(dict.fromkeys(others)))


def preamble(prompt: str, entry_point: str) -> str:
    """What a prompt says before the function that is asked for: imports, helpers."""
    text = _lines(prompt)
    match = re.search(rf"^(?:async\s+)?def\s+{re.escape(entry_point)}\b", text, re.MULTILINE)
    if match is None:
        return ""
    lines = text[: match.start()].split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("@")):
        lines.pop()  # its decorators are its own
    return "\n".join(lines) + "\n"


def _lines(text: str) -> str:
    """With line ends and blanks as Python wants them."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u200b", "").replace("\u2028", "\n")
    return re.sub(r"^[ \t\xa0\u3000]+", _blanks, text, flags=re.MULTILINE)


def _blanks(match: re.Match[str]) -> str:
    return match[0].replace("\xa0", " ").replace("\u3000", "  ")


def _candidates(
    text: str, blocks: list[Block], prompt: str, name: str
) -> Iterator[CandidateProgram]:
    before = preamble(prompt, name)
    bare_prompt = prompt if before or re.search(rf"\bdef\s+{re.escape(name)}\b", prompt) else ""
    latest = blocks[::-1]
    ordered = sorted(latest, key=lambda block: not block.python)
    outside = _outside(text, blocks)
    yield from _as_written(ordered, outside, before, name)
    yield from _in_other_dress(text, ordered, outside, before, name)
    # Bodies, which continue the prompt. One that comes to a result before one that does not.
    bodies = sorted(blocks, key=lambda block: not _RETURNS.search(block.code))
    for code in [*(block.code for block in bodies), outside]:
        if not _defines(code, name):
            yield from _continued(bare_prompt, code)
    # Neither: a class around it, another name. The program is reported as it stands.
    for block in ordered:
        yield CandidateProgram(code=block.code, before=before, loose=block.open)
    if not blocks:
        yield from _unfenced(text, before, name)


def _as_written(
    ordered: list[Block], outside: str, before: str, name: str
) -> Iterator[CandidateProgram]:
    """The blocks that define ``name``, and the text outside of all if it does."""
    for block in ordered:
        if _defines(block.code, name):
            for code in _variants(block.code):
                yield CandidateProgram(code=code, before=before, loose=block.open)
    if _defines(outside, name):
        yield from _unfenced(outside, before, name)


def _in_other_dress(
    text: str, ordered: list[Block], outside: str, before: str, name: str
) -> Iterator[CandidateProgram]:
    """What defines ``name`` without prompts, line numbers, quotes or indents around it."""
    for block in ordered:
        for code in (*_undressed(block.code), _dedented(block.code)):
            if _defines(code, name):
                yield CandidateProgram(code=code, before=before, loose=True)
    for code in (*_undressed(text), *_quoted(text), _dedented(outside), *_set_in(outside)):
        if _defines(code, name):
            yield from _unfenced(code, before, name)


def _defines(code: str, name: str) -> bool:
    escaped = re.escape(name)
    pattern = rf"^(?:(?:async\s+def|def|class)\s+{escaped}\b|{escaped}\s*(?::[^=\n]+)?=(?!=))"
    return re.search(pattern, code, re.MULTILINE) is not None


def _outside(text: str, blocks: list[Block]) -> str:
    """The text before the first block, or all of it: a lone fence at the end is left out."""
    if not blocks:
        return re.sub(r"^[ \t]*(?:`{3,}|~{3,})[\w+-]*[ \t]*$", "", text, flags=re.MULTILINE)
    return text[: blocks[0].start]


def _unfenced(text: str, before: str, name: str) -> Iterator[CandidateProgram]:
    """All of it, from the first line of code on, and from the function itself on."""
    for code in _variants(text):
        yield CandidateProgram(code=code, before=before, loose=True)
        if first := _CODE.search(code):
            yield CandidateProgram(code=code[first.start() :], before=before, loose=True)
        pattern = rf"^(?:async def|def|class) {re.escape(name)}\b|^{re.escape(name)}\s*="
        if own := re.search(pattern, code, re.MULTILINE):
            yield CandidateProgram(code=code[own.start() :], before=before, loose=True)


def _variants(code: str) -> Iterator[str]:
    """The code, and what it may be under another dress; each is only tried if the former fails."""
    yield code
    if _MAGIC.search(code):
        yield _MAGIC.sub("", code)
    if "\t" in code:
        yield code.expandtabs(4)
        yield code.expandtabs(8)
    if "&" in code and (plain := html.unescape(code)) != code:
        yield plain
    if "**" in code:
        yield re.sub(r"^\*\*(.*)\*\*[ \t]*$", r"\1", code, flags=re.MULTILINE)


def _undressed(code: str) -> Iterator[str]:
    """Out of an interpreter's session, a difference, numbered lines."""
    lines = code.split("\n")
    if _PROMPTED.search(code):
        kept = [line.lstrip() for line in lines if _PROMPTED.match(line)]
        yield "\n".join(line[4:] for line in kept)
    filled = [line for line in lines if line.strip()]
    if any(line.startswith("+") for line in filled):
        kept = [
            line for line in lines if not line.startswith(("-", "@@", "+++", "diff ", "index "))
        ]
        yield "\n".join(line[1:] if line[:1] in ("+", " ") else line for line in kept)
    if filled and all(_NUMBERED.match(line) for line in filled):
        yield "\n".join(_NUMBERED.sub("", line) for line in lines)


def _quoted(text: str) -> Iterator[str]:
    """An object of JSON that holds the program under some key."""
    if not text.strip().startswith("{"):
        return
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(data, dict):
        yield from (_lines(one) for one in data.values() if isinstance(one, str))


def _dedented(code: str) -> str:
    """Without the blanks that all lines begin with."""
    filled = [line for line in code.split("\n") if line.strip()]
    width = min((len(line) - len(line.lstrip(" \t")) for line in filled), default=0)
    return "\n".join(line[width:] for line in code.split("\n")) if width else ""


def _set_in(text: str) -> Iterator[str]:
    """Markdown's other blocks: lines that begin with four blanks, between words that do not."""
    part: list[str] = []
    for line in [*text.split("\n"), "."]:
        if line.startswith(("    ", "\t")) or not line.strip():
            part.append(line)
        else:
            if any(one.strip() for one in part):
                yield _dedented("\n".join(part))
            part = []


def _continued(prompt: str, code: str) -> Iterator[CandidateProgram]:
    """The prompt with a body: as it stands, then with the blanks that it may have lost."""
    if not code.strip():
        return
    start = prompt if not prompt or prompt.endswith(("\n", " ", "\t")) else f"{prompt}\n"
    if code[:1] in ("\n", " ", "\t") or prompt.endswith((" ", "\t")):
        yield CandidateProgram(code=start + code, loose=True, body=True)
    own = code.strip("\n").split("\n")
    # A word by itself, such as a language's, is not part of it.
    word = own[1:] if own[0].isidentifier() and not iskeyword(own[0]) else []
    for lines in (word, own):
        for body in _bodies(lines) if lines else ():
            yield CandidateProgram(code=start + body, loose=True, body=True)


def _bodies(own: list[str]) -> Iterator[str]:
    plain = "\n".join(own)
    if own[0][:1].strip():
        yield _indented(own)
        widths = [len(line) - len(line.lstrip()) for line in own[1:] if line.strip()]
        if width := min(widths, default=0):
            # The first line alone lost its blanks; those after it tell how many.
            yield " " * width + plain
            yield " " * 4 + plain
    else:
        yield _indented(_dedented(plain).split("\n"))
        yield plain.expandtabs(4)
    first = next((n for n, x in enumerate(own) if x[:1] in (" ", "\t") and x.strip()), 0)
    if first and not any(_HEAD.match(line) for line in own[:first]):
        # Words before a body.
        body = "\n".join(own[first:])
        yield body
        yield _indented(_dedented(body).split("\n"))


def _indented(lines: list[str], width: int = 4) -> str:
    return "\n".join(" " * width + line if line.strip() else line for line in lines)
