"""Other load generators beside ours, on the same server and machine, each in its own environment.

python benchmarks/peers.py FOLDER [--runs 3] [--only evalscope,aiperf]

FOLDER keeps an environment for each peer (evalscope, aiperf, guidellm: 1 to 2 GB each), made with
uv where it is missing, and a tokenizer that some of them ask for. Against
benchmarks/stream_server.c, whose log is the truth:

1. throughput: 64 in flight, 2000 answers of 64 events, no delay: events a second between the
   server's first arrival and last event, CPU of the whole command per 1000 events.
2. fidelity: 200 in flight, 1000 answers of 32 events, TTFT 50 ms and 10 ms a token: the mean TTFT
   and E2EL that each reports.

Runs are interleaved. A peer whose command has changed or fails is named, and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streaming import aisbench, built, server, spread, truth

TORCH = "torch==2.13.0"
FAILURES = (RuntimeError, subprocess.SubprocessError, ValueError, KeyError)


@dataclass
class Peer:
    """How a tool is installed, called and read."""

    package: str
    command: Callable[[Path, str, int, int, int, Path, Path], list[str]]
    read: Callable[[Path], tuple[float, float]]
    """Mean TTFT and E2EL in ms, from the folder of its output."""


def _evalscope(
    bin_: Path, url: str, flight: int, count: int, tokens: int, tokenizer: Path, out: Path
) -> list[str]:
    return [
        str(bin_ / "evalscope"), "perf", "--url", f"{url}/v1/chat/completions", "--model", "fast",
        "--api", "openai", "--dataset", "random", "--tokenizer-path", str(tokenizer),
        "--min-prompt-length", "32", "--max-prompt-length", "32", "--prefix-length", "0",
        "--max-tokens", str(tokens), "--min-tokens", str(tokens), "--parallel", str(flight),
        "--number", str(count), "--stream", "--outputs-dir", str(out),
    ]  # fmt: skip


def _read_evalscope(out: Path) -> tuple[float, float]:
    (path,) = out.rglob("benchmark_summary.json")
    found = json.loads(path.read_text())
    return found["Avg TTFT (ms)"], found["Avg Latency (s)"] * 1000


def _aiperf(
    bin_: Path, url: str, flight: int, count: int, tokens: int, tokenizer: Path, out: Path
) -> list[str]:
    return [
        str(bin_ / "aiperf"), "profile", "--model", "fast", "--url", url,
        "--endpoint-type", "chat", "--streaming", "--concurrency", str(flight),
        "--request-count", str(count), "--tokenizer", str(tokenizer),
        "--synthetic-input-tokens-mean", "32", "--output-tokens-mean", str(tokens),
        "--artifact-dir", str(out), "--ui", "none",
    ]  # fmt: skip


def _read_aiperf(out: Path) -> tuple[float, float]:
    found = json.loads((out / "profile_export_aiperf.json").read_text())
    return found["time_to_first_token"]["avg"], found["request_latency"]["avg"]


def _guidellm(
    bin_: Path, url: str, flight: int, count: int, tokens: int, tokenizer: Path, out: Path
) -> list[str]:
    return [
        str(bin_ / "guidellm"), "run", "--backend", f"kind=openai_http,target={url},model=fast",
        "--profile", f"kind=concurrent,streams={flight}",
        "--constraint", f"kind=max_requests,count={count}",
        "--data", f"kind=synthetic_text,prompt_tokens=32,output_tokens={tokens}",
        "--tokenizer", f"kind=huggingface_auto,model={tokenizer}",
        "--output", f"kind=json,path={out / 'g.json'}", "--disable-console-interactive",
    ]  # fmt: skip


def _read_guidellm(out: Path) -> tuple[float, float]:
    metrics = json.loads((out / "g.json").read_text())["benchmarks"][0]["metrics"]
    ttft = metrics["time_to_first_token_ms"]["successful"]["mean"]
    return ttft, metrics["request_latency"]["successful"]["mean"] * 1000


PEERS = {
    "evalscope": Peer("evalscope[perf]==1.14.1", _evalscope, _read_evalscope),
    "aiperf": Peer("aiperf", _aiperf, _read_aiperf),
    "guidellm": Peer("guidellm==0.8.1", _guidellm, _read_guidellm),
}


def install(folder: Path, name: str) -> None:
    """An environment of its own."""
    place = folder / name
    if (place / "bin" / name).exists():
        return
    uv = shutil.which("uv") or str(Path(sysconfig.get_path("scripts")) / "uv")
    subprocess.run([uv, "venv", "-q", str(place)], check=True)
    links = os.environ.get("PIP_FIND_LINKS", "")
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", str(place / "bin" / "python"),
         PEERS[name].package, TORCH],
        check=True, env={**os.environ, **({"UV_FIND_LINKS": links} if links else {})},
    )  # fmt: skip


def make_tokenizer(folder: Path) -> Path:
    """A small one of our own: no model is needed, and nothing is downloaded."""
    place = folder / "tokenizer"
    if place.exists():
        return place
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    text = [path.read_text(errors="replace") for path in Path(__file__).parent.glob("*.py")]
    made.train_from_iterator(
        text,
        trainers.BpeTrainer(
            vocab_size=2048,
            special_tokens=["<|endoftext|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    place.mkdir(parents=True)
    made.save(str(place / "tokenizer.json"))
    (place / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|endoftext|>",
                "pad_token": "<|endoftext|>",
                "model_max_length": 4096,
                "chat_template": "{% for m in messages %}{{ m['content'] }}\n{% endfor %}",
            }
        )
    )
    (place / "config.json").write_text('{"model_type": "qwen2"}')
    return place


@dataclass
class Measured:
    """One run of one tool."""

    rate: float
    """Events a second, by the server's log."""
    cpu: float
    """ms of the whole command per 1000 events."""
    ttft: float
    e2el: float


