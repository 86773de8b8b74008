"""Trees back to values. Everything is made anew; a tree of any other form is refused."""

from __future__ import annotations

import _operator

from .channel import Garbled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .channel import Side


class TreeDecoder:
    """``arguments``: the containers of a call, when what is read is its answer."""

    def __init__(self, side: Side, arguments: Sequence[object] = ()) -> None:
        self._side = side
        self._arguments = arguments
        self.kept: list[Any] = []

    def value(self, tree: Any) -> Any:
        """Raises Garbled."""
        try:
            return self._value(tree)
        except RecursionError:
            raise Garbled("data that is nested too deeply") from None
        except Exception as error:
            # Whatever it is (no numpy here, no memory): what was sent led to it, not the tests.
            raise Garbled(f"no data: {type(error).__name__}: {error}") from None

    def items(self, trees: Any) -> list[Any]:
        """The values of a plain array of trees. Raises as ``value``."""
        return self.value(["l", trees])  # type: ignore[no-any-return]

    def refill(self, target: Any, content: Any) -> None:
        """Give a container of the arguments what it holds on the other side. Raises Garbled."""
        try:
            self._refill(target, content)
        except Exception as error:
            raise Garbled(f"no data: {type(error).__name__}: {error}") from None

    def _refill(self, target: Any, content: Any) -> None:
        name = type(target).__name__
        if isinstance(target, list):
            target[:] = self._items(content)
        elif isinstance(target, dict):
            pairs = self._pairs(content)
            target.clear()
            _fill(target, pairs)
        elif isinstance(target, set) or name == "deque":
            items = self._items(content)
            target.clear()
            target.update(items) if isinstance(target, set) else target.extend(items)
        elif isinstance(target, bytearray):
            target[:] = _text(content).encode("latin-1")
        elif name == "ndarray":
            target.ravel()[:] = self._items(content)
            if not target.flags.c_contiguous:
                target[...] = type(target).reshape(_array(target.dtype.str, content), target.shape)
        else:
            state = self._state(content)
            vars(target).clear()
            vars(target).update(state)

    def _value(self, tree: Any) -> Any:
        kind = type(tree)
        if kind is not list:
            if kind is dict:
                raise Garbled("no data: an object of JSON")
            return tree
        tag = tree[0]
        if tag == "l":
            found: list[Any] = []
            self.kept.append(found)
            found.extend(self._items(tree[1]))
            return found
        if tag == "t":
            return tuple(self._items(tree[1]))
        if tag == "d":
            pairs: dict[Any, Any] = {}
            self.kept.append(pairs)
            pairs.update(self._pairs(tree[1:]))
            return pairs
        if tag == "r":
            return self.kept[_place(tree[1])]
        if tag == "a":
            return self._arguments[_place(tree[1])]
        return self._rarer(tag, tree)

    def _items(self, trees: Any) -> list[Any]:
        if type(trees) is not list:
            raise Garbled("no data: items that are not a list")
        kinds = set(map(type, trees))
        if list not in kinds and dict not in kinds:
            return list(trees)
        return [self._value(one) for one in trees]

    def _pairs(self, content: Any) -> dict[Any, Any]:
        keys, values = content
        return dict(zip(self._items(keys), self._items(values), strict=True))

    def _state(self, content: Any) -> dict[str, Any]:
        state = self._pairs(content)
        if not all(type(name) is str and name.isidentifier() for name in state):
            raise Garbled("no data: attributes without names")
        return state

    def _rarer(self, tag: Any, tree: list[Any]) -> Any:
        """What cannot change once it is made; all else in steps."""
        if tag == "i":
            return int(_text(tree[1]), 16)
        if tag == "c":
            return complex(_float(tree[1]), _float(tree[2]))
        if tag == "b":
            return _text(tree[1]).encode("latin-1")
        if tag == "f":
            return frozenset(self._items(tree[1]))
        if tag in ("R", "S"):
            return (range if tag == "R" else slice)(*[self._value(one) for one in tree[1:4]])
        if tag == "E":
            return {"Ellipsis": ..., "NotImplemented": NotImplemented}[tree[1]]
        if tag == "e":
            return _extra(_text(tree[1]), [self._value(one) for one in tree[2:]])
        if tag == "n":
            return _named(_text(tree[1]), tree[2], self._items(tree[3]))
        return self._in_steps(tag, tree)

    def _in_steps(self, tag: Any, tree: list[Any]) -> Any:
        """What may hold itself: it is kept before it is filled."""
        if tag == "B":
            self.kept.append(bytearray(_text(tree[1]).encode("latin-1")))
            return self.kept[-1]
        if tag == "s":
            self.kept.append(set())
            found = self.kept[-1]
            found.update(self._items(tree[1]))
            return found
        if tag in ("q", "D", "v"):
            return self._collection(tag, tree)
        if tag == "np":
            self.kept.append(None)
            place = len(self.kept) - 1
            array = _array(_text(tree[1]), self._items(tree[3]))
            self.kept[place] = array.reshape([_place(one) for one in tree[2]])
            return self.kept[place]
        if tag == "o":
            made: object = object.__new__(self._side.shared_class(tree[1]))
            self.kept.append(made)
            vars(made).update(self._state(tree[2:4]))
            return made
        return self._side.resolve(tree)

    def _collection(self, tag: str, tree: list[Any]) -> Any:
        import collections

        if tag == "v":
            items = self._items(tree[2])
            if tree[1] == "keys":
                return dict.fromkeys(items).keys()
            return dict(items).items() if tree[1] == "items" else dict(enumerate(items)).values()
        made: Any
        if tag == "q":
            made = collections.deque(maxlen=tree[2])
            self.kept.append(made)
            made.extend(self._items(tree[1]))
            return made
        if tree[1] not in ("Counter", "OrderedDict", "defaultdict"):
            raise Garbled("no data: a dict of an unknown class")
        made = getattr(collections, tree[1])()
        self.kept.append(made)
        _fill(made, self._pairs(tree[2:4]))
        return made


