"""How fast `aisbench view` opens a large run, with and without an index, and what it takes.

python benchmarks/view_scale.py [--answers 200000] [--words 160] [--no-browser]

A run of so many answers is made up (of `--words` words each, in a folder that is removed). The
viewer is started as a user starts it, in a process of its own. Printed are, first without an
index and then with the one that the first left: seconds from the start of the process to the first
page of answers over HTTP, seconds from the address to the first rows on the screen of Chromium
(where Playwright is), seconds until all text can be searched, the time of queries (the median of
five), the most memory that the server had, and the size of the index beside that of the run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

QUERIES: dict[str, dict[str, Any]] = {
    "a rare word": {"q": "zanzibar"},
    "a common word": {"q": "apples"},
    "two words": {"q": "zanzibar boxes"},
    "a phrase": {"q": '"the first step"'},
    "a Chinese phrase": {"q": "苹果数量"},
    "a part of a rare word": {"q": "anziba"},
    "a part of a common word": {"q": "pples"},
    "signs and digits": {"q": "is 1999."},
    "a sign that all texts have": {"q": "?"},
    "an id": {"sample": "test-19999*"},
    "a verdict": {"verdict": "wrong"},
    "verdict, part and word": {"verdict": "unparsed", "part": "part 3", "q": "multiply"},
    "the longest": {"order": "longest"},
    "page 1,500": {"offset": 150_000},
}


class Watched:
    """A viewer in a process of its own."""

    def __init__(self, outputs: Path) -> None:
        self.began = time.perf_counter()
        words = [sys.executable, "-m", "aisbench", "view", str(outputs), "--no-browser"]
        self.process = subprocess.Popen([*words, "--port", "0"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found is not None
        self.address = found[0]
        self.to = urlsplit(self.address)
        self.cookie = self._get("/?" + self.to.query)[1].split(";")[0]

    def _get(self, path: str) -> tuple[bytes, str]:
        connection = http.client.HTTPConnection(self.to.hostname or "", self.to.port, timeout=60)
        headers = {} if "token=" in path else {"Cookie": self.cookie}
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status not in (200, 303):
            raise SystemExit(f"{path}: {response.status} {body.decode()}")
        return body, response.getheader("Set-Cookie") or ""

    def ask(self, path: str, **query: Any) -> Any:
        return json.loads(self._get(f"{path}?{urlencode(query)}")[0])

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        assert found is not None
        return int(found[1]) / 1024

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def seconds_on_screen(address: str, fragment: str) -> float | None:
    """From the address to rows on the screen of a browser that runs already."""
    try:
        from browser import chromium
    except ImportError:
        return None
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.goto("about:blank")
        began = time.perf_counter()
        page.goto(address.split("?")[0] + fragment)
        page.wait_for_selector(".rows li")
        page.wait_for_selector(".detail pre")
        return time.perf_counter() - began


def measured(outputs: Path, label: str, *, browser: bool) -> None:
    viewer = Watched(outputs)
    run = viewer.ask("/api/runs")["runs"][0]["id"]
    listed = time.perf_counter() - viewer.began
    first = viewer.ask(f"/api/runs/{run}/tasks/0")
    opened = time.perf_counter() - viewer.began
    print(
        f"{label}: list of runs {listed:.2f} s, first page of answers {opened:.2f} s after the "
        f"start ({opened - listed:.2f} s after the list; {first['total']:,} answers known by then)"
    )
    if browser and (shown := seconds_on_screen(viewer.address, f"#/samples/{run}/0")) is not None:
        print(f"{label}: rows and first answer on the screen {shown:.2f} s after the address")
    while True:
        progress = viewer.ask(f"/api/runs/{run}/tasks/0", limit=1)["progress"]
        if progress["indexed"] >= 1 and progress["searchable"] >= 1:
            break
        time.sleep(0.5)
    print(
        f"{label}: all {progress['answers']:,} answers searchable "
        f"{time.perf_counter() - viewer.began:.1f} s after the start"
    )
    for name, query in QUERIES.items():
        times = []
        for _ in range(5):
            began = time.perf_counter()
            found = viewer.ask(f"/api/runs/{run}/tasks/0", **query)
            times.append(time.perf_counter() - began)
        print(f"  {name:24} {1000 * statistics.median(times):7.1f} ms, {found['total']:,} found")
    began = time.perf_counter()
    viewer.ask(f"/api/runs/{run}/tasks/0/answer", id="test-12345", repeat=0)
    print(f"  {'one answer':24} {1000 * (time.perf_counter() - began):7.1f} ms")
    print(f"{label}: memory {viewer.memory_mb():.0f} MB at most")
    viewer.end()


def size_mb(folder: Path) -> float:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=200_000)
    parser.add_argument("--words", type=int, default=160)
    parser.add_argument("--no-browser", action="store_true")
    args = parser.parse_args()
    from stored_run import stored_run

    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder)
        run = stored_run(outputs / "large" / "20261120_153000", args.answers, words=args.words)
        print(
            f"a run of {args.answers:,} answers, {size_mb(run):,.0f} MB; "
            f"{os.cpu_count()} CPUs, others' load {os.getloadavg()[0]:.1f}"
        )
        measured(outputs, "without an index", browser=not args.no_browser)
        print(f"index: {size_mb(outputs / '.aisbench'):,.0f} MB")
        measured(outputs, "with an index", browser=not args.no_browser)


if __name__ == "__main__":
    main()
