"""Output, errors and crashes leave a command without secrets."""

from __future__ import annotations

import sys
import traceback

import pytest

from aisbench.base.errors import AisbenchError
from aisbench.runs.guard import Crash, clean_errors, clean_streams, told
from aisbench.store.redactor import HIDDEN, Redactor

KEY = "sk-live-4fGh92kLmQw8"


def redactor() -> Redactor:
    made = Redactor()
    made.add([KEY])
    return made


def test_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    streams = (sys.stdout, sys.stderr)
    with clean_streams(redactor()):
        print(f"key {KEY}")
        print(f"bad {KEY}", file=sys.stderr)
        sys.stdout.writelines([f"{KEY}\n"])
        assert not sys.stdout.isatty()
    assert (sys.stdout, sys.stderr) == streams
    shown = capsys.readouterr()
    assert shown.out == f"key {HIDDEN}\n{HIDDEN}\n"
    assert shown.err == f"bad {HIDDEN}\n"


def test_an_error_is_cleaned_with_its_hint() -> None:
    with pytest.raises(AisbenchError) as caught, clean_errors(redactor()):
        raise AisbenchError(f"refused: {KEY[:12]}", hint=f"check {KEY}")
    assert str(caught.value) == f"refused: {HIDDEN}\n  help: check {HIDDEN}"
    assert KEY[:8] not in repr(caught.value)


def test_a_bug_is_told_without_its_secrets() -> None:
    with pytest.raises(Crash) as caught, clean_errors(redactor()):
        raise RuntimeError(f"the server said {KEY}")
    assert KEY not in told(caught.value)
    assert f"RuntimeError: the server said {HIDDEN}" in told(caught.value)
    assert caught.value.__suppress_context__


def test_errors_of_the_machine_and_interruptions_pass() -> None:
    for error in (OSError(28, "No space left"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, clean_errors(redactor()):
            raise error
        assert caught.value is error


def test_a_cause_that_tells_a_secret_is_cut_off() -> None:
    with pytest.raises(AisbenchError) as caught, clean_errors(redactor()):
        try:
            try:
                raise OSError(f"sent {KEY}")
            except OSError as error:
                raise ValueError("cannot be read") from error
        except ValueError as error:
            raise AisbenchError("no answer") from error
    assert isinstance(caught.value.__cause__, ValueError)
    assert KEY not in "".join(traceback.format_exception(caught.value))
