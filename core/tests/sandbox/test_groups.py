"""Where control groups are made: found from the kernel's own tables, and swept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aisbench.sandbox.groups import Parent, _candidates, find_parent
from aisbench.sandbox.launching.groups import left_over, make, name_of, remove, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")

V1 = "35 30 0:31 {root} {at} rw,nosuid - cgroup cgroup rw,{names}"
V2 = "42 24 0:26 {root} {at} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"
OTHER = "21 1 8:1 / / rw - ext4 /dev/sda1 rw"


@pytest.mark.parametrize(
    ("mount", "own", "folder"),
    [
        (("/", "/m", "memory"), "4:memory:/a/b", "/m/a/b"),
        (("/", "/m", "cpu,memory"), "4:cpu,memory:/", "/m"),
        # A container that sees its own part of the tree alone.
        (("/docker/1", "/m", "memory"), "4:memory:/docker/1", "/m"),
        (("/docker/1", "/m", "memory"), "4:memory:/docker/1/x", "/m/x"),
        (("/docker/1", "/m", "memory"), "4:memory:/docker/12", None),
        (("/", "/m", "memory"), "4:memory:/../other", None),
        (("/", "/m", "cpu"), "4:cpu:/a", None),
        (("/", "/m", "memory"), "3:pids:/a", None),
    ],
)
def test_version_1(mount: tuple[str, str, str], own: str, folder: str | None) -> None:
    root, at, names = mount
    lines = [OTHER, V1.format(root=root, at=at, names=names)]
    found = _candidates(lines, ["12:pids:/elsewhere" if "pids" not in own else "", own, "0::/x"])
    assert found == ([Parent(folder, 1)] if folder else [])


def test_version_2(tmp_path: Path) -> None:
    """The nearest group that passes the limit of memory on, and no group of others."""
    passes = {"": "cpu memory pids", "a": "memory pids", "a/b": "", "a/b/c": "pids"}
    for name, controllers in passes.items():
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.subtree_control").write_text(controllers + "\n")
        (folder / "cgroup.procs").write_text("")
    lines = [OTHER, V2.format(root="/", at=tmp_path)]
    found = _candidates(lines, ["0::/a/b/c"])
    assert found == [Parent(str(tmp_path / "a"), 2), Parent(str(tmp_path), 2)]
    assert _candidates([V2.format(root="/a", at=tmp_path)], ["0::/x"]) == []


def test_without_any(tmp_path: Path) -> None:
    assert find_parent(tmp_path) is None
    (tmp_path / "mountinfo").write_text(OTHER + "\n")
    (tmp_path / "cgroup").write_text("0::/\n")
    assert find_parent(tmp_path) is None


def test_where_it_cannot_be_limited(tmp_path: Path) -> None:
    """Nothing is left of what was begun."""
    limits = {"memory": 64, "processes": 8}
    for version in (1, 2):
        assert make(str(tmp_path), version, "aisbench-x", limits) is None
    assert make(str(tmp_path / "no"), 2, "aisbench-x", limits) is None
    assert list(tmp_path.iterdir()) == []


def test_whose_maker_has_ended() -> None:
    ours = name_of(os.getpid(), 0)
    assert not left_over(ours)
    namespace = ours.split("-")[1]
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # ended, and not yet asked about
    assert started(ended.pid) == ""
    assert left_over(f"aisbench-{namespace}-{ended.pid}-1-0")
    ended.wait()
    assert left_over(f"aisbench-{namespace}-{ended.pid}-1-0")
    # The same number, another process.
    assert left_over(f"aisbench-{namespace}-{os.getpid()}-1-0")
    # What cannot be known is left alone.
    assert not left_over(f"aisbench-1-{ended.pid}-1-0")
    assert not left_over("aisbench-mine")


@pytest.mark.skipif(find_parent() is None, reason="no control group can be made here")
def test_sweeping() -> None:
    parent = find_parent()
    assert parent is not None
    namespace = name_of(os.getpid(), 0).split("-")[1]
    theirs, ours = f"aisbench-{namespace}-{os.getpid()}-1-7", name_of(os.getpid(), 7)
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        for name in (theirs, ours):
            group = make(parent.folder, parent.version, name, {"memory": 64, "processes": 8})
            assert group is not None
            if name == theirs:
                os.write(group["enter"], str(sleeper.pid).encode())
            for descriptor in group.values():
                os.close(descriptor)
        parent.sweep()
        assert sleeper.wait(5) == -9
        assert [Path(parent.folder, name).exists() for name in (theirs, ours)] == [False, True]
    finally:
        sleeper.kill()
        sleeper.wait()
        assert remove(f"{parent.folder}/{ours}")
        assert remove(f"{parent.folder}/{theirs}")