def measure(
    binary: Path, folder: Path, name: str, flight: int, count: int, tokens: int, delays: Any
) -> Measured:
    """Run one tool once."""
    with server(binary, *delays) as url, tempfile.TemporaryDirectory() as scratch:
        if name == "aisbench":
            run = aisbench(url, tokens, {"concurrency": flight, "requests": count})
            ttft, e2el = run.statistic("ttft")["mean"], run.statistic("e2el")["mean"]
            used = run.cpu_seconds
        else:
            peer = PEERS[name]
            out = Path(scratch)
            words = peer.command(
                folder / name / "bin", url, flight, count, tokens, make_tokenizer(folder), out
            )
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            # Nothing is said of being offline: aiperf then refuses tokenizers in folders.
            done = subprocess.run(words, cwd=scratch, capture_output=True, text=True, timeout=600)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if done.returncode:
                raise RuntimeError((done.stdout + done.stderr)[-500:])
            ttft, e2el = peer.read(out)
        log = truth(url)[-count:]
    events = int(log[:, 3].sum())
    seconds = (log[:, 2].max() - log[:, 0].min()) / 1e9
    return Measured(rate=events / seconds, cpu=used / events * 1e6, ttft=ttft, e2el=e2el)


def main() -> None:
    """Install, run in turn, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default=",".join(PEERS))
    args = parser.parse_args()
    folder = args.folder.absolute()
    names = ["aisbench", *args.only.split(",")]
    for name in names[1:]:
        install(folder, name)
    loads = {
        "throughput: 64 in flight, 64 events an answer, no delay": (64, 2000, 64, (0, 0)),
        "fidelity: 200 in flight, truth TTFT 50 ms, E2EL 360 ms": (200, 1000, 32, (50, 10)),
    }
    with built() as binary:
        for title, (flight, count, tokens, delays) in loads.items():
            print(title)
            found: dict[str, list[Measured]] = {name: [] for name in names}
            for _ in range(args.runs):
                for name in names:
                    try:
                        one = measure(binary, folder, name, flight, count, tokens, delays)
                        found[name].append(one)
                    except (
                        RuntimeError,
                        subprocess.TimeoutExpired,
                        ValueError,
                        KeyError,
                    ) as error:
                        print(f"   {name}: left out: {str(error)[-300:]}")
            best = max(
                (statistics.median(one.rate for one in runs)
                 for name, runs in found.items() if name != "aisbench" and runs),
                default=0.0,
            )  # fmt: skip
            for name, runs in found.items():
                if runs:
                    print(
                        f"   {name:<10} {spread([one.rate / 1000 for one in runs])} thousand "
                        f"events/s, {spread([one.cpu for one in runs])} ms CPU per 1000 (start-up "
                        f"included); says TTFT {spread([one.ttft for one in runs])} ms, E2EL "
                        f"{spread([one.e2el for one in runs])} ms"
                    )
            if best:
                ours = statistics.median(one.rate for one in found["aisbench"])
                print(f"   ratio to the best peer {ours / best:.1f}")


if __name__ == "__main__":
    main()
