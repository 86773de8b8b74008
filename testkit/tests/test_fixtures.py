"""The fixtures, and that importing them costs and changes nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aisbench_testkit.environment import guarded_environment
from aisbench_testkit.network import NetworkRefused, guarded_network, is_local

pytest_plugins = ["pytester"]


def test_only_this_machine_is_local() -> None:
    assert all(map(is_local, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", None)))
    assert not any(map(is_local, ("10.0.0.1", "example.org", "8.8.8.8", "2001:db8::1")))


def test_the_network_is_refused_and_told() -> None:
    with guarded_network() as tried:
        with pytest.raises(NetworkRefused):
            socket.create_connection(("192.0.2.1", 80), timeout=0.1)
        with pytest.raises(NetworkRefused):
            socket.getaddrinfo("example.org", 443)
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()
    assert len(tried) == 2
    assert "192.0.2.1" in tried[0]


def test_the_environment_is_put_back() -> None:
    before = dict(os.environ)
    with guarded_environment() as changed:
        os.environ["A_NEW_ONE"] = "1"
        del os.environ["PATH"]
    assert changed == ["A_NEW_ONE", "PATH"]
    assert dict(os.environ) == before


@pytest.mark.not_quick
def test_guards_fail_the_test_that_leaks(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import contextlib, os, socket

        def test_env(env_guard):
            os.environ["LEAKED"] = "1"

        def test_net(network_guard):
            with contextlib.suppress(OSError):
                socket.create_connection(("192.0.2.1", 80))

        def test_fine(env_guard, network_guard, monkeypatch):
            monkeypatch.setenv("KEPT", "1")
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=3, errors=2)
    done.stdout.fnmatch_lines(["*left os.environ changed: LEAKED*", "*reached for the network*"])


@pytest.mark.not_quick
def test_conformance_classes_skip_with_a_reason_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from aisbench_testkit.conformance import OfferConformance, PackagingConformance

        class TestGood(PackagingConformance):
            distribution = "aisbench"
            skips = {"test_metadata": "core", "test_imports_only_the_api": "core"}

        class TestBad(PackagingConformance):
            distribution = "aisbench"
            skips = {"test_names": " "}

        class TestUnknown(PackagingConformance):
            distribution = "aisbench"
            skips = {"test_nothing": "a reason"}
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=4, skipped=2, errors=12)


def test_a_project_runs_the_command_line(suite_project: Callable[..., Any]) -> None:
    made = suite_project({"suite.toml": "[suite]\nnme = 1\n", "data/rows.txt": "x"})
    assert (made.folder / "data" / "rows.txt").read_text() == "x"
    done = made.run("validate", "suite.toml")
    assert done.code == 2
    assert "suite.toml:2" in done.err


def test_every_cut_is_made(sse_cuts: Callable[[bytes], Iterator[tuple[bytes, bytes]]]) -> None:
    assert list(sse_cuts(b"abc")) == [(b"a", b"bc"), (b"ab", b"c")]
    assert not list(sse_cuts(b"a"))


def test_the_pytest_plugin_is_light() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import aisbench_testkit.plugin\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"aisbench_testkit", "attr", "attrs"}
