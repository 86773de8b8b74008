"""Programs of models with their authors' verdicts, and canonical solutions with mistakes."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from math import comb
from pathlib import Path
from typing import Any

from report import DATA, answered

from aisbench.api import Sample, Score, ScoreGroup, Slicing, Verdict, open_dataset
from aisbench.sandbox import Limits

MORE = DATA.parent / "data2"
Judge = Callable[[Sample, str], Score]


def zipped(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judge(module: str, cls: str, settings: str, **values: Any) -> Judge:
    """An evaluator of the code plugin as a function."""
    import importlib

    package = "aisbench_plugin_code"
    made = getattr(importlib.import_module(f"{package}.settings"), settings)
    evaluator = getattr(importlib.import_module(f"{package}.{module}"), cls)(
        made(run_code=True, **values)
    )
    return lambda sample, text: evaluator.score(sample, answered(text))  # type: ignore[no-any-return]


def all_of(judged: Judge, rows: Iterable[tuple[Sample, str]]) -> list[Score]:
    """On all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda row: judged(*row), rows))


def told(
    name: str, ours: object, authors: object, rows: int, differing: Mapping[str, str]
) -> bool:
    """Print a figure beside the authors'; ``differing`` rows with the cause, "" for none."""
    print(f"{name}: ours {ours}, authors {authors}, {rows} rows, {len(differing)} differing")
    for row, cause in differing.items():
        print(f"  {row}: {cause}" if cause else f"  UNEXPLAINED {row}")
    return all(differing.values())


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def reflexion() -> bool:
    """HumanEval of GPT-4, some of it bodies without their first line."""
    python = judge("evaluator", "PythonTests", "PythonTestsSettings")
    good = []
    for name in ("humaneval_py_reflexion_gpt-4", "humaneval_py_gpt-4"):
        rows = zipped(MORE / "code_outputs" / f"{name}.jsonl.gz")
        samples = [
            Sample(
                id=row["task_id"],
                fields={**row, "tests": f"{row['test']}\n\ncheck({row['entry_point']})"},
            )
            for row in rows
        ]
        scores = all_of(python, zip(samples, [row["solution"] for row in rows], strict=True))
        right = [score.value == 1.0 for score in scores]
        solved = [str(row["is_solved"]) == "True" for row in rows]
        other = {
            row["task_id"]: "" for row, a, b in zip(rows, right, solved, strict=True) if a != b
        }
        good.append(told(name, sum(right), sum(solved), len(rows), other))
    return all(good)


def evalplus() -> bool:
    """Llama-3-8B-Instruct, base and plus, on the rows that are held here."""
    good = []
    for name, folder, dataset in (
        ("humaneval", "humanevalplus", "humaneval-plus-inputs"),
        ("mbpp", "mbppplus", "mbpp-plus"),
    ):
        samples = {
            str(one.fields["task_id"]): one
            for one in open_dataset(dataset, {"path": str(MORE / folder)}).samples()
        }
        file = next((MORE / "evalplus_outputs" / name).glob("*.jsonl.gz"))
        rows = [row for row in zipped(file) if row["task_id"] in samples]
        scores = all_of(
            judge("evalplus", "Evalplus", "EvalplusSettings"),
            [(samples[row["task_id"]], fenced(row["solution"])) for row in rows],
        )
        for which in ("base", "plus"):
            ours = [
                (score.measures["base"].value / 100 if which == "base" else score.value) == 1.0
                for score in scores
            ]
            keys = ("base_status",) if which == "base" else ("base_status", "plus_status")
            theirs = [all(row[key] == "pass" for key in keys) for row in rows]
            other = {
                row["task_id"]: _plus_cause(row, score)
                for row, score, a, b in zip(rows, scores, ours, theirs, strict=True)
                if a != b
            }
            good.append(told(f"{dataset} {which}", sum(ours), sum(theirs), len(rows), other))
    return all(good)


def _plus_cause(row: dict[str, Any], score: Score) -> str:
    """evalplus ends a program after a few times what the canonical one took."""
    failing = row["plus_fail_tests"] or row["base_fail_tests"]
    if score.verdict is Verdict.RIGHT:
        return f"evalplus ended it for its time at {str(failing)[:60]}; ours has 60 s for all"
    return ""


