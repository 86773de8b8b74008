"""The evaluator ``function-calls``, on bfcl-eval's checkers."""

from __future__ import annotations

from typing import Any

from aisbench.api import Answer, DataError, Response, Sample, Score, Verdict
from aisbench_plugin_bfcl.calls import (
    UnreadableCall,
    native_calls,
    native_steps,
    written_calls,
    written_steps,
)
from aisbench_plugin_bfcl.categories import MEMORY, language_of
from aisbench_plugin_bfcl.conversation import calls_of, walk
from aisbench_plugin_bfcl.formats import is_format
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.reasons import NO_CALL, why_no_call
from aisbench_plugin_bfcl.services import Services, check_turns
from aisbench_plugin_bfcl.written_calls import Calls


class FunctionCalls:
    """Right when bfcl-eval's checker of the row's category says so."""

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample that is not a row of BFCL."""
        _entry(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample that is not a row of BFCL."""
        entry = _entry(sample)
        if sample.part.startswith("multi_turn"):
            return self._turns(sample, entry, answer)
        native = bool(answer.prompts[-1].tools)
        if sample.part in MEMORY:
            return self._remembered(sample, answer, native=native)
        calls, reason = _found(sample, entry, answer.response, native=native)
        if "relevance" in sample.part:
            return self._relevance(sample, calls, reason)
        if not calls:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=reason)
        return self._calls(sample, entry, calls, native=native)

    def _calls(
        self, sample: Sample, entry: dict[str, Any], calls: Calls, *, native: bool
    ) -> Score:
        try:
            right, reason = library().check_calls(
                entry, calls, sample.target, _category(sample), language_of(sample.part),
                dotless=native,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - its checker is written for calls of known form
            right, reason = False, f"{type(error).__name__}: {error}"
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=repr(calls),
            reason=reason,
        )

    def _relevance(self, sample: Sample, calls: Calls | None, reason: str) -> Score:
        """Whether any call was made, where one should be, or none should. As on the leaderboard,
        neither an unreadable call nor silence is a call: the reason says which it was."""
        called = bool(calls)
        right = called != ("irrelevance" in sample.part)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=None if calls is None else repr(calls),
            reason="a function was called" if called else reason,
        )

    def _remembered(self, sample: Sample, answer: Answer, *, native: bool) -> Score:
        """Whether the last answer without a call holds what was to be remembered."""
        said = [
            response.text for response in answer.responses if not calls_of(response, native=native)
        ]
        if not said or not said[-1]:
            reason = "given up: it only calls functions" if not said else "an empty answer"
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=reason)
        answers: Any = sample.target
        right = library().check_words(said[-1], answers)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=said[-1],
            reason="" if right else f"it has none of {', '.join(map(repr, answers))}",
        )

    def _turns(self, sample: Sample, entry: dict[str, Any], answer: Answer) -> Score:
        done = _replayed(entry, answer)
        if done is None:
            return Score(
                value=0.0, verdict=Verdict.WRONG, reason="given up: too many steps in one turn"
            )
        wanted: Any = sample.target
        try:
            right, reason = check_turns(library(), done, wanted, entry)
        except RecursionError:  # of a directory that holds itself, compared with one that does
            right, reason = False, "a state that cannot be compared"
        if not right and (unread := _unread(entry, answer)):
            reason = f"{reason}; {unread}"
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=repr(done),
            reason=reason,
        )


def _entry(sample: Sample) -> dict[str, Any]:
    entry: Any = sample.fields.get("entry")
    if not isinstance(entry, dict):
        raise DataError(
            f"sample {sample.id} is not a row of BFCL",
            hint='the evaluator function-calls is for dataset = "bfcl"',
        )
    return entry


def _found(
    sample: Sample, entry: dict[str, Any], response: Response, *, native: bool
) -> tuple[Calls | None, str]:
    """The calls of an answer, None where it cannot be read; and why there are none."""
    try:
        calls = _read(sample, response, native=native)
    except UnreadableCall as error:
        return None, why_no_call(entry, response, error)
    return calls, "" if calls else why_no_call(entry, response, None)


def _unread(entry: dict[str, Any], answer: Answer) -> str:
    """Of a conversation, the first call that was meant, and cannot be read: it ended its turn."""
    native = bool(answer.prompts[0].tools)
    for number, response in enumerate(answer.responses, 1):
        try:
            steps = native_steps(response) if native else written_steps(response.text)
            reason = "" if steps else why_no_call(entry, response, None)
        except UnreadableCall as error:
            reason = why_no_call(entry, response, error)
        if reason and not reason.endswith(NO_CALL):
            return f"answer {number}: {reason}"
    return ""


def _read(sample: Sample, response: Response, *, native: bool) -> Calls:
    if native:
        return native_calls(response)
    if is_format(sample.part):
        form, tagged, *_ = library().format_of(sample.id)
        return written_calls(response.text, form, tagged=tagged)
    return written_calls(response.text, language_of(sample.part))


def _category(sample: Sample) -> str:
    """What its checker tells the kind of a row by: where formats differ, the row's own id."""
    return sample.id.split(":")[-1] if is_format(sample.part) else sample.part


def _replayed(entry: dict[str, Any], answer: Answer) -> list[list[list[str]]] | None:
    """The calls by turn and step, found by walking through the conversation once more."""
    walking = walk(entry, answer.prompts[0], Services(entry))
    next(walking)
    try:
        for response in answer.responses:
            walking.send(response)
    except StopIteration as end:
        found: list[list[list[str]]] | None = end.value
        return found
    finally:
        walking.close()
    return None
