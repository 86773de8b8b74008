"""Expressions of a config file, as far as they are plain data."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aisbench_plugin_migrate.static.frame import CannotRead, Frame, bounded, limited
from aisbench_plugin_migrate.static.values import Imported, Node, Unread, Value

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in _contained(b),
    ast.NotIn: lambda a, b: a not in _contained(b),
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
_LONGEST_STRING = 100_000


def evaluate(node: ast.expr, frame: Frame) -> Value:
    """What ``node`` is; an Unread where only running it would tell. Raises TooMuch."""
    frame.budget.spend(frame.place(node))
    reader = _READERS.get(type(node))
    if reader is None:
        return frame.unread(node)
    try:
        return bounded(reader(node, frame))
    except (CannotRead, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return frame.unread(node)


def known(node: ast.expr, frame: Frame) -> Value:
    """Like ``evaluate``. Raises CannotRead for what it cannot tell."""
    value = evaluate(node, frame)
    if isinstance(value, Unread):
        raise CannotRead
    return value


def items_of(value: Value) -> list[Value]:
    """What iterating over ``value`` gives. Raises CannotRead."""
    if isinstance(value, list):
        return list(value)
    if isinstance(value, Node):
        return list(value.entries)
    if isinstance(value, str):
        return list(value)
    raise CannotRead


def _contained(value: Value) -> Any:
    return value if isinstance(value, str) else items_of(value)


def _constant(node: ast.Constant, frame: Frame) -> Value:
    value = node.value
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    raise CannotRead


def _name(node: ast.Name, frame: Frame) -> Value:
    if node.id in frame.names:
        return frame.names[node.id]
    if node.id in ("dict", "list", "tuple", "set", "str", "int", "float", "bool"):
        return Imported(node.id)
    raise CannotRead


def _attribute(node: ast.Attribute, frame: Frame) -> Value:
    base = known(node.value, frame)
    if isinstance(base, Imported):
        return Imported(f"{base.dotted}.{node.attr}")
    if isinstance(base, Node):
        return base.entries[node.attr]
    raise CannotRead


def _sequence(node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Value:
    found: list[Value] = []
    for one in node.elts:
        if isinstance(one, ast.Starred):
            found += items_of(known(one.value, frame))
        else:
            found.append(evaluate(one, frame))
    return found


def _dict(node: ast.Dict, frame: Frame) -> Value:
    made = Node(place=frame.place(node), preset=frame.preset)
    for key, one in zip(node.keys, node.values, strict=True):
        if key is None:
            merge(made, known(one, frame))
        else:
            made.put(hashable(known(key, frame)), evaluate(one, frame), frame.place(one))
    return made


def merge(made: Node, other: Value) -> None:
    """Put all of ``other`` into ``made``. Raises CannotRead where it is no dictionary."""
    if not isinstance(other, Node):
        raise CannotRead
    for key, value in other.items():
        made.put(key, value, other.where(key))
    made.partial = made.partial or other.partial


def hashable(key: Value) -> Any:
    """``key``. Raises CannotRead where it can be no key."""
    if isinstance(key, (Node, list)):
        raise CannotRead
    return key


def _binary(node: ast.BinOp, frame: Frame) -> Value:
    left, right = known(node.left, frame), known(node.right, frame)
    if isinstance(left, Imported) or isinstance(right, Imported):
        raise CannotRead
    if isinstance(node.op, ast.Add):
        frame.budget.spend(frame.place(node), _size(left) + _size(right))
        return left + right
    if isinstance(node.op, ast.Mult):
        return _times(left, right)
    if isinstance(node.op, ast.Mod):
        return _remainder(left, right)
    if isinstance(node.op, ast.Pow):
        return _power(left, right)
    if isinstance(node.op, ast.BitOr) and isinstance(left, Node):
        made = left.copied()
        merge(made, right)
        return made
    return _BINARY[type(node.op)](left, right)


def _size(value: Value) -> int:
    return len(value) if isinstance(value, list) else 1


def _times(left: Value, right: Value) -> Value:
    if isinstance(left, (str, list)) or isinstance(right, (str, list)):
        text, times = (left, right) if isinstance(left, (str, list)) else (right, left)
        if not isinstance(times, int) or len(text) * max(times, 0) > _LONGEST_STRING:
            raise CannotRead
        return text * times
    return bounded(left) * bounded(right)


def _remainder(left: Value, right: Value) -> Value:
    """Of numbers; and a text filled in the old way, with texts and numbers alone."""
    if not isinstance(left, str):
        return left % right
    given = right if isinstance(right, list) else [right]
    if not all(isinstance(one, (str, int, float)) for one in given) or "*" in left:
        raise CannotRead
    limited([left, *map(str, given)] * len(given))
    plain = left.replace("%s", "").replace("%d", "").replace("%%", "")
    if "%" in plain:  # a width could make a text of any length
        raise CannotRead
    return left % tuple(given)


def _power(left: Value, right: Value) -> Value:
    if not isinstance(right, (int, float)) or abs(right) > 64 or abs(left) > 1 << 32:
        raise CannotRead
    return left**right


def _unary(node: ast.UnaryOp, frame: Frame) -> Value:
    value = known(node.operand, frame)
    if isinstance(node.op, ast.Not):
        return not truth(value)
    return -value if isinstance(node.op, ast.USub) else +value


def truth(value: Value) -> bool:
    """Whether ``if`` takes it for true. Raises CannotRead."""
    if isinstance(value, Unread):
        raise CannotRead
    return bool(value.entries) if isinstance(value, Node) else bool(value)


def _boolean(node: ast.BoolOp, frame: Frame) -> Value:
    value: Value = None
    for one in node.values:
        value = known(one, frame)
        if truth(value) != isinstance(node.op, ast.And):
            break
    return value


def _compare(node: ast.Compare, frame: Frame) -> Value:
    left = known(node.left, frame)
    for test, one in zip(node.ops, node.comparators, strict=True):
        right = known(one, frame)
        if not _COMPARE[type(test)](left, right):
            return False
        left = right
    return True


def _choice(node: ast.IfExp, frame: Frame) -> Value:
    return evaluate(node.body if truth(known(node.test, frame)) else node.orelse, frame)


def _joined(node: ast.JoinedStr, frame: Frame) -> Value:
    parts = []
    for one in node.values:
        if isinstance(one, ast.FormattedValue):
            if one.format_spec is not None or one.conversion not in (-1, 115):
                raise CannotRead
            parts.append(text_of(known(one.value, frame)))
        else:
            parts.append(text_of(known(one, frame)))
    return "".join(limited(parts))


def text_of(value: Value) -> str:
    """What str() would make of it. Raises CannotRead for lists and dictionaries."""
    if isinstance(value, (str, int, float)) or value is None:
        return str(value)
    raise CannotRead


def _subscript(node: ast.Subscript, frame: Frame) -> Value:
    base = known(node.value, frame)
    if isinstance(base, Imported):  # dict[str, int](...), or os.environ["KEY"]
        if base.dotted == "os.environ" and isinstance(node.slice, ast.Constant):
            return frame.unread(node, str(node.slice.value))
        return base
    if isinstance(node.slice, ast.Slice):
        return base[_slice(node.slice, frame)]
    key = known(node.slice, frame)
    return base.entries[key] if isinstance(base, Node) else base[key]


def _slice(node: ast.Slice, frame: Frame) -> slice:
    bounds = [None if one is None else known(one, frame) for one in _bounds(node)]
    return slice(*bounds)


def _bounds(node: ast.Slice) -> Iterator[ast.expr | None]:
    yield from (node.lower, node.upper, node.step)


def _list_comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame
) -> Value:
    return [evaluate(node.elt, scope) for scope in _rounds(node.generators, frame)]


def _dict_comprehension(node: ast.DictComp, frame: Frame) -> Value:
    made = Node(place=frame.place(node), preset=frame.preset)
    for scope in _rounds(node.generators, frame):
        key = hashable(known(node.key, scope))
        made.put(key, evaluate(node.value, scope), frame.place(node.value))
    return made


def _rounds(generators: list[ast.comprehension], frame: Frame) -> Iterator[Frame]:
    """The scopes of all rounds of a comprehension."""
    if not generators:
        yield frame
        return
    first, *rest = generators
    for item in items_of(known(first.iter, frame)):
        frame.budget.spend(frame.place(first.iter))
        scope = frame.inner()
        bind(first.target, item, scope)
        if all(truth(known(test, scope)) for test in first.ifs):
            yield from _rounds(rest, scope)


def bind(target: ast.expr, value: Value, frame: Frame) -> None:
    """Give ``value`` to a name, or its items to several. Raises CannotRead."""
    if isinstance(target, ast.Name):
        frame.names[target.id] = value
        return
    if isinstance(target, (ast.Tuple, ast.List)):
        given = items_of(value)
        if len(given) != len(target.elts):
            raise CannotRead
        for one, item in zip(target.elts, given, strict=True):
            bind(one, item, frame)
        return
    raise CannotRead


def _call(node: ast.Call, frame: Frame) -> Value:
    from aisbench_plugin_migrate.static.calls import call  # which reads expressions in turn

    return call(node, frame)


_READERS: Mapping[type[ast.expr], Callable[[Any, Frame], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.JoinedStr: _joined,
    ast.Subscript: _subscript,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _list_comprehension,
    ast.GeneratorExp: _list_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Call: _call,
}
