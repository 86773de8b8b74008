#!/usr/bin/env python3
"""The one command of this repository: set up, run, test. Standard library only.

python3 dev.py run SUITE.toml ...   install core and every plugin, then `aisbench run ...`
python3 dev.py test                 install all with the test tools; lint, types, every test
python3 dev.py test --quick         lint, types and unit tests: for between two edits
python3 dev.py test ARGS            pytest alone: a folder, a file, -k, -m slow
python3 dev.py lint                 lint, format and types alone (--fix mends what it can)
python3 dev.py install [--test]     install alone
python3 dev.py exec COMMAND ...     run a command of the environment: `exec aisbench plugins`
python3 dev.py wheels [FOLDER]      build a wheel of every package
python3 dev.py docs [--serve]       build the documentation into site/, or show it
python3 dev.py release [--check]    make and try all that is published; see CONTRIBUTING.md
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.environment import PYTHON, ROOT, SCRIPTS, install, packages, run
from tools.linting import lint
from tools.site import docs
from tools.testing import test


def main(words: list[str]) -> None:
    """Do what the first word says."""
    command, rest = (words[0], words[1:]) if words else ("help", [])
    if command == "run":
        install(test=False)
        sys.exit(subprocess.call([str(PYTHON), "-m", "aisbench", "run", *rest]))
    elif command == "test":
        install(test=True)
        sys.exit(test(rest))
    elif command == "lint":
        install(test=True)
        lint(fix="--fix" in rest)
    elif command == "install":
        install(test="--test" in rest)
    elif command == "exec" and rest:
        install(test=False)
        path = f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"
        sys.exit(subprocess.call(rest, env={**os.environ, "PATH": path}))
    elif command == "release":
        sys.exit(subprocess.call([sys.executable, str(ROOT / "tools" / "release"), *rest]))
    elif command == "docs":
        docs(rest)
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
