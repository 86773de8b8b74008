"""Real servers, and every figure of ours beside an oracle.

python benchmarks/real_servers.py [vllm] [llama] [transformers] [triton] [--write FILE]

vllm          vLLM on the CPU (tests/support/vllm_environment.py; about 2 GB)
llama         llama.cpp's server, built here (tests/support/llama_environment.py; 10 minutes)
transformers  `transformers serve` (the environment of the tests; 1.2 GB)
triton        Triton Inference Server from the wheel nvidia-pytriton (250 MB)

All serve a tiny random model. Oracles: a forward pass of the same weights by Transformers (log-
probabilities, greedy answers, token counts), the server's own counters (tokens, requests, cached
prompt tokens), and `vllm bench serve` and aiperf with the same load at the same time (E2EL, TPOT,
TTFT, requests/s, over the seconds that both were at work, within 2 % or three standard errors).

A server that cannot be had is named with the reason. Exit code 1 where a figure disagrees. Takes 6
minutes for vllm, 2 for each other, on two quiet cores.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from originals import ROOT, VLLM, Load, ours, suite_of
from real_checks import (
    Row,
    Server,
    beside,
    counted,
    greedy,
    log_probabilities,
    plainly,
    refused,
    too_long,
)

sys.path.insert(0, str(ROOT / "tests" / "support"))
import llama_environment
import torch_environment
import triton_server
import vllm_environment
from vllm_environment import MODEL

from aisbench.telemetry.families import Series
from aisbench.telemetry.snapshot import Snapshot

MANY = 300
"""Requests of each client in the loads side by side."""


SHARE = float(os.environ.get("REAL_SERVERS_SHARE", "1"))
"""Of all requests; less makes a quick look of it."""


class Skip(Exception):
    """Why a server is not here."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _load(server: Server, count: int, chat: bool = False) -> Load:
    count = max(40, int(count * SHARE))
    return Load(
        url=server.url, model=server.model, tokenizer=server.folder, in_flight=4, count=count,
        tokens_in=64, tokens_out=32, chat=chat, backend=server.backend,
    )  # fmt: skip


def vllm(scratch: Path) -> Iterator[Row]:
    """vLLM 0.32 on the CPU, prefix caching on, cached tokens told."""
    if not (VLLM / "venv" / "bin" / "vllm").exists():
        raise Skip("its environment is missing: python tests/support/vllm_environment.py")
    python = vllm_environment.set_up()
    words = ("--enable-prompt-tokens-details", "--trust-request-chat-template")
    with vllm_environment.vllm_server(VLLM, free_port(), *words) as url:
        server = Server(
            "vLLM", url, "tiny", "vllm", VLLM / MODEL, python, scratch, f"{url}/metrics"
        )
        tokens = ("vllm:prompt_tokens", "vllm:generation_tokens")
        yield from log_probabilities(server)
        yield from greedy(server, tokens)
        yield from greedy(server, tokens, kind="chat")
        yield from too_long(server, _answered)
        for name in ("vllm", "aiperf"):
            yield from beside(server, _load(server, MANY), name)
        long = _load(server, 60)
        long.tokens_in = 384
        hits = ("vllm:prefix_cache_hits",)
        yield from counted(server, long, tokens[:1], tokens[1:], hits)


def _answered(snapshot: Snapshot) -> float:
    return sum(snapshot.values(Series(("vllm:request_success",))))


def llama(scratch: Path) -> Iterator[Row]:
    """llama.cpp's server with the same weights as GGUF."""
    folder = llama_environment.FOLDER
    try:
        llama_environment.build(folder)
    except llama_environment.CannotBuild as error:
        raise Skip(str(error)) from error
    if not (VLLM / MODEL).exists():
        raise Skip("its model is made of vLLM's: python tests/support/vllm_environment.py")
    gguf = llama_environment.model(folder, VLLM / MODEL)
    with llama_environment.llama_server(folder, gguf, free_port()) as url:
        server = Server(
            "llama.cpp", url, "tiny", "openai", VLLM / MODEL,
            VLLM / "venv" / "bin" / "python", scratch, f"{url}/metrics",
        )  # fmt: skip
        prompt = ("llamacpp:prompt_tokens", "llamacpp:prompt_tokens_cached")
        answer = ("llamacpp:tokens_predicted",)
        yield from greedy(server, (*prompt, *answer))
        yield from greedy(server, (*prompt, *answer), kind="chat")
        yield from beside(server, _load(server, MANY))
        cached = ("llamacpp:prompt_tokens_cached",)
        yield from counted(server, _load(server, 60), prompt, answer, cached)


def transformers(scratch: Path) -> Iterator[Row]:
    """`transformers serve`, which has no metrics."""
    python = torch_environment.our_python()
    home, folder = scratch / "home", VLLM / MODEL
    home.mkdir()
    if not folder.exists():
        folder = torch_environment.tiny_model(python, scratch / "model")
    with torch_environment.transformers_serve(python, folder, home) as url:
        server = Server(
            "transformers serve", url, str(folder), "openai", folder, python, scratch,
            ignores_eos=False,
        )  # fmt: skip
        yield from greedy(server)
        yield from greedy(server, kind="chat")
        yield Row(server.name, "/metrics", refused(f"{url}/metrics") or "there", "status 404")


