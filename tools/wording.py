"""Which texts of the code have no Chinese, and which Chinese has no text any more.

    python -m tools.wording             how many of each package
    python -m tools.wording --missing   the missing ones, as the JSON to fill in

Two kinds of files hold translations. ``texts.zh.json`` of a package has those that the code asks
for by their English, ``words.text("...")``. ``lines.zh.json`` of core has those of finished lines:
errors, hints, messages and helps, f-strings with ``{0}``, ``{1}`` in the places of their values.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.environment import ROOT

CORE = ROOT / "core" / "src" / "aisbench"
LINES = CORE / "wording" / "lines.zh.json"
_OF_SCRIPTS = re.compile(r"\bt\(\s*(\"(?:[^\"\\]|\\.)*\")")
SHOWN = frozenset({"say", "print", "warn", "parser", "tell", "add_parser"})
"""Functions that show their text to a person, besides constructors of errors."""
SPOKEN = ("cli", "engine", "loadgen", "metrics", "runs", "stages", "telemetry")
"""Rooms whose every sentence is shown: doubts, notes, causes, progress."""
SENTENCE = 4
"""Words of a text that is one."""
OUTSIDE = frozenset(
    {
        "show this help message and exit",
        "positional arguments",
        "options",
        "usage: {0}",
        "the following arguments are required: {0}",
        "unrecognized arguments: {0}",
        "argument {0}: {1}",
        "expected one argument",
        "expected at least one argument",
        "invalid choice: {0} (choose from {1})",
        "invalid int value: {0}",
        "invalid float value: {0}",
        "not allowed with argument {0}",
        "one of the arguments {0} is required",
    }
)
"""What the parser of the standard library says."""
NAMED = frozenset({"hint", "help", "summary", "title", "description"})
"""Arguments that are shown to a person."""


_LOGGED = re.compile(r"%[drs]")
_NO_SENTENCE = re.compile(r"\\|\?:|\.\*|\||^http|<[a-z]|^[A-Z]\w+\(")
"""In patterns, tables, commands and addresses."""


def packages() -> Iterator[Path]:
    """The folder of each package's code."""
    yield CORE
    for file in sorted(ROOT.glob("plugins/*/*/src/*/__init__.py")):
        yield file.parent


def template(node: ast.AST) -> str | None:
    """A text of the code, with ``{0}``, ``{1}`` in the places of an f-string's values."""
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return None
        numbers = itertools.count()
        return _LOGGED.sub(lambda _: f"{{{next(numbers)}}}", node.value)
    if isinstance(node, ast.JoinedStr):
        text, number = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            else:
                text += f"{{{number}}}"
                number += 1
        return text
    return None


def trees(package: Path) -> Iterator[ast.Module]:
    """Every module of a package, parsed."""
    for path in sorted(package.rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def asked(package: Path) -> set[str]:
    """What a package asks for by ``words.text("...")``, and its scripts by ``t("...")``."""
    found = {
        json.loads(text)
        for path in package.rglob("*.js")
        for text in _OF_SCRIPTS.findall(path.read_text(encoding="utf-8"))
    }
    for tree in trees(package):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "text"
                and node.args
                and (text := template(node.args[0])) is not None
            ):
                found.add(text)
    return found


def written() -> set[str]:
    """Every text in core's code, one after the other."""
    return {
        text
        for tree in trees(CORE)
        for node in ast.walk(tree)
        if (text := template(node)) is not None
    }


def shown() -> set[str]:
    """The lines that core shows to a person: what needs a translation."""
    found = set(OUTSIDE)
    for tree in trees(CORE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(filter(_worded, _shown_by(node)))
    for room in SPOKEN:
        for tree in trees(CORE / room):
            found.update(_sentences(tree))
    return found


def _sentences(tree: ast.Module) -> Iterator[str]:
    """Every text of a module that reads like a sentence, but for docstrings, which stand alone,
    and parts of f-strings."""
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            left_out.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            left_out.update(ast.walk(node))
            left_out.discard(node)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = getattr(node.exc.func, "id", "")
            if hasattr(builtins, name):
                left_out.update(ast.walk(node))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "text":
            left_out.update(node.args)  # asked for by its English: those are texts.zh.json's
        if node not in left_out and (text := template(node)) is not None:
            for line in map(str.strip, text.split("\n")):
                if (
                    not _NO_SENTENCE.search(line)
                    and len(re.findall(r"(?<![\w{])[a-z]{2,}(?![\w}(])", line)) >= SENTENCE
                ):
                    yield line


def _shown_by(call: ast.Call) -> Iterator[str]:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in SHOWN or (name.endswith("Error") and not hasattr(builtins, name)):
        for one in call.args:
            yield from _texts(one)
    for keyword in call.keywords:
        if keyword.arg in NAMED:
            yield from _texts(keyword.value)


def _texts(node: ast.AST) -> Iterator[str]:
    """The text itself, or both of an either-or."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif (text := template(node)) is not None:
        yield from map(str.strip, text.split("\n"))


def _worded(text: str) -> bool:
    """Whether there is anything to translate: two words of letters at the least."""
    return len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\d+\}", " ", text))) > 1


def translations(path: Path) -> Mapping[str, str]:
    """A file of translations."""
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def missing() -> dict[str, list[str]]:
    """Texts without Chinese, by the file that they belong in."""
    found = {}
    for package in packages():
        path = package / "texts.zh.json"
        if wanting := sorted(asked(package) - set(translations(path))):
            found[path.relative_to(ROOT).as_posix()] = wanting
    if wanting := sorted(shown() - set(translations(LINES))):
        found[LINES.relative_to(ROOT).as_posix()] = wanting
    return found


def stale() -> dict[str, list[str]]:
    """Translations of texts that the code has no more."""
    found = {}
    for package in packages():
        path = package / "texts.zh.json"
        if left := sorted(set(translations(path)) - asked(package)):
            found[path.relative_to(ROOT).as_posix()] = left
    lines = OUTSIDE | {line.strip() for text in written() for line in text.split("\n")}
    known = {key for key in translations(LINES) if not key.endswith(":")}
    if left := sorted(known - lines):
        found[LINES.relative_to(ROOT).as_posix()] = left
    return found


def main(words: list[str]) -> int:
    """Print; the exit code is 0."""
    wanting = missing()
    if "--missing" in words:
        print(json.dumps(wanting, ensure_ascii=False, indent=1))
        return 0
    for name, texts in wanting.items():
        print(f"{len(texts):5} without Chinese: {name}")
    for name, texts in stale().items():
        print(f"{len(texts):5} no more in the code: {name}: {texts[:3]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
