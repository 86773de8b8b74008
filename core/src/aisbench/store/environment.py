"""What a run was made with: versions, data checksums, host, and each session of it."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

import aisbench
from aisbench.clock import now_ns, wall_time
from aisbench.store.run import RunFolder, read_json, write_json


@frozen(kw_only=True)
class Environment:
    """The facts that a later session is compared with."""

    plugins: Mapping[str, str]
    """Distribution -> version, aisbench included."""
    data: Mapping[str, Mapping[str, str]]
    """Data set -> file name -> sha256."""


def checksum(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def checksums(files: Iterable[Path]) -> dict[str, str]:
    """File name -> sha256. Two files of one name are told apart by their folder."""
    made: dict[str, str] = {}
    for path in files:
        name = path.name if path.name not in made else f"{path.parent.name}/{path.name}"
        made[name] = checksum(path)
    return made


def with_core(plugins: Mapping[str, str]) -> dict[str, str]:
    """The versions of the plugins in use and of core."""
    return {"aisbench": aisbench.__version__, **dict(sorted(plugins.items()))}


def record_session(run: RunFolder, environment: Environment, seed: int) -> int:
    """Add this process to the run's history; its number, from 1."""
    document: dict[str, Any] = read_json(run.environment) if run.environment.exists() else {}
    sessions = document.setdefault("sessions", [])
    sessions.append(
        {
            "started": wall_time(),
            # One pair of both clocks: lets times of the journal be placed in the day.
            "clock_ns": now_ns(),
            "arguments": sys.argv[1:],
            "plugins": dict(environment.plugins),
            "host": {
                "system": platform.platform(),
                "machine": platform.machine(),
                "cpus": os.cpu_count(),
                "python": platform.python_version(),
            },
        }
    )
    document.update(
        schema=1,
        seed=seed,
        plugins=dict(environment.plugins),
        data={name: dict(files) for name, files in environment.data.items()},
    )
    write_json(run.environment, document)
    return len(sessions)


def changes(run: RunFolder, now: Environment) -> list[str]:
    """What differs from the last session, a sentence each."""
    if not run.environment.exists():
        return []
    before = read_json(run.environment)
    found = []
    for name, version in now.plugins.items():
        old = before.get("plugins", {}).get(name)
        if old != version:
            found.append(f"{name}: version {old or 'absent'} -> {version}")
    for dataset, files in now.data.items():
        known = before.get("data", {}).get(dataset, {})
        found += [
            f"data of {dataset}: {name} has other content"
            for name, digest in files.items()
            if name in known and known[name] != digest
        ]
    return found
