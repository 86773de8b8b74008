"""Runs a program on inputs, and hands out what it gives; what is right is not known here.

Standard input holds a line of JSON (``code``, ``before``: run before it in the same names,
``function``: whose values are asked for, or "", ``seconds`` for each input, ``most`` bytes of one
output, ``count`` of inputs), then each input behind its length in eight bytes. A line of JSON is
written for each input that was run: ``state`` ("ok", "error", "late", "much"), ``out`` (what was
printed, or the value as JSON) and ``why``. It ends at the first that is not ok.

With standard input, each input has a process of its own, in which descriptor 0 is a file with the
input: however a program reads, it finds what it would on a judge's machine. A function is called
in one process again and again.
"""

from __future__ import annotations

import builtins
import os
import select
import signal
import sys
import time

from .surroundings import Packages, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, NoReturn

_PAUSE = 0.05
_CHUNK = 1 << 16
_INPUT = "/sandbox/tmp/input"
_DESCRIPTORS = 64
"""More than this side has."""


class Child:
    """A process of the program, and the pipe on which it answers."""

    def __init__(self, work: Callable[[int], None]) -> None:
        """``work`` gets the descriptor to answer on; it runs in the new process."""
        self.answers, ours = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.answers)
            try:
                work(ours)
            finally:
                os._exit(1)
        os.close(ours)
        self.ended: int | None = None

    def read(self, end: float, most: int) -> tuple[bytes, str]:
        """What comes until it has ended: also "late" or "much" if it was too late or too much."""
        found = bytearray()
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return bytes(found), "late"
            # Asked before: what it wrote last may come while nothing seems to be there.
            gone = self.gone()
            if select.select([self.answers], [], [], 0 if gone else min(left, _PAUSE))[0]:
                data = os.read(self.answers, _CHUNK)
                found += data
                if not data:
                    return bytes(found), ""
                if len(found) > most:
                    return bytes(found), "much"
            elif gone:
                return bytes(found), ""  # what it started still holds the pipe

    def line(self, end: float, most: int, rest: bytearray) -> tuple[bytes, str]:
        """The next line; ``rest`` keeps what follows it."""
        while b"\n" not in rest:
            left = end - time.monotonic()
            if left <= 0:
                return b"", "late"
            if not select.select([self.answers], [], [], left)[0]:
                continue
            data = os.read(self.answers, _CHUNK)
            rest += data
            if not data:
                return b"", "gone"
            if len(rest) > most:
                return b"", "much"
        line, _, after = bytes(rest).partition(b"\n")
        rest[:] = after
        return line, ""

    def gone(self) -> bool:
        if self.ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = os.waitstatus_to_exitcode(status)
        return self.ended is not None

    def end(self) -> int:
        """Kill it and all that it started. Returns how it ended, as an exit code."""
        if self.ended is None and not self._ends_soon():
            os.kill(self.pid, signal.SIGKILL)
            self.ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        try:
            os.kill(-1, signal.SIGKILL)  # all that may be killed from here, but for this process
        except OSError:
            pass
        os.close(self.answers)
        assert self.ended is not None
        return self.ended

    def _ends_soon(self) -> bool:
        """It has closed its pipe: it is ending by itself."""
        if select.select([self.answers], [], [], 0)[0]:
            for _ in range(100):
                if self.gone():
                    return True
                time.sleep(0.001)
        return self.gone()


def main() -> NoReturn:
    """See the module."""
    import json

    source = os.fdopen(os.dup(0), "rb")
    told = os.fdopen(os.dup(1), "w", encoding="ascii")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    sys.path.pop(0)
    sys.meta_path.append(Packages())  # type: ignore[arg-type]
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
    sys.argv = ["program"]
    given = json.loads(source.readline())
    names = prepared(given["before"])
    run = _functions if given["function"] else _programs
    for state, out, why in run(given, names, source):
        told.write(json.dumps({"state": state, "out": out, "why": why}) + "\n")
        told.flush()
    os._exit(0)


def prepared(before: str) -> dict[str, Any]:
    """The names that a program finds; imported once, for all inputs."""
    module = type(sys)("__main__")
    names = vars(module)
    names["__builtins__"] = __import__("builtins")
    exec(compile(before, "before", "exec", dont_inherit=True), names)
    sys.modules["__main__"] = module
    return names


