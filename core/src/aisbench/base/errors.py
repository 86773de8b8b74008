"""Errors that a user can act on. Any other exception that escapes is a bug, with its traceback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen


class ExitCode:
    """What a script may conclude from ``aisbench``'s exit code."""

    OK = 0
    """Everything asked for was done."""
    FAILED_SAMPLES = 1
    """Finished, but more samples failed than the suite allows."""
    USAGE = 2
    """The suite, the command line, a plugin or the data is wrong; nothing was sent."""
    ABORTED = 3
    """Stopped before the end; ``--resume`` continues."""


class AisbenchError(Exception):
    """Base of all errors shown without a traceback. ``hint`` says what to do."""

    exit_code: ClassVar[int] = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  help: {self.hint}" if self.hint else self.message


@frozen(kw_only=True)
class Problem:
    """One mistake in a suite. ``path`` is the TOML key path from the root."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""


class ConfigError(AisbenchError):
    """A suite is wrong. Holds every problem found, already located."""

    def __init__(self, problems: Sequence[str], found: Sequence[Problem] = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        self.found = tuple(found)
        """The same problems with the paths of their keys, where they are those of keys."""


class PluginError(AisbenchError):
    """A plugin is missing, broken, or clashes with another."""


class DataError(AisbenchError):
    """A data file is missing or cannot be read. Say the file, the line and the remedy."""


class StoreError(AisbenchError):
    """A run directory cannot be written."""

    exit_code = ExitCode.ABORTED


class DamageError(StoreError):
    """A file of a run directory is missing, damaged or cannot be read."""

    exit_code = ExitCode.USAGE


class ServerError(AisbenchError):
    """The model's server cannot be used."""

    exit_code = ExitCode.ABORTED


class AbortError(AisbenchError):
    """The run was stopped on purpose: too many failures of one kind, or the user's Ctrl-C."""

    exit_code = ExitCode.ABORTED
