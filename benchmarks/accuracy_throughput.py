"""Requests/s and CPU per request of an accuracy run, beside a bare aiohttp client.

python benchmarks/accuracy_throughput.py [--requests 6000] [--concurrency 256] [--runs 5]

Both clients run on uvloop in a process of their own, against benchmarks/fast_server.py in another,
and send the same request bodies. The bare client reads each answer whole and parses it once (or
each event once, when streaming). aisbench does everything that a run does: renders prompts,
journals durably, scores. The clock of both runs from the first request to the last answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def write_data(folder: Path, rows: int) -> None:
    """A data set in GSM8K's layout; each question differs."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(
            {
                "question": f"A farm packs pears in boxes of 6. On day {row} it fills 3 boxes for "
                f"each of its {row % 9 + 1} customers. How many pears does one customer get?",
                "answer": "One customer gets 3*6=<<3*6=18>>18 pears.\n#### 18",
            }
        )
        for row in range(rows)
    ]
    for name in ("test", "train"):
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def plan_of(port: int, folder: Path, concurrency: int, stream: bool):  # type: ignore[no-untyped-def]
    """The plan of a run over the made-up data set."""
    from aisbench.config.planner import make_plan
    from aisbench.config.source import Override, read_source
    from aisbench.plugins.discovery import discover

    model = {
        "backend": "vllm-chat",
        "url": f"http://127.0.0.1:{port}",
        "concurrency": concurrency,
        "stream": stream,
        "model": "fast",
    }
    data = {"dataset": "gsm8k", "path": str(folder)}
    return make_plan(
        read_source(
            None,
            [
                Override(path=("models", "fast"), value=model, origin="benchmark"),
                Override(path=("datasets", "pears"), value=data, origin="benchmark"),
            ],
        ),
        discover(),
    )


def run_aisbench(port: int, folder: Path, concurrency: int, stream: bool) -> None:
    """The inference stage of a run, with its journal."""
    import uvloop

    from aisbench.conversation.prepare import prepare
    from aisbench.stages.infer import Inference
    from aisbench.stages.progress import Progress
    from aisbench.store.redactor import Redactor
    from aisbench.store.run import create_run

    plan = plan_of(port, folder, concurrency, stream)
    rows = prepare(plan)
    with tempfile.TemporaryDirectory() as output:
        inference = Inference(
            plan=plan,
            rows=rows,
            run=create_run(Path(output), "bench"),
            session=1,
            progress=Progress(tasks=[]),
            redactor=Redactor(),
        )
        begun, cpu = time.perf_counter(), time.process_time()
        uvloop.run(inference.execute({}))
        report(inference.progress.tasks[0].done, begun, cpu)
        assert inference.progress.tasks[0].failed == 0


def run_bare(port: int, folder: Path, concurrency: int, stream: bool) -> None:
    """A plain aiohttp client: the same bodies, the answer parsed and dropped."""
    import aiohttp
    import orjson
    import uvloop

    from aisbench.conversation.asking import conversations_of
    from aisbench.conversation.prepare import prepare

    plan = plan_of(port, folder, concurrency, stream)
    rows = prepare(plan)
    task = plan.tasks[0]
    bodies = [
        task.model.backend.encode(one.request()).body
        for one in conversations_of(task, rows["pears"], "fast", 0)
    ]

    async def client() -> None:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        headers = {"Content-Type": "application/json"}
        work = iter(bodies)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def worker() -> None:
                for body in work:
                    async with session.post(url, data=body, headers=headers) as reply:
                        if not stream:
                            orjson.loads(await reply.read())
                            continue
                        async for line in reply.content:
                            if line.startswith(b"data: {"):
                                orjson.loads(line[6:])

            await asyncio.gather(*(worker() for _ in range(concurrency)))

    begun, cpu = time.perf_counter(), time.process_time()
    uvloop.run(client())
    report(len(bodies), begun, cpu)


def report(requests: int, begun: float, cpu: float) -> None:
    """One JSON line for the parent."""
    seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    print(json.dumps({"rate": requests / seconds, "cpu_ms": used / requests * 1000}))


def main() -> None:
    """Interleave the two clients and print medians, spread and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=6000)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=16, help="events of a streamed answer")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        client, port, folder, stream = args.one
        target = run_aisbench if client == "aisbench" else run_bare
        target(int(port), Path(folder), args.concurrency, stream == "stream")
        return
    server = subprocess.Popen(
        [sys.executable, str(HERE / "fast_server.py"), "0", str(args.events)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split()[-1]
        with tempfile.TemporaryDirectory() as folder:
            write_data(Path(folder), args.requests)
            for mode in ("whole", "stream"):
                measure(args, port, folder, mode)
    finally:
        server.kill()


def measure(args: argparse.Namespace, port: str, folder: str, mode: str) -> None:
    """One table: both clients in one mode."""
    found: dict[str, list[dict[str, float]]] = {"bare aiohttp": [], "aisbench": []}
    for _ in range(args.runs):
        for name, results in found.items():
            output = subprocess.run(
                [
                    sys.executable, __file__, "--concurrency", str(args.concurrency),
                    "--one", name, port, folder, mode,
                ],
                check=True, capture_output=True, text=True,
            ).stdout  # fmt: skip
            results.append(json.loads(output.splitlines()[-1]))
    shape = "one body" if mode == "whole" else f"stream of {args.events} events"
    print(
        f"{args.requests} requests, {args.concurrency} in flight, {shape}, {args.runs} runs each"
    )
    medians = {}
    for name, results in found.items():
        rates = sorted(result["rate"] for result in results)
        medians[name] = statistics.median(rates)
        cpu = statistics.median(result["cpu_ms"] for result in results)
        print(
            f"  {name:<13} {medians[name]:7.0f} requests/s (from {rates[0]:.0f} to "
            f"{rates[-1]:.0f})  {cpu:.3f} ms CPU per request"
        )
    print(f"  ratio         {medians['aisbench'] / medians['bare aiohttp']:7.2f}\n")


if __name__ == "__main__":
    main()
