"""ROUGE of real summaries, in English and Chinese, with their authors' figures; and RULER's
wording and scores, as lm-evaluation-harness has them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable

from reference import reference
from report import DATA, Report

from aisbench.api import Answer, Sample
from aisbench_plugin_needles import ruler_lists, ruler_tasks
from aisbench_plugin_needles.matching import MatchSettings, NeedleMatch
from aisbench_plugin_needles.needlebench import prompts
from aisbench_plugin_text.rouge import RougeEvaluator, RougeSettings

MORE = DATA.parent / "data2"
KINDS = ("rouge1", "rouge2", "rougeL")
XSUM = {False: (30.002, 10.798, 24.489), True: (30.945, 11.023, 25.05)}
"""Means of rouge-score 0.1.2 on ConvS2S's outputs, plain and with its stemmer (SOURCES.md)."""
XSUM_PERL = (31.27, 11.07, 25.23)
"""The authors' own, by the Perl program ROUGE-1.5.5 (convs2s-test-output.rouge)."""
LAWBENCH = {
    "GPT4/2-7": 37.9245, "GPT4/3-8": 19.6498, "qwen-7b-chat-hf/2-7": 36.0419,
}  # fmt: skip
"""LawBench's predictions/zero_shot/results.csv, times 100."""


def xsum() -> bool:
    """ConvS2S of S. Narayan et al. 2018: 11,334 outputs."""
    folder = MORE / "xsum_outputs"
    gold, said = (
        gzip.decompress((folder / f"{name}.txt.gz").read_bytes()).decode().splitlines()
        for name in ("gold-test-sentences", "convs2s-test-output")
    )
    good = True
    for stem, theirs in XSUM.items():
        evaluator = RougeEvaluator(RougeSettings(stem=stem))
        sums = dict.fromkeys(KINDS, 0.0)
        for one, other in zip(gold, said, strict=True):
            score = evaluator.score(Sample(id="s", target=one), Answer.of(other))
            for kind in KINDS:
                sums[kind] += score.measures[kind].value if score.measures else 0.0
        ours = tuple(round(sums[kind] / len(gold), 3) for kind in KINDS)
        far = ", ".join(f"{perl - own:+.2f}" for perl, own in zip(XSUM_PERL, ours, strict=True))
        name = "with stemmer" if stem else "plain"
        print(
            f"xsum, ConvS2S, ROUGE-1, -2, -L {name}: ours {ours}, rouge-score {theirs}, "
            f"{len(gold)} rows; the authors' Perl {XSUM_PERL} is {far} from it"
        )
        good &= all(abs(a - b) < 0.001 for a, b in zip(ours, theirs, strict=True))
    return good


def lawbench_rouge() -> bool:
    """Three tables of 500 rows, each row with rouge-chinese's own values."""
    evaluator = RougeEvaluator(RougeSettings(words="jieba"))
    good = True
    for name, theirs in LAWBENCH.items():
        file = MORE / "lawbench" / f"{name}.jsonl.gz"
        rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
        differing, total = 0, 0.0
        for number, row in enumerate(rows):
            sample = Sample(id=str(number), target=row["reference"])
            score = evaluator.score(sample, Answer.of(row["prediction"]))
            total += score.value
            if abs(score.value - row["rouge_l_f"]) > 1e-6:
                differing += 1
                print(f"  UNEXPLAINED {name} row {number}: ours {score.value}, {row['rouge_l_f']}")
        ours = 100 * total / len(rows)
        print(
            f"lawbench {name}: ours {ours:.4f}, authors {theirs}, {len(rows)} rows, "
            f"{differing} differing"
        )
        good &= differing == 0 and abs(ours - theirs) < 0.0001
    return good


def ruler() -> bool:
    """Its wording, and ``string_match_all`` on made-up answers."""
    draw = random.Random(4)
    words = [
        "4071523",
        "Fox",
        "fox",
        "quick-fox",
        "ABCDE",
        "no",
        "\x07",
        "\n",
        " ",
        "北京",
        "é",
        "É",
    ]
    rows = []
    for _ in range(400):
        said = " ".join(draw.choice(words) for _ in range(draw.randint(1, 12)))
        wanted = draw.sample([one for one in words if one.strip("\x07\n ")], draw.randint(1, 4))
        rows.append({"said": said, "wanted": wanted})
    *scores, last = reference("lm_eval", "lm_eval_ruler.py", rows)
    report = Report("ruler: answers", "lm-evaluation-harness")
    evaluator = NeedleMatch(MatchSettings(rule="all"))
    for row, theirs in zip(rows, scores, strict=True):
        sample = Sample(id="s", target=list(row["wanted"]))
        ours = evaluator.score(sample, Answer.of(row["said"])).value
        report.add(ours, theirs["score"], f"{row}")
    return report.end() & _same_wording(last["templates"])


def _same_wording(theirs: dict[str, str]) -> bool:
    report = Report("ruler: wording", "lm-evaluation-harness")
    kind = "{type_needle_v}"
    niah = ruler_tasks.NEEDLE_TASK.replace("{kind}", kind)
    report.add(niah, theirs["niah"], "niah")
    ours = {
        "vt": ruler_tasks.VARIABLES_TASK.replace("{count}", "{num_v}"),
        "cwe": ruler_lists.COMMON_TASK,
        "fwe": ruler_lists.FREQUENT_TASK,
        "qa": ruler_lists.QUESTION_TASK,
    }
    for name, text in ours.items():
        wanted = f"{theirs[name]} {theirs[f'{name} answer']}"
        cause = ""
        if wanted.replace("assgined", "assigned") == text.rstrip():
            cause = "a slip of RULER's that NVIDIA has mended since (assgined)"
        report.add(text.rstrip(), wanted, name, cause)
    return report.end()


def needlebench() -> bool:
    """All prompts word for word."""
    (theirs,) = reference("ais_bench", "ais_bench_needles.py", [])
    report = Report("needlebench: wording", "AISBench")
    for task, texts in prompts().items():
        for language, text in texts.items():
            report.add(text, theirs[task][language], f"{task} {language}")
    return report.end()


ALL: dict[str, Callable[[], bool]] = {
    "xsum": xsum, "lawbench-rouge": lawbench_rouge, "ruler": ruler,
    "needlebench": needlebench,
}  # fmt: skip
