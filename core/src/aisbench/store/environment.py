"""What a run was made with: versions, data checksums, host, and each session of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

import aisbench
from aisbench.base.clock import now_ns, wall_time
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, read_json, understanding, write_json
from aisbench.store.seals import unseal
from aisbench.types.json import JsonObject
from aisbench.types.local import ModelDescription


@frozen(kw_only=True)
class Environment:
    """The facts that a later session is compared with."""

    plugins: Mapping[str, str]
    """Distribution -> version, aisbench included."""
    data: Mapping[str, Mapping[str, str]]
    """Data set -> file name -> sha256."""
    models: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """Model in this process -> file name -> sha256, as far as the backend names its files."""
    files: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """What a file without a package stands for (``datasets.arc``, ``plugins.my``) -> file name ->
    sha256, of all files that it is made of."""
    chosen: Mapping[str, tuple[str, int]] = field(factory=dict)
    """Data set -> how the suite chose among its rows, and how many it has; only where it did."""
    backends: Mapping[str, JsonObject] = field(factory=dict)
    """Model -> what its backend is, for machines that do not have it."""
    rows_read: bool = True
    """Whether the data sets were read; a session that only asks judges leaves what is known."""
    libraries: Mapping[str, str] = field(factory=dict)
    """Every installed distribution -> version, where a model runs in this process: they decide
    its answers."""


def checksum(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def checksums(files: Iterable[Path]) -> dict[str, str]:
    """File name -> sha256. Where names repeat, paths from the common folder are the names."""
    paths = list(files)
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        common = os.path.commonpath([path.absolute().parent for path in paths])
        names = [path.absolute().relative_to(common).as_posix() for path in paths]
    return {name: checksum(path) for name, path in zip(names, paths, strict=True)}


def libraries() -> dict[str, str]:
    """Every installed distribution and its version."""
    found = {
        one.metadata["Name"]: one.version
        for one in importlib.metadata.distributions()
        if one.metadata["Name"]
    }
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def with_core(plugins: Mapping[str, str]) -> dict[str, str]:
    """The versions of the plugins in use and of core."""
    return {"aisbench": aisbench.__version__, **dict(sorted(plugins.items()))}


def _read(run: RunFolder) -> dict[str, Any]:
    return read_json(run.environment) if run.environment.exists() else {}


@frozen(kw_only=True)
class SessionRecord:
    """One process that worked on a run, as ``environment.json`` keeps it.

    ``started`` and ``ended`` are times of day (ISO 8601); ``ended`` is "" of one that was stopped
    or killed. ``arguments`` are those of the command line, ``plugins`` the distributions in use by
    version.
    """

    started: str
    ended: str = ""
    arguments: tuple[str, ...] = ()
    plugins: Mapping[str, str] = field(factory=dict)
    host: JsonObject = field(factory=dict)


def record_session(
    run: RunFolder, environment: Environment, seed: int, arguments: Sequence[str]
) -> int:
    """Add this process, which was called with ``arguments``, to the run's history; its number,
    from 1."""
    document = _read(run)
    sessions = document.setdefault("sessions", [])
    sessions.append(
        {
            "started": wall_time(),
            # One pair of both clocks: lets times of the journal be placed in the day.
            "clock_ns": now_ns(),
            "arguments": list(arguments),
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
        complete=False,
        plugins=dict(environment.plugins),
        backends={name: dict(one) for name, one in environment.backends.items()},
    )
    if environment.rows_read:
        document["data"] = {name: dict(files) for name, files in environment.data.items()}
        document["chosen"] = {name: list(one) for name, one in environment.chosen.items()}
    document.pop("files", None)
    if environment.files:
        document["files"] = {name: dict(files) for name, files in environment.files.items()}
    if environment.libraries:
        models = {name: dict(files) for name, files in environment.models.items()}
        document["models"] = {**document.get("models", {}), **models}
        document["libraries"] = dict(environment.libraries)
    write_json(run.environment, document)
    return len(sessions)


def recorded_backends(run: RunFolder) -> dict[str, JsonObject]:
    """What the backends of a run's models are, by model."""
    return dict(_read(run).get("backends", {}))


def record_end(run: RunFolder) -> None:
    """Note that the present session came to its end."""
    document = _read(run)
    document["sessions"][-1]["ended"] = wall_time()
    write_json(run.environment, document)


def record_complete(run: RunFolder, *, complete: bool) -> None:
    """Note whether all that the suite asks for is there. Until it is noted, a session that began
    leaves a run incomplete. Raises StoreError."""
    document = _read(run)
    if document.get("complete", False) != complete:
        # A report may be the only one who works on the run: no session has unsealed the file.
        unseal(run, run.environment)
        document["complete"] = complete
        write_json(run.environment, document)


