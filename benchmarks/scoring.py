"""How fast stored answers are scored again, and how fast the 57 subjects of MMLU are ready.

`python benchmarks/scoring.py`. Made-up rows in MMLU's layout and size; the answers are as long as
models' are. Baselines: 10,000 answers a second on one core, 2 s (what a user should not
have to wait for). The page of a run is left out here: report_answers.py measures what that takes.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUBJECTS, ROWS, ANSWERS = 57, 246, 20_000
RUNS = 5

STEPS = (
    "First, we look at what is asked, and note that {a} and {b} are given.",
    "There are {a} of them in each of {b} groups, which makes {c} together.",
    "Option {x} seems likely at first, but it does not hold for {b}.",
    "So we subtract {b} from {c}, and compare the rest with option {y}.",
)


def answer(draw: random.Random, end: str) -> str:
    """Some lines of working, then the end."""
    lines = [
        step.format(
            a=draw.randrange(99), b=draw.randrange(99), c=draw.randrange(999),
            x=draw.choice("ABCD"), y=draw.choice("ABCD"),
        )
        for step in STEPS
    ]  # fmt: skip
    return "\n".join([*lines, end])


def mmlu(folder: Path) -> None:
    """57 subjects of 246 rows, as the published test split has 14,042."""
    import tomli

    from aisbench_plugin_mmlu import __file__ as package

    declared = tomli.loads(Path(package).with_name("mmlu.toml").read_text(encoding="utf-8"))
    draw = random.Random(1)
    for split, count in (("dev", 5), ("test", ROWS)):
        (folder / split).mkdir()
        for part in declared["parts"]:
            lines = [
                f'"{part} {n}: which of these, if {draw.random()} is given?",one {n},two,three,'
                f"four,{draw.choice('ABCD')}"
                for n in range(count)
            ]
            (folder / split / f"{part}_{split}.csv").write_text("\n".join(lines) + "\n")


def ready(folder: Path) -> float:
    """Seconds until every prompt of all subjects is there, five examples in each."""
    from aisbench.config.plan import DatasetPlan  # noqa: F401 - what a run imports anyway
    from aisbench.plugins.discovery import discover
    from aisbench.types.offer import DatasetOffer
    from aisbench_testkit.checks.making import make
    from aisbench_testkit.checks.snapshots import prompts_of

    catalog = discover()
    begun = time.perf_counter()
    dataset = make(catalog.find(DatasetOffer, "mmlu")[1], {"path": str(folder)})
    samples = dataset.samples()
    pools: dict[str, list] = {}
    for example in dataset.examples():
        pools.setdefault(example.part, []).append(example)
    variant = dataset.variants()["5-shot-text"]
    by_part: dict[str, list] = {}
    for sample in samples:
        by_part.setdefault(sample.part, []).append(sample)

    class Part:
        """One subject: its examples are its own."""

        def __init__(self, part: str) -> None:
            self.part = part

        def examples(self) -> list:
            return pools[self.part]

    count = sum(
        len(prompts_of(variant, Part(part), some, catalog)) for part, some in by_part.items()
    )
    assert count == SUBJECTS * ROWS
    return time.perf_counter() - begun


SUITE = """
[suite]
name = "scoring"
[models.m]
backend = "vllm-chat"
url = "http://127.0.0.1:1"
model = "m"
[datasets.d]
dataset = "custom"
path = "rows.jsonl"
evaluator = "{evaluator}"
[[summarizers]]
summarizer = "table"
[[summarizers]]
summarizer = "files"
"""


def stored_run(folder: Path, evaluator: str) -> Path:
    """A run whose answers are all there, written as a run writes them."""
    import orjson

    from aisbench.config.effective import resolved_tables
    from aisbench.config.planner import make_plan
    from aisbench.config.source import read_source
    from aisbench.conversation.prepare import prepare, write_samples
    from aisbench.plugins.discovery import discover
    from aisbench.store.run import RunFolder, create_run, write_suite

    draw = random.Random(2)
    folder.mkdir()
    rows = []
    for n in range(ANSWERS):
        row: dict[str, object] = {"question": f"question {n}", "answer": str(n)}
        if evaluator == "choice":
            row |= {"A": "one", "B": "two", "C": "three", "D": "four", "answer": "ABCD"[n % 4]}
        rows.append(row)
    (folder / "rows.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    suite = folder / "s.toml"
    suite.write_text(SUITE.format(evaluator=evaluator))
    plan = make_plan(read_source(suite), discover())
    run: RunFolder = create_run(folder / "outputs", "scoring")
    write_suite(run, resolved_tables(plan))
    write_samples(run, prepare(plan))
    path = run.predictions("m", "d")
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for n, row in enumerate(rows):
            end = {
                "choice": f"The answer is ({draw.choice('ABCD')}).",
                "numeric": f"So the final answer is **{n + draw.randrange(2)}**.",
                "exact": str(n + draw.randrange(2)),
            }[evaluator]
            prediction = {
                "v": 1, "key": f"{n:032x}", "sample": f"row-{n}", "repeat": 0, "turn": 0,
                "seed": n, "url": "http://127.0.0.1:1", "session": 1,
                "prompt": {"messages": [{"role": "user", "content": row["question"]}]},
                "response": {
                    "text": answer(draw, end) if evaluator != "exact" else end,
                    "finish_reason": "stop",
                    "usage": {"prompt_tokens": 10, "completion_tokens": 120},
                },
                "timing": {
                    "dispatched": n * 10**6, "sent": n * 10**6 + 40_000,
                    "first_byte": n * 10**6 + 10**7, "first_token": n * 10**6 + 10**7,
                    "last_token": n * 10**6 + 10**8, "done": n * 10**6 + 10**8 + 5_000,
                },
            }  # fmt: skip
            file.write(orjson.dumps(prediction) + b"\n")
    return run.path


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] == "ready":
        print(ready(Path(sys.argv[2])))
        return
    # A user's Python keeps its byte code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "mmlu").mkdir()
        mmlu(folder / "mmlu")
        times = [
            float(
                subprocess.run(
                    [sys.executable, __file__, "ready", str(folder / "mmlu")],
                    capture_output=True, text=True, check=True,
                ).stdout
            )
            for _ in range(RUNS)
        ]  # fmt: skip
        told(f"{SUBJECTS} subjects, {SUBJECTS * ROWS} prompts ready", times, "s", 2.0, less=True)
        for evaluator in ("choice", "numeric", "exact"):
            run = stored_run(folder / evaluator, evaluator)
            rates = []
            for _ in range(RUNS):
                begun = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, "-m", "aisbench", "evaluate", str(run)], capture_output=True
                )
                assert done.returncode == 0, done.stderr.decode()
                rates.append(ANSWERS / (time.perf_counter() - begun))
            told(f"{evaluator}: answers scored a second, one core, start included", rates, "/s",
                 10_000, less=False)  # fmt: skip


def told(what: str, values: list[float], unit: str, baseline: float, *, less: bool) -> None:
    """The median, its spread, the baseline and the ratio."""
    middle = statistics.median(values)
    ratio = baseline / middle if less else middle / baseline
    print(
        f"{what}: {middle:,.2f} {unit} ({min(values):,.2f} to {max(values):,.2f}); "
        f"baseline {baseline:,.0f} {unit}, ratio {ratio:.2f}"
    )


if __name__ == "__main__":
    main()
