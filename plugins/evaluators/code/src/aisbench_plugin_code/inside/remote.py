"""In the tests, what stands for an object of the program.

The rule that keeps verdicts true: **nothing of the tests is handed to the program but what they
pass to it in a call.** An object of the program is equal to no data of the tests, whatever it
says of itself, and no operator between it and their data is asked of it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .link import Link


class Remote:
    """An object of the program, by its number."""

    __slots__ = ("_aisbench_link", "_aisbench_number")

    def __init__(self, link: Link, number: int) -> None:
        object.__setattr__(self, "_aisbench_link", link)
        object.__setattr__(self, "_aisbench_number", number)

    def __call__(self, *words: object, **named: object) -> Any:
        return self._aisbench_link.call(self._aisbench_number, words, named)

    def __getattr__(self, name: str) -> Any:
        return self._aisbench_link.ask(["get", self._aisbench_number, name])

    def __setattr__(self, name: str, value: object) -> None:
        self._aisbench_link.ask(["set", self._aisbench_number, name], [value])

    def __delattr__(self, name: str) -> None:
        self._aisbench_link.ask(["del", self._aisbench_number, name])

    def __eq__(self, other: object) -> bool:
        if not isinstance_(other):
            return False
        return self is other or self._aisbench_link.do("eq", self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(("aisbench", self._aisbench_number))

    def __bool__(self) -> bool:
        return self._aisbench_link.do("bool", self) is True

    def __iter__(self) -> Iterator[Any]:
        found = self._aisbench_link.do("iter", self)
        return RemoteIterator(found) if isinstance_(found) else iter(found)

    def __next__(self) -> Any:
        return self._aisbench_link.do("next", self)

    def __contains__(self, value: object) -> bool:
        # Not asked of the program, which would learn what is looked for.
        return any(one is value or one == value for one in self)

    def __getitem__(self, key: object) -> Any:
        return self._aisbench_link.do("getitem", self, key)

    def __setitem__(self, key: object, value: object) -> None:
        self._aisbench_link.do("setitem", self, key, value)

    def __delitem__(self, key: object) -> None:
        self._aisbench_link.do("delitem", self, key)

    def __enter__(self) -> Any:
        return self.__getattr__("__enter__")()

    def __exit__(self, *_: object) -> Any:
        return self.__getattr__("__exit__")(None, None, None)

    def __round__(self, digits: int | None = None) -> Any:
        return self._aisbench_link.do("round", self, digits)

    def __copy__(self) -> Any:
        return self._aisbench_link.do("copy", self)

    def __deepcopy__(self, _: object) -> Any:
        return self._aisbench_link.do("deepcopy", self)

    def __reduce_ex__(self, _: object) -> Any:
        raise TypeError("an object of the program cannot be pickled by its tests")

    def __instancecheck__(self, value: object) -> bool:
        return isinstance_(value) and self._aisbench_link.do("isinstance", value, self) is True

    def __subclasscheck__(self, value: object) -> bool:
        return isinstance_(value) and self._aisbench_link.do("issubclass", value, self) is True


class RemoteIterator:
    """Asks for one after the other: there may be no end of them."""

    __slots__ = ("_remote",)

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def __iter__(self) -> RemoteIterator:
        return self

    def __next__(self) -> Any:
        return next(self._remote)


def isinstance_(value: object) -> bool:
    """Whether it is an object of the program. Its class is asked, not itself."""
    return type(value) is Remote


def _alone(name: str) -> Any:
    return lambda self: self._aisbench_link.do(name, self)


def _between(name: str, sign: str) -> Any:
    def done(self: Remote, other: object) -> Any:
        if not isinstance_(other):
            raise TypeError(
                f"unsupported operand types for {sign}: an object of the program's own class and "
                f"{type(other).__name__!r} of the tests"
            )
        return self._aisbench_link.do(name, self, other)

    return done


def _reflected(sign: str) -> Any:
    def done(self: Remote, other: object) -> Any:
        raise TypeError(
            f"unsupported operand types for {sign}: {type(other).__name__!r} of the tests and an "
            "object of the program's own class"
        )

    return done


for _name in ("len", "reversed", "repr", "str", "float", "int", "complex", "index", "abs", "neg",
              "pos", "invert"):  # fmt: skip
    setattr(Remote, f"__{_name}__", _alone(_name))
for _name, _sign in {
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*",
    "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "and": "&",
    "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}.items():  # fmt: skip
    setattr(
        Remote, f"__{_name}__", _between(f"{_name}_" if _name in ("and", "or") else _name, _sign)
    )
    if _name not in ("lt", "le", "gt", "ge"):
        setattr(Remote, f"__r{_name}__", _reflected(_sign))


class TestNames(dict):  # type: ignore[type-arg]
    """The names of the tests. One that they do not define themselves is the program's, unless it
    is Python's own: what a program puts in the place of ``all`` or ``abs`` is its own affair."""

    def __init__(self, link: Link, entry_point: str) -> None:
        super().__init__()
        self._link, self._entry_point = link, entry_point

    def __missing__(self, name: str) -> Any:
        if name != self._entry_point and name in _PYTHONS:
            raise KeyError(name)
        return self._link.name(name)


_PYTHONS = frozenset(dir(sys.modules["builtins"])) | {"__file__", "__path__"}
