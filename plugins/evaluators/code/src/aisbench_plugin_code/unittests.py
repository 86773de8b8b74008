"""The evaluator ``unittest-tests``."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from typing import Any

from aisbench.api import AisbenchError, Answer, DataError, Sample, Score, Verdict
from aisbench.literals import LiteralError, read_literal
from aisbench.sandbox import Limits, open_sandbox
from aisbench_plugin_code.bundle import START, bundle
from aisbench_plugin_code.candidate_programs import find_programs
from aisbench_plugin_code.settings import UnittestSettings

log = logging.getLogger(__name__)

LONGEST_REASON = 300
_LOOK = (
    "import importlib.util, json, sys\n"
    "print(json.dumps([one for one in sys.argv[1:] if importlib.util.find_spec(one) is None]))"
)


class UnittestTests:
    """Right when all tests of the class ``TestCases`` pass.

    The tests patch what the program imports, so both are one process, in one sandbox: a program
    that sets out to forge its verdict can, unlike with ``python-tests``.
    """

    def __init__(self, settings: UnittestSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._sandbox = open_sandbox(settings.sandbox, settings.python)
        self._files = bundle(compiled=settings.python is None)
        self._lock = threading.Lock()
        self._there: dict[str, bool] = {}

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without tests, and for one whose libraries are not
        installed."""
        for name in (self._settings.tests, self._settings.entry_point):
            self._text(sample, name)
        missing = self._missing(_libraries(sample))
        if missing:
            raise DataError(
                f"the tests need {', '.join(missing)}, which {self._sandbox.python} does not have",
                hint="make an environment with the packages of the data set (BigCodeBench: "
                "Requirements/requirements-eval.txt of its repository) and name its Python: "
                'evaluation = { run_code = true, python = "envs/bigcodebench/bin/python" }; or '
                "leave these rows out",
            )

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample without tests, AisbenchError when the sandbox does not
        work any more."""
        tests = self._text(sample, self._settings.tests)
        name = self._text(sample, self._settings.entry_point)
        prompt = str(sample.fields.get(self._settings.prompt) or "")
        found = find_programs(answer.text, prompt, name)
        if found is None:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no code in the answer")
        word = secrets.token_hex(16)
        given = {**found.data(), "name": name, "tests": tests, "word": word}
        for attempt in (1, 2):
            end = self._sandbox.run(
                self._files,
                [self._sandbox.python, "-I", "-S", "-c", START.format(name="unittest_side")],
                stdin=json.dumps(given).encode(),
                limits=self._settings.limits,
            )
            if end.status != "broken":
                break
            log.warning(
                "sample %s, attempt %d: the sandbox broke: %s", sample.id, attempt, end.detail
            )
        else:
            raise AisbenchError(
                f"the sandbox broke twice: {end.detail}",
                hint="what was not run has no verdict; look at the machine's memory and "
                "limits, then evaluate again",
            )
        told = _told(end.stdout)
        program = str(told.get("program") or found.texts[0].code)
        faults = told.get("faults") if told.get("word") == word else None
        if faults == []:
            return Score(value=1.0, verdict=Verdict.RIGHT, extracted=program, reason="passed")
        reason = "; ".join(map(str, faults)) if faults else f"{end.told} before its tests did"
        return Score(
            value=0.0, verdict=Verdict.WRONG, extracted=program, reason=reason[:LONGEST_REASON]
        )

    def _missing(self, names: list[str]) -> list[str]:
        with self._lock:
            unknown = [name for name in names if name not in self._there]
            if unknown:
                end = self._sandbox.run(
                    {}, [self._sandbox.python, "-I", "-c", _LOOK, *unknown],
                    limits=Limits(seconds=60.0),
                )  # fmt: skip
                try:
                    gone = set(json.loads(end.stdout))
                except ValueError:
                    raise AisbenchError(
                        f"{self._sandbox.python} cannot say which libraries it has: "
                        f"{end.stderr.strip()[-300:] or end.told}",
                        hint="look at `python` in `evaluation`",
                    ) from None
                self._there |= {name: name not in gone for name in unknown}
            return [name for name in names if not self._there[name]]

    def _text(self, sample: Sample, name: str) -> str:
        value = sample.fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise DataError(
                f"sample {sample.id} has no text {name!r}",
                hint=f"its fields are: {', '.join(sorted(sample.fields))}; name the right one in "
                "`evaluation`",
            )
        return value


def _libraries(sample: Sample) -> list[str]:
    """The modules that a row says it needs: a list, or the text of one."""
    value: Any = sample.fields.get("libs") or []
    if isinstance(value, str):
        try:
            value = read_literal(value)
        except LiteralError as error:
            raise DataError(
                f"sample {sample.id}: libs is {value[:80]!r}, not a list ({error})",
                hint="it is a list of modules, such as ['pandas', 're']",
            ) from None
    return [str(one).partition(".")[0] for one in value]


def _told(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
