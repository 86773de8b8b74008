"""What the source of a plugin imports of core and of other plugins."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import aisbench

ALLOWED = (
    "aisbench.answers",
    "aisbench.api",
    "aisbench.codec",
    "aisbench.data",
    "aisbench.literals",
    "aisbench.sandbox",
    "aisbench.tracking",
)
_PUBLIC = ", ".join(ALLOWED)
LIBRARY = frozenset(f"aisbench.{name}" for name in aisbench.__all__)
"""What programs import, of use to commands."""


def sources(package: str) -> list[Path]:
    """The Python files of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return []
    if spec.submodule_search_locations:
        folders = [Path(place) for place in spec.submodule_search_locations]
        return sorted(file for folder in folders for file in folder.rglob("*.py"))
    return [Path(spec.origin)] if spec.origin else []


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, ``import_module("...")`` included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            for alias in node.names if module == "aisbench" else ():
                yield node.lineno, f"aisbench.{alias.name}"
            if module != "aisbench":
                yield node.lineno, module
        elif isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if (
                called in ("import_module", "__import__")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield node.lineno, first.value


def check_source(text: str, name: str, package: str) -> list[str]:
    """One file: nothing of core but the API, nothing of another plugin."""
    problems = []
    for line, module in imported(ast.parse(text)):
        top = module.partition(".")[0]
        if top == "aisbench" and module not in ALLOWED and module not in LIBRARY:
            problems.append(
                f"{name}:{line} imports {module}: only {_PUBLIC} stay as they are between versions"
            )
        elif top.startswith("aisbench_plugin_") and top != package:
            problems.append(
                f"{name}:{line} imports {module}: plugins use each other by name, in the suite"
            )
    return problems


def check_imports(package: str) -> list[str]:
    """Every file of the package."""
    problems = []
    for file in sources(package):
        problems += check_source(file.read_text(encoding="utf-8"), file.name, package)
    return problems