def recorded_complete(run: RunFolder) -> bool:
    """Whether nothing is missing, as far as was noted."""
    return _read(run).get("complete") is True


def read_sessions(run: RunFolder) -> tuple[SessionRecord, ...]:
    """The history of a run, the first session first. Raises DamageError."""
    with understanding(run.environment):
        return converter().structure(_read(run).get("sessions", []), tuple[SessionRecord, ...])


def recorded_choice(run: RunFolder, dataset: str) -> tuple[str, int] | None:
    """How the suite chose among the rows of a data set, and how many it has; None where all of
    them are asked."""
    found = _read(run).get("chosen", {}).get(dataset)
    return None if found is None else (str(found[0]), int(found[1]))


def record_served(run: RunFolder, model: str, name: str) -> None:
    """Keep the name that a model of the suite went by."""
    document = _read(run)
    served = document.setdefault("served", {})
    if served.get(model) != name:
        served[model] = name
        write_json(run.environment, document)


def record_note(run: RunFolder, label: str, note: str) -> None:
    """Keep what a reader of a task's figures must know of how it was asked."""
    document = _read(run)
    notes = document.setdefault("notes", {})
    if notes.get(label) != note:
        notes[label] = note
        write_json(run.environment, document)


def replace_notes(run: RunFolder, prefix: str, notes: Mapping[str, str]) -> None:
    """Keep ``notes``, by labels that begin with ``prefix``, in the place of all such."""
    document = _read(run)
    before = document.get("notes", {})
    kept = {name: note for name, note in before.items() if not name.startswith(prefix)}
    kept.update(notes)
    if kept != before:
        unseal(run, run.environment)
        document["notes"] = kept
        write_json(run.environment, document)


def recorded_notes(run: RunFolder) -> tuple[str, ...]:
    """Those notes."""
    return tuple(_read(run).get("notes", {}).values())


def served_before(run: RunFolder, model: str) -> str | None:
    """The name that a model of the suite went by in the last session that asked it."""
    name: str | None = _read(run).get("served", {}).get(model)
    return name


def record_model(
    run: RunFolder, model: str, name: str, description: ModelDescription
) -> list[str] | None:
    """Keep what a model in this process is; what differs from the last session that asked it, a
    sentence each. None where that was never recorded."""
    document = _read(run)
    loaded = document.setdefault("loaded", {})
    before = loaded.get(model)
    now = {
        "name": name,
        "fingerprint": dict(description.fingerprint),
        "defaults": dict(description.defaults),
        "notes": list(description.notes),
        "warnings": list(description.warnings),
    }
    if before != now:
        loaded[model] = now
        write_json(run.environment, document)
    if before is None:
        return None
    found = _changed_files(f"model {model}", before["fingerprint"], description.fingerprint)
    if before["name"] != name:
        found.insert(0, f"model {model}: it was {before['name']}, and is {name}")
    return found


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
    gone = [name for name in before.get("plugins", {}) if name not in now.plugins]
    found += [f"{name}: no longer in use" for name in gone]
    for name, version in now.libraries.items():
        old = before.get("libraries", {}).get(name, version)
        if old != version and name not in now.plugins:
            found.append(f"{name}: version {old} -> {version}")
    for what, now_files, then in (
        ("data of", now.data, before.get("data", {})),
        ("model", now.models, before.get("models", {})),
    ):
        for name, files in now_files.items():
            found += _changed_files(f"{what} {name}", then.get(name), files)
    return found + _changed_plugins(now.files, before.get("files", {}))


def plugin_file_changes(run: RunFolder, files: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What differs in the files that stand for plugins from the last session, a sentence each."""
    return _changed_plugins(files, _read(run).get("files", {}))


def _changed_plugins(
    now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]
) -> list[str]:
    # Which of its neighbours a file has imported depends on what was done with it.
    return [
        f"{name}: {file} has other content"
        for name, files in now.items()
        for file, content in files.items()
        if before.get(name, {}).get(file, content) != content
    ]


def _changed_files(
    what: str, known: Mapping[str, str] | None, files: Mapping[str, str]
) -> list[str]:
    found = []
    if known is not None:
        for name in dict.fromkeys([*known, *files]):
            if name not in files:
                found.append(f"{what}: {name} is no longer read")
            elif name not in known:
                found.append(f"{what}: {name} is new")
            elif known[name] != files[name]:
                found.append(f"{what}: {name} has other content")
    return found
