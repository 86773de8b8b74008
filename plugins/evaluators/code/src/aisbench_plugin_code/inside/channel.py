"""The channel between the tests and the program, and values as trees of JSON.

What comes from the program is never trusted: a tree can only become values of the types below,
made anew here, and references, which say nothing about themselves. Containers keep their identity
within one message, and those that came as arguments keep it in the answer too.

A tree is null, true, false, a number, a string, or an array of a tag and what the tag needs:
``["l", items]`` list, ``["t", items]`` tuple, ``["d", keys, values]`` dict, ``["r", n]`` the n-th
container of this message, ``["a", n]`` the n-th of the arguments that are answered.
"""

from __future__ import annotations

import os
import sys

from .compact import dumps, loads

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    class Side(Protocol):
        """What the two sides do each in their own way."""

        def refer(self, value: object) -> list[Any]:
            """A tree for what is not data. Raises on the side of the tests where there is none."""

        def resolve(self, tree: list[Any]) -> object:
            """The value of a tag that is not known here. Raises Garbled."""

        def shared_name(self, kind: type) -> str | None:
            """The name of a class that the prompt defines, hence both sides."""

        def shared_class(self, name: object) -> type:
            """That class. Raises Garbled."""


READS, WRITES = 3, 4
MOST_BYTES = 64 << 20
SMALL = 1 << 64
DEEP = 3000
"""Frames that nested data may take to be written and read."""


class Gone(BaseException):
    """The other side has ended."""


class Garbled(BaseException):
    """What the other side sent is nothing that this protocol knows."""


class Channel:
    """Frames of a head and a body, both JSON."""

    def __init__(self, reads: int = READS, writes: int = WRITES) -> None:
        self._reads, self._writes = reads, writes

    def send(self, head: list[Any], body: str = "") -> None:
        """Raises Gone."""
        first = dumps(head).encode("utf-8", "surrogatepass")
        second = body.encode("utf-8", "surrogatepass")
        size = len(first).to_bytes(4, "little") + len(second).to_bytes(4, "little")
        waiting = memoryview(size + first + second)
        try:
            while waiting:
                waiting = waiting[os.write(self._writes, waiting) :]
        except OSError:
            raise Gone from None

    def receive(self) -> tuple[list[Any], str]:
        """Raises Gone, Garbled."""
        size = self._read(8)
        first, second = int.from_bytes(size[:4], "little"), int.from_bytes(size[4:], "little")
        if first + second > MOST_BYTES:
            raise Garbled(f"a message of more than {MOST_BYTES >> 20} MB")
        try:
            head = parse(self._read(first).decode("utf-8", "surrogatepass"))
            body = self._read(second).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise Garbled("a message that is not text") from None
        if type(head) is not list or not head or type(head[0]) is not str:
            raise Garbled("a message without a head")
        return head, body

    def _read(self, length: int) -> bytes:
        parts = []
        while length:
            try:
                data = os.read(self._reads, min(length, 1 << 20))
            except OSError:
                data = b""
            if not data:
                raise Gone
            parts.append(data)
            length -= len(data)
        return b"".join(parts)


def parse(text: str) -> Any:
    """Raises Garbled."""
    try:
        return loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"no JSON: {error}") from None


def text_of(tree: Any) -> str:
    return dumps(tree)


_SCALARS = {type(None), bool, float, str}
_EXTRA = {
    ("collections", "deque"),
    ("collections", "Counter"),
    ("collections", "OrderedDict"),
    ("collections", "defaultdict"),
    ("decimal", "Decimal"),
    ("fractions", "Fraction"),
    ("datetime", "date"),
    ("datetime", "datetime"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("uuid", "UUID"),
}
_DICTS = {"Counter", "OrderedDict", "defaultdict"}
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}


def module_of(kind: type) -> str:
    """Where a class says that it is; one that was made by ``type`` in no module says nothing."""
    where = getattr(kind, "__module__", None)
    return where if isinstance(where, str) else ""


def _known(kind: type) -> str | None:
    """The name of a class of the standard library that crosses as data."""
    where, name = module_of(kind), kind.__name__
    if (where, name) in _EXTRA and getattr(sys.modules.get(where), name, None) is kind:
        return name
    return None


