"""Runs tracked by the vendors' own clients, in an environment of their own: MLflow by its real
server, Weights & Biases and SwanLab in their offline modes, OpenTelemetry by a collector."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tracking_environment
from live import Simulator, simulator, surroundings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KEY = "tk-9XqW4mZ81LpT"
SECRET = {"SIM_KEY": KEY, "TRACK_KEY": KEY + "b"}


@pytest.fixture(scope="module")
def python() -> Path:
    return tracking_environment.tracking_python()


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "5") as one:
        yield one


def write(folder: Path, url: str, observer: str, mode: str = "accuracy") -> Path:
    load = '[load]\nshape = "closed"\nrequests = 20\nsweep = { concurrency = [1, 2] }\n'
    text = f"""
[suite]
name = "tracked"
mode = "{mode}"
[models.sim]
backend = "vllm-chat"
url = "{url}"
api_key = "env:SIM_KEY"
[datasets.demo]
dataset = "gsm8k-demo"
limit = 8
{load if mode == "performance" else ""}
{observer}
"""
    path = folder / f"{mode}.toml"
    path.write_text(text)
    return path


def call(python: Path, folder: Path, *words: str, code: int = 0) -> str:
    """``aisbench WORDS`` in that environment."""
    environment = {**surroundings(folder / "home", **SECRET), "WANDB_SILENT": "false"}
    done = subprocess.run(
        [str(python), "-m", "aisbench", *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "warning: observer" not in done.stderr or code, done.stderr
    return done.stdout + done.stderr


def asked(python: Path, program: str, *words: str) -> Any:
    """What a program prints as JSON there."""
    done = subprocess.run(
        [str(python), "-c", program, *words], capture_output=True, text=True, check=False,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def runs(folder: Path) -> list[Path]:
    return sorted((folder / "outputs" / "tracked").iterdir())


def summary(run: Path) -> dict[str, float]:
    """The figures of a run's own summary by ``MODEL/DATASET/FIGURE``."""
    document = json.loads((run / "summary" / "summary.json").read_text())
    return {
        f"{task['model']}/{task['dataset']}/{figure['name']}": figure["value"]
        for task in document["tasks"]
        for figure in task["figures"]
    }


def no_secret(*folders: Path) -> None:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and "home" not in path.parts:
                assert KEY.encode() not in path.read_bytes(), path


MLFLOW = """
import json, sys
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1])
found = []
for experiment in client.search_experiments():
    for one in client.search_runs([experiment.experiment_id]):
        files = [f.path for f in client.list_artifacts(one.info.run_id)]
        files += [f.path for f in client.list_artifacts(one.info.run_id, "summary")]
        series = {}
        for name in one.data.metrics:
            if "/loads/" in name:
                points = client.get_metric_history(one.info.run_id, name)
                series[name] = [[p.step, p.value] for p in points]
        found.append({"experiment": experiment.name, "name": one.info.run_name,
                      "status": one.info.status, "params": one.data.params, "tags": one.data.tags,
                      "metrics": one.data.metrics, "files": files, "series": series})
print(json.dumps(found))
"""


def test_mlflow(python: Path, server: Simulator, tmp_path: Path) -> None:
    observer = '[observers.mlflow]\nuri = "{}"\ntoken = "env:TRACK_KEY"\ntags = {{ team = "x" }}\n'
    with tracking_environment.mlflow_server(python, tmp_path) as url:
        path = write(tmp_path, server.url, observer.format(url))
        call(python, tmp_path, "run", str(path), "--stop-after", "answers")
        (run,) = runs(tmp_path)
        call(python, tmp_path, "evaluate", str(run))
        call(python, tmp_path, "run", "--resume", str(run))
        call(
            python,
            tmp_path,
            "run",
            str(write(tmp_path, server.url, observer.format(url), "performance")),
        )
        by_name = {one["name"]: one for one in asked(python, MLFLOW, url)}
        assert sorted(by_name) == [one.name for one in runs(tmp_path)]
        one = by_name[run.name]
        assert (one["experiment"], one["status"]) == ("tracked", "FINISHED")
        assert one["params"]["models.sim.concurrency"] == "32"
        assert one["params"]["models.sim.api_key"] == "env:SIM_KEY"
        assert "version.aisbench" in one["params"]
        for name, value in {"outcome": "complete", "session": "2", "mode": "accuracy"}.items():
            assert one["tags"][f"aisbench.{name}"] == value
        assert one["tags"]["team"] == "x"
        figures = summary(run)
        assert one["metrics"]["sim/demo/accuracy"] == figures["sim/demo/accuracy"]
        assert one["metrics"]["sim/demo/accuracy.low"] < figures["sim/demo/accuracy"]
        assert one["metrics"]["sim/demo/accuracy.n"] == 8
        assert one["metrics"]["sim/demo/count/asked"] == 8
        assert "sim/demo/accuracy_strict" in one["metrics"]
        assert {"suite.toml", "environment.json", "summary/summary.json"} <= set(one["files"])
        (load,) = (one for name, one in by_name.items() if name != run.name)
        assert load["metrics"]["sim/demo/concurrency_1/count/success"] == 20
        assert load["metrics"]["sim/demo/concurrency_2/ttft/p99"] > 4
        points = load["series"]["sim/demo/loads/request_throughput"]
        assert [step for step, _ in points] == [0, 1]
    no_secret(tmp_path)


