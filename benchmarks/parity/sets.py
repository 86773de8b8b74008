"""What declared sets ask beside what lm-eval's tasks ask, of the same official rows.

Rows are read here from the files themselves, turned into the form of lm-eval's data, and rendered
there by its own tasks; ours come from the declarations. AGIEval is not among them: lm-eval's rows
of it hold the whole prompts.
"""

from __future__ import annotations

import ast
import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from reference import reference
from report import DATA, Report, lines

from aisbench.api import Prompt, open_dataset

MORE = DATA.parent / "data2"
Docs = list[dict[str, Any]]


@frozen
class Asked:
    """A variant of a set, and lm-eval's task with the same rows."""

    name: str
    variant: str
    task: str
    folder: Path
    docs: Docs
    parts: tuple[str, ...] = ()
    split: str = ""
    shots: int = 0
    dev: Docs = field(factory=list)
    cause: str = ""
    """Why prompts may differ, where that is known."""


def sets() -> bool:
    """Prints a table: set, variant, rows, and how many prompts are equal word for word."""
    return compared(_cases)


def compared(cases_in: Callable[[Path], Iterator[Asked]]) -> bool:
    """The table of the cases that ``cases_in`` makes, which may leave files in a folder."""
    from aisbench.plugins.discovery import discover
    from aisbench_testkit.checks.snapshots import prompts_of

    catalog = discover()
    reports: dict[tuple[str, str], Report] = {}
    with tempfile.TemporaryDirectory() as home:
        cases = list(cases_in(Path(home)))
        ours: list[Sequence[Prompt]] = []
        requests = []
        for one in cases:
            settings: dict[str, Any] = {"path": str(one.folder), "split": one.split}
            dataset = open_dataset(one.name, settings | {"parts": list(one.parts)})
            samples = dataset.samples()
            assert len(samples) == len(one.docs), (one.name, len(samples), len(one.docs))
            ours.append(prompts_of(dataset.variants()[one.variant], dataset, samples, catalog))
            request = {"task": one.task, "shots": one.shots, "test": one.docs, "dev": one.dev}
            if one.name == "gpqa":
                request["orders"] = [sample.fields["choices"] for sample in samples]
            requests.append(request)
        theirs = iter(reference("lm_eval", "lm_eval_prompts.py", requests))
    for one, prompts in zip(cases, ours, strict=True):
        key = one.name, one.variant
        report = reports.setdefault(key, Report(f"{one.name} {one.variant}", one.task))
        for number, prompt in enumerate(prompts):
            other = {(context, said) for context, said in next(theirs)["prompts"]}
            here = _pairs(prompt)
            shown = sorted(here - other)[:1], sorted(other - here)[:1]
            report.add(shown[0], shown[1], f"{one.task} {number}", one.cause)
    return _table(reports)


def _pairs(prompt: Prompt) -> set[tuple[str, str]]:
    if prompt.continuation is not None:
        return {(prompt.text or "", prompt.continuation)}
    if not prompt.choices:
        return {(prompt.text or "", "")}
    return {
        ((prompt.text or "") if one.context is None else str(one.context), one.continuation)
        for one in prompt.choices
    }


def _table(reports: dict[tuple[str, str], Report]) -> bool:
    print(f"{'set':16} {'variant':22} {'rows':>6} {'equal':>6}  otherwise")
    for (name, variant), report in reports.items():
        why = "; ".join(f"{count}: {cause}" for cause, count in report.causes.items())
        print(f"{name:16} {variant:22} {report.total:6} {report.agreed:6}  {why}")
    unexplained = [line for report in reports.values() for line in report.unexplained]
    for line in unexplained[:20]:
        print(f"  UNEXPLAINED {line}")
    return not unexplained


def _cases(home: Path) -> Iterator[Asked]:
    yield from _commonsense(home)
    yield from _cmmlu()
    yield from _gpqa()
    yield from _reading(home)
    yield from _race(home)
    yield from _bbh()
    yield from _mgsm(home)


