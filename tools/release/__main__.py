"""Make and try all that is published: `python3 dev.py release --help`. Nothing is uploaded here.

It runs in an environment of its own, .dev/release, so that its tools and the project's never meet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

import changelog
import empty_environments
import wheels
from problems import ReleaseError, run
from shared_metadata import ROOT, Shared, differences, distributions, sync

ENVIRONMENT = ROOT / ".dev" / "release"
TOOLS = (
    "build>=1.2",
    "flit_core>=3.12",
    "packaging>=24",
    "tomli>=2; python_version < '3.11'",
    "tomlkit>=0.13",
    "towncrier>=24.8",
    "twine>=6.1",
)


def main(words: Sequence[str]) -> int:
    """Do what the command line says; 1 when something is not fit to be published."""
    parser = argparse.ArgumentParser(prog="dev.py release", description=__doc__)
    parser.add_argument(
        "command",
        nargs="?",
        choices=("all", "sync"),
        default="all",
        help="all (default): build, check and try everything, then write CHANGELOG.md; sync: "
        "write what tools/project.toml says into every distribution",
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing: build elsewhere, show the changelog"
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="X.Y|PATH",
        help="try the wheels with this interpreter; may be repeated (default: the oldest and the "
        "newest supported one)",
    )
    asked = parser.parse_args(words)
    _enter_environment(words)
    shared = Shared.read()
    try:
        if asked.command == "sync":
            for folder in distributions():
                sync(folder, shared)
            return 0
        _release(shared, asked.check, asked.python)
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _enter_environment(words: Sequence[str]) -> None:
    """Go on in the environment that has the tools."""
    if Path(sys.prefix) == ENVIRONMENT:
        return
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = ENVIRONMENT / ".installed"
    digest = hashlib.sha256("\n".join((sys.version, *TOOLS)).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != digest:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *TOOLS]
        if code := subprocess.call([*command, "--disable-pip-version-check"]):
            sys.exit(code)
        stamp.write_text(digest)
    sys.exit(subprocess.call([str(python), str(Path(__file__).parent), *words]))


def _release(shared: Shared, check: bool, pythons: Sequence[str]) -> None:
    _see_to_the_tree(check)
    interpreters = empty_environments.interpreters(
        pythons or (shared.pythons[0], shared.pythons[-1])
    )
    if not check:
        changelog.check_new(shared.version)
    draft = changelog.draft(shared.version)
    with tempfile.TemporaryDirectory(prefix="aisbench-release-") as temporary:
        source = Path(temporary, "source")
        wheels.export(source)
        shared = Shared.read(source)
        found = [
            line
            for folder in distributions(source)
            for line in differences(folder, shared, source)
        ]
        if found:
            raise ReleaseError("\n".join((*found, "fix it with: python3 dev.py release sync")))
        if not shared.project["urls"]:
            print("note: tools/project.toml names no address of the project; wheels carry none")
        target = Path(temporary, "dist") if check else ROOT / "dist"
        built = wheels.build(source, target)
        wheels.check(built, shared)
        print(wheels.table(built))
        for python in interpreters:
            empty_environments.trial(python, built, Path(temporary))
    if check:
        print(f"\n{draft}\nnothing was changed")
        return
    changelog.write(shared.version)
    print(
        f"CHANGELOG.md has {shared.version}, dist/ its files. What is left is yours: commit, tag "
        f"v{shared.version}, and upload dist/ with twine"
    )


def _see_to_the_tree(check: bool) -> None:
    """The last commit is built; whoever sees to other files must know."""
    changed = run("git", "status", "--porcelain", where=ROOT).splitlines()
    if not changed:
        return
    said = f"{len(changed)} files are not as committed"
    if not check:
        raise ReleaseError(f"{said}: commit them first (git status)")
    print(f"note: {said}; what is built is the last commit")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