class TreeEncoder:
    """Values to trees. ``known``: the containers of the arguments, when it is an answer."""

    def __init__(self, side: Side, known: Iterable[object] = ()) -> None:
        self._side = side
        self._known = {id(one): place for place, one in enumerate(known)}
        self._memo: dict[int, int] = {}
        self.kept: list[object] = []
        """The containers, in the order of their numbers."""

    def tree(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is int:
            return value if -SMALL < value < SMALL else ["i", hex(value)]
        if (place := self._known.get(id(value))) is not None:
            return ["a", place]
        if (place := self._memo.get(id(value))) is not None:
            return ["r", place]
        make = _ENCODED.get(kind)
        return make(self, value) if make else self._other(value, kind)

    def content(self, value: Any) -> Any:
        """What a container of the arguments holds by now."""
        if isinstance(value, (list, set)) or _name(value) == "deque":
            return self.items(list(value))
        if isinstance(value, dict):
            return [self.items(list(value)), self.items(list(value.values()))]
        if isinstance(value, bytearray):
            return value.decode("latin-1")
        if _name(value) == "ndarray":
            return self.items(value.ravel().tolist())
        return self.state(value)

    def items(self, values: list[Any] | tuple[Any, ...]) -> list[Any]:
        kinds = set(map(type, values))
        if kinds <= _SCALARS:
            return list(values)
        if kinds == {int} and max(map(int.bit_length, values)) <= 64:
            return list(values)
        return [self.tree(one) for one in values]

    def state(self, value: object) -> list[Any]:
        state = dict(vars(value))
        return [list(state), self.items(list(state.values()))]

    def note(self, value: object) -> None:
        self._memo[id(value)] = len(self.kept)
        self.kept.append(value)

    def _other(self, value: Any, kind: type) -> Any:
        name = _known(kind)
        if name in _DICTS:
            self.note(value)
            return ["D", name, self.items(list(value)), self.items(list(value.values()))]
        if name == "deque":
            self.note(value)
            return ["q", self.items(list(value)), value.maxlen]
        if name == "timedelta":
            return ["e", name, value.days, value.seconds, value.microseconds]
        if name == "Fraction":
            return ["e", name, self.tree(value.numerator), self.tree(value.denominator)]
        if name is not None:
            return ["e", name, str(value)]
        if kind in _VIEWS:
            return ["v", _VIEWS[kind], self.items(list(value))]
        if (shared := self._side.shared_name(kind)) is not None:
            self.note(value)
            return ["o", shared, *self.state(value)]
        if module_of(kind) == "numpy":
            return self._array(value)
        return self._reduced(value)

    def _array(self, value: Any) -> Any:
        if _name(value) == "ndarray" and value.dtype.kind in "biufcUSO":
            self.note(value)
            return ["np", value.dtype.str, list(value.shape), self.items(value.ravel().tolist())]
        if hasattr(value, "dtype") and value.dtype.kind in "biufcUS" and hasattr(value, "item"):
            return self.tree(value.item())
        return self._side.refer(value)

    def _reduced(self, value: Any) -> Any:
        """A class of the program's own that is a number, a text or a container is sent as that."""
        if isinstance(value, int):
            return self.tree(int.__add__(value, 0))
        if isinstance(value, float):
            return float.__mul__(value, 1.0)
        if isinstance(value, str):
            return str.__getitem__(value, slice(None))
        if isinstance(value, bytes):
            return self.tree(bytes.__getitem__(value, slice(None)))
        if isinstance(value, tuple):
            items = self.items(list(tuple.__iter__(value)))
            fields = getattr(value, "_fields", None)
            if isinstance(fields, tuple) and all(isinstance(one, str) for one in fields):
                return ["n", type(value).__name__, list(fields), items]
            return ["t", items]
        if isinstance(value, list):
            self.note(value)
            return ["l", self.items(list(list.__iter__(value)))]
        if isinstance(value, dict):
            self.note(value)
            pairs = list(dict.items(value))
            return ["d", self.items([k for k, _ in pairs]), self.items([v for _, v in pairs])]
        if isinstance(value, (set, frozenset)):
            if isinstance(value, frozenset):
                return ["f", self.items(list(frozenset.__iter__(value)))]
            self.note(value)
            return ["s", self.items(list(set.__iter__(value)))]
        return self._side.refer(value)


def _name(value: object) -> str:
    return type(value).__name__


def _container(tag: str) -> Callable[[TreeEncoder, Any], Any]:
    def encoded(encoder: TreeEncoder, value: Any) -> Any:
        encoder.note(value)
        return [tag, encoder.items(value if tag == "l" else list(value))]

    return encoded


def _dict(encoder: TreeEncoder, value: dict[Any, Any]) -> Any:
    encoder.note(value)
    return ["d", encoder.items(list(value)), encoder.items(list(value.values()))]


def _bytearray(encoder: TreeEncoder, value: bytearray) -> Any:
    encoder.note(value)
    return ["B", value.decode("latin-1")]


_ENCODED: dict[type, Callable[[TreeEncoder, Any], Any]] = {
    list: _container("l"),
    set: _container("s"),
    dict: _dict,
    bytearray: _bytearray,
    tuple: lambda encoder, value: ["t", encoder.items(value)],
    frozenset: lambda encoder, value: ["f", encoder.items(list(value))],
    bytes: lambda encoder, value: ["b", value.decode("latin-1")],
    complex: lambda encoder, value: ["c", value.real, value.imag],
    range: lambda encoder, value: ["R", *map(encoder.tree, (value.start, value.stop, value.step))],
    slice: lambda encoder, value: ["S", *map(encoder.tree, (value.start, value.stop, value.step))],
    type(...): lambda encoder, value: ["E", "Ellipsis"],
    type(NotImplemented): lambda encoder, value: ["E", "NotImplemented"],
}
