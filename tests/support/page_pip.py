"""What ``pip install`` does on a page that is tested: nothing is fetched.

Names must be those of the repository's distributions; ``-e FOLDER`` is made importable and its
entry points known, from its pyproject.toml alone.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from pathlib import Path

import tomli

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str]) -> None:
    """Raises SystemExit with what is wrong."""
    if words[:1] != ["install"]:
        sys.exit(f"pip {words[0]} is not known here")
    names = {
        tomli.loads(file.read_text(encoding="utf-8"))["project"]["name"]
        for pattern in ("*/pyproject.toml", "plugins/*/*/pyproject.toml")
        for file in ROOT.glob(pattern)
    }
    rest = iter(words[1:])
    for word in rest:
        if word in ("-e", "--editable"):
            _link(Path(next(rest)))
        elif re.sub(r"\[.*?\]|[<>=].*", "", word) not in names:
            sys.exit(f"no distribution of the repository is called {word}")


def _link(folder: Path) -> None:
    site = Path(os.environ["PAGE_SITE"])
    project = tomli.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    summary = ""
    for package in (folder / "src").iterdir():
        (site / package.name).symlink_to(package.absolute())
        summary = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    info = site / f"{project['name'].replace('-', '_')}-0.1.0.dist-info"
    info.mkdir()
    needs = f"Summary: {summary.splitlines()[0]}\nRequires-Python: {project['requires-python']}\n"
    needs += "".join(f"Requires-Dist: {one}\n" for one in project.get("dependencies", ()))
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n{needs}",
        encoding="utf-8",
    )
    groups = project.get("entry-points", {})
    (info / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
            for group, entries in groups.items()
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
