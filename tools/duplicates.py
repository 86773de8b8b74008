"""Functions that are written twice, also where the second one has other names for its variables.

`python -m tools.duplicates`, which `dev.py lint` runs. Standard library only.
"""

from __future__ import annotations

import ast
import itertools
import sys

from tools.environment import ROOT, packages

LEAST_NODES = 35
"""Shorter functions are alike by nature. It is about four lines."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Form:
    """A function as text, with numbers for its own names; what it takes from outside stays."""

    def __init__(self, own: set[str]) -> None:
        self.numbers = dict.fromkeys(own, "")
        self.given = itertools.count()
        self.words: list[str] = []

    def add(self, node: object) -> None:
        """A node, a list of nodes or a plain value."""
        if isinstance(node, ast.AST):
            self.words.append(type(node).__name__)
            for field in node._fields:
                value = getattr(node, field, None)
                if field in ("id", "arg") and isinstance(value, str):
                    self.words.append(self._named(value))
                elif field not in ("ctx", "type_comment", "kind"):
                    self.add(value)
        elif isinstance(node, list):
            self.words.append(f"[{len(node)}")
            for one in node:
                self.add(one)
        else:
            self.words.append(repr(node))

    def _named(self, name: str) -> str:
        if self.numbers.get(name) == "":
            self.numbers[name] = f"_{next(self.given)}"
        return self.numbers.get(name, name)


def form(function: Function) -> str | None:
    """What is alike for functions that do the same; None for one that is too short."""
    body = function.body[ast.get_docstring(function) is not None :]
    nodes = [node for statement in body for node in ast.walk(statement)]
    if len(nodes) < LEAST_NODES:
        return None
    inner = (*ast.walk(function.args), *nodes)  # lambdas have parameters too
    own = {node.arg for node in inner if isinstance(node, ast.arg)}
    own |= {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    found = _Form(own)
    found.add(function.args)
    found.add(body)
    return " ".join(found.words)


def main() -> int:
    """Tell what is written twice; 1 if there is any."""
    places: dict[str, str] = {}
    twice = 0
    for package in packages():
        for path in sorted((package / "src").rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, Function) and (found := form(node)):
                    place = f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
                    first = places.setdefault(found, place)
                    if first != place:
                        twice += 1
                        print(f"{place} is written in {first} already")
    if twice:
        print("help: let one use the other; what two plugins share goes into a room of core")
    return bool(twice)


if __name__ == "__main__":
    sys.exit(main())
