"""Long context: LongBench's prompts and metrics, and real outputs of L-Eval and InfiniteBench with
their authors' scores."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reference import ROOT, reference
from report import DATA, Report, lines

from aisbench.api import Answer, Sample, open_dataset

MORE = DATA.parent / "data2"
SETS = ROOT / "plugins" / "datasets"
METRICS = {
    "narrativeqa": "qa_f1_score", "multifieldqa_zh": "qa_f1_zh_score",
    "dureader": "rouge_zh_score", "gov_report": "rouge_score", "trec": "classification_score",
    "passage_count": "count_score", "passage_retrieval_en": "retrieval_score",
    "passage_retrieval_zh": "retrieval_zh_score", "lcc": "code_sim_score",
}  # fmt: skip
"""A task of LongBench with each metric, and lm-eval's function of it, after the authors'."""
CLASSES = ["Place", "Person", "Person or group", "Number", "Number of days", "Date"]
CODE = ["    return hour", "x = [i for i in range(10)]", "public int get() {", "\tif (a == b) {"]
ROUNDED = 1e-6
EACH = 200
"""Made answers of each metric."""


def longbench_prompts() -> bool:
    """All 21 tasks on made rows, three on real ones: words, and max_tokens, of the authors."""
    config = DATA / "LongBench" / "config"
    words = json.loads((config / "dataset2prompt.json").read_text(encoding="utf-8"))
    lengths = json.loads((config / "dataset2maxlen.json").read_text(encoding="utf-8"))
    report = Report("longbench prompts", "the authors' config")
    real: dict[str, Any] = {"path": str(DATA / "LongBench")}
    real["parts"] = ["multi_news", "multifieldqa_zh", "passage_retrieval_zh"]
    made = {"path": str(SETS / "longbench" / "tests" / "data" / "longbench")}
    for settings in (real, made):
        for one in open_dataset("longbench", settings).samples():
            fields = {key: str(one.fields[key]) for key in ("context", "input")}
            own = "".join(str(one.fields[key]) for key in ("ahead", "context", "behind"))
            said = own, one.generation["max_tokens"]
            report.add(said, (words[one.part].format(**fields), lengths[one.part]), one.id)
    return report.end()


def longbench_metrics() -> bool:
    """Answers made of real texts, 200 of each of nine metrics."""
    from aisbench_plugin_longbench.scores import METRICS as OURS

    report = Report("longbench metrics", "LongBench's functions, as lm-eval has them")
    rows = list(_made_answers())
    theirs = reference("longbench", "longbench_scores.py", [row for _, row in rows])
    for (part, row), other in zip(rows, theirs, strict=True):
        ours = OURS[part](row["answer"], row["reference"], row["classes"]) or 0.0
        report.add(round(ours, 9), round(other["value"], 9), f"{part}: {row}")
    return report.end()


def _made_answers() -> Iterator[tuple[str, dict[str, Any]]]:
    chance = random.Random(15)
    news = " ".join(row["context"] for row in lines(DATA / "LongBench/data/multi_news.jsonl"))
    english = news.split(" ")
    chinese = lines(DATA / "LongBench/data/multifieldqa_zh.jsonl")[0]["context"]

    def some(least: int, most: int) -> str:
        many = chance.randrange(least, most)
        at = chance.randrange(len(english) - many)
        return " ".join(english[at : at + many])

    def zh(least: int, most: int) -> str:
        many = chance.randrange(least, most)
        at = chance.randrange(len(chinese) - many)
        return str(chinese[at : at + many])

    def pair(part: str) -> tuple[str, str]:
        number = str(chance.randrange(1, 31))
        if part in ("narrativeqa", "gov_report"):
            most = 8 if part == "narrativeqa" else 150
            wanted = some(1, most)
            return chance.choice([some(1, most), f"{wanted} {some(1, 9)}", wanted.upper()]), wanted
        if part in ("multifieldqa_zh", "dureader"):
            wanted = zh(2, 30 if part == "multifieldqa_zh" else 160)
            return chance.choice([zh(5, 90), f"{wanted}。", wanted[2:] + zh(3, 40)]), wanted
        if part == "trec":
            named = chance.sample(CLASSES, chance.randrange(4))
            return " or ".join(named) + ".", chance.choice(CLASSES)
        if part == "lcc":
            before = chance.choice(["", "\n", "```python\n", "# so\n", "// so\n"])
            after = chance.choice(["", "  ", "\nmore()"])
            return f"{before}{chance.choice(CODE)}{after}", chance.choice(CODE)
        shape = {"passage_count": "{}", "passage_retrieval_en": "Paragraph {}"}.get(part, "段落{}")
        text = chance.choice([shape, "{} of {}", "none", f"{shape}, not 7", "{}.5"])
        return text.replace("{}", chance.choice([number, "3"])), shape.replace("{}", number)

    for part, metric in METRICS.items():
        for _ in range(EACH):
            answer, wanted = pair(part)
            classes = CLASSES if part == "trec" else []
            row = {"metric": metric, "answer": answer, "reference": wanted, "classes": classes}
            yield part, row


def leval() -> bool:
    """Nine tables: five of gpt4-32k, four of turbo-16k-0613."""
    from aisbench_plugin_leval.scores import exam, f1
    from aisbench_plugin_text.rouge import RougeEvaluator, RougeSettings

    rouge = RougeEvaluator(RougeSettings(by="rougeL", words="blanks"))
    kinds: Mapping[str, Callable[[Sample, Answer], Any]] = {
        "exam": exam, "f1": f1, "rouge": rouge.score
    }  # fmt: skip
    good = True
    for file in sorted((MORE / "leval" / "predictions").glob("*/*.jsonl")):
        good &= _table(f"leval {file.parent.name} {file.stem}", file.stem, file, kinds)
    return good


def infinitebench() -> bool:
    """Nineteen tables of gpt4 and kimi."""
    from aisbench_plugin_infinitebench.scores import score

    good = True
    for file in sorted((MORE / "infinitebench").glob("*/preds_*")):
        part = file.name.partition(".")[0].removeprefix("preds_")
        name = f"infinitebench {file.parent.name} {part}"
        good &= _table(name, part, file, {"": score})
    return good


def _table(
    name: str, part: str, file: Path, kinds: Mapping[str, Callable[[Sample, Answer], Any]]
) -> bool:
    """One file of answers with the authors' score of each."""
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8")
    rows = [json.loads(line) for line in text.split("\n") if line]
    ours = theirs = 0.0
    differing = []
    for row in rows:
        target = row.get("ground_truth", row.get("gt"))
        sample = Sample(id=str(row.get("id", "")), part=part, target=target)
        found = kinds[row.get("evaluation", "")](sample, Answer.of(row["prediction"] or ""))
        own, other = found.value, _authors(row)
        ours, theirs = ours + own, theirs + other
        if abs(own - other) > ROUNDED:
            differing.append(f"  UNEXPLAINED {row}: ours {own}, theirs {other}"[:400])
    many = len(rows)
    print(
        f"{name}: ours {100 * ours / many:.2f}, authors {100 * theirs / many:.2f}, {many} rows, "
        f"{len(differing)} differing"
    )
    print(*differing, sep="\n", end="\n" if differing else "")
    return not differing


