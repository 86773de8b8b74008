"""Finding a place where a control group can be made for each program."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from attrs import frozen

from aisbench.sandbox.launching.groups import PREFIX, left_over, make, name_of, remove


@frozen
class Parent:
    """A group that groups of programs can be made in."""

    folder: str
    version: int

    def sweep(self) -> None:
        """Remove the groups of launchers that were killed together with their host."""
        with contextlib.suppress(OSError):
            for entry in Path(self.folder).glob(f"{PREFIX}*"):
                if left_over(entry.name):
                    remove(str(entry))


def find_parent(proc: Path = Path("/proc/self")) -> Parent | None:
    """The nearest group, at or above this process's own, that limits memory and in which this
    user may make others, as a trial shows; None where there is none.

    Groups above are used only in version 2, where only a group without processes may pass limits
    on. Nothing of such a group is changed: whoever manages it has passed its limits on already.
    """
    try:
        mounts = (proc / "mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        own = (proc / "cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for candidate in _candidates(mounts, own):
        if os.access(candidate.folder, os.W_OK | os.X_OK) and _works(candidate):
            candidate.sweep()
            return candidate
    return None


def _candidates(mounts: list[str], own: list[str]) -> list[Parent]:
    """From lines of "number:controllers:path" (cgroups(7)), and their mounts in mountinfo."""
    paths = {
        controllers: path for _, controllers, path in (line.split(":", 2) for line in own if line)
    }
    found: list[Parent] = []
    for line in mounts:
        before, _, after = line.partition(" - ")
        words, kind = before.split(), after.split()
        if len(words) < 5 or len(kind) < 3:
            continue
        root, mounted = words[3], words[4]
        if kind[0] == "cgroup" and "memory" in kind[2].split(","):
            path = next((p for names, p in paths.items() if "memory" in names.split(",")), None)
            if folder := _below(mounted, root, path):
                found.append(Parent(folder, 1))
        elif kind[0] == "cgroup2" and (folder := _below(mounted, root, paths.get(""))):
            while True:
                if _passes_memory(folder):
                    found.append(Parent(folder, 2))
                if folder == mounted:
                    break
                folder = os.path.dirname(folder)  # noqa: PTH120
    return found


def _below(mounted: str, root: str, path: str | None) -> str | None:
    """Where the mount shows a group; None where it shows others."""
    if path is None or path.startswith("/.."):
        return None
    if root != "/":
        if path != root and not path.startswith(f"{root}/"):
            return None
        path = path[len(root) :]
    return mounted + path.rstrip("/")


def _passes_memory(folder: str) -> bool:
    try:
        controllers = Path(folder, "cgroup.subtree_control").read_text(encoding="ascii")
    except OSError:
        return False
    # Moving a process needs the right to do so in the group above both.
    return "memory" in controllers.split() and os.access(f"{folder}/cgroup.procs", os.W_OK)


def _works(parent: Parent) -> bool:
    name = name_of(os.getpid(), -1)
    group = make(parent.folder, parent.version, name, {"memory": 64, "processes": 8})
    if group is None:
        return False
    for descriptor in group.values():
        os.close(descriptor)
    return remove(f"{parent.folder}/{name}")
