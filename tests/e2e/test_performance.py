"""Performance runs as a user starts them: shapes, ends, resumes, reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import tomli_w
from live import Project, Simulator, figures, simulator, wait_until

TTFT_MS, TPOT_MS, TOKENS = 40, 5, 8


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def server() -> Any:
    with simulator(
        "--ttft-ms", str(TTFT_MS), "--tpot-ms", str(TPOT_MS), "--output-tokens", str(TOKENS)
    ) as one:
        yield one


def write(
    project: Project,
    url: str,
    load: dict[str, Any],
    *,
    suite: dict[str, Any] | None = None,
    model: dict[str, Any] | None = None,
    dataset: dict[str, Any] | None = None,
) -> None:
    """A suite of one model and one data set, as s.toml."""
    project.write(
        "s.toml",
        tomli_w.dumps(
            {
                "suite": {"name": "p", "mode": "performance", "seed": 5, **(suite or {})},
                "models": {
                    "m": {
                        "backend": "vllm-chat",
                        "url": url,
                        "generation": {"max_tokens": TOKENS},
                        **(model or {}),
                    }
                },
                "datasets": {"d": {"dataset": "gsm8k-demo", **(dataset or {})}},
                "load": {"warm_up": 2, **load},
            }
        ),
    )


def loads(project: Project) -> Path:
    """The folder of all loads of the newest run."""
    return project.last_run("p") / "performance" / "m" / "d"


def summary(project: Project, label: str = "load") -> dict[str, Any]:
    """The figures of a load."""
    found: dict[str, Any] = json.loads((loads(project) / label / "summary.json").read_text())
    return found


def requests(project: Project, label: str = "load") -> list[dict[str, Any]]:
    """Its requests, without the warm-up."""
    rows = pyarrow.parquet.read_table(loads(project) / label / "requests.parquet").to_pylist()
    return [row for row in rows if row["phase"] != "warm_up"]


def values(document: dict[str, Any]) -> dict[str, float]:
    """Figures of the whole run by name."""
    return {one["name"]: one["value"] for one in document["populations"][0]["figures"]}


def means(document: dict[str, Any]) -> dict[str, float]:
    """Means over the requests by name."""
    return {one["name"]: one["mean"] for one in document["populations"][0]["statistics"]}


@pytest.mark.alone
def test_a_closed_loop_of_each_row_once(project: Project, server: Simulator) -> None:
    write(project, server.url, {"shape": "closed", "concurrency": 4})
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    found = summary(project)
    assert found["complete"] and found["streamed"]
    assert found["counts"] == {"total": 28, "success": 28, "warm_up": 2}
    assert values(found)["max_concurrency"] == 4
    assert values(found)["total_output_tokens"] == 28 * TOKENS
    assert TTFT_MS <= means(found)["ttft"] < TTFT_MS + 20
    assert TPOT_MS - 1 <= means(found)["tpot"] < TPOT_MS + 5
    # The terminal tells it too.
    assert "TTFT" in done.out and "E2EL" in done.out


def test_the_models_concurrency_counts_where_the_load_names_none(
    project: Project, server: Simulator
) -> None:
    write(project, server.url, {}, model={"concurrency": 3})
    assert project.run("run", "s.toml").code == 0
    assert values(summary(project))["max_concurrency"] == 3


def test_a_schedule_is_seeded_and_kept(project: Project, server: Simulator) -> None:
    load = {"shape": "poisson", "rate": 60, "requests": 40}
    schedules = []
    for _ in range(2):
        write(project, server.url, load)
        assert project.run("run", "s.toml").code == 0
        schedules.append(sorted(row["scheduled_ns"] for row in requests(project)))
        for row in requests(project):
            assert row["sent_ns"] >= row["scheduled_ns"]
    assert schedules[0] == schedules[1]
    write(project, server.url, load, suite={"seed": 6})
    assert project.run("run", "s.toml").code == 0
    assert sorted(row["scheduled_ns"] for row in requests(project)) != schedules[0]


def test_several_workers_share_one_pool(project: Project, server: Simulator) -> None:
    write(project, server.url, {"concurrency": 6, "requests": 50, "workers": 3})
    assert project.run("run", "s.toml").code == 0
    rows = requests(project)
    assert sorted(row["conversation"] for row in rows) == list(range(50))
    assert {row["worker"] for row in rows} == {0, 1, 2}
    assert values(summary(project))["max_concurrency"] <= 6


@pytest.mark.alone
def test_no_more_in_flight_than_allowed(project: Project, server: Simulator) -> None:
    write(
        project,
        server.url,
        {"shape": "constant", "rate": 200, "requests": 40, "max_concurrency": 3},
    )
    assert project.run("run", "s.toml").code == 0
    found = summary(project)
    assert values(found)["max_concurrency"] == 3
    # Who waited is not made to look as if he had not.
    assert means(found)["e2el_scheduled"] > means(found)["e2el"] + 50
    assert not found["health"]["kept_up"]
    assert "max_concurrency" in found["health"]["doubts"][0]


@pytest.mark.alone
def test_a_duration_ends_it_and_stragglers_are_cancelled(
    project: Project, server: Simulator
) -> None:
    server.configure(ttft_ms=400)
    write(project, server.url, {"concurrency": 5, "duration": 0.6, "grace": 0.05})
    done = project.run("run", "s.toml")
    found = summary(project)
    assert found["counts"]["success"] == 5
    assert found["counts"]["cancelled"] == 5
    assert found["complete"]
    assert done.code == 0
    cancelled = [row for row in requests(project) if row["outcome"] == "cancelled"]
    assert len(cancelled) == 5
    assert "5 cancelled" in done.out


@pytest.mark.alone
def test_a_cool_down_keeps_the_load_up_and_counts_apart(
    project: Project, server: Simulator
) -> None:
    write(project, server.url, {"concurrency": 4, "requests": 20, "cool_down": 5})
    begun = time.monotonic()
    assert project.run("run", "s.toml").code == 0
    assert time.monotonic() - begun < 5, "it ends with the last measured request"
    counts = summary(project)["counts"]
    assert counts["total"] == counts["success"] == 20
    assert counts["cool_down"] >= 3
    rows = requests(project)
    last = max(row["done_ns"] for row in rows if row["phase"] == "measured")
    assert max(row["sent_ns"] for row in rows if row["phase"] == "cool_down") <= last + 10**8


def test_a_mean_that_is_known_well_enough_ends_it(project: Project, server: Simulator) -> None:
    until = {"metric": "ttft", "width": 0.5, "requests": 30}
    write(project, server.url, {"concurrency": 8, "requests": 5000, "until": until})
    assert project.run("run", "s.toml").code == 0
    found = summary(project)
    assert 30 <= found["counts"]["success"] < 5000
    assert any("load.until" in note for note in found["notes"])


def test_attempts_do_not_mix(project: Project, server: Simulator) -> None:
    server.configure(fail="500:0.3")
    write(
        project,
        server.url,
        {"concurrency": 4, "requests": 60, "attempts": 6},
        model={"retry": {"backoff": 0.01}},
    )
    assert project.run("run", "s.toml").code == 0
    found = summary(project)
    assert found["counts"]["success"] == 60
    assert found["counts"]["retried"] > 5
    rows = requests(project)
    assert len(rows) == 60 + found["counts"]["retried"]
    assert sum(row["final"] for row in rows) == 60


def test_without_streaming(project: Project, server: Simulator) -> None:
    write(project, server.url, {"concurrency": 4}, model={"stream": False})
    done = project.run("run", "s.toml")
    assert done.code == 0
    found = summary(project)
    assert not found["streamed"]
    assert not {"ttft", "tpot", "itl"} & means(found).keys()
    assert means(found)["e2el"] > TTFT_MS
    assert "without streaming" in done.out


def test_score_and_speed_from_the_same_requests(project: Project) -> None:
    with simulator("--answers", "gsm8k-demo", "--accuracy", "0.7", "--vary") as one:
        write(
            project,
            one.url,
            {"sweep": {"concurrency": [2, 8]}, "slo": {"e2el_ms": 60000}, "send_seed": True},
            suite={"mode": "both"},
            model={"generation": {}},
            dataset={"repeats": 2},
        )
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        project.write(
            "a.toml",
            (project.path / "s.toml").read_text().replace('mode = "both"', 'mode = "accuracy"'),
        )
        assert project.run("run", "a.toml", "--set", "suite.name=a").code == 0
    wanted = figures(project.result("a", "m", "d"))["accuracy"]
    for label in ("concurrency=2", "concurrency=8"):
        path = project.last_run("p") / "results" / "m" / "loads" / label / "d.json"
        found = json.loads(path.read_text())
        assert found["load"] == label
        # The same questions with the same seeds: the same answers, however many at once.
        assert figures(found)["accuracy"]["value"] == wanted["value"]
        assert summary(project, label)["counts"]["success"] == 56
    assert "right answers" in done.out


def test_a_sweep_goes_on_where_it_was_killed(project: Project, server: Simulator) -> None:
    write(project, server.url, {"sweep": {"concurrency": [4, 1]}, "requests": 24})
    process = project.start("run", "s.toml")
    first = project.path / "outputs" / "p"
    wait_until(lambda: list(first.glob("*/performance/m/d/concurrency=4/summary.json")))

    def recorded() -> bool:
        files = list(first.glob("*/performance/m/d/concurrency=1/requests-0.bin"))
        return bool(files) and files[0].stat().st_size > 8 * 31 * 8

    wait_until(recorded)
    process.kill()
    process.communicate()
    run = project.last_run("p")
    before = requests(project, "concurrency=4")

    # What was recorded until then can be shown.
    report = project.run("report", str(run))
    assert report.code == 0, report.out + report.err
    cut = summary(project, "concurrency=1")
    assert not cut["complete"]
    assert 0 < cut["counts"]["success"] < 24
    assert any("killed" in note for note in cut["notes"])
    assert "INCOMPLETE" in report.out

    done = project.run("run", "s.toml", "--resume")
    assert done.code == 0, done.out + done.err
    assert "concurrency=4 was measured in an earlier session" in done.out
    assert requests(project, "concurrency=4") == before
    assert summary(project, "concurrency=1")["counts"]["success"] == 24
    # The cut one is set aside, not lost.
    assert list(run.glob("earlier/performance/m/d/concurrency=1.1/requests.parquet"))


def test_workers_do_not_outlive_their_parent(project: Project, server: Simulator) -> None:
    write(project, server.url, {"concurrency": 4, "duration": 60, "workers": 2})
    process = project.start("run", "s.toml")
    wait_until(lambda: list((project.path / "outputs").glob("p/*/performance/m/d/load/*.bin")))
    children = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True
    ).stdout.split()
    assert len(children) >= 2
    process.kill()
    process.communicate()
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def test_a_server_that_dies_half_way(project: Project) -> None:
    with simulator("--ttft-ms", "20", "--tpot-ms", "2", "--output-tokens", "8") as one:
        write(
            project,
            one.url,
            {"concurrency": 4, "duration": 30},
            suite={"abort_after": 5},
        )
        process = project.start("run", "s.toml")
        wait_until(lambda: list((project.path / "outputs").glob("p/*/performance/*/*/*/*.bin")))
        time.sleep(0.5)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    found = summary(project)
    assert not found["complete"]
    assert found["counts"]["success"] > 10
    assert found["counts"]["failed"] >= 4
    assert "INCOMPLETE" in output
    assert any("in a row failed" in note for note in found["notes"])


def test_a_full_disk_ends_a_load_with_what_was_written(project: Project) -> None:
    """The limit on file size makes a write fail as a full disk does."""
    with simulator("--output-tokens", "4") as one:
        write(project, one.url, {"concurrency": 8, "duration": 20})
        code = (
            "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000));"
            "from aisbench.cli import main; sys.exit(main(['run', 's.toml', '--disable-plugin', "
            "'aisbench-plugin-html']))"  # its page alone is larger than that
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=project.path, capture_output=True, text=True,
            timeout=60,
            # No byte code: what is cut short there would break every later import.
            env={**os.environ, "HOME": str(project.path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    output = done.stdout + done.stderr
    assert done.returncode == 1, output
    assert "cannot be written: File too large" in output
    assert "Traceback" not in output
    found = summary(project)
    assert not found["complete"]
    assert found["counts"]["success"] > 500


def test_a_server_that_refuses_everything_is_told_before_the_load(
    project: Project, server: Simulator
) -> None:
    server.configure(fail="500:1")
    write(project, server.url, {"concurrency": 4})
    done = project.run("run", "s.toml")
    assert done.code == 3
    assert "all 2 warm-up requests failed" in done.err
    assert "status 500" in done.err or "500" in done.err


def test_reports_from_the_files_alone(project: Project, server: Simulator) -> None:
    write(project, server.url, {"concurrency": 4, "requests": 60})
    assert project.run("run", "s.toml").code == 0
    run = str(project.last_run("p"))
    server.configure(fail="500:1")  # nothing is asked again

    done = project.run("report", run, "--percentiles", "10,42.5", "--slo", "ttft_ms=1")
    assert done.code == 0, done.out + done.err
    found = summary(project)
    (ttft,) = [one for one in found["populations"][0]["statistics"] if one["name"] == "ttft"]
    assert {"p10", "p42.5"} <= ttft["percentiles"].keys()
    assert found["slo"]["holds"] is False

    done = project.run("report", run, "--window", "0.2")
    names = [one["name"] for one in summary(project)["populations"]]
    assert "window 1" in names and "window 2" in names

    for dialect, word in (
        ("vllm", "Mean TTFT (ms)"),
        ("aisbench", "Benchmark Duration"),
        ("evalscope", "throughput"),
        ("aiperf", "Time to First Token"),
    ):
        done = project.run("report", run, "--as", dialect)
        assert done.code == 0, done.err
        assert word.lower() in done.out.lower(), (dialect, done.out)


@pytest.mark.alone
def test_a_search_finds_what_the_server_carries(project: Project, server: Simulator) -> None:
    # 8 tokens at 5 ms after 40 ms: a client gets some 13 answers a second, whatever the others do.
    write(
        project,
        server.url,
        {
            "requests": 12,
            "slo": {"ttft_ms": 1000},
            "search": {"low": 1, "high": 4, "trials": 1},
        },
    )
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    found = json.loads((loads(project) / "search.json").read_text())
    assert found["best"] == 4
    assert "load.search.high" in found["reason"]
    assert [probe["value"] for probe in found["probes"]] == [1, 2, 4]
    assert "concurrency = 4 is the heaviest load within the SLO" in done.out

    sent = server.stats()["requests"]["/v1/chat/completions"]
    changed = ["--set", "load.slo.ttft_ms=1"]
    again = project.run("run", "s.toml", "--resume", str(loads(project).parents[2]), *changed)
    assert "load.slo is another one than that of the search" in again.out, again.out + again.err
    found = json.loads((loads(project) / "search.json").read_text())
    assert (found["best"], [probe["value"] for probe in found["probes"]]) == (None, [1])
    assert server.stats()["requests"]["/v1/chat/completions"] == sent


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ({"shape": "poison", "rate": 3}, "load.shape: no installed plugin offers"),
        ({"shape": "poisson"}, "load.rate: is missing"),
        ({"shape": "poisson", "rate": 0}, "load.rate: must be above 0"),
        ({"shape": "poisson", "rate": 3, "speed": 2}, "load.speed: is not a key here"),
        ({"slo": {"ttft": 3}}, "load.slo.ttft: is not a limit"),
        ({"sweep": {"concurency": [1]}}, "load.sweep.concurency: is not a key of [load]"),
        ({"sweep": {"concurrency": [0]}}, "load.concurrency: must be 1 or more"),
        ({"search": {"low": 1}}, "load.slo: is missing"),
        ({"until": {"metric": "ttft"}}, "load.until: needs a bound"),
        ({"percentiles": [0]}, "load.percentiles: 0 is not between"),
        ({"scrape_urls": ["http://x"]}, "load.scrape_urls: has no effect"),
    ],
)
def test_wrong_loads_are_told_before_anything_is_sent(
    project: Project, server: Simulator, load: dict[str, Any], said: str
) -> None:
    write(project, server.url, load)
    done = project.run("run", "s.toml")
    assert done.code == 2
    assert said in done.err, done.err
    assert server.stats()["requests"] == {}


@pytest.mark.parametrize(
    ("load", "said"),
    [
        (
            {
                "shape": "traffic",
                "request_rate": 0,
                "requests": 5,
                "ramp_up_strategy": "linear",
            },
            "a ramp needs",
        ),
        ({"shape": "traffic", "request_rate": 0, "requests": 5}, "request_rate is 0"),
        ({"shape": "trace"}, "28 of 28 rows of the data set have no time"),
        ({"shape": "pressure", "concurrency": 3}, "set load.duration"),
        ({"concurrency": 10**6, "requests": 10**6, "workers": 1}, "open files"),
    ],
)
def test_loads_that_cannot_be_are_told_before_anything_is_asked(
    project: Project, server: Simulator, load: dict[str, Any], said: str
) -> None:
    write(project, server.url, load)
    done = project.run("run", "s.toml")
    assert done.code == 2
    assert said in done.err, done.err
    assert server.stats()["requests"] == {}


@pytest.mark.alone
def test_the_servers_own_figures_stand_beside_ours(project: Project, server: Simulator) -> None:
    load = {"concurrency": 4, "requests": 40, "scrape": True, "scrape_interval": 0.2}
    write(project, server.url, load)
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    found = summary(project)["server"]
    assert found["readings"] >= 3
    assert found["counters"]["generation_tokens"] == 40 * TOKENS
    # The server's buckets are coarse, its mean is not.
    assert found["latencies"]["ttft"]["n"] == 40
    gap = found["client_against_server"]["ttft"]["mean_ms"]
    assert -1 < gap < 20
    assert "server: latencies.ttft.mean_ms" in done.out


def test_what_a_server_does_not_publish_costs_nothing(project: Project, server: Simulator) -> None:
    load = {"requests": 4, "scrape": True, "scrape_urls": [f"{server.url}/nowhere"]}
    write(project, server.url, load)
    done = project.run("run", "s.toml")
    assert done.code == 0
    assert "status 404" in done.out


def test_over_tls_and_from_several_addresses(project: Project, tmp_path: Path) -> None:
    import trustme

    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    flags = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with simulator(*flags) as one:
        write(
            project,
            one.url,
            {"concurrency": 4, "source_addresses": ["127.0.0.2", "127.0.0.3"]},
            model={"tls": {"ca": str(tmp_path / "ca.pem")}},
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    assert summary(project)["counts"]["success"] == 28


@pytest.mark.alone
def test_reasoning_and_answer_are_told_apart(project: Project) -> None:
    flags = ("--reasoning", "field", "--reasoning-tokens", "20", "--output-tokens", "4")
    with simulator("--ttft-ms", "30", "--tpot-ms", "5", *flags) as one:
        write(project, one.url, {"concurrency": 2, "requests": 10}, model={"generation": {}})
        assert project.run("run", "s.toml").code == 0
    found = means(summary(project))
    assert found["ttft"] == pytest.approx(30, abs=15)
    assert found["ttfa"] == pytest.approx(30 + 20 * 5, abs=20)


def test_turns_wait_for_each_other_and_have_figures_of_their_own(project: Project) -> None:
    talk = [
        {"from": "human", "value": "one"}, {"from": "gpt", "value": "a"},
        {"from": "human", "value": "two"}, {"from": "gpt", "value": "b"},
    ]  # fmt: skip
    rows = [{"id": str(number), "conversations": talk} for number in range(6)]
    path = project.write("talks.json", json.dumps(rows))
    with simulator("--ttft-ms", "20", "--tpot-ms", "2", "--output-tokens", "4") as one:
        write(
            project,
            one.url,
            {"concurrency": 3, "think": 0.05},
            dataset={"dataset": "sharegpt", "path": str(path)},
        )
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
    talks: dict[int, list[dict[str, Any]]] = {}
    for row in requests(project):
        talks.setdefault(row["conversation"], []).append(row)
    assert len(talks) == 6
    for turns in talks.values():
        first, second = sorted(turns, key=lambda row: row["turn"])
        assert second["scheduled_ns"] == first["done_ns"] + 50_000_000
        assert second["sent_ns"] >= second["scheduled_ns"]
        assert second["prompt_tokens"] > first["prompt_tokens"]  # the history is with it
    names = [one["name"] for one in summary(project)["populations"]]
    assert {"turn 1", "turn 2", "conversations"} <= set(names)
    assert "6 of 6 conversations" in done.out


def test_secrets_reach_no_file_of_a_load(project: Project) -> None:
    with simulator("--api-key", "hush-hush") as one:
        write(project, one.url, {"requests": 4}, model={"api_key": "env:KEY"})
        assert project.run("run", "s.toml", KEY="hush-hush").code == 0
    for path in project.last_run("p").rglob("*"):
        if path.is_file():
            assert b"hush-hush" not in path.read_bytes(), path
