"""Beside the model's program: runs it, then does what the tests ask for, and answers.

The program shares this process and may change whatever is here. That gains it nothing: tests,
expected values and the verdict are in the other sandbox.
"""

from __future__ import annotations

import _operator
import builtins
import io
import os
import sys

from .channel import DEEP, Channel, Garbled, Gone, TreeEncoder, module_of, parse, text_of
from .picking import Picked, pick
from .rebuilding import TreeDecoder
from .surroundings import describe, hush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn

OPERATIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(_operator, name)
        for name in (
            "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "truediv", "floordiv", "mod",
            "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift", "getitem", "setitem",
            "delitem", "neg", "pos", "invert", "index", "iadd", "isub", "imul", "ior", "iand",
        )
    },
    **{
        name: getattr(builtins, name)
        for name in (
            "len", "iter", "next", "reversed", "repr", "str", "bool", "float", "int", "complex",
            "abs", "round", "hash", "isinstance", "issubclass", "format", "bytes", "dir",
        )
    },
}  # fmt: skip


async def _none() -> None:
    pass


_one = _none()
_COROUTINE, _MODULE = type(_one), type(sys)
_one.close()


class Callback:
    """A function of the tests, which they passed."""

    def __init__(self, server: Server, number: int) -> None:
        self._server, self._number = server, number

    def __call__(self, *words: object, **named: object) -> object:
        return self._server.call_back(self._number, list(words), named)


class PassedIterator:
    """An iterator of the tests, which they passed."""

    def __init__(self, server: Server, number: int) -> None:
        self._server, self._number = server, number

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        return self._server.call_back(self._number, [], {})


class Server:
    """Answers for the program whose names these are."""

    def __init__(self, channel: Channel, names: dict[str, Any], shared: set[str]) -> None:
        self._channel, self._names, self._shared = channel, names, shared
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._theirs: dict[int, Callback | PassedIterator] = {}

    def serve(self) -> NoReturn:
        """Until the tests have ended."""
        while True:
            self._answer(*self._channel.receive())

    def call_back(self, number: int, words: list[object], named: dict[str, object]) -> object:
        """Have the tests call a function of theirs."""
        body = text_of(TreeEncoder(self).items([words, named]))
        self._channel.send(["back", number], body)
        while True:
            head, body = self._channel.receive()
            if head[0] == "value":
                return TreeDecoder(self).value(parse(body))
            if head[0] == "error":
                kind = getattr(builtins, str(head[1]), Exception)
                raise kind(*TreeDecoder(self).value(parse(body)))
            self._answer(head, body)

    def refer(self, value: Any) -> list[Any]:
        """A number for what is not data, or the name of what Python itself has."""
        if isinstance(value, (Callback, PassedIterator)):
            return ["H", value._number]
        if builtin := _builtin(value):
            return ["g", builtin]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        if isinstance(value, type) and issubclass(value, BaseException):
            return ["h", number, "exception", value.__name__, *_base(value)]
        if type(value) is _COROUTINE:
            return ["h", number, "coroutine"]
        if type(value) is _MODULE:
            return ["h", number, "module", str(vars(value).get("__name__")), ""]
        where, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        return ["h", number, "object", str(where), str(name)]

    def resolve(self, tree: list[Any]) -> object:
        tag = tree[0]
        if tag == "H":
            return self._objects[tree[1]]
        if tag in ("k", "it"):
            if tree[1] not in self._theirs:
                self._theirs[tree[1]] = (Callback if tag == "k" else PassedIterator)(self, tree[1])
            return self._theirs[tree[1]]
        if tag == "m":
            return __import__(tree[1], fromlist=["*"])
        if tag == "from":
            found: object = __import__(tree[1], fromlist=["*"])
            for name in tree[2].split("."):
                found = getattr(found, name)
            return found
        raise Garbled(f"an unknown tag {tag!r}")

    def shared_name(self, kind: type) -> str | None:
        name = kind.__name__
        return name if name in self._shared and self._names.get(name) is kind else None

    def shared_class(self, name: object) -> type:
        found = self._names.get(str(name))
        if not isinstance(found, type):
            raise TypeError(f"{name} is not the class that the prompt defines any more")
        return found

    def _answer(self, head: list[Any], body: str) -> None:
        arguments: list[Any] = []
        told: dict[str, Any] = {}
        try:
            value = self._done(head, body, arguments, told)
            answer = self._written(value, arguments, body, told)
        except (Gone, Garbled):
            raise
        except BaseException as error:
            self._channel.send(["error"], self._error(error, told))
            return
        self._channel.send(["value"], answer)

    def _done(
        self, head: list[Any], body: str, arguments: list[Any], told: dict[str, Any]
    ) -> object:
        what = head[0]
        if what == "name":
            return self._names[head[1]]
        if what == "end":
            return None
        decoder = TreeDecoder(self)
        if what == "call":
            decoder.kept = arguments  # they may be changed in place, which the tests then see
        given = decoder.value(parse(body)) if body else []
        if what == "call":
            with _Dressed(head[2], self, told):
                return self._objects[head[1]](*given[0], **given[1])
        if what == "get":
            return getattr(self._objects[head[1]], head[2])
        if what == "set":
            setattr(self._objects[head[1]], head[2], given[0])
            return None
        if what == "del":
            delattr(self._objects[head[1]], head[2])
            return None
        if what == "await":
            import asyncio

            return asyncio.run(self._objects[head[1]])
        if head[1] in ("copy", "deepcopy"):
            import copy

            return getattr(copy, head[1])(*given)
        return OPERATIONS[head[1]](*given)

    def _written(
        self, value: object, arguments: list[Any], body: str, told: dict[str, Any]
    ) -> str:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEEP))
        try:
            encoder = TreeEncoder(self, arguments)
            answer = {**told, "v": encoder.tree(value)}
            if arguments:
                changed = text_of(TreeEncoder(self).tree([arguments[1], arguments[2]]))
                if changed != body:
                    answer["m"] = [[n, encoder.content(one)] for n, one in enumerate(arguments)]
            return text_of(answer)
        finally:
            sys.setrecursionlimit(limit)

    def _error(self, error: BaseException, told: dict[str, Any]) -> str:
        kind = type(error)
        encoder = TreeEncoder(self)
        try:
            words = encoder.items(list(error.args))
        except BaseException:
            words = []
        own = None
        if _base(kind)[:2] != [module_of(kind), kind.__name__]:
            own = self.refer(kind)
        return text_of({**told, "e": [*_base(kind), words, describe(error), own]})


