"""Running a tool, here or on another host, and reading what it prints."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence

from attrs import frozen

from aisbench.api import DataError, above, setting

SHOWN = 200


@frozen(kw_only=True)
class ProgramSettings:
    """Of a sampler that runs a tool for every reading."""

    devices: tuple[int | str, ...] = setting(
        default=(), help="indexes or UUIDs of the devices to read; empty: all", example=[0, 1]
    )
    prefix: tuple[str, ...] = setting(
        default=(),
        help="words before the tool's own, to run it on another host or in a container",
        example=["ssh", "-o", "BatchMode=yes", "gpu-host"],
    )
    tool: str = setting(
        default="", help="path of the tool, where it is not found by its name", example="/opt/smi"
    )
    timeout: float = setting(
        default=10.0, unit="s", check=above(0), help="for one reading of the tool"
    )


def output_of(words: Sequence[str], timeout: float) -> str:
    """What a program prints. Raises DataError where there is none, where it fails, and where it
    takes too long."""
    shown = shlex.join(words)
    try:
        done = subprocess.run(
            list(words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise DataError(
            f"{words[0]} is not there", hint="install it, or say where it is (tool)"
        ) from None
    except subprocess.TimeoutExpired:
        raise DataError(
            f"{shown}: no answer within {timeout:g} s", hint="raise timeout and interval"
        ) from None
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror or error}") from None
    text = done.stdout.decode("utf-8", errors="replace")
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip() or text.strip()
        why = " ".join(said.split())[:SHOWN]
        raise DataError(f"{shown}: ended with code {done.returncode}: {why or 'without a word'}")
    return text