def _authors(row: Mapping[str, Any]) -> float:
    """Of ROUGE, which is rounded there, the longest common subsequence's."""
    return float(row["rouge"]["rougeL"] if "rouge" in row else row["authors_score"])


def infinitebench_prompts() -> bool:
    """The five tasks whose prompts lm-eval puts by functions, word for word."""
    from aisbench_plugin_infinitebench.prompts import chat

    report = Report("infinitebench prompts", "lm-eval's infinitebench")
    folder = SETS / "infinitebench" / "tests" / "data"
    requests, ours = [], []
    tasks = ["code_run", "code_debug", "longbook_choice_eng", "longdialogue_qa_eng", "math_find"]
    for one in open_dataset("infinitebench", {"path": str(folder), "parts": tasks}).samples():
        doc = {key: one.fields[key] for key in ("context", "input")}
        options = [one.fields.get(f"OPTION_{letter}", "") for letter in "ABCD"]
        requests.append({"task": one.part, "doc": {**doc, "options": options}})
        messages = chat(one, ()).messages or ()
        ours.append((one.id, messages[-1].text))
    theirs = reference("longbench", "longbench_scores.py", requests)
    for (name, prompt), other in zip(ours, theirs, strict=True):
        report.add(prompt, other["prompt"], name)
    return report.end()


ALL: dict[str, Callable[[], bool]] = {
    "longbench-prompts": longbench_prompts,
    "longbench-metrics": longbench_metrics,
    "leval": leval,
    "infinitebench": infinitebench,
    "infinitebench-prompts": infinitebench_prompts,
}
