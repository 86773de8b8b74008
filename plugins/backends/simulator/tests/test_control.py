from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from aisbench.api import AisbenchError
from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.server import run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings


def test_stats_tell_what_was_asked_twice(serve: Callable[..., Any]) -> None:
    api = serve()
    for prompt in ("a", "b", "a"):
        api.text(prompt)
    api.text("")
    api.get("/v1/models")
    stats = api.stats()
    body = hashlib.sha256(json.dumps({"prompt": "a"}).encode()).hexdigest()
    assert stats["bodies"][body] == 2
    assert (stats["distinct_bodies"], stats["most_of_one_body"]) == (3, 2)
    assert stats["requests"] == {"/v1/completions": {"200": 3, "400": 1}, "/v1/models": {"200": 1}}
    assert stats["outcomes"] == {"ok": 3, "refused": 1}
    assert (stats["in_flight"], stats["peak_in_flight"]) == (0, 1)
    assert stats["prompt_tokens"] == 3
    assert stats["completion_tokens"] == 48
    # Each call of this client is a connection of its own, this one included.
    assert stats["connections"] == 6
    api.send("POST", "/simulator/reset")
    stats = api.stats()
    assert stats["bodies"] == stats["requests"] == stats["outcomes"] == {}
    assert api.log() == []


def test_one_connection_serves_many_requests(serve: Callable[..., Any]) -> None:
    api = serve()
    connection = http.client.HTTPConnection("127.0.0.1", api.served.port, timeout=5)
    for _ in range(3):
        for stream in (True, False):
            connection.request(
                "POST", "/v1/completions", json.dumps({"prompt": "a", "stream": stream})
            )
            assert connection.getresponse().read()
    connection.close()
    assert api.stats()["connections"] == 2


def test_http_1_0(serve: Callable[..., Any]) -> None:
    api = serve()
    body = b'{"prompt": "a", "stream": true, "max_tokens": 3}'
    with socket.create_connection(("127.0.0.1", api.served.port), timeout=5) as connection:
        head = f"POST /v1/completions HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        got = b"".join(iter(lambda: connection.recv(65536), b""))
    assert got.startswith(b"HTTP/1.0 200 OK\r\n")
    assert got.endswith(b"}\n\ndata: [DONE]\n\n")


def test_log(serve: Callable[..., Any]) -> None:
    api = serve()
    api.chat(stream=True, max_tokens=5)
    api.chat(stream=True, max_tokens=5)
    first, second = api.log()
    assert (first["attempt"], second["attempt"]) == (0, 1)
    assert first["arrival_ns"] < first["first_token_ns"] <= first["done_ns"] < second["arrival_ns"]
    assert (first["tokens"], first["prompt_tokens"], first["status"]) == (5, 2, 200)
    assert first["endpoint"] == "/v1/chat/completions"


def test_metrics(serve: Callable[..., Any]) -> None:
    api = serve(model="tiny", ttft_ms=30, tpot_ms=1)
    api.chat(stream=True, max_tokens=5)
    api.text(max_tokens=3)
    api.chat(stream=True)
    api.text("")
    reply = api.get("/metrics")
    assert reply.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    text = reply.body.decode()
    values = {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    }
    labels = 'engine="0",model_name="tiny"'
    assert values[f"vllm:num_requests_running{{{labels}}}"] == 0
    assert values[f"vllm:prompt_tokens_total{{{labels}}}"] == 6
    assert values[f"vllm:generation_tokens_total{{{labels}}}"] == 72
    reason = 'vllm:request_success_total{engine="0",finished_reason="%s",model_name="tiny"}'
    assert (values[reason % "length"], values[reason % "stop"]) == (2, 1)
    ttft = "vllm:time_to_first_token_seconds"
    assert values[f"{ttft}_count{{{labels}}}"] == 2
    assert values[f"{ttft}_sum{{{labels}}}"] >= 0.06
    assert values[f'{ttft}_bucket{{{labels},le="0.02"}}'] == 0
    assert values[f'{ttft}_bucket{{{labels},le="+Inf"}}'] == 2
    assert values[f"vllm:time_per_output_token_seconds_count{{{labels}}}"] == 2
    families = re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE)
    assert ("vllm:time_to_first_token_seconds", "histogram") in families
    samples = [line for line in text.splitlines() if line[0] != "#"]
    assert all(re.fullmatch(r"[a-z0-9:_]+\{[^}]*\} [\d.e+-]+", line) for line in samples)