def cruxeval() -> bool:
    """Ten generations of CodeLlama-7B for each of 800 rows, with each one's verdict."""
    rows = zipped(MORE / "cruxeval" / "codellama-7b_temp0.2_output.jsonl.gz")
    pairs = [
        (Sample(id=row["id"], fields={key: row[key] for key in ("code", "input", "output")}), text)
        for row in rows
        for text in row["generations"]
    ]
    scores = all_of(judge("reasoning", "CodeReasoning", "ReasoningSettings"), pairs)
    right = [score.value == 1.0 for score in scores]
    theirs = [verdict for row in rows for verdict in row["correct"]]
    other = {
        f"{sample.id}: {text[:60]!r}": ""
        for (sample, text), a, b in zip(pairs, right, theirs, strict=True)
        if a != b
    }
    counts = [sum(right[place : place + 10]) for place in range(0, len(right), 10)]
    ours = ", ".join(f"pass@{k} {100 * _pass_at(counts, k):.6f}" for k in (1, 5))
    return told("cruxeval-output", ours, "pass@1 34.212500, pass@5 40.286706", len(pairs), other)


def _pass_at(counts: list[int], k: int) -> float:
    return sum(1 - comb(10 - right, k) / comb(10, k) for right in counts) / len(counts)


LIVECODEBENCH = {
    "all": (252, 1055),
    "difficulty easy": (177, 322),
    "difficulty medium": (69, 383),
    "difficulty hard": (6, 350),
    "platform leetcode": (148, 444),
    "platform atcoder": (103, 602),
    "platform codeforces": (1, 9),
    "contests 2024-08 to 2025-01": (45, 323),
    "since 2025-01": (31, 182),
}
"""Right answers and rows, from output/Qwen2.5-Ins-7B of LiveCodeBench."""


def livecodebench() -> bool:
    """Figures by difficulty, platform and date from the authors' verdicts, by the slices of the
    data set; and the programs of answers."""
    from aisbench.plugins.discovery import discover
    from aisbench.stages.slices import slice_figures
    from aisbench.types.offer import DatasetOffer
    from aisbench_plugin_code.io_tests import extracted
    from aisbench_plugin_repeats.passing import PassAtK
    from aisbench_plugin_repeats.settings import K

    rows = zipped(MORE / "livecodebench" / "Qwen2.5-7B-Instruct.verdicts.jsonl.gz")
    fields = {
        row["question_id"]: {**row, "contest_month": int(row["contest_date"][:7].replace("-", ""))}
        for row in rows
    }
    groups = [
        ScoreGroup(
            sample_id=row["question_id"],
            scores=(
                Score(
                    value=float(row["graded"]),
                    verdict=Verdict.RIGHT if row["graded"] else Verdict.WRONG,
                    extracted="",
                ),
            ),
        )
        for row in rows
    ]
    offer, _ = discover().find(DatasetOffer, "livecodebench")
    slicings = [
        *offer.slices,
        Slicing(by="contest_month", edges=(202501,), labels=("before 2025-01", "since 2025-01")),
    ]
    found = {"all": (sum(row["graded"] for row in rows), len(rows))}
    reducer = PassAtK(K(k=1))
    for slicing in slicings:
        by = slicing.by
        for figure in slice_figures(
            reducer, groups, (), slicing, lambda name, by=by: fields[name][by]
        ):
            found[figure.part.removeprefix("contest_month ")] = (
                round(figure.value * figure.n / 100),
                figure.n,
            )
    other = {name: "" for name, figure in LIVECODEBENCH.items() if found.get(name) != figure}
    good = told(
        "livecodebench slices",
        {name: found.get(name) for name in LIVECODEBENCH},
        LIVECODEBENCH,
        len(rows),
        other,
    )
    whole = zipped(MORE / "livecodebench" / "Qwen2.5-7B-Instruct.eval_all.120.jsonl.gz")
    pairs = [
        (row["question_id"], extracted(text, "last-fence"), code)
        for row in whole
        for text, code in zip(row["output_list"], row["code_list"], strict=True)
    ]
    wrong = {name: "" for name, ours, theirs in pairs if ours != theirs}
    same = len(pairs) - len(wrong)
    return told("livecodebench programs", same, len(pairs), len(pairs), wrong) and good