def _commonsense(home: Path) -> Iterator[Asked]:
    zero = "0-shot-choices-text"
    for kind in ("Challenge", "Easy"):
        name = f"arc-{kind.lower()}"
        folder = MORE / "arc" / f"ARC-{kind}"
        test = _stems(folder / f"ARC-{kind}-Test.jsonl")
        dev = _stems(folder / f"ARC-{kind}-Dev.jsonl")
        task = name.replace("-", "_")
        yield Asked(name, zero, task, folder, test)
        yield Asked(name, zero, task, folder, dev, split="dev")
        # The training rows are not at hand: those of dev stand in for them.
        own = home / name
        own.mkdir()
        shutil.copy(folder / f"ARC-{kind}-Test.jsonl", own)
        shutil.copy(folder / f"ARC-{kind}-Dev.jsonl", own / f"ARC-{kind}-Train.jsonl")
        yield Asked(name, "25-shot-choices-text", task, own, test, shots=25, dev=dev[:25])
    folder = MORE / "commonsenseqa"
    dev, train = (_stems(folder / f"{one}_rand_split.jsonl") for one in ("dev", "train"))
    task = "commonsense_qa"
    yield Asked("commonsenseqa", zero, task, folder, dev)
    yield Asked("commonsenseqa", "7-shot-choices-text", task, folder, dev, shots=7, dev=train[:7])
    folder = MORE / "openbookqa" / "Main"
    docs = [one | {"question_stem": one["question"]} for one in _stems(folder / "dev.jsonl")]
    yield Asked("openbookqa", zero, "openbookqa", folder, docs, split="dev")
    folder = DATA / "piqa"
    labels = (folder / "valid-labels.lst").read_text().split()
    pairs = zip(lines(folder / "valid.jsonl"), labels, strict=True)
    yield Asked("piqa", zero, "piqa", folder, [row | {"label": int(one)} for row, one in pairs])
    folder = MORE / "siqa"
    labels = (folder / "dev-labels.lst").read_text().split()
    pairs = zip(lines(folder / "dev.jsonl"), labels, strict=True)
    yield Asked("siqa", zero, "social_iqa", folder, [row | {"label": one} for row, one in pairs])
    folder = MORE / "winogrande"
    rows = lines(folder / "dev.jsonl")
    yield Asked("winogrande", zero, "winogrande", folder, rows)
    own = home / "winogrande"
    own.mkdir()
    _write(own / "train_xl.jsonl", rows[:5])
    _write(own / "dev.jsonl", rows[5:])
    few = "5-shot-choices-text"
    yield Asked("winogrande", few, "winogrande", own, rows[5:], shots=5, dev=rows[:5])


def _stems(file: Path) -> Docs:
    """Rows of AI2's layout as the hub has them."""
    found = []
    for row in lines(file):
        asked = row["question"]
        options = {name: [one[name] for one in asked["choices"]] for name in ("text", "label")}
        found.append(
            {"question": asked["stem"], "choices": options, "answerKey": row["answerKey"]}
        )
    return found


def _write(file: Path, rows: Docs) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _cmmlu() -> Iterator[Asked]:
    for folder in (DATA / "cmmlu", MORE / "cmmlu"):
        for file in sorted((folder / "test").glob("*.csv")):
            test, dev = (_csv(folder / split / file.name) for split in ("test", "dev"))
            part, task = (file.stem,), f"cmmlu_{file.stem}"
            few = "5-shot-choices-text"
            yield Asked("cmmlu", "0-shot-choices-text", task, folder, test, part)
            yield Asked("cmmlu", few, task, folder, test, part, shots=5, dev=dev)


def _csv(file: Path) -> Docs:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def _gpqa() -> Iterator[Asked]:
    folder = MORE / "gpqa_layout"
    rows = _csv(folder / "gpqa_diamond.csv")
    zero = "gpqa_diamond_zeroshot"
    yield Asked("gpqa", "0-shot-choices-text", zero, folder, rows)
    yield Asked("gpqa", "0-shot-cot-text", "gpqa_diamond_cot_zeroshot", folder, rows)


