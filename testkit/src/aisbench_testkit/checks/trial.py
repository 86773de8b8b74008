"""Trying a plugin's code: what it raises becomes a sentence, not a crash of the check."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class NotChecked(Exception):
    """A check needs something that is not there; the text says what, ``give`` how to add it."""

    def __init__(self, reason: str, give: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.give = give


def told(error: BaseException) -> str:
    """The error in one line, with the place in the source that raised it."""
    text = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return text
    return f"{text} (at {Path(frames[-1].filename).name}:{frames[-1].lineno})"


@contextmanager
def trial(problems: list[str], what: str) -> Iterator[None]:
    """Anything that the block raises becomes the problem "``what`` raises ..."."""
    try:
        yield
    except NotChecked:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
        problems.append(f"{what} raises {told(error)}")


def refusal(
    problems: list[str], what: str, wanted: type[Exception], call: Callable[[], Any]
) -> None:
    """``call`` must raise ``wanted`` with a message; another outcome is a problem."""
    try:
        call()
    except wanted as error:
        if not str(error).strip():
            problems.append(f"{what} raises {wanted.__name__} without a message for the user")
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
        problems.append(f"{what} raises {told(error)}; {wanted.__name__} is what core expects")
    else:
        problems.append(f"{what} does not raise {wanted.__name__}")


def elsewhere(sandbox: Path, folder: Path) -> set[Path]:
    """What is in the sandbox and in the current folder, but not in ``folder``: a plugin that was
    given that folder adds nothing to it."""
    found = {file for file in sandbox.rglob("*") if file != folder and folder not in file.parents}
    return found | set(Path.cwd().iterdir())
