"""Failures in every protocol: what broke is counted as failed, and nothing else is."""

from __future__ import annotations

import pytest
from live import Project, simulator

pytestmark = pytest.mark.timeout(300)

STREAMED = (
    "vllm-completions", "openai-responses", "tgi-generate", "triton-generate", "mindie-infer",
    "mindie-generate", "mindie-triton", "vllm-generate",
)  # fmt: skip
NO_END = ("triton-generate", "vllm-generate")
"""Streams without a mark of their end: one that HTTP ends in good order passes for whole."""


@pytest.mark.parametrize("stream", ["true", "false"])
@pytest.mark.parametrize("backend", [*STREAMED, "triton-infer"])
def test_each_failure_is_seen(project: Project, backend: str, stream: str) -> None:
    if backend == "triton-infer" and stream == "true":
        pytest.skip("it cannot stream")
    # Not "reset-before": on a connection that was idle it looks as if the server had closed that,
    # and is answered by another one.
    kinds = ["503", "malformed", "error-in-stream"] + ["reset"] * (stream == "true")
    if stream == "true" and backend == "openai-responses":
        # A delta that cannot be read costs nothing: the last event holds the answer as a whole.
        kinds.remove("malformed")
    if not (stream == "true" and backend in NO_END):
        kinds.append("truncate")
    fails = [word for kind in kinds for word in ("--fail", f"{kind}:0.12")]
    with simulator("--answers", "gsm8k-demo", "--seed", "3", *fails) as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "faults"
            seed = 1
            max_failed = 1.0
            [models.m]
            backend = "{backend}"
            url = "{server.url}"
            model = "simulator"
            stream = {stream}
            retry = {{ attempts = 1 }}
            generation = {{ max_tokens = 300 }}
            [datasets.d]
            dataset = "gsm8k-demo"
            repeats = 4
            """,
        )
        done = project.run("run", "s.toml")
        outcomes = server.stats()["outcomes"]
    assert done.code == 0, done.out + done.err
    broken = {kind: outcomes.get(kind, 0) for kind in kinds}
    assert sum(count > 0 for count in broken.values()) >= 3, broken
    counts = project.result("faults", "m", "d")["counts"]
    assert counts["asked"] == 28 * 4
    assert counts["failed"] == sum(broken.values())
    # The others are whole: all of them are right.
    assert counts["right"] == counts["asked"] - counts["failed"]


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("vllm-chat", "does not look like an OpenAI-compatible API"),
        ("openai-responses", "does not look like the Responses API"),
        ("tgi-generate", "does not look like Text Generation Inference"),
        ("triton-generate", "does not look like Triton's generate extension"),
        ("mindie-infer", "does not look like MindIE (/infer)"),
        ("vllm-generate", "does not look like vLLM's old API"),
    ],
)
def test_another_servers_page_is_named(project: Project, backend: str, said: str) -> None:
    """A login page with status 200 on every route."""
    import http.server
    import threading

    class Page(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b"<html><head><title>Please log in</title></head></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        done = project.run(
            "run", "--backend", backend, "--url", url, "--model", "m", "--dataset", "gsm8k-demo",
            "--limit", "3",
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
    assert done.code != 0
    text = " ".join((done.out + done.err).split())
    assert said in text
    assert "Please log in" in text
