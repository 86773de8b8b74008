"""`dev.py lint`: rules, format and types of the whole repository. Standard library only."""

from __future__ import annotations

from tools.environment import PYTHON, ROOT, SCRIPTS, packages, run


def lint(fix: bool = False) -> None:
    """Ruff's rules, its format, mypy in strict mode on every package, what is unused, what is
    written twice; ends when one fails."""
    if fix:
        run(SCRIPTS / "ruff", "check", "--fix", "--quiet", ".")
        run(SCRIPTS / "ruff", "format", "--quiet", ".")
    run(SCRIPTS / "ruff", "check", "--quiet", ".")
    run(SCRIPTS / "ruff", "format", "--check", "--quiet", ".")
    sources = [folder / "src" for folder in packages() if (folder / "src").is_dir()]
    tools = [ROOT / "dev.py", ROOT / "conftest.py", *ROOT.glob("tools/*.py")]
    run(
        SCRIPTS / "mypy",
        "--no-error-summary",
        *sources,
        *tools,
        *ROOT.glob("tools/reference/*.py"),
    )
    run(PYTHON, "-m", "tools.dead_code")
    run(PYTHON, "-m", "tools.duplicates")
    print("lint, format and types: fine", flush=True)