def triton(scratch: Path) -> Iterator[Row]:
    """Triton with Python models: no tokens, a port of its own for metrics."""
    port = free_port()
    with triton_server.triton(scratch, port) as url:
        server = Server(
            "Triton", url, "words", "triton", VLLM / MODEL, Path(sys.executable), scratch,
            f"http://127.0.0.1:{port}/metrics",
        )  # fmt: skip
        for model, backend in (("words", "triton-generate"), ("batch", "triton-infer")):
            yield from _triton_load(server, model, backend)


def _triton_load(server: Server, model: str, backend: str) -> Iterator[Row]:
    load = _load(server, 100)
    suite = suite_of(load)
    suite["models"]["m"] = {
        "backend": backend, "url": server.url, "model": model, "stream": model == "words",
        "generation": {"max_tokens": 7},
    }  # fmt: skip
    suite["datasets"]["d"] = {"dataset": "gsm8k-demo", "variant": "4-shot-cot-text"}
    suite["load"] |= {"scrape": True, "scrape_urls": [server.metrics], "warm_up": 0}
    before = server.counters()
    run = ours(load, server.scratch / f"load-{model}", suite=suite)
    done = server.gained(before, "nv_inference_request_success")
    figures = {one["name"]: one["value"] for one in run.summary["populations"][0]["figures"]}
    yield Row(server.name, f"{model}: requests answered", figures["success_requests"], done)
    seen = run.summary["server"]["counters"].get("requests", "missing")
    yield Row(server.name, f"{model}: requests by scrape", seen, done)
    if model == "words":
        first, whole = plainly(
            f"{server.url}/v2/models/{model}/generate_stream",
            {"text_input": "What is one and one?", "max_tokens": 7, "stream": True},
            load.in_flight, load.count,
        )  # fmt: skip
        for figure, value, truth in (
            ("TTFT", run.requests.ttft, first), ("E2EL", run.requests.e2el, whole),
        ):  # fmt: skip
            yield Row(
                server.name, f"{model}: {figure} mean, ms, beside a bare client right after",
                float(value.mean()) * 1e3, truth, 1.0 + 0.1 * truth,
            )  # fmt: skip
        return
    handled = server.gained(before, "nv_inference_request_duration_us") / 1e3 / done
    yield Row(
        server.name, f"{model}: E2EL mean, ms, beside its own counters",
        float(run.requests.e2el.mean()) * 1e3, handled, 3.0, "HTTP lies between",
    )  # fmt: skip


SERVERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "vllm": vllm, "llama": llama, "transformers": transformers, "triton": triton,
}  # fmt: skip


def table(rows: list[Row]) -> str:
    """Markdown, a line a figure."""

    def shown(value: float | str | None) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"

    lines = ["| server | figure | ours | oracle | difference | |", "|---|---|---|---|---|---|"]
    for row in rows:
        difference = row.difference
        share = ""
        if difference and isinstance(row.oracle, float | int) and row.oracle:
            share = f" ({difference / row.oracle:+.1%})"
        verdict = "" if row.room is None else "agrees" if row.good else "DISAGREES"
        note = f"{verdict}{'; ' if verdict and row.note else ''}{row.note}"
        lines.append(
            f"| {row.server} | {row.figure} | {shown(row.ours)} | {shown(row.oracle)} "
            f"| {shown(difference)}{share} | {note} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Start each server, check, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("servers", nargs="*", choices=[*SERVERS, []], default=[])
    parser.add_argument("--write", type=Path, help="the table, as a file")
    args = parser.parse_args()
    rows: list[Row] = []
    broken = False
    for name in args.servers or SERVERS:
        with tempfile.TemporaryDirectory() as folder:
            checks = SERVERS[name](Path(folder))
            try:
                for row in checks:
                    print(table([row]).splitlines()[-1], flush=True)
                    rows.append(row)
            except (Skip, pytest.skip.Exception) as why:
                rows.append(Row(name, "skipped", "", "", None, str(why)))
            # One server that breaks takes nothing from the others.
            except (
                RuntimeError,
                OSError,
                AssertionError,
                LookupError,
                ValueError,
                TypeError,
                subprocess.SubprocessError,
            ):
                traceback.print_exc()
                rows.append(Row(name, "the check broke", "", "no error", 0))
                broken = True
            finally:
                with contextlib.suppress(Exception):
                    checks.close()  # type: ignore[attr-defined]
    text = table(rows)
    print("\n" + text)
    if args.write:
        args.write.write_text(text + "\n")
    wrong = sum(not row.good for row in rows)
    print(f"\n{len(rows)} figures, {wrong} disagree")
    return 1 if wrong or broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
