"""Runs a program and tests that reach into it, in one process: classes of ``unittest`` that patch
what the program imports.

Standard input holds what was read out of an answer, the name that is asked for, the tests and a
word. The word is told when all tests have ended; a program that ends early does not come to it.
"""

from __future__ import annotations

import builtins
import os
import sys

from .picking import pick
from .surroundings import Packages, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_MODULE = "__test__"


def main() -> NoReturn:
    """See the module."""
    import json

    given = json.loads(sys.stdin.buffer.read())
    told = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.path.pop(0)
    sys.path.append(os.getcwd())
    sys.meta_path.append(Packages())  # type: ignore[arg-type]
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
    os.environ["MPLBACKEND"] = "Agg"
    picked = pick(given["texts"], given["others"], given["name"])
    found: dict[str, Any] = {"program": picked.text, "faults": []}
    try:
        found["faults"] = faults(picked.text, given["tests"])
        found["word"] = given["word"]
    except BaseException as error:
        found["faults"] = [describe(error)]
        found["word"] = given["word"]
    waiting = memoryview(json.dumps(found).encode())
    while waiting:
        waiting = waiting[os.write(told, waiting) :]
    os._exit(0)


def faults(program: str, tests: str) -> list[str]:
    """Of each test that fails its name and the last line that is told of it."""
    import unittest

    module = type(sys)(_MODULE)
    module.__dict__.update(
        {"__builtins__": builtins, "__file__": f"{_MODULE}.py", "__package__": None, "sys": sys,
         "os": os, "environ": os.environ}
    )  # fmt: skip
    # Its name is known while it runs, as patches of its own names need it.
    sys.modules[_MODULE] = module
    exec(compile(f"{program}\n{tests}", f"{_MODULE}.py", "exec", dont_inherit=True), vars(module))
    suite = unittest.TestLoader().loadTestsFromTestCase(vars(module)["TestCases"])
    result = unittest.TestResult()
    suite.run(result)
    if not result.testsRun:
        return ["no test was run"]
    return [
        f"{test.id().rpartition('.')[2]}: {trace.strip().rpartition(chr(10))[2][:300]}"
        for test, trace in [*result.failures, *result.errors]
    ]
