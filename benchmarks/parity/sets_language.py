"""What declared sets of knowledge and language ask beside what lm-eval's tasks ask.

Of TruthfulQA and MMLU-Redux no official rows are at hand: the made-up ones of their tests
stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reference import ROOT, reference
from report import DATA, Report, lines
from sets import Asked, Docs, _write, compared

MORE = DATA.parent / "data2"
MADE = ROOT / "plugins" / "datasets"
ZERO, FIVE = "0-shot-choices-text", "5-shot-choices-text"


def language() -> bool:
    """Prints a table: set, variant, rows, and how many prompts are equal word for word."""
    return compared(_cases)


def _cases(home: Path) -> Iterator[Asked]:
    yield from _mmlu_pro()
    yield from _mmlu_redux()
    yield from _truthfulqa()
    yield from _superglue(home)
    yield from _lambada()


def _mmlu_pro() -> Iterator[Asked]:
    test, dev = (_parquet(MORE / "mmlu_pro" / "data" / f"{one}-00000-of-00001.parquet")
                 for one in ("test", "validation"))  # fmt: skip
    for part in dict.fromkeys(row["category"] for row in test):
        rows, shown = ([one for one in some if one["category"] == part] for some in (test, dev))
        task = f"mmlu_pro_{part.replace(' ', '_')}"
        variant = "5-shot-cot-lm-eval-text"
        folder = MORE / "mmlu_pro"
        yield Asked("mmlu-pro", variant, task, folder, rows, (part,), shots=5, dev=shown)
    # There the first examples of the file are shown, whatever their category.
    task = "leaderboard_mmlu_pro"
    yield Asked("mmlu-pro-leaderboard", FIVE, task, MORE / "mmlu_pro", test, shots=5, dev=dev)


def _parquet(file: Path) -> Docs:
    from aisbench.data import read_table

    return [dict(row.cells) for row in read_table(file)]


def _mmlu_redux() -> Iterator[Asked]:
    folder = MADE / "mmlu" / "tests" / "data" / "mmlu-redux"
    rows = _parquet(next((folder / "virology").glob("*.parquet")))
    sound = [row for row in rows if row["error_type"] == "ok"]
    task = "mmlu_redux_virology_generative"
    yield Asked("mmlu-redux", "0-shot-text", task, folder, sound, ("virology",))


def _truthfulqa() -> Iterator[Asked]:
    folder = MADE / "commonsense" / "tests" / "data" / "truthfulqa-hub"
    docs = _parquet(next((folder / "multiple_choice").glob("*.parquet")))
    for kind in ("mc1", "mc2"):
        yield Asked(f"truthfulqa-{kind}", ZERO, f"truthfulqa_{kind}", folder, docs)


def _superglue(home: Path) -> Iterator[Asked]:
    makers: dict[str, tuple[str, str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
        "RTE": ("rte", "sglue_rte", _labelled("entailment", "not_entailment")),
        "CB": ("cb", "cb", _labelled("entailment", "contradiction", "neutral")),
        "COPA": ("copa", "copa", lambda row: row),
        "WiC": ("wic", "wic", _labelled("false", "true")),
        "WSC": ("wsc", "wsc", _spans),
    }
    for name, (ours, task, doc) in makers.items():
        rows = lines(MORE / "superglue" / name / "val.jsonl")
        yield Asked(ours, ZERO, task, MORE / "superglue" / name, [doc(row) for row in rows])
        # The training rows are not at hand: the first of validation stand in for them.
        own = home / ours
        _write(own / "train.jsonl", rows[:5])
        _write(own / "val.jsonl", rows[5:])
        test, dev = [doc(row) for row in rows[5:]], [doc(row) for row in rows[:5]]
        yield Asked(ours, FIVE, task, own, test, shots=5, dev=dev)


def _labelled(*labels: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: row | {"label": labels.index(row["label"])}


def _spans(row: dict[str, Any]) -> dict[str, Any]:
    """As the hub has them, beside the text."""
    rest = {key: value for key, value in row.items() if key != "target"}
    return _labelled("false", "true")(rest | row["target"])


def _lambada() -> Iterator[Asked]:
    folder = DATA / "lambada"
    docs = lines(folder / "lambada_test.jsonl")
    yield Asked("lambada", "0-shot-score-text", "lambada_openai", folder, docs)


CONFIGS = {"chid": "str", "csl": "str"}
"""AISBench's configurations that are no chat."""


def fewclue() -> bool:
    """The texts whose log-probabilities FewCLUE's ppl compares, beside AISBench's."""
    alike = [_fewclue(task) for task in _FIELDS]
    return all(alike)


def _fewclue(task: str) -> bool:
    from aisbench.api import open_dataset
    from aisbench.plugins.discovery import discover
    from aisbench_testkit.checks.snapshots import prompts_of

    folder = MORE / "fewclue" / task
    dataset = open_dataset(f"fewclue-{task}", {"path": str(folder)})
    variant = "aisbench-ppl-text" if task == "tnews" else "opencompass-ppl-text"
    samples = dataset.samples()
    ours = prompts_of(dataset.variants()[variant], dataset, samples, discover())
    rows = [_FIELDS[task](row) for row in lines(folder / "test_public.json")]
    config = f"FewCLUE_{task}_ppl_0_shot_{CONFIGS.get(task, 'chat')}"
    asked = {"task": task, "config": config, "rows": rows}
    theirs = reference("ais_bench", "ais_bench_fewclue.py", [asked])
    report = Report(f"fewclue-{task} {variant}", "AISBench asks")
    for sample, prompt, other in zip(samples, ours, theirs, strict=True):
        here = sorted(f"{prompt.text or ''}{one.continuation}" for one in prompt.choices)
        report.add(here, sorted(other["texts"]), sample.id)
    return report.end()


_FIELDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "bustm": lambda row: row,
    "chid": lambda row: {
        f"content{number}": row["content"].replace("#idiom#", one)
        for number, one in enumerate(row["candidates"])
    },
    "cluewsc": lambda row: row | {
        "span1": row["target"]["span1_text"], "span2": row["target"]["span2_text"]
    },
    "csl": lambda row: row | {"keywords": "，".join(row["keyword"])},
    "eprstmt": lambda row: row,
    "tnews": lambda row: row,
}  # fmt: skip
"""The fields of AISBench's readers, of a row as it is published."""


ALL: dict[str, Callable[[], bool]] = {"language": language, "fewclue": fewclue}
