"""`dev.py lint`: rules, format and types of the whole repository. Standard library only."""

from __future__ import annotations

from tools.environment import SCRIPTS, packages, run


def lint(fix: bool = False) -> None:
    """Ruff's rules, its format, and mypy in strict mode on every package; ends when one fails."""
    if fix:
        run(SCRIPTS / "ruff", "check", "--fix", "--quiet", ".")
        run(SCRIPTS / "ruff", "format", "--quiet", ".")
    run(SCRIPTS / "ruff", "check", "--quiet", ".")
    run(SCRIPTS / "ruff", "format", "--check", "--quiet", ".")
    sources = [folder / "src" for folder in packages() if (folder / "src").is_dir()]
    run(SCRIPTS / "mypy", "--no-error-summary", *sources)
    print("lint, format and types: fine", flush=True)
