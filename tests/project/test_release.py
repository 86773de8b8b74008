"""What `dev.py release` refuses to publish; and, slowly, that it publishes what works."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import changelog
import pytest
from empty_environments import interpreters
from problems import ReleaseError
from shared_metadata import Shared
from wheels import Built, faults

ROOT = Path(__file__).resolve().parents[2]
META = ROOT / "meta"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The smallest distribution, as flit builds it."""
    target = tmp_path_factory.mktemp("built")
    code = (
        "import sys\nfrom flit_core import buildapi\n"
        "print(buildapi.build_sdist(sys.argv[1]))\nprint(buildapi.build_wheel(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)],
        cwd=META, capture_output=True, text=True, check=True,
    )  # fmt: skip
    sdist, wheel = (target / line for line in done.stdout.splitlines())
    return Built(META, sdist, wheel)


def changed(built: Built, folder: Path, edit: Callable[[str, bytes], bytes | None]) -> Built:
    """The same with another wheel: ``edit`` gives a file's bytes, or None to leave it out."""
    wheel = folder / built.wheel.name
    with zipfile.ZipFile(built.wheel) as old, zipfile.ZipFile(wheel, "w") as new:
        for name in old.namelist():
            if (content := edit(name, old.read(name))) is not None:
                new.writestr(name, content)
    return Built(built.folder, built.sdist, wheel)


def test_nothing_is_wrong_with_ours(built: Built) -> None:
    assert not list(faults(built, Shared.read()))


@pytest.mark.parametrize("left_out", ["LICENSE", "py.typed"])
def test_a_file_that_is_missing(built: Built, tmp_path: Path, left_out: str) -> None:
    made = changed(built, tmp_path, lambda name, content: None if left_out in name else content)
    (fault,) = faults(made, Shared.read())
    assert left_out in fault and built.wheel.name in fault


def test_a_file_that_is_nowhere_in_the_repository(built: Built, tmp_path: Path) -> None:
    made = changed(built, tmp_path, lambda _, content: content)
    with zipfile.ZipFile(made.wheel, "a") as wheel:
        wheel.writestr("aisbench_all/notes.txt", "not for publication")
    (fault,) = faults(made, Shared.read())
    assert "has aisbench_all/notes.txt" in fault


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b"Author: The aisbench authors\n", "Author"),
        (b"License-Expression: Apache-2.0\n", "License-Expression"),
        (b"Requires-Dist: aisbench[all]", "requires aisbench"),
        (b"Requires-Python: >=3.10\n", "Requires-Python"),
        (b"Classifier: Typing :: Typed\n", "Classifier"),
    ],
)
def test_metadata_that_is_missing(built: Built, tmp_path: Path, line: bytes, key: str) -> None:
    def edit(name: str, content: bytes) -> bytes:
        if not name.endswith("/METADATA"):
            return content
        assert line in content
        return b"".join(one for one in content.splitlines(True) if not one.startswith(line))

    (fault,) = faults(changed(built, tmp_path, edit), Shared.read())
    assert key in fault


def test_an_interpreter_that_is_not_here(tmp_path: Path) -> None:
    assert interpreters([sys.executable]) == [Path(sys.executable)]
    with pytest.raises(ReleaseError, match="install it, or name others with --python"):
        interpreters([str(tmp_path / "python")])
    with pytest.raises(ReleaseError, match=r"no interpreter 2\.9"):
        interpreters(["2.9"])


def test_a_shim_that_runs_nothing_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    with pytest.raises(ReleaseError, match=r"no interpreter 3\.99"):
        interpreters(["3.99"])
    real = tmp_path / "pyenv" / "versions" / "3.99.1" / "bin" / "python"
    real.parent.mkdir(parents=True)
    real.symlink_to(sys.executable)
    assert interpreters(["3.99"]) == [real]


def test_a_version_is_released_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelog, "ROOT", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0 (2026-11-26)\n")
    changelog.check_new("0.1.1")
    with pytest.raises(ReleaseError, match=r"has 0\.1\.0 already"):
        changelog.check_new("0.1.0")


NEW_PLUGIN = """
[build-system]
requires = ["setuptools"]

[project]
name = "aisbench-plugin-new"
dynamic = ["version", "description"]
# What only its author can know stays.
dependencies = ["aisbench", "attrs>=24.2"]

[project.entry-points.aisbench]
new = "aisbench_plugin_new.plugin"
"""

SYNC = """
import sys
from pathlib import Path

sys.path.insert(0, {tools!r})
from shared_metadata import Shared, differences, sync

folder, shared = Path({folder!r}), Shared.read()
sync(folder, shared)
first = (folder / "pyproject.toml").read_bytes()
sync(folder, shared)
assert (folder / "pyproject.toml").read_bytes() == first
(folder.parent / "LICENSE").write_bytes((folder / "LICENSE").read_bytes())
print(*differences(folder, shared, folder.parent), sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_sync_gives_a_new_plugin_all_that_is_stated_alike(tmp_path: Path) -> None:
    """Needs an index of packages for the environment of the release tools."""
    folder = tmp_path / "new"
    package = folder / "src" / "aisbench_plugin_new"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""New."""\n\n__version__ = "0"\n', encoding="utf-8")
    (folder / "pyproject.toml").write_text(NEW_PLUGIN, encoding="utf-8")
    (folder / "README.md").write_text("# New\n", encoding="utf-8")
    # Of ours nothing differs, so that this changes nothing; it makes the environment.
    subprocess.run([sys.executable, ROOT / "dev.py", "release", "sync"], check=True)
    script = SYNC.format(tools=str(ROOT / "tools" / "release"), folder=str(folder))
    python = ROOT / ".dev" / "release" / "bin" / "python"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr
    written = (folder / "pyproject.toml").read_text(encoding="utf-8")
    assert "# What only its author can know stays." in written
    assert 'new = "aisbench_plugin_new.plugin"' in written


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_wheels_alone_run_the_quickstart() -> None:
    """Needs an index of packages. Builds the last commit."""
    before = subprocess.run(
        ("git", "status", "--porcelain"), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    done = subprocess.run(
        [sys.executable, ROOT / "dev.py", "release", "--check", "--python", sys.executable],
        cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "84 asked, 0 failed" in done.stdout
    assert done.stdout.rstrip().endswith("nothing was changed")
    after = subprocess.run(
        ("git", "status", "--porcelain"), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert before == after
