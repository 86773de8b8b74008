"""Which of the texts that an answer may mean is the program: the first that is one and defines
what is asked for. Done here, beside the program, so that nobody else parses what a model wrote.
"""

from __future__ import annotations

import _ast as ast
import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MOST_CUTS = 40
_STARTS = (
    "def ", "class ", "async ", "import ", "from ", "@", "return", "yield", "raise", "else",
    "elif", "except", "finally", "try:", "with ", "while ", "if ", "for ", "assert ", ")", "]",
    "}",
)  # fmt: skip


class Picked:
    """``units`` are compiled and run one after the other, in the same names."""

    def __init__(self, units: list[str], method_of: str = "") -> None:
        self.units = units
        self.method_of = method_of
        """A class whose method is what was asked for."""

    @property
    def text(self) -> str:
        """All in one: what comes from the future must then come first."""
        lines = "\n".join(one for one in self.units if one.strip()).split("\n")
        first = [line for line in lines if line.startswith("from __future__ ")]
        return "\n".join([*first, *(line for line in lines if line not in first)])


def pick(candidates: list[dict[str, Any]], others: list[str], name: str) -> Picked:
    """The first candidate if none is a program that defines ``name``: its faults are then told."""
    lacking: dict[str, Picked] = {}
    for one in candidates:
        found = _parsed(one["code"], name if one["loose"] else None)
        if found is None:
            continue
        code, tree = found
        before = str(one["before"])
        picked = Picked([before, *_helpers(before, tree, others, one["code"]), code])
        made = _definition(tree, name)
        if made is None:
            if holder := _holder(tree, name):
                lacking.setdefault("wrapped", Picked(picked.units, holder))
            lacking.setdefault("parsed", picked)
        elif _is_stub(made):
            lacking.setdefault("stub", picked)
        elif one["body"] and not _comes_to_a_result(made):
            lacking.setdefault("silent", picked)
        else:
            return picked
    first = candidates[0]
    kinds = [kind for kind in ("wrapped", "silent", "stub", "parsed") if kind in lacking]
    return lacking[kinds[0]] if kinds else Picked([str(first["before"]), str(first["code"])])


def parse(text: str) -> ast.Module | None:
    try:
        tree: Any = compile(text, "program", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        # What only the compiler sees, such as a return outside of a function.
        compile(text, "program", "exec", dont_inherit=True)
        return tree  # type: ignore[no-any-return]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parsed(text: str, loose: str | None) -> tuple[str, ast.Module] | None:
    """With ``loose``, the name that is asked for, words around the code are left out."""
    tree = parse(text)
    if loose is None or (tree is not None and not _prose(tree)):
        return None if tree is None else (text, tree)
    lines = text.split("\n")
    for _ in range(MOST_CUTS):
        tree = parse("\n".join(lines))
        if tree is not None:
            return _without_words(lines, tree)
        fault = _fault(lines)
        if fault is None:
            return None
        before = parse("\n".join(lines[:fault]))
        if before is not None and (made := _definition(before, loose)) and not _is_stub(made):
            lines = lines[:fault]
        else:
            lines[fault] = ""
    return None


def _without_words(lines: list[str], tree: ast.Module) -> tuple[str, ast.Module] | None:
    """A program without the statements that are words by chance; None where nothing is left."""
    for node in _prose(tree):
        for place in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[place] = ""
    code = "\n".join(lines).rstrip() + "\n"
    bare = parse(code)
    return None if bare is None or not bare.body else (code, bare)


def _fault(lines: list[str]) -> int | None:
    """The line of words at which the parser stops; None where it is a line of code."""
    try:
        compile("\n".join(lines), "program", "exec", dont_inherit=True)
        return None
    except SyntaxError as error:
        place = min(error.lineno or len(lines), len(lines)) - 1
    except (ValueError, RecursionError, MemoryError):
        return None
    line = lines[place]
    if not line.strip() or line[0] in " \t" or line.startswith(_STARTS):
        return None
    return place


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """It and everything below, as in the package ``ast``, which would be slow to import."""
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, ast.AST):
            yield one
            waiting += [getattr(one, field, None) for field in one._fields]


