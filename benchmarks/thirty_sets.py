"""Thirty data sets of one model in one command: killed three times, and with a long tail.

python benchmarks/thirty_sets.py [--sets 30] [--repeats 40] [--concurrency 64] [--tails]

The rows are made up, in the official layouts: those that the packages of data sets are tested on
(plugins/datasets/*/tests/data), each asked `--repeats` times. A simulated server answers them.

First the suite is run to its end; then once more, killed (SIGKILL) when a quarter, a half and
three quarters of its answers are stored, and resumed each time. Printed are the wall times of
both, how many requests the server got for how many answers, and whether all figures are the same.

With --tails a server answers most requests after 20 ms, and three of a hundred after 1.5 s. The
same suite is asked as one, and each of its sets in a run of its own, one after the other, as where
sets are tasks that wait for each other. The times are from the first request sent to the last
answer read, so that starting programs and reading files count for neither.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "plugins" / "datasets"
SETS: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        name: (f"commonsense/tests/data/{name}", {})
        for name in (
            "arc-challenge", "arc-easy", "boolq", "commonsenseqa", "hellaswag", "openbookqa",
            "piqa", "race", "race-last", "siqa", "winogrande",
        )
    },
    **{
        name: (f"reading/tests/data/{name}", {})
        for name in ("drop", "triviaqa", "triviaqa-csv", "triviaqa-unfiltered")
    },
    **{
        name: (f"summaries/tests/data/{name}", {})
        for name in ("xsum", "cnn-dailymail", "dialogsum")
    },
    "gsm8k": ("gsm8k/tests/data", {}),
    "math500": ("math500/tests/data", {}),
    "gpqa": ("gpqa/tests/data", {}),
    "ifeval": ("ifeval/tests/data", {}),
    "agieval-cloze": ("agieval/tests/data", {}),
    "agieval-en": ("agieval/tests/data", {"parts": ["aqua-rat", "sat-en"]}),
    "mmlu": ("mmlu/tests/data", {"parts": ["astronomy", "virology"]}),
    "ceval": ("ceval/tests/data", {"parts": ["law", "logic"]}),
    "bbh": ("bbh/tests/data", {"parts": ["navigate", "word_sorting"]}),
    "mgsm": ("mgsm/tests/data", {"parts": ["en", "zh"]}),
    "gsm8k-demo": ("", {}),
    "custom": ("custom/tests/data/questions.jsonl", {"evaluator": "exact"}),
}  # fmt: skip
"""Data set -> where its made-up rows are, and further keys."""

NAME = "thirty"
USUAL_S, LATE_S, LATE_SHARE = 0.02, 1.5, 0.03


def suite_text(names: Sequence[str], url: str, repeats: int, concurrency: int) -> str:
    """The suite in TOML."""
    lines = [
        f'[suite]\nname = "{NAME}"\nseed = 1\n',
        f'[models.sim]\nbackend = "vllm-chat"\nurl = "{url}"\nconcurrency = {concurrency}\n',
    ]
    for name in names:
        place, more = SETS[name]
        keys: dict[str, Any] = {"dataset": name, "repeats": repeats, **more}
        if place:
            keys["path"] = str(DATA / place)
        lines.append(f"[datasets.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def simulated(folder: Path) -> Iterator[str]:
    """The address of a simulated model."""
    port_file = folder / "port"
    words = ["--port", "0", "--port-file", str(port_file), "--ttft-ms", "5", "--tpot-ms", "0.2"]
    command = [sys.executable, "-m", "aisbench_plugin_simulator", *words, "--output-tokens", "24"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # it complains of each client that is killed
    )
    try:
        while not (port_file.exists() and port_file.read_text().strip()):
            if process.poll() is not None:
                raise RuntimeError("the simulated server ended at once")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text().strip()}"
    finally:
        process.terminate()
        process.wait()


def received(url: str) -> int:
    """Requests for answers that the simulated server got so far."""
    with urllib.request.urlopen(f"{url}/simulator/stats", timeout=10) as reply:
        return int(sum(json.load(reply)["requests"].get("/v1/chat/completions", {}).values()))


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """`aisbench` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "aisbench", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "100"},
    )


def stored(folder: Path) -> int:
    """Answers in the journals of the only run in a folder."""
    files = (folder / "outputs" / NAME).glob("*/predictions/*/*.jsonl")
    return sum(file.read_bytes().count(b"\n") for file in files)


def finished(process: subprocess.Popen[bytes]) -> None:
    """Wait for a program that must succeed."""
    if code := process.wait():
        raise RuntimeError(f"{process.args!r} ended with {code}")