def _programs(given: dict[str, Any], names: dict[str, Any], source: BinaryIO) -> Any:
    errors = "/sandbox/tmp/error"
    for _ in range(given["count"]):
        with open(_INPUT, "wb") as file:
            file.write(_next(source))
        read = os.open(_INPUT, os.O_RDONLY)
        os.unlink(_INPUT)

        def work(answers: int, read: int = read) -> None:
            os.dup2(read, 0)
            os.dup2(answers, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            source.close()
            os.closerange(3, _DESCRIPTORS)  # those that this side answers on, too
            _program(given["code"], names, errors)

        child = Child(work)
        os.close(read)
        out, state = child.read(time.monotonic() + given["seconds"], given["most"])
        code = child.end()
        why = ""
        if not state and code:
            state, why = "error", _why(errors, code)
        yield state or "ok", out.decode("utf-8", "replace"), why
        if state:
            return


def _program(code: str, names: dict[str, Any], errors: str) -> NoReturn:
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(os.devnull, "w", encoding="utf-8")  # type: ignore[misc]  # noqa: SIM115
    out = sys.stdout
    try:
        try:
            exec(compile(code, "program", "exec", dont_inherit=True), names)
        except SystemExit:
            pass  # as a judge, who looks at the output
        _last_words()
        sys.stdout.flush()
        out.flush()
    except BaseException as error:
        with open(errors, "w", encoding="utf-8", errors="replace") as file:
            file.write(describe(error))
        try:
            out.flush()
        finally:
            os._exit(1)
    os._exit(0)


def _last_words() -> None:
    """What Python does when a program ends: its threads come to their end, then its exit
    functions."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
    atexit = sys.modules.get("atexit")
    if atexit is not None:
        atexit._run_exitfuncs()


def _functions(given: dict[str, Any], names: dict[str, Any], source: BinaryIO) -> Any:
    inputs = [_next(source) for _ in range(given["count"])]

    def work(answers: int) -> None:
        os.closerange(3, answers)
        os.closerange(answers + 1, _DESCRIPTORS)
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
        sink = open(os.devnull, "w", encoding="utf-8", errors="replace")  # noqa: SIM115
        sys.stdout = sys.__stdout__ = sys.stderr = sys.__stderr__ = sink  # type: ignore[misc]
        with os.fdopen(answers, "w", encoding="ascii") as told:
            _calls(given["code"], given["function"], names, inputs, told)
        os._exit(0)

    child = Child(work)
    rest = bytearray()
    for place in range(len(inputs) + 1):
        line, state = child.line(time.monotonic() + given["seconds"], given["most"], rest)
        if state == "gone":
            yield "error", "", f"ended with exit code {child.end()}"
            return
        if state:
            yield state, "", ""
            break
        kind, _, text = line.decode("ascii", "replace").partition(" ")
        if kind == "error":
            yield "error", "", text
            break
        if place:
            yield "ok", text, ""
    child.end()


def _calls(code: str, name: str, names: dict[str, Any], inputs: list[bytes], told: Any) -> None:
    """Writes "loaded", then the value of each call."""
    import json

    def answer(kind: str, text: str = "") -> None:
        told.write(f"{kind} {text}\n")
        told.flush()

    try:
        exec(compile(code, "program", "exec", dont_inherit=True), names)
        # LeetCode's programs have the function in a class.
        function = getattr(names["Solution"](), name) if "class Solution" in code else names[name]
        answer("loaded")
        for text in inputs:
            words = [json.loads(line) for line in text.decode().split("\n")]
            value = function(*words)
            # The references know no tuples: one is as good as a list, but not inside of another.
            answer("value", json.dumps(_plain(list(value) if type(value) is tuple else value)))
    except BaseException as error:
        answer("error", ascii(describe(error))[1:-1])


def _plain(value: Any) -> Any:
    """As JSON has it. What is equal to no value of JSON becomes ``{"": its type}``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return [_plain(one) for one in list.__iter__(value)]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {str.__str__(key): _plain(one) for key, one in value.items()}
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    import numbers

    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real) and not hasattr(value, "numerator"):
        return float(value)
    return {"": type(value).__name__}


def _next(source: BinaryIO) -> bytes:
    return source.read(int.from_bytes(source.read(8), "little"))


def _why(errors: str, code: int) -> str:
    try:
        with open(errors, encoding="utf-8") as file:
            return file.read(2000)
    except OSError:
        return f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
