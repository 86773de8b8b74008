"""The evaluator ``stdin-tests``."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import attrs

from aisbench.api import AisbenchError, Answer, DataError, Sample, Score, Verdict
from aisbench.sandbox import Program, ProgramEnd, open_sandbox
from aisbench_plugin_code.bundle import START, bundle
from aisbench_plugin_code.packed import IoTest, first_failing, read_tests
from aisbench_plugin_code.settings import StdinTestsSettings

log = logging.getLogger(__name__)

FIRST = 3
"""Tests of the first sandbox: most wrong programs fail one of them, and the others, perhaps tens
of megabytes, are not written for them."""
LONGEST_REASON = 300

PRELUDE = "".join(
    [
        *(
            f"from {name} import *\n"
            for name in (
                "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math",
                "random", "statistics", "itertools", "functools", "operator", "io", "sys", "json",
                "builtins", "typing",
            )
        ),
        *(
            f"import {name}\n"
            for name in (
                "string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math",
                "random", "statistics", "itertools", "functools", "operator", "io", "sys", "json",
            )
        ),
        "sys.setrecursionlimit(50000)\n",
    ]
)  # fmt: skip
"""The names that LiveCodeBench gives every program (lcb_runner/evaluation/testing_util.py)."""


class StdinTests:
    """Right when the program gives what is expected for every input: on standard output, or as
    the value of a function.

    The sandbox is given inputs alone. What is expected stays outside, where it is compared.
    """

    def __init__(self, settings: StdinTestsSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._sandbox = open_sandbox(settings.sandbox, settings.python)
        self._files = bundle(compiled=settings.python is None)

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without tests. Packed ones, which may be large, are
        unpacked when an answer is scored."""
        names = self._settings
        if not read_tests(_column(sample, names.public)) and not _column(sample, names.private):
            raise DataError(
                f"sample {sample.id} has no tests in {names.public!r} and {names.private!r}",
                hint="name the right fields in `evaluation`",
            )
        self._function(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample whose tests cannot be read, AisbenchError when the
        sandbox does not work on this machine any more."""
        code = extracted(answer.text, self._settings.extraction)
        if not code.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no code in the answer")
        names = self._settings
        tests = [
            one
            for name in (names.public, names.private)
            for one in read_tests(_column(sample, name))
        ]
        function = self._function(sample) if tests[0].function else ""
        for before, some in ((0, tests[:FIRST]), (FIRST, tests[FIRST:])):
            reason = self._run(code, function, some, before, sample.id) if some else ""
            if reason:
                return Score(
                    value=0.0,
                    verdict=Verdict.WRONG,
                    extracted=code,
                    reason=reason[:LONGEST_REASON],
                )
        return Score(
            value=1.0, verdict=Verdict.RIGHT, extracted=code, reason=f"passed {len(tests)} tests"
        )

    def _function(self, sample: Sample) -> str:
        """The name of the function that is asked for, "" for a whole program."""
        value = _column(sample, self._settings.metadata)
        try:
            held = json.loads(value) if isinstance(value, str) and value.strip() else value
        except ValueError as error:
            raise DataError(
                f"sample {sample.id}: {self._settings.metadata!r} is no JSON: {error}",
                hint="it is an object that may name the function: func_name",
            ) from None
        name = held.get("func_name") if isinstance(held, dict) else None
        return str(name or "")

    def _run(
        self, code: str, function: str, tests: Sequence[IoTest], before: int, sample: str
    ) -> str:
        """Why the program is wrong; "" when it passes these tests, which stand behind ``before``
        others."""
        program = self._program(code, function, tests)
        for attempt in (1, 2):
            end = self._sandbox.run(
                program.files, program.command, stdin=program.stdin, limits=program.limits
            )
            if end.status != "broken":
                return _fault(tests, before, end)
            log.warning(
                "sample %s, attempt %d: the sandbox broke: %s", sample, attempt, end.detail
            )
        nothing = [self._sandbox.python, "-I", "-S", "-c", ""]
        if self._sandbox.run({}, nothing, limits=self._settings.limits).status == "broken":
            raise AisbenchError(
                f"the sandbox broke twice: {end.detail}",
                hint="what was not run has no verdict; look at the machine's memory and "
                "limits, then evaluate again",
            )
        return f"broke its sandbox: {end.detail.partition(chr(10))[0]}"

    def _program(self, code: str, function: str, tests: Sequence[IoTest]) -> Program:
        limits, each = self._settings.limits, self._settings.seconds
        given = [test.given.encode("utf-8", "surrogatepass") for test in tests]
        longest = max(len(test.expected) for test in tests)
        # Room for an answer that is right, and to see that another is not.
        most = 2 * longest + (64 << 10)
        head = {
            "code": code.encode("utf-8", "replace").decode(),
            "before": PRELUDE,
            "function": function,
            "seconds": each,
            "most": most,
            "count": len(given),
        }
        stdin = b"".join(
            [json.dumps(head).encode(), b"\n"]
            + [part for one in given for part in (len(one).to_bytes(8, "little"), one)]
        )
        return Program(
            files=self._files,
            command=[self._sandbox.python, "-I", "-S", "-c", START.format(name="io_side")],
            stdin=stdin,
            limits=attrs.evolve(
                limits,
                # As LiveCodeBench bounds the whole.
                seconds=(each + 1) * len(given) + 5,
                disk=limits.disk + 1 + (max(map(len, given)) >> 20),
                output=64
                + (6 * sum(len(test.expected) for test in tests) + 6 * most >> 10)
                + len(given),
            ),
        )


def extracted(text: str, how: str) -> str:
    """The program of an answer, as LiveCodeBench reads it (lcb_runner/utils/extraction_utils.py):
    what stands between the last two lines with a fence; of a base model the whole text."""
    if how == "whole":
        return text.strip()
    lines = text.split("\n")
    fences = [place for place, line in enumerate(lines) if "```" in line]
    if len(fences) < 2:
        return ""
    return "\n".join(lines[fences[-2] + 1 : fences[-1]])


def _column(sample: Sample, name: str) -> Any:
    return sample.fields.get(name) or ""


def _fault(tests: Sequence[IoTest], before: int, end: ProgramEnd) -> str:
    told: list[dict[str, str]] = []
    for line in end.stdout.splitlines():
        try:
            row = json.loads(line)
            told.append({name: str(row[name]) for name in ("state", "out", "why")})
        except (ValueError, KeyError, TypeError, RecursionError):
            break
    fine = [row for row in told if row["state"] == "ok"]
    if (failing := first_failing(tests, [row["out"] for row in fine])) is not None:
        return f"test {before + failing[0] + 1}: {failing[1]}"
    if len(fine) == len(tests):
        return ""
    number = before + len(fine) + 1
    last = told[-1] if len(told) > len(fine) else None
    if last is None:
        return f"test {number}: {end.told}"
    how = {"late": "took too long", "much": "printed too much"}.get(last["state"])
    return f"test {number}: {how or last['why'] or 'failed'}"
