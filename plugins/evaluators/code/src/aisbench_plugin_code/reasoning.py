"""The evaluator ``code-reasoning``: what a function gives, or what makes it give something, as
CRUXEval asks (Gu et al. 2024)."""

from __future__ import annotations

import re

import attrs

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench.literals import Call, LiteralError, Name, parse, read_literal
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import ReasoningSettings

_NAME = "aisbench_answer"
_ASSERT = re.compile(r"assert\s+f\b")


class CodeReasoning:
    """Right when the assertion that the answer completes holds.

    A literal is compared without running anything; another expression is evaluated in the
    sandbox, beside the function where it is called.
    """

    def __init__(self, settings: ReasoningSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._asks = settings.asks
        self._tests = PythonTests(settings.tests())

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without code, input or output."""
        for name in ("code", "input", "output"):
            if not isinstance(sample.fields.get(name), str):
                raise DataError(
                    f"sample {sample.id} has no text {name!r}",
                    hint="cruxeval.jsonl has the columns code, input, output and id",
                )

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample whose function cannot be run, AisbenchError when the
        sandbox does not work any more."""
        found = completed(answer.text, self._asks)
        if not found:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no answer in the text")
        code, given, output = (str(sample.fields[name]) for name in ("code", "input", "output"))
        if self._asks == "input" and "f(" not in found:
            return _wrong(found, "is no call of f")
        if self._asks == "output" and f"f({given})" in found:
            return _wrong(found, "repeats the call that it is asked for")
        if self._asks == "output" and (same := _same(found, output)) is not None:
            if same:
                return Score(value=1.0, verdict=Verdict.RIGHT, extracted=found, reason="equal")
            return _wrong(found, f"is not {output[:120]}")
        fields = {
            "tests": f"assert {output} == {_NAME}()",
            "name": _NAME,
            "prompt": "",
        }
        asked = found if self._asks == "output" else _call(found)
        program = f"{code}\n\ndef {_NAME}():\n    return (\n{asked}\n    )\n"
        scored = self._tests.score(
            attrs.evolve(sample, fields=fields), Answer.of(f"```python\n{program}```")
        )
        return attrs.evolve(scored, extracted=found)


def completed(text: str, asks: str) -> str:
    """The expression of the last answer in tags, or of the whole text: what stands on its side of
    ``==`` in the assertion (inference/tasks of CRUXEval). A model that went on after the tag that
    opens was stopped at the one that closes."""
    if "[ANSWER]" in text:
        text = text.rpartition("[ANSWER]")[2]
    text = text.partition("[/ANSWER]")[0].strip()
    lines = [line for line in text.split("\n") if not line.strip().startswith("```")]
    asserted = [line for line in lines if _ASSERT.search(line)]
    text = "\n".join(lines).strip() if len(asserted) != 1 else asserted[0].strip()
    before, equal, after = text.partition("==")
    if asks == "output":
        return (after if equal else before).strip()
    if equal:
        text = before.strip()
    if (found := _ASSERT.search(text)) is not None:
        text = "f" + text[found.end() :].strip()
    return text.strip()


def _same(found: str, output: str) -> bool | None:
    """Whether two literals are equal; None where the answer is none."""
    try:
        return bool(read_literal(found) == read_literal(output))
    except LiteralError:
        return None


def _call(found: str) -> str:
    """The call of f alone: ``f(1) or [2]`` becomes a fault of syntax, not what was asked for."""
    try:
        tree = parse(found)
        if isinstance(tree, Call) and isinstance(tree.function, Name):
            return found
    except LiteralError:
        pass
    inner = found.strip().removeprefix("f").strip()
    return f"f(*[\n{inner[1:-1]}\n])"


def _wrong(found: str, reason: str) -> Score:
    return Score(value=0.0, verdict=Verdict.WRONG, extracted=found, reason=reason)