def _reading(home: Path) -> Iterator[Asked]:
    folder = DATA / "drop"
    passages = json.loads((folder / "drop_dataset_dev.json").read_text(encoding="utf-8"))
    date = {"day": "", "month": "", "year": ""}
    docs = [
        one
        | {"passage": passage["passage"], "answer": one["answer"] | {"date": date}}
        | {"validated_answers": {"number": [], "date": [], "spans": []}}
        for passage in passages.values()
        for one in passage["qa_pairs"]
    ]
    yield Asked("drop", "0-shot-text", "drop", folder, docs)
    folder = MORE / "triviaqa"
    with (folder / "trivia-dev.qa.csv").open(encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    trivia = [_trivia(question, ast.literal_eval(names)) for question, names in rows]
    yield Asked("triviaqa-csv", "0-shot-text", "triviaqa", folder, trivia)
    # The official layout, of the same rows.
    own = home / "triviaqa"
    for split, some in (("train", rows[:5]), ("dev", rows[5:])):
        found = [
            {"Question": question, "QuestionId": f"tc_{number}",
             "Answer": {"Aliases": ast.literal_eval(names), "NormalizedAliases": []}}
            for number, (question, names) in enumerate(some)
        ]  # fmt: skip
        (own / "qa").mkdir(parents=True, exist_ok=True)
        (own / "qa" / f"web-{split}.json").write_text(json.dumps({"Data": found}))
    few, part = "5-shot-text", ("web",)
    yield Asked("triviaqa", "0-shot-text", "triviaqa", own, trivia[5:], part)
    yield Asked("triviaqa", few, "triviaqa", own, trivia[5:], part, shots=5, dev=trivia[:5])


def _trivia(question: str, names: list[str]) -> dict[str, Any]:
    return {"question": question, "answer": {"aliases": names}}


def _race(home: Path) -> Iterator[Asked]:
    """No official rows are at hand: made-up articles, with gaps and without."""
    folder = home / "race"
    docs = []
    for number in range(40):
        asked = ["When is it?", "The owl eats a  _  .", "Where  _  ?", "What is _ ?"][
            : 1 + number % 4
        ]
        options = [
            [f"{one} {number} {letter}" for letter in "wxyz"] for one in ("a", "b", "c", "d")
        ]
        answers = ["ABCD"[(number + place) % 4] for place in range(len(asked))]
        article = {
            "article": f"Owl {number}.\nIt flies.", "id": f"high{number}.txt", "questions": asked,
            "options": options[: len(asked)], "answers": answers,
        }  # fmt: skip
        file = folder / "test" / "high" / f"{number:02}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(article), encoding="utf-8")
        triples = zip(asked, options, answers, strict=False)
        problems = [{"question": q, "options": o, "answer": a} for q, o, a in triples]
        docs.append({"article": article["article"], "problems": str(problems)})
    yield Asked("race-last", "0-shot-choices-text", "race", folder, docs)


def _bbh() -> Iterator[Asked]:
    folder = DATA / "bbh"
    for file in sorted((folder / "bbh").glob("*.json")):
        docs = json.loads(file.read_text(encoding="utf-8"))["examples"]
        part = (file.stem,)
        cause = ""
        if file.stem == "sports_understanding":
            cause = 'the authors\' file goes on in the line of "step by step."'
        few = f"bbh_cot_fewshot_{file.stem}"
        yield Asked("bbh", "cot-text", few, folder, docs, part, shots=3, cause=cause)
        yield Asked("bbh", "0-shot-cot-text", f"bbh_cot_zeroshot_{file.stem}", folder, docs, part)


def _mgsm(home: Path) -> Iterator[Asked]:
    examples = json.loads((MORE / "mgsm" / "exemplars.json").read_text(encoding="utf-8"))
    folder = home / "mgsm"
    shutil.copytree(DATA / "mgsm", folder)
    (folder / "exemplars.py").write_text(f"MGSM_EXEMPLARS = {examples!r}\n", encoding="utf-8")
    for language, worked in examples.items():
        with (folder / f"mgsm_{language}.tsv").open(encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        docs: Docs = [{"question": one, "answer": None, "answer_number": n} for one, n in rows]
        dev: Docs = [
            {"question": one["q"], "answer": one["a"], "answer_number": ""}
            for one in worked.values()
        ]
        cause = ""
        if language in ("ja", "ru", "zh"):
            cause = "there a letter more or less is cut off the examples' answers"
        part = (language,)
        for variant, kind in (
            ("0-shot-text", "direct"), ("0-shot-cot-text", "native_cot"),
            ("0-shot-en-cot-text", "en_cot"),
        ):  # fmt: skip
            yield Asked("mgsm", variant, f"mgsm_{kind}_{language}", folder, docs, part)
        yield Asked(
            "mgsm", "8-shot-cot-text", f"mgsm_native_cot_{language}", folder, docs, part,
            shots=8, dev=dev, cause=cause,
        )  # fmt: skip