def canonical() -> bool:
    """Canonical solutions, which must be right, and each with a mistake, which must be wrong."""
    # 123 adds up amicable numbers to 9,999 in three loops, which takes seconds.
    limits = Limits(seconds=60.0)
    python = judge(
        "evaluator", "PythonTests", "PythonTestsSettings", prompt="beginning", limits=limits
    )
    plus = judge("evalplus", "Evalplus", "EvalplusSettings")
    good = [
        _canonical(name, judged, {"path": str(DATA.parent / path), "split": split}, column)
        for name, judged, path, split, column in (
            ("mbpp", python, "data/mbpp", "test", "code"),
            ("mbpp-sanitized", python, "data/mbpp", "all", "code"),
            ("mbpp-plus", plus, "data2/mbppplus", "test", "canonical_solution"),
            ("humaneval-plus-inputs", plus, "data2/humanevalplus", "test", "canonical_solution"),
        )
    ]
    programs = judge("programs", "ProgramTests", "ProgramTestsSettings")
    for part in ("python", "cpp", "java", "js"):
        settings = {"path": str(MORE / "humanevalx"), "parts": [part]}
        good.append(_canonical("humaneval-x", programs, settings, "canonical_solution"))
    return all(good)


KNOWN = {
    "JavaScript/112": "the row's own solution fails its tests with node alone",
    "JavaScript/155": "the row's own solution fails its tests with node alone",
    "CPP/23": "its tests call strlen of the C library, whatever the program is",
    "Mbpp/164": "evalplus takes any answer to it for right",
}
MISTAKES = {
    "cpp": "    __builtin_trap();\n",
    "java": "        if (true) throw new RuntimeException();\n",
    "js": "  throw new Error()\n",
    "python": "    raise ValueError\n",
}


def _canonical(name: str, judged: Judge, settings: dict[str, Any], column: str) -> bool:
    samples = open_dataset(name, settings).samples()
    right = [_shown(sample, column) for sample in samples]
    wrong = [_mistaken(sample, column) for sample in samples]
    passed = all_of(judged, zip(samples, right, strict=True))
    failed = all_of(judged, zip(samples, wrong, strict=True))
    other = {
        **{one.id: _known(one.id) for one, s in zip(samples, passed, strict=True) if not s.value},
        **{
            f"{one.id} with a mistake": _known(one.id)
            for one, score in zip(samples, failed, strict=True)
            if score.value
        },
    }
    part = f" {settings['parts'][0]}" if "parts" in settings else ""
    ours = f"{sum(s.value == 1 for s in passed)} right, {sum(s.value == 0 for s in failed)} wrong"
    wanted = f"{len(samples)} right, {len(samples)} wrong"
    return told(f"canonical {name}{part}", ours, wanted, 2 * len(samples), other)


def _known(name: str) -> str:
    return next((cause for row, cause in KNOWN.items() if name.endswith(row)), "")


def _shown(sample: Sample, column: str) -> str:
    code = str(sample.fields[column])
    if sample.part:
        return code
    return fenced(_start(sample) + code)


def _mistaken(sample: Sample, column: str) -> str:
    code = str(sample.fields[column])
    if sample.part:
        return MISTAKES[sample.part] + code
    name = sample.fields["entry_point"]
    other = f"\n_right = {name}\ndef {name}(*words):\n    return [_right(*words), 'more']\n"
    return fenced(_start(sample) + code + other)


def _start(sample: Sample) -> str:
    prompt = str(sample.fields.get("prompt") or "")
    return prompt if f"def {sample.fields['entry_point']}" in prompt else ""


ALL: dict[str, Callable[[], bool]] = {
    "reflexion": reflexion,
    "evalplus": evalplus,
    "cruxeval": cruxeval,
    "livecodebench": livecodebench,
    "canonical-code": canonical,
}
