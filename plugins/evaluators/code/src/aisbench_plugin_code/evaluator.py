"""The evaluator ``python-tests``."""

from __future__ import annotations

import json
import logging
from typing import Any

import attrs

from aisbench.api import AisbenchError, Answer, DataError, Sample, Score, Verdict
from aisbench.sandbox import Program, ProgramEnd, open_sandbox
from aisbench_plugin_code.bundle import START, bundle
from aisbench_plugin_code.candidate_programs import CandidatePrograms, find_programs, preamble
from aisbench_plugin_code.settings import PythonTestsSettings

log = logging.getLogger(__name__)

LONGEST_REASON = 300
_MARGIN = 1.0
"""Seconds that the tests have beyond the program, to tell that its time is over."""


class PythonTests:
    """Right when the sample's tests come to their end.

    Tests and program run in two sandboxes. The verdict is spoken by the tests' alone, which the
    program cannot reach; what crosses between them is calls, and data as answers.
    """

    def __init__(self, settings: PythonTestsSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._sandbox = open_sandbox(settings.sandbox, settings.python)
        self._files = bundle(compiled=settings.python is None)

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without tests or without a name to test."""
        _field(sample, self._settings.tests)
        _field(sample, self._settings.entry_point)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample whose tests cannot be run, AisbenchError when the sandbox
        does not work on this machine any more.

        One answer that makes the reader of answers fail, or breaks its sandbox, is wrong and told
        in the log; the others are scored all the same.
        """
        names = self._settings
        tests = _field(sample, names.tests)
        entry_point = _field(sample, names.entry_point).strip()
        prompt = str(sample.fields.get(names.prompt) or "")
        try:
            found = find_programs(answer.text, prompt, entry_point)
        except Exception as error:
            log.warning("the answer to %s cannot be read", sample.id, exc_info=True)
            reason = f"no code could be read from the answer: {type(error).__name__}: {error}"
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=reason[:LONGEST_REASON])
        if found is None:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no code in the answer")
        asked = {"tests": tests, "before": preamble(prompt, entry_point), "name": entry_point}
        told, outcome = self._run(found, asked, sample.id)
        program = told["program"] or found.texts[0].code
        verdict = told["verdict"]
        if verdict == "passed":
            return Score(value=1.0, verdict=Verdict.RIGHT, extracted=program, reason="passed")
        if verdict in _HINTS:
            raise DataError(
                f"the tests of sample {sample.id} {_FAULTS[verdict]}{told['reason']}",
                hint=_HINTS[verdict],
            )
        reason = told["reason"] if verdict == "failed" else _reason(outcome, told["reason"])
        return Score(
            value=0.0, verdict=Verdict.WRONG, extracted=program, reason=reason[:LONGEST_REASON]
        )

    def _run(
        self, found: CandidatePrograms, asked: dict[str, str], sample: str
    ) -> tuple[dict[str, str], ProgramEnd]:
        """What the tests say, and how the program ended."""
        limits = self._settings.limits
        size = len(str(found)) >> 10
        given = {**found.data(), "name": asked["name"]}
        program = self._program("program_side", given, limits)
        tests = self._program(
            "tests_side",
            asked,
            attrs.evolve(limits, seconds=limits.seconds + _MARGIN, output=128 + 6 * size),
        )
        for attempt in (1, 2):
            outcome, tested = self._sandbox.run_pair(program, tests)
            broken = [one.detail for one in (outcome, tested) if one.status == "broken"]
            if not broken:
                return _verdict(tested, outcome), outcome
            log.warning("sample %s, attempt %d: the sandbox broke: %s", sample, attempt, broken[0])
        self._check_sandbox(broken[0])
        reason = f"broke its sandbox: {broken[0].partition(chr(10))[0]}"
        return {"verdict": "failed", "reason": reason, "program": ""}, outcome

    def _check_sandbox(self, detail: str) -> None:
        """Raises AisbenchError where not even programs that do nothing can be run."""
        nothing = Program(
            files={},
            command=[self._sandbox.python, "-I", "-S", "-c", ""],
            limits=self._settings.limits,
        )
        if any(one.status == "broken" for one in self._sandbox.run_pair(nothing, nothing)):
            raise AisbenchError(
                f"the sandbox broke twice: {detail}",
                hint="what was not run has no verdict; look at the machine's memory and "
                "limits, then evaluate again",
            )

    def _program(self, name: str, given: dict[str, Any], limits: Any) -> Program:
        return Program(
            files=self._files,
            command=[self._sandbox.python, "-I", "-S", "-c", START.format(name=name)],
            stdin=json.dumps(given).encode(),
            limits=limits,
        )


_FAULTS = {
    "tests": "cannot be run: ",
    "unsplittable": "need the program in their own process: ",
    "unused": "came to their end without using the program",
}
_HINTS = {
    "tests": "if a module is missing, name a Python that has it as `python` in `evaluation`",
    "unsplittable": "tests run apart from what they test, so that no program can forge its "
    "verdict; they may call what it defines and compare data (see the README of python-tests)",
    "unused": "they must call what they test, not only define functions that would",
}


def _verdict(tested: ProgramEnd, outcome: ProgramEnd) -> dict[str, str]:
    """What the tests' sandbox said. Raises AisbenchError when it could not even start."""
    if tested.status == "exited" and tested.code in (126, 127):
        raise AisbenchError(
            f"the tests could not be started: {tested.stderr.strip()}",
            hint="look at `python` in `evaluation`",
        )
    try:
        told: Any = json.loads(tested.stdout)
    except (ValueError, RecursionError):
        told = None
    if tested.status != "exited" or not isinstance(told, dict) or "verdict" not in told:
        # What the program sent was too much for them, or it let them wait.
        late = tested.status == "timeout" or outcome.status == "timeout"
        reason = "took too long" if late else f"broke off its tests: they {tested.told}"
        return {"verdict": "failed", "reason": reason, "program": ""}
    return {name: str(told.get(name) or "") for name in ("verdict", "reason", "program")}


def _field(sample: Sample, name: str) -> str:
    value = sample.fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DataError(
            f"sample {sample.id} has no text {name!r} to run",
            hint=f"its fields are: {', '.join(sorted(sample.fields))}; name the right one in "
            "`evaluation`",
        )
    return value


def _reason(outcome: ProgramEnd, told: str) -> str:
    """Why a program could not be asked any more."""
    if told != "gone":
        return told
    if outcome.status in ("exited", "parted"):
        return f"{outcome.told} before its tests did"
    return outcome.told