def _builtin(value: Any) -> str:
    """The name of a class that Python itself has."""
    name = value.__name__ if isinstance(value, type) else ""
    return name if name and vars(builtins).get(name) is value else ""


def _base(kind: type[BaseException]) -> list[str]:
    """The nearest classes of Python's own, which the tests can know: where the nearest of all is,
    its name, and the name of the nearest that is built in."""
    known = [
        (module_of(one), one.__name__)
        for one in kind.__mro__
        if getattr(sys.modules.get(module_of(one)), one.__name__, None) is one
        and module_of(one).split(".")[0] in sys.stdlib_module_names | {"builtins"}
    ]
    built_in = [name for module, name in known if module == "builtins"]
    return [*(known[0] if known else ("builtins", "Exception")), (built_in or ["Exception"])[0]]


class _Dressed:
    """The streams that the tests put in place of their own, for the time of a call."""

    def __init__(self, dress: dict[str, Any], server: Server, told: dict[str, Any]) -> None:
        self._dress, self._server, self._told = dress, server, told
        self._before = (sys.stdin, sys.stdout, builtins.input)
        self._out = io.StringIO()
        self._in = io.StringIO(dress.get("in", ""))

    def __enter__(self) -> None:
        if "in" in self._dress:
            sys.stdin = self._in
        if "out" in self._dress:
            sys.stdout = self._out
        if "input" in self._dress:
            builtins.input = self._server.resolve(self._dress["input"])  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        if self._dress:
            sys.stdin, sys.stdout, builtins.input = self._before
            self._told["read"] = self._in.tell()
            self._told["out"] = self._out.getvalue()


def main() -> NoReturn:
    """Standard input holds what ``extraction`` found, and the name that is asked for."""
    given = parse(sys.stdin.buffer.read().decode())
    hush()
    sys.argv = ["program"]
    sys.path.pop(0)
    channel = Channel()
    # Empty, as the reference has it: __name__ is then that of builtins.
    names: dict[str, Any] = {}
    try:
        head, _ = channel.receive()
        picked = pick(given["texts"], given["others"], given["name"])
        channel.send(["picked"], picked.text)
        if run(picked, names, given["name"], channel):
            Server(channel, names, set(head[1])).serve()
    except (Gone, Garbled):
        pass
    os._exit(0)


def run(picked: Picked, names: dict[str, Any], name: str, channel: Channel) -> bool:
    """Whether the program came to its end."""
    try:
        for unit in picked.units:
            exec(compile(unit, "program", "exec", dont_inherit=True), names)
        if picked.method_of:
            names[name] = getattr(names[picked.method_of](), name)
    except BaseException as error:
        channel.send(["failed", describe(error)])
        return False
    channel.send(["loaded"])
    return True
