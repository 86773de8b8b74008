"""Is a load with 50 MB/s of pictures as true as one of text? Against stream_server.c and its log.

python benchmarks/media_load.py [truth] [upload] [slow] [--runs 3] [--rate 40] [--core PATH]

Client and server share the machine; `upload` needs a C compiler and Linux. Needs Pillow and PyAV.

1. truth: 60 requests (text, pictures, films) to `aisbench simulate`, which decodes each content:
   what it counted beside what the plan says.
2. upload: `--rate` requests/s, each with one of 120 JPEGs of 940 kB (1.25 MB in base64), beside
   the same load without pictures: MB/s that the server counted, how late requests were sent and
   sockets read, by the server's log too, CPU of the workers a request.
3. slow: bodies of 10 MB to a server that takes 20 MB/s: what is told of sending, and of TTFT.

With `--core PATHS` (as in PYTHONPATH) the runs of 2 use another core, such as an older one: they
are rows of `custom`, as an older `synthetic` makes no pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import tomli_w
from streaming import built, server, spread, truth

MS = 1e6
PICTURES = 120
SECONDS = 12
TOKENS = 16


def suite(folder: Path, url: str, dataset: dict[str, Any], load: dict[str, Any]) -> Path:
    """A performance suite of one data set."""
    path = folder / "s.toml"
    table = {
        "suite": {"name": "b", "mode": "performance", "seed": 7},
        "models": {"m": {"backend": "vllm-chat", "url": url}},
        "datasets": {"d": dataset},
        "load": {"salt": True, **load},
        "summarizers": [],
    }
    path.write_text(tomli_w.dumps(table))
    return path


def run(path: Path, core: str = "") -> dict[str, Any]:
    """Run it, and what its files say."""
    words = [sys.executable, "-m", "aisbench", "run", str(path)]
    env = {**os.environ, "AISBENCH_DATA": str(path.parent / "data")}
    if core:
        env["PYTHONPATH"] = core
    done = subprocess.run(words, cwd=path.parent, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"aisbench run ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    (found,) = path.parent.glob("outputs/b/*/performance/m/d/load")
    table = pyarrow.parquet.read_table(found / "requests.parquet")
    measured = np.asarray([phase == "measured" for phase in table["phase"].to_pylist()])
    return {
        "summary": json.loads((found / "summary.json").read_bytes()),
        "load": json.loads((found / "load.json").read_bytes()),
        "columns": {
            name: table[name].to_numpy()[measured]
            for name in table.column_names
            if name.endswith("_ns") or name in ("uploaded", "pictures", "frames", "pixels")
        },
    }


def asked(url: str, path: str) -> Any:
    """JSON from a server."""
    with urllib.request.urlopen(f"{url}{path}", timeout=30) as reply:
        return json.loads(reply.read())


# -- 1


def told_truth() -> None:
    """Counts of the checking simulator, beside the plan."""
    print("1. truth: 60 requests (30 of text, 18 with two pictures, 12 with a film), all decoded")
    mix = [
        {"share": 50},
        {"share": 30, "pictures": 2, "width": 640, "height": 480, "place": "between"},
        {"share": 20, "films": 1, "width": 160, "height": 120, "seconds": 2.0, "fps": 8.0},
    ]
    with tempfile.TemporaryDirectory() as name, simulator() as url:
        media = {"mix": mix, "pool": 10}
        dataset = {
            "dataset": "synthetic", "unit": "words", "rows": 60, "input": 20, "output": 4,
            "media": media,
        }  # fmt: skip
        path = suite(
            Path(name),
            url,
            dataset,
            {"shape": "poisson", "rate": 20, "requests": 60, "warm_up": 0},
        )
        found = run(path)
        seen = asked(url, "/simulator/stats")["media"]
        sent = {one: int(np.nansum(found["columns"][one])) for one in ("pictures", "frames")}
        sizes = {one.filename: one.file_size for one in archive(path.parent)}
    for word, kind, planned in (
        ("pictures", "image", "36"),
        ("frames", "video", "12 of 16 frames"),
    ):
        one, count = seen[kind], sent[word]
        what = f"recorded {count} {word}, decoded {one['items']}, refused {one['refused']}"
        print(f"   {kind}: planned {planned}, {what}")
    size, taken = sum(sizes.values()), seen["image"]["bytes"] + seen["video"]["bytes"]
    print(
        f"   {len(sizes)} different ones of {size / 1e6:.2f} MB were made; the server took "
        f"{taken / 1e6:.2f} MB of contents\n"
    )


def archive(folder: Path) -> list[zipfile.ZipInfo]:
    """What was made."""
    (path,) = folder.glob("data/synthetic-media/*.zip")
    with zipfile.ZipFile(path) as opened:
        return opened.infolist()


@contextmanager
def simulator() -> Iterator[str]:
    """`aisbench simulate`, without warm-up's requests in its counts."""
    port = 20_000 + os.getpid() % 10_000
    words = [sys.executable, "-m", "aisbench", "simulate", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                asked(url, "/v1/models")
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


# -- 2


def uploads(binary: Path, runs: int, rate: float, core: str) -> None:
    """Text beside pictures, in turn."""
    print(f"2. upload: {rate:g} requests/s for {SECONDS} s, {TOKENS} tokens at 10 ms, {runs} runs "
          f"each{', core of ' + core if core else ''}")  # fmt: skip
    kinds: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as kept:
        pictures = made(Path(kept))
        for _ in range(runs):
            for kind in ("text", "pictures"):
                with tempfile.TemporaryDirectory() as folder, server(binary, 50, 10) as url:
                    one = measured(Path(folder), url, kind, pictures, rate, core)
                for name, value in one.items():
                    kinds.setdefault(name, {}).setdefault(kind, []).append(value)
    for name, values in kinds.items():
        ratio = statistics.median(values["pictures"]) / (statistics.median(values["text"]) or 1)
        print(f"   {name:<38} pictures {spread(values['pictures'])}, text "
              f"{spread(values['text'])}, ratio {ratio:.2f}")  # fmt: skip
    print()


def made(folder: Path) -> list[Path]:
    """Files of JPEG pictures of about 940 kB."""
    from aisbench_plugin_synthetic.media_making import make
    from aisbench_plugin_synthetic.media_plan import Content

    paths = []
    for at in range(PICTURES):
        content = Content(
            kind="image", form="jpeg", seed=f"b/{at}", noise=0.3, width=1600, height=1400,
            quality=85,
        )  # fmt: skip
        paths.append(folder / f"{at}.jpg")
        paths[-1].write_bytes(make(content))
    return paths


def measured(
    folder: Path, url: str, kind: str, pictures: list[Path], rate: float, core: str
) -> dict[str, float]:
    """One load, and how true it was."""
    rows = []
    for at in range(int(rate * SECONDS * 2)):
        row: dict[str, Any] = {"question": f"{at} what is it?", "answer": "?"}
        if kind == "pictures":
            row["image"] = str(pictures[at % PICTURES])
        rows.append(json.dumps(row))
    (folder / "rows.jsonl").write_text("\n".join(rows) + "\n")
    dataset: dict[str, Any] = {"dataset": "custom", "path": "rows.jsonl"}
    if kind == "pictures":
        dataset["columns"] = {"images": ["image"]}
    dataset["generation"] = {"max_tokens": TOKENS}
    load = {"shape": "poisson", "rate": rate, "duration": SECONDS}
    found = run(suite(folder, url, dataset, load), core)
    with urllib.request.urlopen(f"{url}/uploaded", timeout=30) as reply:
        uploaded = int(reply.read())
    columns, start = found["columns"], found["load"]["start_ns"]
    count = len(columns["sent_ns"])
    log = truth(url)[-count:]
    health = found["summary"]["health"]["values"]
    cpu = sum(one["cpu_ns"] for one in found["load"]["counters"])
    span = (columns["done_ns"].max() - columns["scheduled_ns"].min()) / 1e9
    late = [
        (np.sort(columns[name]) + start - np.sort(log[:, at])) / MS
        for name, at in (("first_token_ns", 1), ("done_ns", 2))
    ]
    return {
        "MB/s that the server counted": uploaded / span / 1e6,
        "send lag p99 ms": health["schedule_lag_ms_p99"],
        "send lag max ms": health["schedule_lag_ms_max"],
        "first token read late, mean ms": float(late[0].mean()),
        "first token read late, p99 ms": float(np.percentile(late[0], 99)),
        "last token read late, p99 ms": float(np.percentile(late[1], 99)),
        "loop lag p99 ms": health["loop_lag_ms_p99"],
        "CPU ms of the workers a request": cpu / 1e6 / count,
    }


# -- 3


def slow() -> None:
    """Large bodies to a server that takes its time."""
    print("3. slow: pictures of 7.5 MB (10 MB in base64), one at a time, to a server of 20 MB/s")
    with tempfile.TemporaryDirectory() as name, slow_server() as url:
        media = {
            "mix": [
                {"pictures": 1, "kilobytes": 7500, "width": 3000, "height": 2500, "noise": 0.3}
            ],
            "pool": 2,
        }
        dataset = {
            "dataset": "synthetic", "unit": "words", "rows": 8, "input": 10, "output": 2,
            "media": media,
        }  # fmt: skip
        load = {"shape": "closed", "concurrency": 1, "requests": 8, "warm_up": 0}
        columns = run(suite(Path(name), url, dataset, load))["columns"]
    upload = columns["upload_ns"] / MS
    ttft = (columns["first_token_ns"] - columns["sent_ns"]) / MS
    late = (columns["sent_ns"] - columns["upload_ns"] - columns["scheduled_ns"]) / MS
    size = columns["uploaded"].mean() / 1e6
    print(
        f"   {size:.2f} MB a request; upload {spread(upload)} ms; TTFT from the last byte "
        f"{spread(ttft)} ms\n   (50 ms by the server, and what lay in sockets); first byte "
        f"{spread(late)} ms after it was due\n"
    )


SLOW = """
import asyncio
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\\n\\n'
async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            at = head.lower().find(b"content-length:")
            left = int(head[at + 15:].split(b"\\r")[0]) if at >= 0 else 0
            while left > 0:
                left -= len(await reader.readexactly(min(left, 200_000)))
                await asyncio.sleep(0.01)
            if head.startswith(b"GET"):
                body = b'{"object":"list","data":[{"id":"fast"}]}'
                writer.write(b"HTTP/1.1 200 OK\\r\\n")
                writer.write(b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
                continue
            await asyncio.sleep(0.05)
            body = EVENT + EVENT + b"data: [DONE]\\n\\n"
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n"
                         b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**18)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def slow_server() -> Iterator[str]:
    """A server that reads some 20 MB/s."""
    process = subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", help="of: truth, upload, slow; none: all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=40)
    parser.add_argument("--core", default="")
    args = parser.parse_args()
    parts = args.parts or ["truth", "upload", "slow"]
    if "truth" in parts:
        told_truth()
    if "upload" in parts:
        with built() as binary:
            uploads(binary, args.runs, args.rate, args.core)
    if "slow" in parts:
        slow()


if __name__ == "__main__":
    main()
