#!/usr/bin/env python3
"""The one command of this repository: set up, run, test. Standard library only.

python3 dev.py run SUITE.toml ...   install core and every plugin, then `aisbench run ...`
python3 dev.py test [ARGS]          install all with the test tools; lint, types, tests
python3 dev.py lint                 lint, format and types alone (--fix mends what it can)
python3 dev.py install [--test]     install alone
python3 dev.py exec COMMAND ...     run a command of the environment: `exec aisbench plugins`
python3 dev.py wheels [FOLDER]      build a wheel of every package
python3 dev.py release [--check]    make and try all that is published; see CONTRIBUTING.md
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / "python"
TEST_TOOLS = (
    "hypothesis>=6.100",
    "jsonschema>=4.20",
    "mypy>=1.11",
    "pytest>=8",
    "pytest-timeout>=2.3",
    "ruff>=0.17,<0.18",  # its format changes with its minor versions
    "trustme>=1.1",
)

BUILDERS = ("flit_core>=3.12", "setuptools>=70", "wheel>=0.43")
BARE_TOOLS = ("bfcl-eval==2026.3.23",)
"""Installed without their dependencies, as their users are told to."""


def packages() -> list[Path]:
    """Every distribution of the repository, core first."""
    found = [ROOT / "core", ROOT / "testkit", ROOT / "meta", *sorted(ROOT.glob("plugins/*/*"))]
    return [folder for folder in found if (folder / "pyproject.toml").is_file()]


def run(*command: object, **options: object) -> None:
    """Run a program; end with its exit code if that is not 0."""
    code = subprocess.call([str(part) for part in command], cwd=ROOT, **options)  # type: ignore[arg-type]
    if code:
        sys.exit(code)


def install(test: bool) -> None:
    """Make the environment fit the pyprojects; instant when it already does."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in packages():
        digest.update(str(folder.relative_to(ROOT)).encode())
        digest.update((folder / "pyproject.toml").read_bytes())
    if test:
        digest.update("\n".join((*TEST_TOOLS, *BARE_TOOLS)).encode())
    stamp = ENVIRONMENT / f".installed-{'test' if test else 'run'}"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return
    if sys.version_info < (3, 10):  # noqa: UP036 - whoever has an older one must be told
        sys.exit("error: aisbench needs Python 3.10 or newer; start dev.py with one")
    print("installing into .venv ...", file=sys.stderr)
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    # Both tools build without isolation: our build backend, and setuptools for dependencies that
    # are published as sources alone (rouge-score, langdetect).
    quiet = ("--quiet", "--disable-pip-version-check")
    run(PYTHON, "-m", "pip", "install", *quiet, *BUILDERS, stdout=sys.stderr)
    editable = [part for folder in packages() for part in ("-e", folder)]
    wanted = [*editable, *(TEST_TOOLS if test else ())]
    have_uv = (
        subprocess.call(
            [str(PYTHON), "-m", "pip", "install", *quiet, "uv"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        == 0
    )
    if have_uv:
        # uv ignores pip's settings; a local folder of wheels must be named to it.
        surroundings = dict(os.environ)
        if "PIP_FIND_LINKS" in surroundings:
            surroundings.setdefault("UV_FIND_LINKS", surroundings["PIP_FIND_LINKS"])
        command = (SCRIPTS / "uv", "pip", "install", "--quiet", "--python", PYTHON)
        code = subprocess.call(
            [str(part) for part in (*command, "--no-build-isolation", *wanted)],
            cwd=ROOT,
            env=surroundings,
        )
        have_uv = code == 0
    if not have_uv:
        run(PYTHON, "-m", "pip", "install", *quiet, "--no-build-isolation", *wanted)
    if test:
        run(PYTHON, "-m", "pip", "install", *quiet, "--no-deps", *BARE_TOOLS)
    stamp.write_text(digest.hexdigest())


def lint(arguments: list[str]) -> None:
    """Ruff's rules, its format, and mypy in strict mode on every package."""
    if "--fix" in arguments:
        run(SCRIPTS / "ruff", "check", "--fix", "--quiet", ".")
        run(SCRIPTS / "ruff", "format", "--quiet", ".")
    run(SCRIPTS / "ruff", "check", "--quiet", ".")
    run(SCRIPTS / "ruff", "format", "--check", "--quiet", ".")
    run(SCRIPTS / "mypy", "--no-error-summary", *(folder / "src" for folder in packages()))
    print("lint, format and types: fine")


def main(words: list[str]) -> None:
    """Do what the first word says."""
    command, rest = (words[0], words[1:]) if words else ("help", [])
    if command == "run":
        install(test=False)
        sys.exit(subprocess.call([str(PYTHON), "-m", "aisbench", "run", *rest]))
    elif command == "test":
        install(test=True)
        if not rest:
            lint([])
        sys.exit(subprocess.call([str(PYTHON), "-m", "pytest", *rest], cwd=ROOT))
    elif command == "lint":
        install(test=True)
        lint(rest)
    elif command == "install":
        install(test="--test" in rest)
    elif command == "exec" and rest:
        install(test=False)
        path = f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"
        sys.exit(subprocess.call(rest, env={**os.environ, "PATH": path}))
    elif command == "release":
        sys.exit(subprocess.call([sys.executable, str(ROOT / "tools" / "release"), *rest]))
    elif command == "wheels":
        install(test=False)
        target = Path(rest[0]) if rest else ROOT / "dist"
        for folder in packages():
            run(
                PYTHON, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                "--wheel-dir", target, folder,
            )  # fmt: skip
    else:
        print(__doc__)
        sys.exit(0 if command in ("help", "-h", "--help") else 2)


if __name__ == "__main__":
    main(sys.argv[1:])