def _prose(tree: ast.Module) -> list[ast.stmt]:
    """Statements that are words by chance: names of nothing, standing alone."""
    bound = _bound(tree)
    return [
        node
        for node in tree.body
        if (isinstance(node, ast.Expr) and _first_name(node.value) - bound)
        or (isinstance(node, ast.AnnAssign) and not node.value and _loads(node) - bound)
    ]


def _first_name(node: Any) -> set[str]:
    """The name that an expression begins with, as the words of a sentence do."""
    while not isinstance(node, ast.Name):
        parts = [
            getattr(node, field, None) for field in ("left", "value", "func", "elts", "values")
        ]
        first = next((one for one in parts if one is not None), None)
        node = first[0] if isinstance(first, list) and first else first
        if not isinstance(node, ast.AST):
            return set()
    return {node.id}


def _definition(tree: ast.Module, name: str) -> ast.AST | None:
    """The last statement at the top that binds ``name``."""
    found: ast.AST | None = None
    for node in _top(tree.body):
        if name in _binds(node):
            found = node
    return found


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module, those under its conditions too."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for field in ("body", "orelse", "finalbody"):
                yield from _top(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from _top(handler.body)


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name).split(".")[0] for one in node.names}
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return {one.id for target in targets for one in walk(target) if isinstance(one, ast.Name)}


def _is_stub(node: ast.AST) -> bool:
    """A function that is only announced: a docstring, ``pass``, ``...``."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        or (isinstance(one, ast.Raise) and any("NotImplemented" in name for name in _loads(one)))
        for one in node.body
    )


def _comes_to_a_result(node: ast.AST) -> bool:
    """Whether the function itself, and not one within it, returns, yields or raises."""
    waiting: list[ast.AST] = list(getattr(node, "body", []))
    while waiting:
        one = waiting.pop()
        if isinstance(one, (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise)):
            return True
        if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            for field in one._fields:
                value = getattr(one, field, None)
                parts = value if isinstance(value, list) else [value]
                waiting += [part for part in parts if isinstance(part, ast.AST)]
    return False


def _holder(tree: ast.Module, name: str) -> str:
    """The last class with a method of this name."""
    holders = [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and any(
            isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.name == name
            for one in node.body
        )
    ]
    return holders[-1] if holders else ""


def _loads(node: ast.AST) -> set[str]:
    return {
        one.id for one in walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }


def _bound(tree: ast.AST) -> set[str]:
    """All names that are given a value anywhere in it, and those of Python itself."""
    found = set(dir(builtins)) | {"__file__"}
    for node in walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.stmt):
            found |= _binds(node)
    return found


def _helpers(before: str, tree: ast.Module, others: list[str], own: str) -> list[str]:
    """What other blocks of the answer define and this one lacks: imports, helper functions."""
    preamble = parse(before)
    bound = _bound(tree) | (set() if preamble is None else _bound(preamble))
    missing = _loads(tree) - bound
    if not missing:
        return []
    stock = _stock(others, own)
    taken: set[int] = set()
    while missing:
        found = [
            place
            for place, (node, _) in enumerate(stock)
            if place not in taken and _binds(node) & missing
        ]
        if not found:
            break
        last = {name: place for place in found for name in _binds(stock[place][0]) & missing}
        taken |= set(last.values())
        bound |= missing
        missing = set().union(*(_loads(stock[place][0]) for place in last.values())) - bound
        missing -= set().union(*(_bound(stock[place][0]) for place in taken))
    return [stock[place][1] for place in sorted(taken)]


def _stock(others: list[str], own: str) -> list[tuple[ast.stmt, str]]:
    """The statements of other blocks that define something, each with its text."""
    stock: list[tuple[ast.stmt, str]] = []
    for text in others:
        other = None if text == own else parse(text)
        for node in [] if other is None else other.body:
            if not isinstance(node, ast.Expr) and _binds(node):
                stock.append((node, _source(text, node)))
    return stock


def _source(text: str, node: ast.stmt) -> str:
    """The lines of a statement, its decorators with it."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return "\n".join(text.split("\n")[first - 1 : node.end_lineno])
