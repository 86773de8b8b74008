"""What runs, and what is refused, where neither numpy nor pyarrow is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from live import ROOT, Project

HIDE = "import sys\nsys.modules['numpy'] = sys.modules['pyarrow'] = None\n"


@pytest.fixture
def bare(project: Project) -> dict[str, str]:
    """An environment in which both cannot be imported."""
    folder = project.path / "hidden"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def example(project: Project, name: str) -> None:
    shutil.copy(ROOT / "examples" / name, project.path)


def test_scores(project: Project, bare: dict[str, str]) -> None:
    example(project, "quickstart.toml")
    done = project.run("run", "quickstart.toml", "--limit", "5", **bare)
    assert done.code == 0, done.err
    run = str(project.last_run("quickstart"))
    for command in ("evaluate", "report"):
        done = project.run(command, run, **bare)
        assert done.code == 0, done.err
        assert "accuracy" in done.out


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_load_is_refused_before_anything_is_sent(
    project: Project, bare: dict[str, str], command: str
) -> None:
    example(project, "performance.toml")
    done = project.run(command, "performance.toml", **bare)
    assert done.code == 2
    assert "numpy and pyarrow, which are not installed" in done.err
    assert 'pip install "aisbench[performance]"' in done.err
    assert "Traceback" not in done.err
    assert not Path(project.path, "outputs").exists()  # not even its server was started
