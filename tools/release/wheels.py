"""Sdists and wheels of all distributions: built, and looked into."""

from __future__ import annotations

import email
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from problems import ReleaseError, run
from shared_metadata import CORE, ROOT, Shared, compatible_range, distributions, package_of


@dataclass(frozen=True)
class Built:
    """What one folder became."""

    folder: Path
    sdist: Path
    wheel: Path

    @property
    def name(self) -> str:
        return self.wheel.name.partition("-")[0].replace("_", "-")

    @property
    def version(self) -> str:
        return self.wheel.name.split("-")[1]

    @property
    def information(self) -> str:
        """The folder of its metadata, in the wheel and where it is installed."""
        return "-".join(self.wheel.name.split("-")[:2]) + ".dist-info"

    def hashes(self) -> set[str]:
        """The lines of its RECORD that state the checksum of a file."""
        with zipfile.ZipFile(self.wheel) as opened:
            lines = opened.read(f"{self.information}/RECORD").decode().splitlines()
        return {line for line in lines if ",sha256=" in line}


def export(target: Path) -> None:
    """Lay the last commit's files into a folder: what is published is what is committed, without
    anything that lies about beside it."""
    target.mkdir()
    archive = target.with_suffix(".tar")
    run("git", "archive", "--output", archive, "HEAD", where=ROOT)
    with tarfile.open(archive) as opened:
        opened.extractall(target)
    archive.unlink()


def build(source: Path, target: Path) -> list[Built]:
    """An sdist of every distribution of the exported files, and a wheel from each sdist, into an
    empty folder."""
    if target.is_dir() and any(target.iterdir()):
        raise ReleaseError(f"{target} is not empty: remove what is in it")
    # The same commit gives the same bytes.
    stamp = run("git", "log", "-1", "--format=%ct", where=ROOT).strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": stamp}
    made = []
    for folder in distributions(source):
        own = target / folder.name
        run(
            sys.executable, "-m", "build", "--no-isolation", "--outdir", own, folder,
            where=source, environment=environment,
        )  # fmt: skip
        (sdist,) = own.glob("*.tar.gz")
        (wheel,) = own.glob("*.whl")
        moved = (file.rename(target / file.name) for file in (sdist, wheel))
        made.append(Built(folder, *moved))
        own.rmdir()
    return made


def check(built: Sequence[Built], shared: Shared) -> None:
    """Raise ReleaseError unless an index would take all of it, and a user find all in it."""
    files = [file for one in built for file in (one.sdist, one.wheel)]
    run(sys.executable, "-m", "twine", "check", "--strict", *files, where=ROOT)
    found = [line for one in built for line in faults(one, shared)]
    if found:
        raise ReleaseError("\n".join(found))


def table(built: Sequence[Built]) -> str:
    """Names and sizes, in KiB."""
    width = max(len(one.name) for one in built)
    lines = [f"{'distribution':{width}}  wheel KiB  sdist KiB"]
    lines += [
        f"{one.name:{width}}  {_kib(one.wheel):>9,.1f}  {_kib(one.sdist):>9,.1f}" for one in built
    ]
    total = sum(_kib(one.wheel) for one in built), sum(_kib(one.sdist) for one in built)
    lines.append(f"{f'{len(built)} in all':{width}}  {total[0]:>9,.1f}  {total[1]:>9,.1f}")
    return "\n".join(lines)


def _kib(file: Path) -> float:
    return file.stat().st_size / 1024


def faults(one: Built, shared: Shared) -> Iterator[str]:
    """What must not be published so, in sentences."""
    with zipfile.ZipFile(one.wheel) as opened:
        names = set(opened.namelist())
        metadata = email.message_from_bytes(opened.read(f"{one.information}/METADATA"))
        licence = f"{one.information}/licenses/LICENSE"
        if licence not in names:
            yield f"{one.wheel.name}: no {licence}"
        elif opened.read(licence) != (ROOT / "LICENSE").read_bytes():
            yield f"{one.wheel.name}: {licence} is not the repository's LICENSE"
    package = package_of(one.folder)
    wanted = {
        file.relative_to(package.parent).as_posix()
        for file in package.rglob("*")
        if file.is_file()
    }
    inside = {name for name in names if ".dist-info/" not in name}
    for name in sorted(wanted - inside):
        yield f"{one.wheel.name}: lacks {name}"
    for name in sorted(inside - wanted):
        yield f"{one.wheel.name}: has {name}, which is not in its folder"
    for fault in _metadata_faults(metadata, shared):
        yield f"{one.wheel.name}: {fault}"
    root = one.sdist.name.removesuffix(".tar.gz")
    with tarfile.open(one.sdist) as opened_sdist:
        members = set(opened_sdist.getnames())
    for needed in ("LICENSE", "README.md", "PKG-INFO", "pyproject.toml"):
        if f"{root}/{needed}" not in members:
            yield f"{one.sdist.name}: lacks {needed}"


def _metadata_faults(metadata: Message, shared: Shared) -> Iterator[str]:
    project = shared.project
    expected = {
        "Version": [shared.version],
        "Author": [author["name"] for author in project["authors"]],
        "License-Expression": [project["license"]],
        "License-File": project["license-files"],
        "Requires-Python": [project["requires-python"]],
        "Classifier": project["classifiers"],
        "Project-URL": [f"{label}, {url}" for label, url in project["urls"].items()],
        "Description-Content-Type": ["text/markdown"],
    }
    for key, values in expected.items():
        found = metadata.get_all(key, [])
        if sorted(found) != sorted(values):
            yield f"{key} is {found}, and not {values}"
    if not metadata.get("Summary"):
        yield "no summary: the docstring of the package gives it"
    if not str(metadata.get_payload()).strip():
        yield "no description: README.md gives it"
    if metadata["Name"] == CORE:
        return
    ranges = [
        found.specifier
        for found in map(Requirement, metadata.get_all("Requires-Dist", []))
        if found.name == CORE
    ]
    if ranges != [SpecifierSet(compatible_range(shared.version))]:
        yield f"requires {CORE}{compatible_range(shared.version)} nowhere"
