"""`aisbench report --as vllm` and `--as aiperf` beside the originals, line by line.

python benchmarks/against_peers.py [--runs 3] [--only vllm,aiperf] [--url URL --model NAME]

Against benchmarks/stream_server.c, which keeps an absolute schedule (TTFT 200 ms, 20 ms a token),
so that what differs is the tools: 8 in flight, 96 answers of 33 tokens by the chat protocol. Each
round runs the original and then ours. A line agrees if our median lies within the original's own
runs, widened by their spread, by 1 % and by the last digit shown; or if it lies between theirs and
what the schedule says: the originals read their sockets late. With --url the server is another one
(a real vLLM), and the noise is what it is.

Needs .dev/vllm (tests/support/vllm_environment.py) and .dev/parity-aiperf (made by
benchmarks/originals.py); an original that is missing is named and left out. Three minutes a tool
at three runs. Exit code 1 where a line does not agree.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from originals import ORIGINALS, VLLM, Load, ours
from streaming import built, server
from vllm_environment import MODEL

FLOOR = 0.01
"""Of the value: below, nobody calls two figures different."""
COLUMNS = ("avg", "min", "p50", "p90", "p99")
SCHEDULED = {
    r"TTFT|Time to First": 200.0,
    r"E2EL|Request Latency": 840.0,
    r"TPOT|ITL|Inter Token|Second Token": 20.0,
    r"Decode Duration": 640.0,
    r"E2E Output Token Throughput": 33 / 0.84,
    r"Request Throughput": 8 / 0.84,
    r"^Output Token Throughput \(tokens/sec\)": 8 * 33 / 0.84,
    r"^Input Token Throughput": 8 * 20 / 0.84,
}
"""What a line is by the schedule of the server of this script: ms, tokens/s, requests/s."""


def lines_of(text: str) -> dict[str, float]:
    """vLLM's report: a label and a number a line."""
    found = {}
    for line in text.splitlines():
        if part := re.match(r"(\S.*?):\s+(-?[\d,]+(?:\.\d+)?)\s*$", line):
            found[part[1]] = float(part[2].replace(",", ""))
    return found


def cells_of(text: str) -> dict[str, float]:
    """aiperf's table "LLM Metrics", in its characters or in ours: "metric, column" to number."""
    found: dict[str, float] = {}
    heading: list[str] = []
    name, values = "", [""]
    inside = False
    for line in text.splitlines():
        if "NVIDIA AIPerf | LLM Metrics" in line:
            inside = line.strip().endswith("LLM Metrics")
            continue
        cells = [cell.strip() for cell in re.split(r"[│┃|]", line)[1:-1]]
        if not inside or len(cells) < 2:
            continue
        if cells[0] == "Metric":
            heading = cells
            continue
        if any(cells[1:]):
            _take(found, heading, name, values)
            name, values = cells[0], cells
        else:
            name = f"{name} {cells[0]}"
    _take(found, heading, name, values)
    return found


def _take(found: dict[str, float], heading: list[str], name: str, values: list[str]) -> None:
    for column, value in zip(heading[1:], values[1:], strict=False):
        with contextlib.suppress(ValueError):
            found[f"{name}, {column}"] = float(value.replace(",", ""))


def compared(name: str, line: str) -> bool:
    """Whether a line says something of the server: of aiperf, the columns named above."""
    if name == "vllm":
        return True
    return line.rpartition(", ")[2] in COLUMNS


def nearer(line: str, them: float, we: float) -> bool:
    """Whether ours lies between the schedule and theirs."""
    for pattern, truth in SCHEDULED.items():
        if re.search(pattern, line):
            return min(truth, them) <= we <= max(truth, them)
    return False


def table(
    name: str,
    theirs: list[Mapping[str, float]],
    mine: list[Mapping[str, float]],
    scheduled: bool,
) -> tuple[str, int]:
    """The lines side by side, and how many do not agree."""
    rows = [f"| {ORIGINALS[name].name} | original (spread of its runs) | ours | difference | |"]
    rows.append("|---|---|---|---|---|")
    wrong = 0
    for line in theirs[0]:
        if not compared(name, line):
            continue
        values = [run[line] for run in theirs if line in run]
        own = [run[line] for run in mine if line in run]
        if not own:
            rows.append(f"| {line} | {values[0]:,.2f} | not printed | | differs |")
            wrong += 1
            continue
        them, we = statistics.median(values), statistics.median(own)
        spread = max(values) - min(values)
        room = max(spread, FLOOR * abs(them), 0.01)
        good = min(values) - room <= we <= max(values) + room
        close = not good and scheduled and nearer(line, them, we)
        wrong += not good and not close
        verdict = "agrees" if good else "nearer to the schedule" if close else "DIFFERS"
        rows.append(
            f"| {line} | {them:,.2f} ({spread:.2f}) | {we:,.2f} | {we - them:+.2f} | {verdict} |"
        )
    return "\n".join(rows), wrong


def main() -> int:
    """Run in turn, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default=",".join(ORIGINALS))
    parser.add_argument("--url", help="a server of your own instead")
    parser.add_argument("--model", default="fast")
    args = parser.parse_args()
    wrong = 0
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = args.url
        if url is None:
            url = stack.enter_context(server(stack.enter_context(built()), 200, 20))
        for name in args.only.split(","):
            original = ORIGINALS[name]
            if why := original.missing():
                print(f"{original.name}: left out: {why}")
                continue
            parse = lines_of if name == "vllm" else cells_of
            theirs: list[Mapping[str, float]] = []
            mine: list[Mapping[str, float]] = []
            for seed in range(args.runs):
                load = Load(
                    url=url, model=args.model, tokenizer=VLLM / MODEL, in_flight=8, count=96,
                    tokens_in=32, tokens_out=33, chat=True, seed=seed, warm_up=8,
                )  # fmt: skip
                theirs.append(parse(original.run(load, scratch / f"{name}-{seed}").report))
                mine.append(parse(ours(load, scratch / f"ours-{name}-{seed}", name).report))
            text, differing = table(name, theirs, mine, args.url is None)
            wrong += differing
            print(text + "\n", flush=True)
    print(f"{wrong} lines differ" if wrong else "every line agrees")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
