"""What `aisbench compare` says of real outputs, beside what their authors' labels say.

    python benchmarks/compare_real.py [FOLDER]

Answers of published models are scored by `aisbench.score` into runs, each pair of models is
compared, and the difference must be that of the authors' own labels to the last digit, where our
scores are theirs; the count of flips, too. Needs the data that the repository's tests read from
../shared (see SOURCES.md there).
"""

from __future__ import annotations

import gzip
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from originals import ROOT

import aisbench
from aisbench.api import open_dataset
from aisbench_plugin_compare.comparing.comparison import SideComparison, compare
from aisbench_plugin_compare.sides.reading import apart, read_side

DATA = ROOT.parent / "shared" / "data"
MORE = ROOT.parent / "shared" / "data2"
Labels = Mapping[str, Sequence[bool | None]]
"""Of each model what its authors say of each answer; None where they were wrong themselves."""


def rows(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, filter(str.strip, file))


def scored(
    folder: Path, dataset: str, answers: Sequence[Mapping[str, Any]], **settings: Any
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "answers.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in answers), "utf-8")
    run = aisbench.score(dataset, file, output=folder / "outputs", settings=settings)
    return run.path


def four_models(folder: Path) -> tuple[Path, Labels]:
    """GSM8K's authors: 660 questions, four models (arXiv:2110.14168)."""
    models = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
    answers: list[Mapping[str, Any]] = []
    labels: dict[str, list[bool | None]] = {name: [] for name in models}
    file = DATA / "gsm8k" / "example_model_solutions.jsonl"
    for number, row in enumerate(rows(file)):
        for name in models:
            answers.append({"row": number, "model": name, "text": row[name]["solution"]})
            labels[name].append(bool(row[name]["is_correct"]))
    run = scored(folder, "gsm8k", answers, path=str(DATA / "gsm8k"), limit=660)
    return run, labels


def abel_and_tora(folder: Path) -> tuple[Path, Labels]:
    """Abel-7B and ToRA-70B on the whole of GSM8K, with their authors' verdicts."""
    abel = [*rows(MORE / "gsm8k_outputs_abel" / "7b.jsonl.gz")]
    tora = [*rows(MORE / "gsm8k_outputs_tora" / "tora-70b.jsonl.gz")]
    answers = [
        {"row": int(row["id"]), "model": "abel-7b", "text": row["response"]} for row in abel
    ] + [{"row": int(row["idx"]), "model": "tora-70b", "text": row["output"]} for row in tora]
    run = scored(folder, "gsm8k", answers, path=str(DATA / "gsm8k"))
    return run, {
        "abel-7b": [bool(row["result"]) for row in abel],
        "tora-70b": [bool(row["correct_by_number"]) for row in tora],
    }


def ifeval(folder: Path) -> tuple[Path, Labels]:
    """Two models on IFEval, with the verdicts of M-IFEval's checkers (strict, whole prompts)."""
    names = {"gpt-4o-mini-2024-07-18": "gpt-4o-mini"}
    answers: list[Mapping[str, Any]] = []
    labels: dict[str, list[bool | None]] = {}
    for file in sorted((MORE / "ifeval" / "model_outputs").glob("*.jsonl.gz")):
        name = names.get(file.name.removesuffix(".jsonl.gz"), "llama-3.1-8b-awq")
        labels[name] = []
        for number, row in enumerate(rows(file)):
            answers.append({"row": number, "model": name, "text": row["response"]})
            labels[name].append(all(row["strict"]))
    return scored(folder, "ifeval", answers, path=str(DATA / "ifeval")), labels


def mmlu_pro(folder: Path) -> tuple[Path, Labels]:
    """Four models on 560 questions of MMLU-Pro in 14 parts, with their authors' letters."""
    files = {
        "llama-3.1-8b": "Meta-Llama-3_1-8B-Instruct.jsonl.gz",
        "phi-3-mini": "Phi-3-mini-4k-instruct.jsonl",
        "mistral-7b": "Mistral-7B-Instruct-v0.2.jsonl",
        "qwen1.5-7b": "Qwen1.5-7B-Chat.jsonl",
    }
    path = MORE / "mmlu_pro"
    order = [row["question_id"] for row in rows(path / "model_outputs" / files["phi-3-mini"])]
    ids = {
        str(one.fields["question_id"]): one.id
        for one in open_dataset("mmlu-pro", {"path": str(path)}).samples()
    }
    answers: list[Mapping[str, Any]] = []
    labels: dict[str, list[bool | None]] = {}
    for name, file in files.items():
        found = {row["question_id"]: row for row in rows(path / "model_outputs" / file)}
        labels[name] = [found[one]["pred"] == found[one]["answer"] for one in order]
        answers += [
            {"id": ids[str(one)], "model": name, "text": found[one]["model_output"]}
            for one in order
        ]
    return scored(folder, "mmlu-pro", answers, path=str(path), variant="5-shot-cot-text"), labels


def told(run: Path, labels: Labels) -> bool:
    """Each pair of models: ours, and what the labels say; whether all is as it should be."""
    sides = {one.label: one for one in apart(read_side(str(run)))}
    good = True
    for left, right in itertools.combinations(labels, 2):
        begun = time.perf_counter()
        found = compare(sides[left], sides[right])
        seconds = time.perf_counter() - begun
        good &= line(found, labels[left], labels[right], seconds)
    return good


def line(
    found: SideComparison,
    left: Sequence[bool | None],
    right: Sequence[bool | None],
    seconds: float,
) -> bool:
    (task,) = found.tasks
    one = task.figures[0]
    pairs = [*zip(left, right, strict=True)]
    gained = sum(bool(b) and not a for a, b in pairs)
    lost = sum(bool(a) and not b for a, b in pairs)
    authors = 100 * (gained - lost) / len(pairs)
    ours = {
        place: (task.left.rows[a].value, task.right.rows[b].value)
        for place, (a, b) in enumerate(task.pairs.rows)
    }
    differing = sum(
        (bool(a), bool(b)) != (left[place], right[place]) for place, (a, b) in ours.items()
    )
    # Where no answer is scored otherwise the differences are one number; else they may part by
    # as many answers.
    same = abs(one.change - authors) <= 100 * differing / len(pairs) + 1e-9
    print(
        f"{found.right.label} against {found.left.label}: {one.change:+.2f} pp "
        f"[{one.low:+.2f}, {one.high:+.2f}], p {one.p:.2g}, {one.verdict}; "
        f"flips {one.gained} and {one.lost}; authors {authors:+.2f} pp, {gained} and {lost}; "
        f"{differing} answers scored otherwise; {seconds:.2f} s{'' if same else '  NOT THE SAME'}"
    )
    return same


def large(folder: Path) -> tuple[float, float]:
    """Seconds to compare two models of 12,000 rows each, reading them included: of the clock, and
    of the processor."""
    questions = [
        {"question": f"What is {i} + 1?", "answer": f"It is one more.\n#### {i + 1}"}
        for i in range(12_000)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "test.jsonl"
    data.write_text("".join(json.dumps(one) + "\n" for one in questions), "utf-8")
    answers = [
        {"row": i, "model": model, "text": f"It is {i + 1 if (i * step) % 7 else i}."}
        for model, step in (("one", 3), ("two", 5))
        for i in range(12_000)
    ]
    run = scored(folder, "gsm8k", answers, path=str(folder))
    begun, worked = time.perf_counter(), time.process_time()
    left, right = apart(read_side(str(run)))
    compare(left, right)
    return time.perf_counter() - begun, time.process_time() - worked


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    good = True
    for make in (four_models, abel_and_tora, ifeval, mmlu_pro):
        run, labels = make(folder / make.__name__)
        print(f"{(make.__doc__ or '').splitlines()[0]}")
        good &= told(run, labels)
    seconds, worked = large(folder / "large")
    print(f"12,000 rows a side, reading included: {seconds:.2f} s, {worked:.2f} s of one core")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
