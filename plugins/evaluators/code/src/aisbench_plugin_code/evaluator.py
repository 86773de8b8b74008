"""The evaluator ``python-tests``."""

from __future__ import annotations

import secrets

from aisbench.api import AisbenchError, DataError, Sample, Score, Transcript, Verdict
from aisbench.sandbox import Outcome, open_sandbox
from aisbench_plugin_code.extraction import find_program
from aisbench_plugin_code.settings import PythonTestsSettings

LONGEST_REASON = 300


class PythonTests:
    """Right when the program runs to the end of its tests.

    The end is a line with a word that is drawn for each run: a program that leaves early, with
    exit code 0 or not, has not passed.
    """

    def __init__(self, settings: PythonTestsSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._sandbox = open_sandbox(settings.sandbox, settings.python)

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Raises DataError for a sample without tests, AisbenchError when the sandbox breaks."""
        names = self._settings
        tests = _field(sample, names.tests)
        entry_point = _field(sample, names.entry_point)
        prompt = str(sample.fields.get(names.prompt) or "")
        program = find_program(transcript.response.text, prompt, entry_point)
        if program is None:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no code in the answer")
        outcome = self._run(f"{program}\n\n{tests}\n")
        if outcome is None:
            return Score(value=1.0, verdict=Verdict.RIGHT, extracted=program, reason="passed")
        return Score(value=0.0, verdict=Verdict.WRONG, extracted=program, reason=_reason(outcome))

    def _run(self, program: str) -> Outcome | None:
        """None when it came to its end; else how it ended."""
        word = secrets.token_hex(16)
        # Written past what the program may have done to sys.stdout and to open().
        end = f"\n__import__('os').write(1, b'\\n{word}\\n')\n"
        content = (program + end).encode("utf-8", "surrogatepass")
        for attempt in (1, 2):
            outcome = self._sandbox.run(
                {"program.py": content},
                [self._sandbox.python, "-I", "program.py"],
                limits=self._settings.limits,
            )
            if outcome.status != "broken":
                break
            if attempt == 2:
                raise AisbenchError(
                    f"the sandbox broke twice: {outcome.detail}",
                    hint="what was not run is not judged; look at the machine's memory and "
                    "limits, then evaluate again",
                )
        return None if f"\n{word}\n" in f"\n{outcome.stdout}\n" else outcome


def _field(sample: Sample, name: str) -> str:
    value = sample.fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DataError(
            f"sample {sample.id} has no text {name!r} to run",
            hint=f"its fields are: {', '.join(sorted(sample.fields))}; name the right one in "
            "`evaluation`",
        )
    return value


def _reason(outcome: Outcome) -> str:
    if outcome.status == "exited":
        lines = [line.strip() for line in outcome.stderr.splitlines() if line.strip()]
        told = lines[-1] if outcome.code and lines else f"{outcome.told} before its tests did"
    else:
        told = outcome.told
    return told[:LONGEST_REASON]
