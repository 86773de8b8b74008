"""Calls in a config file: those of Python's own that make plain data of plain data."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from aisbench_plugin_migrate.static.expressions import (
    evaluate,
    hashable,
    items_of,
    known,
    merge,
    text_of,
    truth,
)
from aisbench_plugin_migrate.static.frame import LARGEST, CannotRead, Frame, bounded, limited
from aisbench_plugin_migrate.static.values import Imported, Node, Value


def call(node: ast.Call, frame: Frame) -> Value:
    """What a call gives. Raises CannotRead for all calls but those of a few known functions."""
    if isinstance(node.func, ast.Attribute):
        found = _method(node, node.func, frame)
        if found is not _NOTHING:
            return found
    name = _function_name(node.func, frame)
    if name == "dict":
        return _dict(node, frame)
    if name == "locals" or name == "globals":
        return Node(dict(frame.names), place=frame.place(node))
    if name in ("os.getenv", "os.environ.get") and node.args:
        return frame.unread(node, str(known(node.args[0], frame)))
    if name in ("dict.fromkeys", "open", "eval", "exec", "__import__"):
        raise CannotRead
    given = [known(one, frame) for one in _flat(node.args)]
    return _FUNCTIONS[name](given, {one.arg: known(one.value, frame) for one in node.keywords})


_NOTHING = object()
_FIELD = re.compile(r"\{\w*[.!:\[]")
"""A field with more than a name."""


def _flat(args: list[ast.expr]) -> list[ast.expr]:
    if any(isinstance(one, ast.Starred) for one in args):
        raise CannotRead
    return args


def _function_name(node: ast.expr, frame: Frame) -> str:
    if isinstance(node, ast.Name) and node.id not in frame.names:
        return node.id
    if isinstance(node, ast.Subscript):
        return _function_name(node.value, frame)  # dict[str, int](...)
    value = known(node, frame)
    if not isinstance(value, Imported):
        raise CannotRead
    return value.dotted


def _dict(node: ast.Call, frame: Frame) -> Value:
    made = Node(place=frame.place(node), preset=frame.preset)
    for one in node.args:
        given = known(one, frame)
        if isinstance(given, list):
            for key, value in map(items_of, given):
                made.put(hashable(key), value, frame.place(one))
        else:
            merge(made, given)
    for word in node.keywords:
        if word.arg is None:
            merge(made, known(word.value, frame))
        else:
            made.put(word.arg, evaluate(word.value, frame), frame.place(word.value))
    return made


def _method(node: ast.Call, func: ast.Attribute, frame: Frame) -> Value:
    base = evaluate(func.value, frame)
    given = [evaluate(one, frame) for one in _flat(node.args)]
    if isinstance(base, Node):
        return _of_node(base, func.attr, given, node, frame)
    if isinstance(base, list):
        return _of_list(base, func.attr, given)
    if isinstance(base, str):
        return _of_text(base, func.attr, given, node, frame)
    return _NOTHING


def _of_node(base: Node, name: str, given: list[Value], node: ast.Call, frame: Frame) -> Value:
    if name == "keys":
        return list(base.entries)
    if name == "values":
        return list(base.entries.values())
    if name == "items":
        return [[key, value] for key, value in base.items()]
    if name == "copy":
        return base.copied()
    if name in ("get", "pop", "setdefault") and given:
        key, default = hashable(given[0]), given[1] if len(given) > 1 else None
        return getattr(base.entries, name)(key, default)
    if name == "update":
        _update(base, given, node, frame)
        return None
    raise CannotRead


def _update(base: Node, given: list[Value], node: ast.Call, frame: Frame) -> None:
    for one in given:
        merge(base, one)
    for word in node.keywords:
        if word.arg is None:
            merge(base, known(word.value, frame))
        else:
            base.put(word.arg, evaluate(word.value, frame), frame.place(node))


def _of_list(base: list[Value], name: str, given: list[Value]) -> Value:
    if len(base) > LARGEST or any(_holds(one, base) for one in given):
        raise CannotRead
    if name == "append" and len(given) == 1:
        base.append(given[0])
        return None
    if name == "extend" and len(given) == 1:
        base.extend(items_of(given[0]))
        return None
    if name == "insert" and len(given) == 2:
        base.insert(given[0], given[1])
        return None
    if name == "copy":
        return list(base)
    if name == "index" and len(given) == 1:
        return base.index(given[0])
    raise CannotRead


def _holds(value: Value, wanted: list[Value], depth: int = 0) -> bool:
    """Whether ``wanted`` is in ``value``: a list would hold itself."""
    if value is wanted or depth > 20:
        return True
    if isinstance(value, Node):
        return any(_holds(one, wanted, depth + 1) for one in value.entries.values())
    if isinstance(value, list):
        return any(_holds(one, wanted, depth + 1) for one in value)
    return False


_TEXT: Mapping[str, Callable[..., Any]] = {
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "replace": str.replace,
    "split": str.split,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "removeprefix": str.removeprefix,
    "removesuffix": str.removesuffix,
}


def _of_text(base: str, name: str, given: list[Value], node: ast.Call, frame: Frame) -> Value:
    if name == "join" and len(given) == 1:
        texts = [text_of(one) for one in items_of(given[0])]
        return base.join(limited([*texts, base * len(texts)]))
    if name == "format":
        named = {one.arg: known(one.value, frame) for one in node.keywords}
        return _formatted(base, given, named)
    if name in _TEXT and not node.keywords:
        if not all(isinstance(one, (str, int)) for one in given):
            raise CannotRead
        if name == "replace" and len(base) * (1 + len(str(given[1]))) > 50 * LARGEST:
            raise CannotRead
        return _TEXT[name](base, *given)
    raise CannotRead


def _formatted(base: str, given: list[Value], named: Mapping[Any, Value]) -> str:
    """Plain names in braces alone: no attributes, no widths, which could name or make anything."""
    made, numbers = base, iter(range(len(given)))
    for key, value in named.items():
        made = _filled(made, f"{{{key}}}", value)
    while "{}" in made:
        index = next(numbers, None)
        if index is None:
            raise CannotRead
        made = made.replace("{}", text_of(given[index]), 1)
    for index, value in enumerate(given):
        made = _filled(made, f"{{{index}}}", value)
    if _FIELD.search(made):
        raise CannotRead
    return made


def _filled(text: str, place: str, value: Value) -> str:
    limited([text, *[text_of(value)] * text.count(place)])
    return text.replace(place, text_of(value))


def _range(given: list[Value], named: Mapping[Any, Value]) -> Value:
    numbers = range(*given)
    if len(numbers) > LARGEST:
        raise CannotRead
    return list(numbers)


def _sum(given: list[Value], named: Mapping[Any, Value]) -> Value:
    total: Value = given[1] if len(given) > 1 else named.get("start", 0)
    made = list(total) if isinstance(total, list) else total
    for one in items_of(given[0]):
        made = bounded(made + one)
    return made


def _join(given: list[Value], named: Mapping[Any, Value]) -> Value:
    return posixpath.join(*limited([text_of(one) for one in given]))


def _sorted(given: list[Value], named: Mapping[Any, Value]) -> Value:
    if "key" in named:
        raise CannotRead
    return sorted(items_of(given[0]), reverse=bool(named.get("reverse", False)))


def _copied(given: list[Value], named: Mapping[Any, Value]) -> Value:
    return _deep(given[0])


def _deep(value: Value, depth: int = 0) -> Value:
    if depth > 30:
        raise CannotRead
    if isinstance(value, list):
        return [_deep(one, depth + 1) for one in value]
    if isinstance(value, Node):
        made = value.copied()
        made.entries = {key: _deep(one, depth + 1) for key, one in value.items()}
        return made
    return value


_FUNCTIONS: Mapping[str, Callable[[list[Value], Mapping[Any, Value]], Value]] = {
    "list": lambda given, named: items_of(given[0]) if given else [],
    "tuple": lambda given, named: items_of(given[0]) if given else [],
    "set": lambda given, named: list(dict.fromkeys(items_of(given[0]))) if given else [],
    "str": lambda given, named: text_of(given[0]) if given else "",
    "int": lambda given, named: int(given[0]),
    "float": lambda given, named: float(given[0]),
    "bool": lambda given, named: truth(given[0]),
    "len": lambda given, named: len(items_of(given[0])),
    "abs": lambda given, named: abs(given[0]),
    "min": lambda given, named: min(items_of(given[0]) if len(given) == 1 else given),
    "max": lambda given, named: max(items_of(given[0]) if len(given) == 1 else given),
    "any": lambda given, named: any(map(truth, items_of(given[0]))),
    "all": lambda given, named: all(map(truth, items_of(given[0]))),
    "zip": lambda given, named: [list(one) for one in zip(*map(items_of, given), strict=False)],
    "enumerate": lambda given, named: [list(one) for one in enumerate(items_of(given[0]))],
    "reversed": lambda given, named: items_of(given[0])[::-1],
    "range": _range,
    "sum": _sum,
    "sorted": _sorted,
    "os.path.join": _join,
    "Path": _join,
    "pathlib.Path": _join,
    "os.path.abspath": _join,
    "os.path.expanduser": _join,
    "copy.deepcopy": _copied,
    "copy.copy": _copied,
    "deepcopy": _copied,
}
