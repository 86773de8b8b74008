#!/usr/bin/env python3
"""How tidy the house is, in numbers: for this checkout, or for another beside it.

python3 tools/house.py [CHECKOUT ...] [--names]

It counts, in the packages' sources:
  loose modules     of core's top level, outside every room
  import cycles     rooms of core that import each other, lazy imports counted
  class names       that stand for more than one class, within core and in all packages
  long functions    of more than 60 lines, docstring and signature included
  branching ones    of a cyclomatic complexity above 15 (McCabe 1976: decisions + 1)
  long modules      of more than 400 lines; aisbench.api, a list of names, is not counted

Standard library only, so that it reads checkouts of any age.
"""

from __future__ import annotations

import ast
import collections
import sys
from collections.abc import Iterator
from pathlib import Path

LINES, COMPLEXITY, MODULE = 60, 15, 400

Function = ast.FunctionDef | ast.AsyncFunctionDef

_DECISIONS = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.Assert,
)


def sources(root: Path) -> dict[Path, ast.Module]:
    """The parsed modules of all packages."""
    folders = [root / "core/src", root / "testkit/src", *sorted(root.glob("plugins/*/*/src"))]
    return {
        path: ast.parse(path.read_text())
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    }


def complexity(function: Function) -> int:
    """Decisions of a function itself, plus 1; functions within it count for themselves."""
    count = 1
    queue: list[ast.AST] = list(ast.iter_child_nodes(function))
    while queue:
        node = queue.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, _DECISIONS):
            count += 1
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.match_case):
            count += 1
        queue += ast.iter_child_nodes(node)
    return count


def functions(tree: ast.Module) -> Iterator[Function]:
    """All functions of a module, also those within others."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def rooms_in_cycles(root: Path, trees: dict[Path, ast.Module]) -> list[str]:
    """The rooms of core that can be reached from themselves through imports."""
    core = root / "core/src/aisbench"
    edges: dict[str, set[str]] = collections.defaultdict(set)
    for path, tree in trees.items():
        if not path.is_relative_to(core):
            continue
        room = path.relative_to(core).parts[0].removesuffix(".py")
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "aisbench":
                names = [f"aisbench.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                words = name.split(".")
                if words[0] == "aisbench" and len(words) > 1 and words[1] != room:
                    edges[room].add(words[1])

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        queue = [start]
        while queue:
            new = edges[queue.pop()] - seen
            seen |= new
            queue += new
        return seen

    return sorted(room for room in list(edges) if room in reached(room))


def measure(root: Path) -> dict[str, list[str]]:
    """What is found in a checkout, by kind."""
    trees = sources(root)
    core = root / "core/src/aisbench"
    in_core: collections.Counter[str] = collections.Counter()
    anywhere: collections.Counter[str] = collections.Counter()
    long, branching, modules = [], [], []
    for path, tree in trees.items():
        where = path.relative_to(root)
        size = len(path.read_text().splitlines())
        if size > MODULE and path != core / "api.py":
            modules.append(f"{where}: {size} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                anywhere[node.name] += 1
                in_core[node.name] += path.is_relative_to(core)
        for function in functions(tree):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            place = f"{where}:{function.lineno} {function.name}"
            if lines > LINES:
                long.append(f"{place}: {lines} lines")
            if (number := complexity(function)) > COMPLEXITY:
                branching.append(f"{place}: complexity {number}")
    return {
        "loose modules of core": sorted(path.stem for path in core.glob("*.py")),
        "rooms of core in import cycles": rooms_in_cycles(root, trees),
        "class names twice in core": sorted(k for k, n in in_core.items() if n > 1),
        "class names twice anywhere": sorted(k for k, n in anywhere.items() if n > 1),
        f"functions above {LINES} lines": long,
        f"functions above complexity {COMPLEXITY}": branching,
        f"modules above {MODULE} lines": modules,
    }


def report(root: Path, names: bool) -> None:
    """Print the counts of one checkout."""
    print(root)
    for what, which in measure(root).items():
        print(f"  {what:36} {len(which):4}")
        if names:
            for one in which:
                print(f"      {one}")


def main(words: list[str]) -> None:
    """Read the arguments, print a report for each checkout."""
    names = "--names" in words
    roots = [Path(word) for word in words if not word.startswith("-")]
    for root in roots or [Path(__file__).resolve().parent.parent]:
        report(root.resolve(), names)


if __name__ == "__main__":
    main(sys.argv[1:])
