"""Sandboxes of every kind that works here, and programs run by a user who is not root."""

from __future__ import annotations

import marshal
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

import aisbench.sandbox
from aisbench.sandbox import Limits, ProgramEnd, Sandbox, SandboxError, open_sandbox
from aisbench.sandbox.host import KINDS, LAUNCH, Kind, launched, program_ends

SMALL = Limits(seconds=4.0, memory=256, processes=16, disk=4, output=16)


@pytest.fixture(scope="session", params=KINDS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    kind: Kind = request.param
    try:
        yield open_sandbox(kind)
    except SandboxError as error:
        pytest.skip(f"{kind} does not work here: {error.message.splitlines()[-1].strip()}")


@pytest.fixture(scope="session", params=["group", "watched"])
def counted(request: pytest.FixtureRequest, sandbox: Sandbox) -> Sandbox:
    """Once with a control group, once without."""
    if request.param == "watched":
        return Sandbox(sandbox.kind, Path(sandbox.python))
    if sandbox.group is None:
        pytest.skip("no control group can be made here by this user")
    return sandbox


@pytest.fixture(scope="session")
def as_nobody() -> Iterator[Callable[..., list[ProgramEnd]]]:
    """``as_nobody(code, ..., limits=SMALL, hidden=False)``: by nobody, with the system's Python,
    from a copy that nobody can read. ``hidden``: where parts of /proc are."""
    python, setpriv = Path("/usr/bin/python3"), shutil.which("setpriv")
    if sys.platform != "linux" or os.geteuid() != 0 or setpriv is None:
        pytest.skip("only root can be another, with setpriv of util-linux")
    if not python.exists():
        pytest.skip("no Python of the system is here that a user without a home could start")
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    shutil.copytree(
        Path(aisbench.sandbox.__file__).with_name("launching"),
        place / "launching",
        ignore=shutil.ignore_patterns("__pycache__"),
    )

    def run(*codes: str, limits: Limits = SMALL, hidden: bool = False) -> list[ProgramEnd]:
        parts = [
            {
                "wrap": [], "number": 5, "stdin": b"", "files": {"main.py": code.encode()},
                "command": [str(python), "-I", "main.py"], "env": {}, "groups": [],
                "binds": [x for x in ("/usr", "/bin", "/lib", "/lib64") if os.path.lexists(x)],
                "limits": attrs.asdict(limits),
            }
            for code in codes
        ]  # fmt: skip
        command = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
        command += [str(python), "-I", "-S", "-c", LAUNCH, str(place)]
        if hidden:
            # As containers do; then no other /proc may be mounted by a user.
            hides = 'mount -t tmpfs none /proc/sys && exec "$@"'
            command = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", hides, "sh", *command]
        out, err = launched(command, [marshal.dumps(part, 2) for part in parts], 30.0)
        found = program_ends(out, err, len(codes))
        if found[0].status == "broken" and "user namespace" in found[0].detail:
            pytest.skip(found[0].detail)
        return found

    yield run
    shutil.rmtree(place)
