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
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.environment import ROOT

CORE = ROOT / "core" / "src" / "aisbench"
LINES = CORE / "wording" / "lines.zh.json"
SHOWN = frozenset({"say", "print", "warn", "parser", "tell", "add_parser"})
"""Functions that show their text to a person, besides constructors of errors."""
NAMED = frozenset({"hint", "help", "summary", "title", "description"})
"""Arguments that are shown to a person."""


def packages() -> Iterator[Path]:
    """The folder of each package's code."""
    yield CORE
    for file in sorted(ROOT.glob("plugins/*/*/src/*/__init__.py")):
        yield file.parent


def template(node: ast.AST) -> str | None:
    """A text of the code, with ``{0}``, ``{1}`` in the places of an f-string's values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
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
    """What a package asks for by ``words.text("...")``."""
    found = set()
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
    found: set[str] = set()
    for tree in trees(CORE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(filter(_worded, _shown_by(node)))
    return found


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
        yield from text.split("\n")


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
    lines = {line for text in written() for line in text.split("\n")}
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
