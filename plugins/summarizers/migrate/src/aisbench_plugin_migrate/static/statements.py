"""Statements of a config file, in their order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from aisbench_plugin_migrate.static.expressions import (
    bind,
    evaluate,
    items_of,
    known,
    truth,
)
from aisbench_plugin_migrate.static.frame import CannotRead, Frame
from aisbench_plugin_migrate.static.values import Imported, Node, Unread, Value

Follow = Callable[[ast.ImportFrom, Frame], None]
"""Bring the names of another config file into a frame."""
_ERRORS = (CannotRead, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Interrupted(Exception):
    """``break`` or ``continue``."""

    def __init__(self, ends: bool) -> None:
        super().__init__()
        self.ends = ends


@define
class StatementReader:
    """Reads statements into a frame."""

    frame: Frame
    follow: Follow
    skipped: list[Unread] = field(factory=list)
    """Statements that were not followed, and what they are."""

    def read(self, body: Sequence[ast.stmt]) -> None:
        """Raises TooMuch."""
        for statement in body:
            self.frame.budget.spend(self.frame.place(statement))
            reader = _READERS.get(type(statement))
            try:
                if reader is None:
                    self.skip(statement)
                else:
                    reader(self, statement)
            except _ERRORS:
                self.skip(statement)

    def skip(self, statement: ast.stmt) -> None:
        """Names that the statement would give are unknown from here on."""
        unread = self.frame.unread(statement)
        self.skipped.append(unread)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.frame.names[node.id] = unread

    def assign(self, target: ast.expr, value: Value) -> None:
        """Raises CannotRead and what a wrong key raises."""
        if isinstance(target, ast.Subscript):
            base, key = self._base(target), known(target.slice, self.frame)
            if isinstance(base, Node):
                base.put(key, value, self.frame.place(target))
            else:
                base[key] = value
        else:
            bind(target, value, self.frame)

    def _base(self, target: ast.Subscript) -> Value:
        """The container of an item that is assigned. In a preset that is not here, containers
        appear when they are needed."""
        base = target.value
        if isinstance(base, ast.Subscript):
            outer, key = self._base(base), known(base.slice, self.frame)
            if isinstance(outer, Node) and outer.partial and key not in outer.entries:
                made = Node(place=self.frame.place(base), preset=outer.preset, partial=True)
                outer.put(key, made, self.frame.place(base))
            return outer.entries[key] if isinstance(outer, Node) else outer[key]
        return known(base, self.frame)


def _assign(self: StatementReader, node: ast.Assign) -> None:
    value = evaluate(node.value, self.frame)
    for target in node.targets:
        self.assign(target, value)


def _annotated(self: StatementReader, node: ast.AnnAssign) -> None:
    if node.value is not None:
        self.assign(node.target, evaluate(node.value, self.frame))


def _augmented(self: StatementReader, node: ast.AugAssign) -> None:
    loaded = ast.copy_location(_loaded(node.target), node)
    if isinstance(node.op, ast.Add):
        before, more = evaluate(loaded, self.frame), evaluate(node.value, self.frame)
        if isinstance(before, list) and isinstance(more, list):
            self.assign(node.target, before + more)
            return
        if isinstance(before, list):  # what was known stays, and the rest is told
            before.append(more)
            return
    whole = ast.copy_location(ast.BinOp(loaded, node.op, node.value), node)
    self.assign(node.target, evaluate(whole, self.frame))


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    raise CannotRead


def _for(self: StatementReader, node: ast.For) -> None:
    for item in items_of(known(node.iter, self.frame)):
        self.frame.budget.spend(self.frame.place(node))
        bind(node.target, item, self.frame)
        try:
            self.read(node.body)
        except Interrupted as interruption:
            if interruption.ends:
                return
    self.read(node.orelse)


def _if(self: StatementReader, node: ast.If) -> None:
    self.read(node.body if truth(known(node.test, self.frame)) else node.orelse)


def _with(self: StatementReader, node: ast.With) -> None:
    bases = [ast.unparse(one.context_expr).partition("(")[0] for one in node.items]
    if not any(base.rpartition(".")[2] == "read_base" for base in bases):
        raise CannotRead
    for statement in node.body:
        if isinstance(statement, ast.ImportFrom):
            self.follow(statement, self.frame)
        else:
            self.read([statement])


def _try(self: StatementReader, node: ast.Try) -> None:
    self.read(node.body)
    self.read(node.finalbody)


def _import(self: StatementReader, node: ast.Import) -> None:
    for one in node.names:
        name = one.asname or one.name.partition(".")[0]
        self.frame.names[name] = Imported(one.name if one.asname else name)


def _import_from(self: StatementReader, node: ast.ImportFrom) -> None:
    if node.level:
        self.follow(node, self.frame)
        return
    for one in node.names:
        self.frame.names[one.asname or one.name] = Imported(f"{node.module}.{one.name}")


def _expression(self: StatementReader, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return  # a docstring
    value = evaluate(node.value, self.frame)
    if isinstance(value, Unread):
        raise CannotRead


def _delete(self: StatementReader, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            self.frame.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            base, key = self._base(target), known(target.slice, self.frame)
            if isinstance(base, Node):
                base.entries.pop(key, None)
            else:
                del base[key]


def _definition(self: StatementReader, node: ast.FunctionDef | ast.ClassDef) -> None:
    self.frame.names[node.name] = Imported(node.name)


def _nothing(self: StatementReader, node: ast.stmt) -> None:
    """Pass, assert, global: they give no values."""


def _break(self: StatementReader, node: ast.stmt) -> None:
    raise Interrupted(ends=isinstance(node, ast.Break))


_READERS: Mapping[type[ast.stmt], Callable[[StatementReader, Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.For: _for,
    ast.If: _if,
    ast.With: _with,
    ast.Try: _try,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Expr: _expression,
    ast.Delete: _delete,
    ast.FunctionDef: _definition,
    ast.ClassDef: _definition,
    ast.Pass: _nothing,
    ast.Assert: _nothing,
    ast.Global: _nothing,
    ast.Break: _break,
    ast.Continue: _break,
}


def merged(frame: Frame, other: Mapping[str, Value], names: Sequence[ast.alias]) -> None:
    """Bring ``names`` of a file into ``frame``; ``*`` means all of them. Raises CannotRead."""
    for one in names:
        if one.name == "*":
            frame.names.update({key: value for key, value in other.items() if key[0] != "_"})
        elif one.name in other:
            frame.names[one.asname or one.name] = other[one.name]
        else:
            raise CannotRead
