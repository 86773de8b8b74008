"""The HTML report of a billion tokens: time, memory, size, and how long a browser takes.

python benchmarks/report_scale.py [--requests 250000] [--tokens 4096]

Makes a run whose one load has a recording of that size (one event a token, 512 in flight; some
minutes and gigabytes of disk), measures it as `aisbench report` would, then makes the report of it
in a process of its own, whose seconds and memory are printed. Where Chromium and Playwright are
there, the page is opened: the seconds until it can be read (its text and the first charts), and
until every chart is drawn. What is wanted is for 250,000 requests x 4096 tokens.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from metrics_scale import CLIENTS, generate

import aisbench
from aisbench.store.recording.folder import LoadFolder

WANTED = {"seconds": 30.0, "memory": 1.5, "size": 15.0, "open": 3.0}
"""s, GB, MB, s."""


def make_run(scratch: Path, requests: int, tokens: int) -> Path:
    """A small run of a simulated server, with a large recording in the place of its own."""
    port_file = scratch / "port"
    words = [sys.executable, "-m", "aisbench", "simulate", "--port", "0"]
    with subprocess.Popen(
        [*words, "--port-file", str(port_file)], stdout=subprocess.DEVNULL
    ) as it:
        try:
            while not port_file.exists() or not port_file.read_text().strip():
                if it.poll() is not None:
                    raise SystemExit("the simulated server ended")
                time.sleep(0.05)
            made = aisbench.run(_suite(int(port_file.read_text())), output=scratch / "runs")
        finally:
            it.terminate()
    load = made.loads[0]
    folder = LoadFolder(made.path / "performance" / load.model / load.dataset / load.load)
    generate(folder, requests, tokens)
    document = json.loads(folder.load_json.read_bytes())
    document["recorded"] = {
        "requests": requests, "reads": requests * tokens, "failures": 0, "answers": 0,
    }  # fmt: skip
    document["in_flight"] = CLIENTS
    folder.load_json.write_text(json.dumps(document))
    (made.path / "seals.json").unlink()
    return made.path


def _suite(port: int) -> dict[str, Any]:
    model = {"backend": "vllm-chat", "url": f"http://127.0.0.1:{port}"}
    work = {"dataset": "synthetic", "unit": "words", "rows": 20, "output": 4}
    return {
        "suite": {"name": "scale", "mode": "performance"},
        "models": {"large": model},
        "datasets": {"work": work},
        "load": {"shape": "closed", "concurrency": 4, "requests": 20},
    }


def report(run: str, folder: str) -> None:
    """The report of a run that was measured, timed."""
    begun = time.monotonic()
    found = aisbench.load_run(Path(run))
    opened = time.monotonic() - begun
    aisbench.summarize(found, "html", Path(folder))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": time.monotonic() - begun,
                "opened": opened,
                "cpu": used.ru_utime + used.ru_stime,
                "memory": used.ru_maxrss * 1024 / 1e9,
            }
        )
    )


def drawn(page: Path) -> dict[str, Any] | None:
    """Seconds until the page can be read, and until all is drawn; None without a browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        begun = time.monotonic()
        tab.goto(page.as_uri(), wait_until="load")
        tab.wait_for_selector("figure.chart .plot svg", state="attached")
        first = time.monotonic() - begun
        charts = tab.locator("figure.chart").count()
        tab.wait_for_function(
            "n => document.querySelectorAll('figure.chart .plot svg').length >= n", arg=charts
        )
        everything = time.monotonic() - begun
        browser.close()
    return {"first": first, "all": everything, "charts": charts}


def main() -> None:
    """Generate, report, open, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=250_000)
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--report", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.report:
        report(*args.report)
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch:
        run = make_run(Path(scratch), args.requests, args.tokens)
        begun = time.monotonic()
        aisbench.report(run, disable_plugins=["html"])
        measured = time.monotonic() - begun
        words = [sys.executable, __file__, "--report", str(run), scratch]
        made = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        page = Path(scratch) / "report.html"
        size = page.stat().st_size / 1e6
        seen = drawn(page)
    total = args.requests * args.tokens
    print(
        f"{args.requests:,} requests x {args.tokens} tokens = {total / 1e9:.3f} billion; "
        f"measured in {measured:.1f} s"
    )
    print(
        f"report: {made['seconds']:.1f} s ({made['opened']:.1f} s of it to open and verify the "
        f"run; {made['cpu']:.1f} s of processor time, start and imports included; wanted: "
        f"{WANTED['seconds']:g}), {made['memory']:.2f} GB at most (wanted: "
        f"{WANTED['memory']:g}), {size:.2f} MB (wanted: {WANTED['size']:g})"
    )
    if seen is None:
        print("no browser here: how long the page takes to open was not measured")
    else:
        print(
            f"opened: first charts after {seen['first']:.2f} s (wanted: {WANTED['open']:g}), "
            f"all {seen['charts']} after {seen['all']:.2f} s"
        )
    print(f"ratio to what is wanted, in time: {made['seconds'] / WANTED['seconds']:.2f}")


if __name__ == "__main__":
    main()
