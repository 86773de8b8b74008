"""`vllm bench serve` and `aiperf profile`: called, and read request by request.

Both, and aisbench, stamp with clocks of this machine that can be set against each other, so that
runs at the same time can be compared over the very seconds that they share (``shared``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import tomli_w

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from vllm_environment import FOLDER as VLLM  # noqa: E402
from vllm_environment import SURROUNDINGS  # noqa: E402

AIPERF = ROOT / ".dev" / "parity-aiperf"
AIPERF_PACKAGE = "aiperf==0.13.0"
NS = 1e9


@dataclass
class Load:
    """What all of them send: random prompts of ``tokens_in``, answers of ``tokens_out``."""

    url: str
    model: str
    tokenizer: Path
    in_flight: int
    count: int
    """Requests of the original; ours are as many unless ``seconds`` is set."""
    tokens_in: int
    tokens_out: int
    chat: bool = False
    seed: int = 0
    warm_up: int = 4
    backend: str = "vllm"
    """Of aisbench: the offer's name up to "-chat" or "-completions"."""
    seconds: float | None = None
    scrape: bool = False


@dataclass
class Requests:
    """Answered requests; times in s of CLOCK_MONOTONIC."""

    begin: np.ndarray[Any, np.dtype[np.float64]]
    ttft: np.ndarray[Any, np.dtype[np.float64]]
    e2el: np.ndarray[Any, np.dtype[np.float64]]
    tokens: np.ndarray[Any, np.dtype[np.float64]]

    @property
    def end(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        return self.begin + self.e2el

    @property
    def tpot(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """s a token after the first."""
        several = self.tokens > 1
        return (self.e2el - self.ttft)[several] / (self.tokens[several] - 1)

    def within(self, begin: float, end: float) -> Requests:
        """Those that began and ended between the two."""
        kept = (self.begin >= begin) & (self.end <= end)
        return Requests(self.begin[kept], self.ttft[kept], self.e2el[kept], self.tokens[kept])

    def __len__(self) -> int:
        return len(self.begin)


@dataclass
class Run:
    """One run of one tool."""

    report: str
    """What it printed, or wrote as a table."""
    requests: Requests
    summary: dict[str, Any] = field(default_factory=dict)
    out: str = ""


def shared(first: Requests, second: Requests) -> tuple[Requests, Requests]:
    """Of both, the requests that lie in the time in which both were at work."""
    begin = max(first.begin.min(), second.begin.min())
    end = min(first.end.max(), second.end.max())
    return first.within(begin, end), second.within(begin, end)


# -- the originals


@dataclass
class Original:
    """How a tool is had, called and read."""

    name: str
    program: Path
    command: Callable[[Load, Path], list[str]]
    read: Callable[[Path, str], Run]
    environment: dict[str, str]
    lacking: str = ""
    """How to get the program."""

    def missing(self) -> str:
        """Why it cannot run here; empty if it can."""
        return "" if self.program.exists() else f"{self.program} is missing: {self.lacking}"

    def start(self, load: Load, out: Path) -> subprocess.Popen[str]:
        """Start it; ``out`` takes what it writes."""
        return subprocess.Popen(
            [str(self.program), *self.command(load, out)],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=out,
        )  # fmt: skip

    def finish(self, process: subprocess.Popen[str], out: Path, timeout: float = 580) -> Run:
        """Wait for its end and read it."""
        said, _ = process.communicate(timeout=timeout)
        if process.returncode:
            raise RuntimeError(f"{self.name} ended with {process.returncode}: {said[-1500:]}")
        return self.read(out, said)

    def run(self, load: Load, out: Path) -> Run:
        """From start to end."""
        out.mkdir(parents=True, exist_ok=True)
        return self.finish(self.start(load, out), out)


def _vllm_command(load: Load, out: Path) -> list[str]:
    kind = ["--backend", "openai-chat", "--endpoint", "/v1/chat/completions"]
    return [
        "bench", "serve", *(kind if load.chat else ["--backend", "openai"]),
        "--base-url", load.url, "--model", load.model, "--tokenizer", str(load.tokenizer),
        "--dataset-name", "random", "--random-input-len", str(load.tokens_in),
        "--random-output-len", str(load.tokens_out), "--ignore-eos",
        "--num-prompts", str(load.count), "--max-concurrency", str(load.in_flight),
        "--num-warmups", str(load.warm_up), "--seed", str(load.seed), "--disable-tqdm",
        "--percentile-metrics", "ttft,tpot,itl,e2el", "--metric-percentiles", "99",
        "--save-result", "--save-detailed", "--result-dir", str(out),
        "--result-filename", "vllm.json",
    ]  # fmt: skip


def _read_vllm(out: Path, said: str) -> Run:
    found = json.loads((out / "vllm.json").read_text())
    good = np.asarray([not error for error in found["errors"]])
    ttft = np.asarray(found["ttfts"], dtype=np.float64)[good]
    # The details have no latencies in some versions: they are the sum of what they have.
    e2el = ttft + np.asarray([sum(gaps) for gaps in found["itls"]], dtype=np.float64)[good]
    requests = Requests(
        begin=np.asarray(found["start_times"], dtype=np.float64)[good],
        ttft=ttft,
        e2el=e2el,
        tokens=np.asarray(found["output_lens"], dtype=np.float64)[good],
    )
    return Run(said[said.find("=") :], requests)


def _aiperf_command(load: Load, out: Path) -> list[str]:
    return [
        "profile", "--model", load.model, "--url", load.url,
        "--endpoint-type", "chat" if load.chat else "completions", "--streaming",
        "--concurrency", str(load.in_flight), "--request-count", str(load.count),
        "--warmup-request-count", str(load.warm_up), "--tokenizer", str(load.tokenizer),
        "--synthetic-input-tokens-mean", str(load.tokens_in),
        "--synthetic-input-tokens-stddev", "0", "--output-tokens-mean", str(load.tokens_out),
        "--output-tokens-stddev", "0", "--extra-inputs", "ignore_eos:true",
        "--use-server-token-count", "--random-seed", str(load.seed), "--artifact-dir", str(out),
        "--ui", "none", *(["--use-legacy-max-tokens"] if load.chat else []),
    ]  # fmt: skip


def _read_aiperf(out: Path, said: str) -> Run:
    # Its stamps are of the wall clock.
    offset = time.time() - time.monotonic()
    rows = []
    for line in (out / "profile_export.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["metadata"]["benchmark_phase"] == "profiling" and row["metrics"]:
            values = {name: one["value"] for name, one in row["metrics"].items()}
            rows.append(
                (
                    row["metadata"]["request_start_ns"] / NS - offset,
                    values["time_to_first_token"] / 1e3,
                    values["request_latency"] / 1e3,
                    values["output_sequence_length"],
                )
            )
    columns = np.asarray(rows, dtype=np.float64).reshape(-1, 4).T
    return Run((out / "profile_export_console.txt").read_text(), Requests(*columns))


ORIGINALS = {
    "vllm": Original(
        "vllm bench serve", VLLM / "venv" / "bin" / "vllm", _vllm_command, _read_vllm,
        SURROUNDINGS, "python tests/support/vllm_environment.py",
    ),
    "aiperf": Original(
        # Nothing is said of being offline: it then refuses tokenizers in folders.
        "aiperf", AIPERF / "bin" / "aiperf", _aiperf_command, _read_aiperf, {},
        "python benchmarks/originals.py",
    ),
}  # fmt: skip


# -- aisbench


def suite_of(load: Load) -> dict[str, Any]:
    """The same load in aisbench's words."""
    kind = "chat" if load.chat else "completions"
    most = {"requests": load.count} if load.seconds is None else {"duration": load.seconds}
    return {
        "suite": {"name": "v", "mode": "performance", "seed": load.seed},
        "models": {
            "m": {
                "backend": f"{load.backend}-{kind}", "url": load.url, "model": load.model,
                "tokenizer": str(load.tokenizer),
            }
        },
        "datasets": {
            "d": {
                "dataset": "synthetic", "variant": "chat" if load.chat else "text",
                "rows": load.count, "seed": load.seed, "input": load.tokens_in,
                "output": load.tokens_out, "tokenizer": str(load.tokenizer),
            }
        },
        "load": {
            "concurrency": load.in_flight, **most, "warm_up": load.warm_up, "scrape": load.scrape,
        },
    }  # fmt: skip


def ours(load: Load, folder: Path, dialect: str = "", suite: dict[str, Any] | None = None) -> Run:
    """`aisbench run`, and `aisbench report --as` if asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s.toml").write_text(tomli_w.dumps(suite or suite_of(load)))
    done = aisbench(folder, "run", "s.toml")
    if done.returncode:
        raise RuntimeError(f"aisbench ended with {done.returncode}: {done.stdout[-2000:]}")
    path = max(folder.glob("outputs/v/*/performance/m/d/*/summary.json"))
    document = json.loads((path.parent / "load.json").read_text())
    table = pyarrow.parquet.read_table(path.parent / "requests.parquet")
    kept = [
        phase == "measured" and outcome == "success"
        for phase, outcome in zip(
            table["phase"].to_pylist(), table["outcome"].to_pylist(), strict=True
        )
    ]
    column = {
        name: np.asarray(table[name].to_pylist(), dtype=np.float64)[kept]
        for name in ("sent_ns", "first_token_ns", "done_ns", "completion_tokens")
    }
    requests = Requests(
        begin=(column["sent_ns"] + document["start_ns"]) / NS,
        ttft=(column["first_token_ns"] - column["sent_ns"]) / NS,
        e2el=(column["done_ns"] - column["sent_ns"]) / NS,
        tokens=column["completion_tokens"],
    )
    said = done.stdout
    if dialect:
        run = path.parents[4]
        said = aisbench(folder, "report", str(run), "--as", dialect).stdout
    return Run(said, requests, json.loads(path.read_text()), done.stdout)


def aisbench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``aisbench WORDS`` in ``folder``; both outputs are in ``stdout``."""
    return subprocess.run(
        [sys.executable, "-m", "aisbench", *words], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def install_aiperf() -> None:
    """An environment of its own (about 1.2 GB)."""
    if ORIGINALS["aiperf"].program.exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(AIPERF)], check=True)
    pip = [str(AIPERF / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, AIPERF_PACKAGE], check=True)


def middle(values: Sequence[float]) -> float:
    """The median; NaN of nothing."""
    return float(np.median(values)) if len(values) else float("nan")


if __name__ == "__main__":
    install_aiperf()
    print(ORIGINALS["aiperf"].program)
