"""The pytest plugin: fixtures that work when a test asks for them, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from aisbench_testkit import cuts
from aisbench_testkit.environment import guarded_environment
from aisbench_testkit.network import guarded_network
from aisbench_testkit.project import SuiteProject, make_project


@pytest.fixture
def network_guard() -> Iterator[None]:
    """Connecting to another machine, or asking for its address, fails the test.

    Sees sockets of this process that Python opens; uvloop's and those of child processes not.
    """
    with guarded_network() as tried:
        yield
    if tried:
        pytest.fail(f"the test reached for the network: {', '.join(tried)}", pytrace=False)


@pytest.fixture
def env_guard() -> Iterator[None]:
    """A test that leaves os.environ changed fails; the environment is put back.

    Make it autouse in a conftest, so that it is torn down after a test's own monkeypatch.
    """
    with guarded_environment() as changed:
        yield
    if changed:
        pytest.fail(f"the test left os.environ changed: {', '.join(changed)}", pytrace=False)


@pytest.fixture
def suite_project(tmp_path: Path) -> Callable[[Mapping[str, str]], SuiteProject]:
    """Make a folder of files ({name: text}); its ``run(*args)`` runs ``aisbench`` in it."""
    return lambda files: make_project(tmp_path, files)


@pytest.fixture(scope="session")
def sse_cuts() -> Callable[[bytes], Iterator[tuple[bytes, bytes]]]:
    """Every way to cut a body in two."""
    return cuts.sse_cuts
