"""The error that ends a release."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


class ReleaseError(Exception):
    """What is not fit to be published, and what to do; in words for a maintainer."""


def run(
    *command: object,
    where: Path,
    environment: Mapping[str, str] | None = None,
    expected: int = 0,
) -> str:
    """Run a program and return all that it printed. Raises ReleaseError with that text when the
    exit code is not the expected one."""
    words = [str(part) for part in command]
    done = subprocess.run(
        words,
        cwd=where,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != expected:
        raise ReleaseError(
            f"{' '.join(words)}\nended with {done.returncode}, and not {expected}:\n{done.stdout}"
        )
    return done.stdout
