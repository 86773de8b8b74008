"""What a suite may set, and must."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import setting
from aisbench.sandbox import Limits


def _allowed(value: bool) -> str | None:
    if value:
        return None
    return (
        "must be true: to score these answers, this machine runs programs that a model wrote; "
        "they run in a sandbox without network, but it is you who must allow it"
    )


@frozen
class PythonTestsSettings:
    """Permission, limits, and the sample's fields."""

    run_code: bool = setting(
        check=_allowed,
        help="true allows that programs which the model wrote are run here, in a sandbox",
    )
    limits: Limits = setting(factory=lambda: Limits(seconds=5.0), help="what each program may use")
    sandbox: Literal["auto", "namespaces", "bubblewrap"] = setting(
        default="auto", help="how programs are confined; auto: the first that works here"
    )
    python: Path | None = setting(
        default=None,
        help="the Python that runs them, with its packages; default: aisbench's own",
        example="envs/scipy/bin/python",
    )
    prompt: str = setting(
        default="prompt",
        help="field with the beginning of the program, which answers continue",
        example="code",
    )
    entry_point: str = setting(
        default="entry_point",
        help="field with the name of the function that is asked for",
        example="function",
    )
    tests: str = setting(
        default="tests",
        help="field with the program that is run after the answer's",
        example="checks",
    )
