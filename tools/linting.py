"""`dev.py lint`: rules, format and types of the whole repository. Standard library only."""

from __future__ import annotations

import subprocess
import sys

from tools.environment import PYTHON, ROOT, SCRIPTS, packages, run


def lint(fix: bool = False) -> None:
    """Ruff's rules, its format, mypy in strict mode, what is unused, what is written twice.

    All are asked at once; ends with what they say when one finds something.
    """
    if fix:
        run(SCRIPTS / "ruff", "check", "--fix", "--quiet", ".")
        run(SCRIPTS / "ruff", "format", "--quiet", ".")
    sources = [folder / "src" for folder in packages() if (folder / "src").is_dir()]
    sources += [ROOT / "dev.py", ROOT / "conftest.py"]
    sources += [*ROOT.glob("tools/*.py"), *ROOT.glob("tools/reference/*.py")]
    checks = [
        subprocess.Popen(
            [str(word) for word in words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for words in (
            (SCRIPTS / "ruff", "check", "--quiet", "."),
            (SCRIPTS / "ruff", "format", "--check", "--quiet", "."),
            (SCRIPTS / "mypy", "--no-error-summary", *sources),
            (PYTHON, "-m", "tools.dead_code"),
            (PYTHON, "-m", "tools.duplicates"),
        )
    ]
    said = [check.communicate()[0] for check in checks]
    print("".join(said), end="")
    if any(check.returncode for check in checks):
        sys.exit(1)
    print("lint, format and types: fine", flush=True)