def test_settings_change_at_run_time(serve: Callable[..., Any], tmp_path: Path) -> None:
    api = serve()
    assert api.get("/simulator/config").json["output_tokens"] == "64"
    reply = api.post("/simulator/config", {"output_tokens": 5, "fail": ["500:0.5:sticky"]})
    assert reply.json["output_tokens"] == "5"
    assert reply.json["fail"] == ["500:0.5:sticky"]
    api.post("/simulator/config", {"fail": []})
    assert api.chat().json["usage"]["completion_tokens"] == 5
    path = tmp_path / "answers.jsonl"
    path.write_text('{"question": "How many eggs?", "answer": "B"}', "utf-8")
    api.post("/simulator/config", {"answers": str(path)})
    assert "B" in api.chat("How many eggs?").json["choices"][0]["message"]["content"]
    assert api.post("/simulator/config", api.get("/simulator/config").json).status == 400


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"port": 5}, "port: cannot change while the server runs"),
        ({"tpot": 5}, "tpot: there is no such setting, is it tpot_ms?"),
        ({"ttft_ms": "x"}, "ttft_ms: must be a number, got 'x'"),
        ({"ttft_ms": True}, "ttft_ms: must be a number, got True"),
        ({"seed": 1.5}, "seed: must be a whole number, got 1.5"),
        ({"vary": 1}, "vary: must be true or false, got 1"),
        ({"model": []}, "model must not be empty, got ()"),
        ({"model": [5]}, "model: must be a string, got 5"),
        ({"accuracy": 2}, "accuracy must be between 0 and 1, got 2.0"),
        ({"reasoning": "x"}, "reasoning: must be one of none, field-content"),
        ({"output_tokens": "9-5"}, "output_tokens: "),
        ({"fail": ["500:0.6", "429:0.6"]}, "fail: the shares sum up to more than 1"),
        ({"fail": ["crash:0.6"]}, 'fail: "crash" is not a kind of failure'),
        ({"answers": "/nowhere.jsonl"}, "/nowhere.jsonl: No such file or directory"),
        ([], "the body must be a JSON object"),
    ],
)
def test_wrong_settings_are_refused(serve: Callable[..., Any], values: object, said: str) -> None:
    api = serve()
    reply = api.post("/simulator/config", values)
    assert reply.status == 400
    assert reply.json["error"].startswith(said)
    assert api.chat().status == 200


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(AisbenchError) as caught:
        change(SimulatorSettings(), {"accuracy": "x", "tpot": 1, "model": 5})
    assert len(str(caught.value).splitlines()) == 3
    with pytest.raises(AisbenchError, match="need each other"):
        change(SimulatorSettings(), {"tls_cert": "a.pem"})


def test_a_thread_that_cannot_start_says_why() -> None:
    with run_in_thread() as served:
        taken = pytest.raises(AisbenchError, match=f"127.0.0.1:{served.port}")
        with taken, run_in_thread(SimulatorSettings(), port=served.port):
            pass


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_tls(serve: Callable[..., Any], tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    api = serve(tls_cert=str(cert), tls_key=str(key), tpot_ms=1)
    assert api.served.url.startswith("https://127.0.0.1:")
    api = evolve(api, tls=ssl.create_default_context(cafile=str(cert)))
    assert len(api.text(stream=True, max_tokens=5).events) == 5
    api.post("/simulator/config", {"fail": ["reset:1"]})
    with pytest.raises((OSError, http.client.IncompleteRead)):
        api.text(stream=True, max_tokens=5)
    with pytest.raises(AisbenchError, match=r"cert\.pem"):
        serve(tls_cert=str(cert), tls_key=str(cert))
