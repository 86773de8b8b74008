"""Around everything that a run does: no secret leaves it in output or in errors."""

from __future__ import annotations

import contextlib
import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any, cast

from aisbench.base.errors import AisbenchError
from aisbench.store.redactor import Redactor

log = logging.getLogger(__name__)


class Crash(Exception):
    """A bug, told as text: its traceback, without secrets."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def told(error: Exception) -> str:
    """The traceback of a bug."""
    if isinstance(error, Crash):
        return error.text
    return "".join(traceback.format_exception(error)).rstrip("\n")


class _CleanStream:
    """A standard stream that hides secrets in what is written; otherwise the stream itself."""

    def __init__(self, stream: Any, redactor: Redactor) -> None:
        self._stream = stream
        self._redactor = redactor

    def write(self, text: str) -> int:
        self._stream.write(self._redactor.whole(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def clean_streams(redactor: Redactor) -> Iterator[None]:
    """Hide the secrets in all that the process prints."""
    streams = (sys.stdout, sys.stderr)
    sys.stdout, sys.stderr = (cast("Any", _CleanStream(one, redactor)) for one in streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


@contextlib.contextmanager
def clean_errors(redactor: Redactor) -> Iterator[None]:
    """Hide the secrets in every error that leaves.

    Raises what was raised: an AisbenchError with its words cleaned, anything else but an
    interruption as :class:`Crash`, after its traceback went into the run's log.
    """
    try:
        yield
    except AisbenchError as error:
        hide_in_error(error, redactor)
        raise
    except Exception as error:
        if isinstance(error, OSError):
            raise  # of this machine; no server has a word in it
        log.debug("a bug ended the command", exc_info=True)
        raise Crash(redactor.clean(told(error))) from None


def hide_in_error(error: AisbenchError, redactor: Redactor) -> None:
    """Hide the secrets in an error's words, and cut off the causes that would show one in a
    traceback."""
    error.message = redactor.clean(error.message)
    error.hint = redactor.clean(error.hint)
    error.args = (error.message,)
    above: BaseException = error
    while (cause := above.__cause__ or above.__context__) is not None:
        if redactor.clean(str(cause)) != str(cause):
            above.__cause__ = above.__context__ = None
            return
        above = cause
