"""What a suite may set, and must."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import above, setting
from aisbench.sandbox import Limits

Confinement = Literal["auto", "namespaces", "bubblewrap"]


def _allowed(value: bool) -> str | None:
    if value:
        return None
    return (
        "must be true: to score these answers, this machine runs programs that a model wrote; "
        "they run in a sandbox without network, but it is you who must allow it"
    )


def _permission(what: str) -> bool:
    """The field of the permission, which has no default."""
    found: bool = setting(check=_allowed, help=f"true allows that {what}, in a sandbox")
    return found


def _confinement() -> Confinement:
    """The field of the kind of sandbox."""
    found: Confinement = setting(
        default="auto", help="how programs are confined; auto: the first that works here"
    )
    return found


def _interpreter(environment: str) -> Path | None:
    """The field of the Python that runs programs; ``environment`` is for its example."""
    found: Path | None = setting(
        default=None,
        help="the Python that runs them, with its packages; default: aisbench's own",
        example=f"envs/{environment}/bin/python",
    )
    return found


@frozen
class PythonTestsSettings:
    """Permission, limits, and the sample's fields."""

    run_code: bool = _permission("programs which the model wrote are run here")
    limits: Limits = setting(factory=lambda: Limits(seconds=5.0), help="what each program may use")
    sandbox: Confinement = _confinement()
    python: Path | None = _interpreter("scipy")
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


@frozen
class StdinTestsSettings:
    """Permission, limits, and the sample's fields."""

    run_code: bool = _permission("programs which the model wrote are run here")
    seconds: float = setting(
        default=6.0, unit="s", check=above(0), help="what a program has for each input"
    )
    limits: Limits = setting(
        factory=lambda: Limits(memory=4096),
        help="what each program may use; its time is that of its inputs together",
    )
    sandbox: Confinement = _confinement()
    python: Path | None = _interpreter("numpy")
    extraction: Literal["last-fence", "whole"] = setting(
        default="last-fence",
        help="the program is what stands between the last two fences, or the whole answer",
    )
    public: str = setting(default="public_test_cases", help="field with tests", example="examples")
    private: str = setting(
        default="private_test_cases",
        help="field with further tests, perhaps packed",
        example="hidden",
    )
    metadata: str = setting(
        default="metadata",
        help="field with an object that may name the function: func_name",
        example="about",
    )


@frozen
class EvalplusSettings:
    """Permission and limits."""

    run_code: bool = _permission("programs which the model wrote are run here")
    limits: Limits = setting(
        factory=lambda: Limits(seconds=60.0, memory=4096),
        help="what each program may use, for the base inputs, and again for the others",
    )
    sandbox: Confinement = _confinement()
    python: Path | None = _interpreter("numpy")

    def tests(self) -> PythonTestsSettings:
        """For tests that are made of inputs."""
        return PythonTestsSettings(
            run_code=self.run_code,
            limits=self.limits,
            sandbox=self.sandbox,
            python=self.python,
            prompt="evalplus prompt",
            tests="evalplus tests",
        )


@frozen
class ProgramTestsSettings:
    """Permission, limits, and the field with the language."""

    run_code: bool = _permission("programs which the model wrote are run here")
    limits: Limits = setting(
        factory=lambda: Limits(seconds=60.0, memory=2048, processes=256, disk=512),
        help="what compiling and running one program may use",
    )
    sandbox: Confinement = _confinement()
    language: str = setting(
        default="part",
        help="field with the language: python, cpp, java, js, go, rust",
        example="language",
    )

    def python_tests(self) -> PythonTestsSettings:
        """For the rows in Python."""
        return PythonTestsSettings(
            run_code=self.run_code,
            limits=self.limits,
            sandbox=self.sandbox,
            tests="test",
        )


@frozen
class ReasoningSettings:
    """Permission, limits, and what is asked for."""

    run_code: bool = _permission("expressions which the model wrote are evaluated here")
    asks: Literal["input", "output"] = setting(
        default="output", help="what the answer is: what the function gets, or what it gives"
    )
    limits: Limits = setting(
        factory=lambda: Limits(seconds=4.0), help="what each evaluation may use"
    )
    sandbox: Confinement = _confinement()

    def tests(self) -> PythonTestsSettings:
        """For the assertion as a test."""
        return PythonTestsSettings(
            run_code=self.run_code, limits=self.limits, sandbox=self.sandbox, entry_point="name"
        )


@frozen
class UnittestSettings:
    """Permission, limits, and the sample's fields."""

    run_code: bool = _permission("programs which the model wrote are run here")
    limits: Limits = setting(
        factory=lambda: Limits(seconds=240.0, memory=4096, processes=256, disk=256, output=1024),
        help="what each program may use, with its tests",
    )
    sandbox: Confinement = _confinement()
    python: Path | None = _interpreter("bigcodebench")
    prompt: str = setting(
        default="code_prompt",
        help="field with the beginning of the program, which answers continue",
        example="beginning",
    )
    entry_point: str = setting(
        default="entry_point",
        help="field with the name of the function that is asked for",
        example="function",
    )
    tests: str = setting(default="test", help="field with the class TestCases", example="checks")
