"""What all distributions state alike: read from tools/project.toml, written into each of them."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
CORE = "aisbench"
BUILD_SYSTEM = {"requires": ["flit_core>=3.12"], "build-backend": "flit_core.buildapi"}
"""3.12 is the first one that puts files named by ``license-files`` into wheels."""

_OURS = re.compile(r"(?P<name>aisbench(?:-[a-z0-9-]+)?(?:\[[a-z,]+\])?)\s*(?P<rest>[<>=!~].*)?$")
_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


@dataclass(frozen=True)
class Shared:
    """tools/project.toml."""

    version: str
    pythons: tuple[str, ...]
    project: dict[str, Any]
    """Keys of ``[project]`` with the value that each distribution has; ``urls`` may be empty."""

    @classmethod
    def read(cls, root: Path = ROOT) -> Shared:
        file = root / "tools" / "project.toml"
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(found["version"], tuple(found["pythons"]), found["project"])


def compatible_range(version: str) -> str:
    """The versions of our distributions that work together with those of ``version``: from its
    minor version on, up to the next one that may break plugins. That is the next major version,
    and before 1.0 the next minor one."""
    major, minor = (int(part) for part in version.split(".")[:2])
    below = f"{major + 1}" if major else f"0.{minor + 1}"
    return f">={major}.{minor},<{below}"


def distributions(root: Path = ROOT) -> list[Path]:
    """The folders of all distributions, core first."""
    found = [root / "core", root / "testkit", root / "meta", *sorted(root.glob("plugins/*/*"))]
    return [folder for folder in found if (folder / "pyproject.toml").is_file()]


def package_of(folder: Path) -> Path:
    """The import package of a distribution."""
    (package,) = (path.parent for path in folder.glob("src/*/__init__.py"))
    return package


def ranged(requirement: str, version: str) -> str:
    """A requirement with the range that it must have; one of somebody else's as it is."""
    match = _OURS.match(requirement)
    return match["name"] + compatible_range(version) if match else requirement


def differences(folder: Path, shared: Shared, root: Path = ROOT) -> Iterator[str]:
    """What a distribution states otherwise than it must, in sentences."""
    project_file = folder / "pyproject.toml"
    file = project_file.relative_to(root)
    document = tomllib.loads(project_file.read_text(encoding="utf-8"))
    project = document["project"]
    if document["build-system"] != BUILD_SYSTEM:
        yield f"{file}: build-system is not {BUILD_SYSTEM}"
    for key, value in {**shared.project, "readme": "README.md"}.items():
        if project.get(key, {} if key == "urls" else None) != value:
            yield f"{file}: project.{key} is not {value!r}"
    for where, requirements in _requirements(project):
        for one in requirements:
            if (right := ranged(one, shared.version)) != one:
                yield f"{file}: {where} has {one!r}, and not {right!r}"
    if "version" not in project["dynamic"]:
        yield f'{file}: project.dynamic lacks "version", which is the package\'s __version__'
    init = package_of(folder) / "__init__.py"
    match = _VERSION.search(init.read_text(encoding="utf-8"))
    if match is None or match[1] != shared.version:
        yield f"{init.relative_to(root)}: __version__ is not {shared.version!r}"
    licence = folder / "LICENSE"
    if not licence.is_file() or licence.read_bytes() != (root / "LICENSE").read_bytes():
        yield f"{licence.relative_to(root)}: not the repository's LICENSE"
    for needed in (folder / "README.md", init.with_name("py.typed")):
        if not needed.is_file():
            yield f"{needed.relative_to(root)}: missing"


def sync(folder: Path, shared: Shared) -> None:
    """Write what a distribution must state; what only its author can write is left alone."""
    import tomlkit

    file = folder / "pyproject.toml"
    document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))
    document["build-system"].update(BUILD_SYSTEM)
    project = document["project"]
    for key, value in {"readme": "README.md", **shared.project}.items():
        if value == {}:
            project.pop(key, None)
        elif key not in project or project[key].unwrap() != value:
            project[key] = _toml(value)
    for _, requirements in _requirements(project):
        for at, one in enumerate(requirements):
            if (right := ranged(one, shared.version)) != one:
                requirements[at] = right
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    package = package_of(folder)
    init = package / "__init__.py"
    text = init.read_text(encoding="utf-8")
    init.write_text(_VERSION.sub(f'__version__ = "{shared.version}"', text), encoding="utf-8")
    (package / "py.typed").touch()
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")


def _requirements(project: Any) -> Iterator[tuple[str, Any]]:
    yield "project.dependencies", project.get("dependencies", [])
    for extra, requirements in project.get("optional-dependencies", {}).items():
        yield f"project.optional-dependencies.{extra}", requirements


def _toml(value: Any) -> Any:
    import tomlkit

    if isinstance(value, list) and value and isinstance(value[0], dict):
        made = tomlkit.array()
        for one in value:
            table = tomlkit.inline_table()
            table.update(one)
            made.append(table)
        return made
    if isinstance(value, list):
        made = tomlkit.array()
        made.extend(value)
        return made.multiline(sum(map(len, value)) > 60)
    return tomlkit.item(value)
