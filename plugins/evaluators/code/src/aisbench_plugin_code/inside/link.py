"""What the tests ask of the program, and what they believe of its answers: data alone."""

from __future__ import annotations

import _thread
import builtins
import io
import sys

from .channel import Channel, Garbled, Gone, TreeEncoder, parse, text_of
from .rebuilding import TreeDecoder
from .remote import Remote, isinstance_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STEERING = ("unittest", "bdb", "asyncio", "concurrent", "doctest", "test", "pdb")
"""Exceptions of these have a meaning to who runs tests; a program shall not raise them there."""
_OFFERED = frozenset({
    "bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools",
    "heapq", "itertools", "json", "math", "numpy", "operator", "random", "re", "statistics",
    "string", "typing",
})  # fmt: skip
"""Modules that tests may use by a name which only the program imports."""
_ALIASES = {"np": "numpy"}
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)


class Unsplittable(BaseException):
    """The tests need the program in their own process."""


class _Raised:
    """What the program raised instead of an answer."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


class Link:
    """The program as the tests see it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.used = 0
        """How often the program was asked for something."""
        self.lost = ""
        """Why nothing more can be asked."""
        self.unsplittable = ""
        self.shared: dict[str, type] = {}
        """The classes that the prompt defines."""
        self.streams = (sys.stdin, sys.stdout)
        self._input = builtins.input
        self._raised: list[BaseException] = []
        self._exceptions: dict[int, type[BaseException]] = {}
        self._numbers: dict[type, int] = {}
        self._callbacks: list[Any] = []
        self._places: dict[int, int] = {}
        self._awaitables: dict[int, tuple[object, int]] = {}
        self._wanted = ""
        self._one_at_a_time = _thread.RLock()

    def raised(self, error: BaseException) -> bool:
        """Whether the program raised it, and not the tests."""
        return any(one is error for one in self._raised)

    def name(self, name: str) -> Any:
        """A name of the program's. Raises KeyError where it has none."""
        self._wanted = name
        try:
            return self.ask(["name", name], plain=True)
        finally:
            self._wanted = ""

    def call(self, number: int, words: tuple[object, ...], named: dict[str, object]) -> Any:
        return self.ask(["call", number, self._dress()], [list(words), dict(named)])

    def do(self, operation: str, *values: object) -> Any:
        return self.ask(["do", operation], list(values), plain=operation in ("next", "getitem"))

    def ask(self, head: list[Any], given: list[Any] | None = None, *, plain: bool = False) -> Any:
        """Raises what the program raised; Gone, Garbled. ``plain``: a StopIteration is one."""
        self.used += 1
        with self._one_at_a_time:
            if self.lost:
                raise Gone
            try:
                encoder = TreeEncoder(self)
                body = "" if given is None else text_of(encoder.tree(given))
                self._channel.send(head, body)
                answer = self._answer(encoder.kept, plain)
            except Unsplittable as error:
                self.unsplittable = self.unsplittable or str(error)
                raise
            except Garbled as error:
                self._lose(f"what it sent is not an answer: {error}")
                raise
            except BaseException as error:
                # Were it the tests' own, such as an alarm's, the next answer would be another's.
                self._lose("gone" if isinstance(error, Gone) else "a call was broken off")
                raise
        if isinstance(answer, _Raised):
            self._raised.append(answer.error)
            raise answer.error
        return answer

    def _lose(self, why: str) -> None:
        self.lost = self.lost or why

    def _answer(self, arguments: list[Any], plain: bool) -> Any:
        while True:
            head, body = self._channel.receive()
            if head[0] == "back":
                self._call_back(head, body)
                continue
            answer = parse(body)
            if type(answer) is not dict or head[0] not in ("value", "error"):
                raise Garbled("an unknown message")
            self._undress(answer)
            if head[0] == "error":
                return _Raised(self._error(answer.get("e"), plain))
            decoder = TreeDecoder(self, arguments)
            value = decoder.value(answer.get("v"))
            for place, content in _pairs(answer.get("m", [])):
                if type(place) is not int or not 0 <= place < len(arguments):
                    raise Garbled("a change of nothing")
                if place:  # the first holds the arguments themselves
                    decoder.refill(arguments[place], content)
            return value

    def _call_back(self, head: list[Any], body: str) -> None:
        """Call a function that the tests passed."""
        number = head[1] if len(head) == 2 else None
        if type(number) is not int or not 0 <= number < len(self._callbacks):
            raise Garbled("a call of nothing")
        given = TreeDecoder(self).items(parse(body))
        if len(given) != 2 or type(given[0]) is not list or type(given[1]) is not dict:
            raise Garbled("a call without arguments")
        try:
            value = self._callbacks[number](*given[0], **given[1])
        except Exception as error:
            name = next(
                one.__name__ for one in type(error).__mro__ if one.__module__ == "builtins"
            )
            words = [one for one in error.args if type(one) in (str, int, float, bool)]
            self._channel.send(["error", name], text_of(TreeEncoder(self).tree(words)))
        else:
            self._channel.send(["value"], text_of(TreeEncoder(self).tree(value)))

    def _error(self, told: Any, plain: bool) -> BaseException:
        if type(told) is not list or len(told) != 6:
            raise Garbled("an error that says nothing")
        module, name, built_in, words, text, own = told
        base = _exception(module, name, built_in)
        decoder = TreeDecoder(self)
        given = decoder.items(words)
        text = decoder.value(text)
        kind = decoder.value(own) if own is not None else base
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise Garbled("an error of no class")
        if issubclass(kind, _ENDS) and not plain:
            # It would end a loop of the tests as if they had come to their end.
            return RuntimeError(f"the program raised {text}")
        try:
            error = kind.__new__(kind, *given)
            error.args = tuple(given)
        except Exception:
            error = Exception(str(text))
        return error

    def refer(self, value: Any) -> list[Any]:
        """A reference to what the tests hand over and is not data. Raises Unsplittable."""
        if isinstance_(value):
            return ["H", value._aisbench_number]
        if id(value) in self._awaitables:
            return ["H", self._awaitables[id(value)][1]]
        kind = type(value)
        if isinstance(value, type) and value in self._numbers:
            return ["H", self._numbers[value]]
        if kind is type(sys):
            return ["m", value.__name__]
        module = getattr(value, "__module__", None) or "builtins"
        name = getattr(value, "__qualname__", "")
        if callable(value) and module.split(".")[0] in sys.stdlib_module_names:
            found: Any = sys.modules.get(module)
            for part in name.split("."):
                found = getattr(found, part, None)
            if found is value and module != "__main__":
                return ["from", module, name]
        if hasattr(kind, "__next__"):
            return ["it", self._callback(value, value.__next__)]
        if callable(value) and not isinstance(value, type):
            return ["k", self._callback(value, value)]
        raise Unsplittable(
            f"they hand an object of class {kind.__name__!r} to the program, which no other "
            "process can have"
        )

    def _callback(self, value: object, function: Any) -> int:
        if id(value) not in self._places:
            self._places[id(value)] = len(self._callbacks)
            self._callbacks += [function, value]  # the value too, so that its id stays its own
        return self._places[id(value)]

    def resolve(self, tree: list[Any]) -> Any:
        tag = tree[0]
        if tag == "h":
            return self._object(tree)
        if tag == "H":
            number = tree[1]
            if type(number) is not int or not 0 <= number < len(self._callbacks) - 1:
                raise Garbled("a reference to nothing")
            return self._callbacks[number + 1]
        if tag == "g":
            found = getattr(builtins, str(tree[1]), None)
            if isinstance(found, type):
                return found
        raise Garbled(f"an unknown tag {tag!r}")

    def _object(self, tree: list[Any]) -> Any:
        number, kind = tree[1], tree[2]
        if type(number) is not int or number < 0:
            raise Garbled("a reference to nothing")
        if kind == "exception":
            if number not in self._exceptions:
                base = _exception(*tree[4:7])
                own: type[BaseException] = type(str(tree[3]), (base,), {"__module__": "program"})
                self._exceptions[number] = own
                self._numbers[own] = number
            return self._exceptions[number]
        if kind == "coroutine":
            made = self._awaited(number)
            self._awaitables[id(made)] = (made, number)  # held, so that its id stays its own
            return made
        return self._own(kind, tree[3], tree[4]) or Remote(self, number)

    def _own(self, kind: object, where: object, name: object) -> Any:
        """What the program imported by the name that is looked up, the tests have themselves."""
        if kind == "module" and where in _OFFERED and where == _ALIASES.get(self._wanted, ""):
            return __import__(where)
        if kind == "module" and where in _OFFERED and where == self._wanted:
            return __import__(where)
        if kind == "object" and where in _OFFERED and name == self._wanted:
            return getattr(__import__(where), self._wanted, None)
        return None

    async def _awaited(self, number: int) -> Any:
        return self.ask(["await", number])

    def shared_name(self, kind: type) -> str | None:
        return kind.__name__ if self.shared.get(kind.__name__) is kind else None

    def shared_class(self, name: object) -> type:
        if type(name) is not str or name not in self.shared:
            raise Garbled("an object of an unknown class")
        return self.shared[name]

    def _dress(self) -> dict[str, Any]:
        """The streams that the tests have put in the place of their own."""
        dress: dict[str, Any] = {}
        if sys.stdout is not self.streams[1]:
            dress["out"] = True
        if sys.stdin is not self.streams[0]:
            before = sys.stdin.tell() if isinstance(sys.stdin, io.StringIO) else None
            dress["in"] = sys.stdin.read()
            if before is not None:
                sys.stdin.seek(before)
        if builtins.input is not self._input:
            dress["input"] = ["k", self._callback(builtins.input, builtins.input)]
        return dress

    def _undress(self, answer: dict[str, Any]) -> None:
        out, read = answer.get("out"), answer.get("read")
        if type(out) is str and sys.stdout is not self.streams[1]:
            sys.stdout.write(out)
        if type(read) is int and sys.stdin is not self.streams[0] and sys.stdin.seekable():
            sys.stdin.seek(sys.stdin.tell() + max(0, read))


def _exception(module: object, name: object, built_in: object) -> type[BaseException]:
    """A class of Python's own: of a module that the tests have, or one that is built in. Raises
    Garbled."""
    if not all(type(one) is str for one in (module, name, built_in)):
        raise Garbled("an error of an unknown class")
    found = getattr(builtins, str(built_in), None)
    top = str(module).split(".")[0]
    if top in sys.stdlib_module_names and top not in _STEERING:
        found = getattr(sys.modules.get(str(module)), str(name), found)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise Garbled("an error of an unknown class")
    return found


def _pairs(changes: Any) -> list[Any]:
    if type(changes) is not list or not all(
        type(one) is list and len(one) == 2 for one in changes
    ):
        raise Garbled("changes of no known form")
    return changes