def figures(folder: Path) -> dict[str, float]:
    """Every figure of the only run in a folder."""
    (run,) = (folder / "outputs" / NAME).iterdir()
    document = json.loads((run / "summary" / "summary.json").read_text(encoding="utf-8"))
    if not document["complete"]:
        raise RuntimeError(f"{run} is incomplete")
    return {
        f"{task['dataset']} {figure['name']} {figure['part']}": figure["value"]
        for task in document["tasks"]
        for figure in task["figures"]
    }


def calm(folder: Path) -> float:
    """Seconds of the whole suite in one process."""
    begun = time.perf_counter()
    finished(start(folder, "run", "suite.toml"))
    return time.perf_counter() - begun


def killed(folder: Path, answers: int, kills: int = 3) -> float:
    """Seconds of the suite when it is killed ``kills`` times, evenly among its ``answers``."""
    begun = time.perf_counter()
    words = ["run", "suite.toml"]
    for number in range(kills):
        process = start(folder, *words)
        while stored(folder) < answers * (number + 1) // (kills + 1):
            if process.poll() is not None:
                raise RuntimeError("the run ended before it could be killed")
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        words = ["run", "suite.toml", "--resume"]
    finished(start(folder, *words))
    return time.perf_counter() - begun


def survive(names: Sequence[str], repeats: int, concurrency: int) -> bool:
    """One run to its end, one that is killed; prints both. Returns whether they agree."""
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        url = stack.enter_context(simulated(folders[0]))
        for folder in folders:
            text = suite_text(names, url, repeats, concurrency)
            (folder / "suite.toml").write_text(text, encoding="utf-8")
        seconds = calm(folders[0])
        answers, asked = stored(folders[0]), received(url)
        print(f"{len(names)} sets, {answers} answers, concurrency {concurrency}: {seconds:.1f} s")
        seconds = killed(folders[1], answers)
        again = received(url) - asked
        same = figures(folders[0]) == figures(folders[1])
        print(
            f"killed three times and resumed: {seconds:.1f} s, {again} requests for "
            f"{stored(folders[1])} answers; figures {'equal' if same else 'DIFFER'}"
        )
        return same and stored(folders[1]) == answers


# -- the long tail


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection: late or not is decided by the content of the request."""
    body = b'{"object": "list", "data": [{"id": "tailed", "object": "model"}]}'
    message = {"index": 0, "message": {"role": "assistant", "content": "A"}}
    answer = json.dumps(
        {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "tailed",
            "choices": [{**message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        }
    ).encode()
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0].strip()
            content = await reader.readexactly(int(length or b"0"))
            if head.startswith(b"POST"):
                drawn = int.from_bytes(hashlib.sha256(content).digest()[:4], "big") / 2**32
                await asyncio.sleep(LATE_S if drawn < LATE_SHARE else USUAL_S)
            sent = answer if head.startswith(b"POST") else body
            kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            writer.write(kind + b"%d\r\n\r\n" % len(sent) + sent)
    writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def tailed() -> Iterator[str]:
    """The address of a server with a long tail."""
    command = [sys.executable, __file__, "--serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def asking_time(run: Path) -> float:
    """Seconds from the first request of a run to its last answer."""
    sent, done = [], []
    for file in run.glob("predictions/*/*.jsonl"):
        for line in file.read_bytes().splitlines():
            timing = json.loads(line)["timing"]
            sent.append(timing["sent"])
            done.append(timing["done"])
    return float(max(done) - min(sent)) / 1e9


def tails(names: Sequence[str], repeats: int, concurrency: int) -> None:
    """The suite as one, and set by set."""
    import aisbench

    with tempfile.TemporaryDirectory() as output, tailed() as url:

        def seconds(chosen: Sequence[str]) -> tuple[float, int]:
            file = Path(output) / "suite.toml"
            text = suite_text(chosen, url, repeats, concurrency).replace(
                "concurrency", "stream = false\nconcurrency"
            )
            file.write_text(text, encoding="utf-8")
            result = aisbench.run(file, output=output)
            return asking_time(result.path), sum(one.counts.asked for one in result.scores)

        apart = [seconds([name]) for name in names]
        together, answers = seconds(names)
        before = sum(one for one, _ in apart)
        print(
            f"a long tail ({answers} answers, {LATE_SHARE:.0%} after {LATE_S} s): set by set "
            f"{before:.1f} s, as one suite {together:.1f} s, {before / together:.1f} times as fast"
        )


def main() -> None:
    """Both parts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sets", type=int, default=len(SETS))
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--tails", action="store_true", help="measure the long tail instead")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(_serve())
        return
    names = list(SETS)[: args.sets]
    if args.tails:
        tails(names, args.repeats, args.concurrency)
    elif not survive(names, args.repeats, args.concurrency):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
