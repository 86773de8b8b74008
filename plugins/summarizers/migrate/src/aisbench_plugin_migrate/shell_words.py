"""Words of a line as a shell has them, and the values of its variables. Nothing is run."""

from __future__ import annotations

import ast
import operator
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

_NAMES = (
    "ais_bench",
    "opencompass",
    "lm_eval",
    "lm-eval",
    "evalscope",
    "vllm",
    "guidellm",
    "perf",
)
"""In names of programs: what stands so in back quotes is code in a page of notes."""
_VARIABLE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*|[0-9])(?:\[[@*]\])?(?::?[-=]([^}]*))?\}"
    r"|([A-Za-z_][A-Za-z0-9_]*))"
)


_BRACES = re.compile(r"\{(\w+)\.\.(\w+)\}\Z|\{([^{}\s]*,[^{}\s]*)\}\Z")


_NAME = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]*")


_INNER = re.compile(
    r"\$\(\(((?:[^()]|\([^()]*\))*)\)\)|\$\(((?:[^()]|\([^()]*\))*)\)|(?<![\w`])`([^`\n]+)`(?!`)"
)


_SUM = re.compile("\ue003([^\ue001]*)\ue001")


_SUMS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.Mod: operator.mod,
}
"""What a shell's sums are of."""


def listed(words: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    """What a loop goes over; nothing where only a run would tell it."""
    for word in all_expanded(words, variables):
        found = _BRACES.match(word)
        if "$" in word:
            return
        if found is None:
            yield from word.split()
        elif found[3] is not None:
            yield from found[3].split(",")
        elif found[1].isdigit() and found[2].isdigit():
            yield from map(str, range(int(found[1]), min(int(found[2]), 10_000) + 1))


def all_expanded(part: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    """Words with the values of variables; those of a list, or flags in one, as words each."""
    for word in part:
        made = expanded(word, variables)
        whole = _VARIABLE.fullmatch(word)
        if whole is not None and made != word and ("[" in word or made.startswith("-")):
            yield from split(made)
        else:
            yield made


def split(line: str) -> list[str]:
    """Words as a shell has them; nothing where quotes do not end."""
    if len(line) > 100_000:
        return []
    try:
        return list(lexer(line))
    except ValueError:
        return []


def lexer(line: str) -> shlex.shlex:
    line = _INNER.sub(_kept, line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();&|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return lexer


def _kept(match: re.Match[str]) -> str:
    """A sum, or a command within a command, as one word: characters of no script stand around it
    and for its blanks."""
    if match[3] is not None and any(name in match[3] for name in _NAMES):
        return match[0]  # code in a page of notes
    inner = next(one for one in match.groups() if one is not None)
    inner = re.sub(r"[\s'\"|;&<>()]", _blank, inner)
    begin = "\ue003" if match[1] is not None else "\ue000"
    return f"{begin}{inner}\ue001"


def _blank(match: re.Match[str]) -> str:
    return {"(": "\ue004", ")": "\ue005"}.get(match[0], "\ue002")


def _sum(text: str) -> str:
    """The value of a sum of whole numbers; empty where it is none."""
    try:
        return str(_value(ast.parse(text, mode="eval").body)) if len(text) < 200 else ""
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return ""


def _value(node: ast.expr) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        left, right = _value(node.left), _value(node.right)
        if max(abs(left), abs(right)) < 1 << 63:
            return _SUMS[type(node.op)](left, right)
    raise ValueError(node)


def expanded(word: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        usual = match[0] if match[2] is None else match[2]
        return variables.get(match[1] or match[3], usual)

    def known(match: re.Match[str]) -> str:
        return variables.get(match[0], match[0])

    def total(match: re.Match[str]) -> str:
        text = _NAME.sub(known, match[1].replace("$", "").replace("\ue002", " "))
        return _sum(text.strip()) or f"$(({text}))"

    if len(word) >= 10_000:
        return word
    word = word.replace("\ue004", "(").replace("\ue005", ")")
    word = _SUM.sub(total, word)
    word = word.replace("\ue000", "$(").replace("\ue001", ")").replace("\ue002", " ")
    return _VARIABLE.sub(value, word)