def _fill(target: dict[Any, Any], pairs: dict[Any, Any]) -> None:
    # A Counter's own update adds; an OrderedDict keeps its order only by its own.
    base = dict if type(target).__name__ != "OrderedDict" else type(target)
    base.update(target, pairs)


def _place(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise Garbled("no data: a number that counts nothing")
    return number


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Garbled("no data: not a text")
    return value


def _float(value: Any) -> float:
    if type(value) not in (int, float):
        raise Garbled("no data: not a number")
    return float(value)


def _extra(name: str, values: list[Any]) -> Any:
    import datetime
    import decimal
    import fractions
    import uuid

    if name == "Decimal":
        return decimal.Decimal(_text(values[0]))
    if name == "Fraction":
        return fractions.Fraction(_whole(values[0]), _whole(values[1]))
    if name == "timedelta":
        return datetime.timedelta(*[_whole(one) for one in values])
    if name == "UUID":
        return uuid.UUID(_text(values[0]))
    if name in ("date", "datetime", "time"):
        return getattr(datetime, name).fromisoformat(_text(values[0]))
    raise Garbled("no data: an unknown class")


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise Garbled("no data: a number that is not whole")
    return value


def _array(dtype: str, items: list[Any]) -> Any:
    import numpy

    kind = numpy.dtype(dtype)
    if kind.kind not in "biufcUSO":
        raise Garbled("no data: an array of an unknown kind")
    array = numpy.empty(len(items), dtype=kind)
    for place, one in enumerate(items):
        array[place] = one
    return array


def _named(name: str, fields: Any, items: list[Any]) -> Any:
    """A tuple with names, as collections.namedtuple makes them, but without evaluating any."""
    if len(fields) != len(items):
        raise Garbled("no data: names of another number than values")
    names = [_text(one) for one in fields]
    if not all(one.isidentifier() and not one.startswith("_") for one in names):
        raise Garbled("no data: a tuple with names that are not identifiers")
    parts = {one: property(_operator.itemgetter(place)) for place, one in enumerate(names)}
    kind = type(name, (tuple,), {"__slots__": (), "_fields": tuple(names), **parts})
    return kind(items)