def test_a_server_that_hangs_or_is_not_there(
    python: Path, server: Simulator, tmp_path: Path
) -> None:
    with tracking_environment.silent_server() as url:
        observer = f"""
[observers.hangs]
observer = "mlflow"
uri = "{url}"
patience = 1.5
[observers.absent]
observer = "otel"
endpoint = "http://127.0.0.1:9"
timeout = 0.5
[observers.offline]
observer = "wandb"
mode = "online"
timeout = 1
patience = 20
api_key = "env:NOT_SET"
"""
        path = write(tmp_path, server.url, observer)
        done = subprocess.run(
            [str(python), "-m", "aisbench", "run", str(path)], cwd=tmp_path, timeout=90,
            env={**surroundings(tmp_path / "home", **SECRET), "WANDB_BASE_URL": "http://127.0.0.1:9"},
            capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = runs(tmp_path)
    warnings = json.loads((run / "environment.json").read_text())["notes"].values()
    for name in ("observer hangs", "observer absent", "observer offline"):
        assert any(one.startswith(name) for one in warnings), warnings
    assert "ExportFailed: the collector does not take the metrics" in done.stderr
    assert "Transient error" not in done.stderr


OTLP = """
import json, sys
from pathlib import Path
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
import gzip
def plain(attributes):
    def value(v):
        kind = v.WhichOneof("value")
        if kind == "array_value":
            return [value(one) for one in v.array_value.values]
        return getattr(v, kind)
    return {one.key: value(one.value) for one in attributes}
metrics, spans, resource = [], [], {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    body = path.read_bytes()
    body = gzip.decompress(body) if body[:2] == b"\\x1f\\x8b" else body
    if path.suffix == ".metrics":
        request = metrics_service_pb2.ExportMetricsServiceRequest.FromString(body)
        for one in request.resource_metrics:
            resource = plain(one.resource.attributes)
            for scope in one.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.gauge.data_points:
                        value = point.as_double or point.as_int
                        metrics.append([metric.name, plain(point.attributes), value])
    else:
        for one in trace_service_pb2.ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in one.scope_spans:
                for span in scope.spans:
                    spans.append({"name": span.name, "trace": span.trace_id.hex(),
                        "attributes": plain(span.attributes), "status": span.status.code,
                        "events": [e.name for e in span.events]})
print(json.dumps({"metrics": metrics, "spans": spans, "resource": resource}))
"""


def test_opentelemetry(python: Path, server: Simulator, tmp_path: Path) -> None:
    with tracking_environment.collector() as (url, got):
        observer = (
            f'[observers.otel]\nendpoint = "{url}"\n'
            'headers = { authorization = "env:TRACK_KEY" }\nattributes = { stage = "ci" }\n'
        )
        path = write(tmp_path, server.url, observer)
        call(python, tmp_path, "run", str(path))
        (run,) = runs(tmp_path)
        call(python, tmp_path, "run", "--resume", str(run))
    bodies = tmp_path / "bodies"
    bodies.mkdir()
    for number, (place, key, body) in enumerate(got):
        assert key == SECRET["TRACK_KEY"]
        (bodies / f"{number:03}.{place.rpartition('/')[2]}").write_bytes(body)
    found = asked(python, OTLP, str(bodies))
    assert found["resource"]["service.name"] == "aisbench"
    assert (found["resource"]["stage"], found["resource"]["aisbench.run"]) == ("ci", run.name)
    values = {
        (
            name,
            attributes.get("aisbench.figure", ""),
            attributes.get("aisbench.outcome", ""),
        ): value
        for name, attributes, value in found["metrics"]
    }
    assert values["aisbench.figure", "accuracy", ""] == summary(run)["sim/demo/accuracy"]
    assert values["aisbench.figure.n", "accuracy", ""] == 8
    assert values["aisbench.answers", "", "asked"] == 8
    first, second = found["spans"]
    assert first["trace"] == second["trace"]
    assert (first["name"], first["status"], first["events"]) == (
        "aisbench session",
        1,
        ["aisbench.task"],
    )
    assert first["attributes"]["aisbench.parameter.models.sim.api_key"] == "env:SIM_KEY"
    assert second["attributes"]["aisbench.session"] == 2
    no_secret(run, bodies)


WANDB = """
import json, sys
from wandb.proto import wandb_internal_pb2 as pb
def records(data):
    # The log format of LevelDB: blocks of 32 KiB with pieces of crc, length, kind.
    place, held = 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        held += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # whole, or the last piece
            yield held
            held = b""
config, summary, history, files, code = {}, {}, [], [], None
for data in records(open(sys.argv[1], "rb").read()):
    record = pb.Record(); record.ParseFromString(data)
    kind = record.WhichOneof("record_type")
    if kind == "run":
        config.update({u.key: json.loads(u.value_json) for u in record.run.config.update})
    elif kind == "summary":
        for u in record.summary.update:
            summary[u.key or "/".join(u.nested_key)] = json.loads(u.value_json)
    elif kind == "history":
        items = record.history.item
        history.append({i.key or "/".join(i.nested_key): json.loads(i.value_json) for i in items})
    elif kind == "files":
        files += [f.path for f in record.files.files]
    elif kind == "exit":
        code = record.exit.exit_code
found = {"config": config, "summary": summary, "history": history, "files": files}
print(json.dumps({**found, "code": code}))
"""


def test_wandb_offline(python: Path, server: Simulator, tmp_path: Path) -> None:
    observer = '[observers.wandb]\nmode = "offline"\napi_key = "env:TRACK_KEY"\n'
    shown = call(python, tmp_path, "run", str(write(tmp_path, server.url, observer)))
    assert "wandb:" not in shown
    (run,) = runs(tmp_path)
    (file,) = run.rglob("*.wandb")
    found = asked(python, WANDB, str(file))
    assert found["config"]["models.sim.concurrency"] == 32
    assert found["config"]["models.sim.api_key"] == "env:SIM_KEY"
    assert found["summary"]["sim/demo/accuracy"] == summary(run)["sim/demo/accuracy"]
    assert found["summary"]["aisbench/outcome"] == "complete"
    assert {"suite.toml", "summary/summary.json"} <= set(found["files"])
    assert found["code"] == 0
    call(python, tmp_path, "run", "--resume", str(run))
    assert len({one.stem for one in run.rglob("*.wandb")}) == 1  # the same tracked run again
    load = write(tmp_path, server.url, observer, "performance")
    call(python, tmp_path, "run", str(load))
    (file,) = runs(tmp_path)[-1].rglob("*.wandb")
    found = asked(python, WANDB, str(file))
    series = [one for one in found["history"] if "sim/demo/loads/request_throughput" in one]
    assert [one["load"] for one in series] == [0, 1]
    no_secret(*runs(tmp_path))


def test_swanlab_offline(python: Path, server: Simulator, tmp_path: Path) -> None:
    observer = '[observers.swanlab]\nmode = "offline"\napi_key = "env:TRACK_KEY"\n'
    call(python, tmp_path, "run", str(write(tmp_path, server.url, observer)))
    (run,) = runs(tmp_path)
    (file,) = run.rglob("*.swanlab")
    data = file.read_bytes()
    for words in (b"sim/demo/accuracy.low", b"sim/demo/count/asked"):
        assert words in data
    config = next(run.rglob("config.yaml")).read_text()
    assert "models.sim.concurrency" in config
    assert "env:SIM_KEY" in config
    assert list(run.rglob("files/summary/summary.json"))
    call(python, tmp_path, "run", "--resume", str(run))
    assert len({one.stem for one in run.rglob("*.swanlab")}) == 1
    no_secret(run)


def test_the_conformance_kit_of_what_needs_no_server(python: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("wandb", "swanlab"):
        done = subprocess.run(
            [str(python), "-m", "aisbench", "plugins", "check", f"aisbench-plugin-tracking-{name}",
             "--set", f"{name}.mode=offline"],
            cwd=here, env=surroundings(tmp_path / "home"), capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "any run" in done.stdout
