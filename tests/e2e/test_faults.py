"""Servers that fail in every way the simulator knows: what is retried, and what is reported."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
import trustme
from live import Project, figures, simulator

SUITE = """
[suite]
name = "f"
max_failed = 1.0
abort_after = 1000
[models.m]
backend = "vllm-chat"
url = {url}
concurrency = 16
timeout = {{ connect = 2, first_token = 1, total = 4 }}
retry = {{ attempts = {attempts}, backoff = 0.02 }}
[datasets.d]
dataset = "gsm8k-demo"
repeats = 2
"""
ASKED = 56


def run(project: Project, *flags: str, attempts: int = 8, more: str = "") -> dict[str, object]:
    with simulator("--answers", "gsm8k-demo", *flags) as server:
        text = SUITE.format(url=f'"{server.url}"', attempts=attempts) + more
        project.write("s.toml", text)
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    return project.result("f", "m", "d")


@pytest.mark.parametrize(
    "kind",
    [
        "500", "503", "429", "408", "reset", "reset-before", "malformed", "error-in-stream",
        "truncate",
    ],
)  # fmt: skip
def test_what_passes_is_retried(project: Project, kind: str) -> None:
    found = run(project, "--fail", f"{kind}:0.3")
    assert found["counts"]["right"] == ASKED  # type: ignore[index]
    rows = project.rows("f", "m", "d")
    assert len(rows) == ASKED
    failures = [failure for row in rows for failure in row.get("failures", ())]
    assert failures
    for failure in failures:
        if kind.isdigit():
            assert failure["fault"]["status"] == int(kind)
            assert failure["fault"]["kind"] == "http"


@pytest.mark.parametrize("kind", ["400", "401", "404", "422"])
def test_what_never_passes_is_not_retried(project: Project, kind: str) -> None:
    found = run(project, "--fail", f"{kind}:0.3")
    failed = found["counts"]["failed"]  # type: ignore[index]
    assert 5 < failed < 30
    rows = project.rows("f", "m", "d")
    assert not any(row.get("failures") for row in rows)
    assert found["faults"] == {f"HTTP {kind}: simulated failure with status {kind}": failed}
    bodies = [row["response"]["fault"]["body"] for row in rows if "fault" in row["response"]]
    assert all('"error"' in body for body in bodies)


def test_hangs_run_into_the_time_out(project: Project) -> None:
    begun = time.monotonic()
    found = run(project, "--fail", "hang:0.1", attempts=5)
    assert found["counts"]["right"] == ASKED  # type: ignore[index]
    assert time.monotonic() - begun < 20
    messages = Counter(
        failure["fault"]["message"]
        for row in project.rows("f", "m", "d")
        for failure in row.get("failures", ())
    )
    assert set(messages) == {"no first token within 1 s (timeout.first_token)"}


def test_a_deterministic_failure_is_told_apart(project: Project) -> None:
    found = run(project, "--fail", "500:0.2:sticky", attempts=20)
    failed = found["counts"]["failed"]  # type: ignore[index]
    assert failed > 3
    rows = [row for row in project.rows("f", "m", "d") if "fault" in row["response"]]
    told = [row for row in rows if row["response"]["fault"].get("deterministic")]
    # All but, at most, the ones in flight at the very end, when nothing else succeeds any more.
    assert len(told) >= 0.5 * len(rows)
    assert all(len(row["failures"]) < 10 for row in told)
    assert any("always the same for the sample" in cause for cause in found["faults"])  # type: ignore[attr-defined]


def test_retry_after_is_honoured(project: Project) -> None:
    begun = time.monotonic()
    found = run(project, "--fail", "429:0.3", "--retry-after-s", "1", attempts=8)
    assert found["counts"]["right"] == ASKED  # type: ignore[index]
    # With a backoff of 0.02 s alone it would be over at once.
    assert time.monotonic() - begun > 1.5


def test_empty_answers_are_unparsed_and_not_wrong(project: Project) -> None:
    found = run(project, "--fail", "empty:0.4")
    assert found["counts"]["unparsed"] > 5  # type: ignore[index]
    assert found["counts"]["wrong"] == 0  # type: ignore[index]
    assert found["counts"]["failed"] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["field-content", "field", "inline", "inline-open-missing"])
@pytest.mark.parametrize("stream", ["true", "false"])
def test_reasoning_never_reaches_the_evaluator(project: Project, mode: str, stream: str) -> None:
    with simulator("--answers", "gsm8k-demo", "--reasoning", mode) as server:
        project.write("s.toml", SUITE.format(url=f'"{server.url}"', attempts=1))
        done = project.run("run", "s.toml", "--set", f"models.m.stream={stream}")
    assert done.code == 0, done.out + done.err
    assert project.result("f", "m", "d")["counts"]["right"] == ASKED


def test_unfinished_thinking_and_truncation_are_outcomes(project: Project) -> None:
    found = run(project, "--reasoning", "unfinished", "--reasoning-share", "0.5")
    unfinished = found["counts"]["unfinished"]  # type: ignore[index]
    assert 5 < unfinished < 50
    assert found["counts"]["right"] == ASKED - unfinished  # type: ignore[index]
    cut = run(project, more="generation = { max_tokens = 12 }\n")
    assert cut["counts"]["truncated"] > 40  # type: ignore[index]
    assert cut["counts"]["unparsed"] == 0  # type: ignore[index]


def test_replicas_share_the_load_and_one_may_be_down(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo") as one, simulator("--answers", "gsm8k-demo") as two:
        urls = f'["{one.url}", "{two.url}"]'
        project.write("s.toml", SUITE.format(url=urls, attempts=3))
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        shares = [
            server.stats()["requests"]["/v1/chat/completions"]["200"] for server in (one, two)
        ]
        assert sum(shares) == ASKED
        assert min(shares) > ASKED / 4


@pytest.fixture
def certificates(tmp_path: Path) -> tuple[Path, Path, Path]:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    paths = (tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem")
    authority.cert_pem.write_to_path(str(paths[0]))
    issued.cert_chain_pems[0].write_to_path(str(paths[1]))
    issued.private_key_pem.write_to_path(str(paths[2]))
    return paths


def test_https_is_verified(project: Project, certificates: tuple[Path, Path, Path]) -> None:
    ca, cert, key = certificates
    flags = ("--answers", "gsm8k-demo", "--tls-cert", str(cert), "--tls-key", str(key))
    with simulator(*flags) as server:
        assert server.url.startswith("https://")
        project.write("s.toml", SUITE.format(url=f'"{server.url}"', attempts=1))
        refused = project.run("run", "s.toml")
        assert refused.code == 3
        assert "certificate" in refused.err
        assert "tls.ca" in refused.err
        trusted = project.run("run", "s.toml", "--set", f"models.m.tls.ca={ca}")
        assert trusted.code == 0, trusted.out + trusted.err
        assert figures(project.result("f", "m", "d"))["accuracy"]["value"] == 100.0
        unsafe = project.run("run", "s.toml", "--set", "models.m.tls.verify=false")
        assert unsafe.code == 0, unsafe.out + unsafe.err


def test_the_same_seeds_whatever_the_order(project: Project) -> None:
    run(project)
    first = {row["key"]: row["seed"] for row in project.rows("f", "m", "d")}
    run(project, more="")
    second = {row["key"]: row["seed"] for row in project.rows("f", "m", "d")}
    assert first == second
    assert len(set(first.values())) == ASKED
