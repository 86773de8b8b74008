"""What a request costs the simulator: its CPU time, by kind of request.

``python benchmarks/simulator_speed.py [--against FOLDER] [--rounds 3]``

Prints, for chats and completions, whole and streamed, a long prompt, an answer of a schema and a
picture, the CPU time of the server's process for one request, and how many requests one core so
answers in a second. ``--against`` names the ``src`` folder of another simulator (an older
commit's, such as ``git archive`` makes it), which is measured beside, turn by turn; the least of
the rounds counts. Linux only: CPU times are read from ``/proc``.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
WORDS = "Hello there, how is it? "
AT_ONCE = 8


def kinds() -> dict[str, tuple[str, dict[str, Any], int]]:
    """The route, the body and the number of requests of each kind."""
    user = [{"role": "user", "content": WORDS * 20}]
    usage = {"stream": True, "stream_options": {"include_usage": True}}
    found: dict[str, tuple[str, dict[str, Any], int]] = {
        "chat, streamed": (CHAT, {"messages": user, "max_tokens": 64, **usage}, 1000),
        "chat": (CHAT, {"messages": user, "max_tokens": 64}, 1000),
        "completion, streamed": (
            TEXT, {"prompt": WORDS * 20, "max_tokens": 64, "stream": True}, 1000,
        ),
        "chat of 12000 tokens": (
            CHAT, {"messages": [{"role": "user", "content": WORDS * 2000}], "max_tokens": 4}, 150,
        ),
    }  # fmt: skip
    return found


def new_kinds() -> dict[str, tuple[str, dict[str, Any], int]]:
    """The kinds that older simulators refuse, or do not look at."""
    user = [{"role": "user", "content": WORDS}]
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "ages": {"type": "array", "minItems": 2,
                       "items": {"type": "integer", "minimum": 0, "maximum": 99}}},
        "required": ["name", "ages"],
    }  # fmt: skip
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    found: dict[str, tuple[str, dict[str, Any], int]] = {
        "4 choices, streamed": (
            CHAT, {"messages": user, "max_tokens": 16, "n": 4, "stream": True}, 400,
        ),
        "answer of a schema": (CHAT, {"messages": user, "response_format": form}, 400),
    }  # fmt: skip
    try:
        from PIL import Image
    except ImportError:
        print("without Pillow, pictures are left out")
        return found
    out = io.BytesIO()
    Image.effect_noise((512, 512), 60).convert("RGB").save(out, "JPEG")
    url = f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
    part = {"type": "image_url", "image_url": {"url": url}}
    shown = [{"role": "user", "content": [part]}]
    name = f"a picture of {len(out.getvalue()) // 1000} kB, seen before"
    found[name] = (CHAT, {"messages": shown, "max_tokens": 4}, 150)
    return found


@contextmanager
def server(source: Path | None) -> Iterator[tuple[int, int]]:
    """The process and the port of a simulator."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "port"
        more = {} if source is None else {"PYTHONPATH": str(source)}
        process = subprocess.Popen(
            [sys.executable, "-m", "aisbench_plugin_simulator", "--port", "0", "--port-file",
             str(ready)],
            env={**os.environ, **more}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not ready.exists():
                time.sleep(0.02)
            yield process.pid, int(ready.read_text())
        finally:
            process.terminate()
            process.wait()


def cpu_s(pid: int) -> float:
    """CPU time of all threads of a process."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


async def send(port: int, path: str, body: bytes, count: int) -> None:
    """``count`` requests, :data:`AT_ONCE` of them at once."""
    async with aiohttp.ClientSession() as session:
        left = iter(range(count))

        async def work() -> None:
            for _ in left:
                async with session.post(f"http://127.0.0.1:{port}{path}", data=body) as reply:
                    await reply.read()
                    reply.raise_for_status()

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def cost(where: tuple[int, int], kind: tuple[str, dict[str, Any], int]) -> float:
    """Microseconds of CPU for a request."""
    (pid, port), (path, body, count) = where, kind
    before = cpu_s(pid)
    asyncio.run(send(port, path, orjson.dumps(body), count))
    return (cpu_s(pid) - before) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--against", type=Path, help="src folder of another simulator")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    both = kinds()
    with server(None) as mine, server(given.against) as other:
        least: dict[tuple[str, str], float] = {}
        for _ in range(given.rounds):
            for name, kind in {**both, **new_kinds()}.items():
                least["now", name] = min(least.get(("now", name), 1e9), cost(mine, kind))
                if given.against and name in both:
                    least["before", name] = min(
                        least.get(("before", name), 1e9), cost(other, kind)
                    )
    for (when, name), value in least.items():
        if when == "before":
            continue
        line = f"{name:32} {value:8.0f} us, {1e6 / value:6.0f} requests/s of a core"
        before = least.get(("before", name))
        print(line + (f"; before {before:.0f} us, ratio {value / before:.2f}" if before else ""))


if __name__ == "__main__":
    main()
