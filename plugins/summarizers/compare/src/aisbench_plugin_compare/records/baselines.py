"""Baselines: runs by name, in ``.aisbench/baselines.json`` of the folder of outputs."""

from __future__ import annotations

import difflib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.api import AisbenchError

_NAME = re.compile(r"[^\s/\\:,]+")
_SCHEMA = 1


@frozen(kw_only=True)
class Baseline:
    """A run that others are compared with. ``saved`` is ISO 8601."""

    name: str
    run: Path
    saved: str


def outputs_of(run: Path) -> Path:
    """The folder that a run's suite has its folder in: OUTPUTS/SUITE/DATE_TIME."""
    return run.absolute().parent.parent


def baselines(outputs: Path) -> dict[str, Baseline]:
    """All of them, by name. Raises AisbenchError for a damaged file."""
    return {
        name: Baseline(name=name, run=outputs / one["run"], saved=str(one["saved"]))
        for name, one in _read(outputs).items()
    }


def baseline(outputs: Path, name: str) -> Baseline:
    """The one of that name. Raises AisbenchError where there is none, or its run is gone."""
    known = baselines(outputs)
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        if near:
            hint = f"did you mean {near[0]!r}?"
        elif known:
            hint = f"there are: {', '.join(known)}"
        else:
            hint = f"aisbench compare RUN --save-baseline {name} makes one of a run"
        raise AisbenchError(f"{_path(outputs)}: there is no baseline {name!r}", hint=hint)
    found = known[name]
    if not found.run.exists():
        raise AisbenchError(
            f"the baseline {name!r} is the run {found.run}, which is not there",
            hint=f"aisbench compare RUN --save-baseline {name} makes it another one",
        )
    return found


def save_baseline(outputs: Path, name: str, run: Path) -> Baseline:
    """Give a run a name; another run of that name loses it. Raises AisbenchError."""
    if _NAME.fullmatch(name) is None:
        raise AisbenchError(
            f"--save-baseline {name!r}: is no name",
            hint="use letters, digits and signs; no space, slash, colon or comma",
        )
    known = _read(outputs)
    saved = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    place = os.path.relpath(run.absolute(), outputs)
    known[name] = {"run": Path(place).as_posix(), "saved": saved}
    _write(outputs, known)
    return Baseline(name=name, run=outputs / place, saved=saved)


def _path(outputs: Path) -> Path:
    return outputs / ".aisbench" / "baselines.json"


def _read(outputs: Path) -> dict[str, dict[str, str]]:
    path = _path(outputs)
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(found, dict) or not isinstance(found.get("baselines"), dict):
        raise _damaged(path, "no object with baselines")
    if found.get("schema") != _SCHEMA:
        raise _damaged(path, f"schema {found.get('schema')!r}, and this version reads {_SCHEMA}")
    for name, one in found["baselines"].items():
        if not isinstance(one, Mapping) or not all(
            isinstance(one.get(key), str) for key in ("run", "saved")
        ):
            raise _damaged(path, f"baseline {name!r} has no run and saved")
    return dict(found["baselines"])


def _damaged(path: Path, what: str) -> AisbenchError:
    return AisbenchError(
        f"{path}: cannot be read: {what}", hint="mend or remove the file, and save baselines anew"
    )


def _write(outputs: Path, known: Mapping[str, Any]) -> None:
    """Whole or not at all: who reads it meanwhile gets the old one."""
    path = _path(outputs)
    text = json.dumps(
        {"schema": _SCHEMA, "baselines": dict(sorted(known.items()))}, indent=2, ensure_ascii=False
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix="baselines.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise AisbenchError(f"{path}: cannot be written: {error.strerror}") from None
