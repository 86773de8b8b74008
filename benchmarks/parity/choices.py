"""Multiple choice beside lm-eval: letters, log-probabilities, and what is asked."""

from __future__ import annotations

import csv
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from reference import reference
from report import DATA, Report, answered, lines

from aisbench.api import Answer, Prompt, Response, Sample, Scored, open_dataset


def choices() -> bool:
    from aisbench_plugin_choices.evaluator import ChoiceEvaluator
    from aisbench_plugin_choices.settings import ChoiceSettings

    draw = random.Random(3)
    options = ["a red fox", "two grey owls", "no bees", "some moths"]
    working = "Let us think. The first thing to see is the number of wings. Owls have two."
    forms = (
        "The answer is ({}).",
        "{w}\nSo the answer is ({}).",
        "{w} The answer is ({}) because of that.",
        "({})",
        "{w}\n({})",
        "The answer is {}.",
        "**Answer:** ({})",
        "{w} I would choose ({}).",
        "Not ({o}), so the answer is ({}).",
        "I cannot say.",
        "It is either ({}) or ({o}).",
    )
    rows, wanted = [], []
    for _ in range(400):
        letter, other = draw.sample("ABCD", 2)
        form = draw.choice(forms)
        text = form.replace("{w}", working).replace("{o}", other).replace("{}", letter)
        rows.append({"question": "Which?", "choices": options, "text": text})
        wanted.append((form, letter))
    theirs = reference("lm_eval", "lm_eval_choices.py", rows)
    evaluator = ChoiceEvaluator(ChoiceSettings())
    sample = Sample(id="s", fields={"choices": options}, target="A")
    report = Report("choices", "lm-eval 0.4.13's flexible-extract")
    for row, (form, letter), other in zip(rows, wanted, theirs, strict=True):
        ours = evaluator.score(sample, answered(row["text"])).extracted
        cause = ""
        if ours is None and form in ("I cannot say.", "It is either ({}) or ({o})."):
            cause = (
                "an answer that names no option, or two, is unparsed here; there a letter is taken"
            )
        elif ours == letter and other["flexible"] != letter:
            cause = (
                "there the last (X), or the first capital letter of any word; here the one stated"
            )
        report.add(ours, other["flexible"], f"{row['text']!r}", cause)
    return report.end()


def likelihoods() -> bool:
    from aisbench_plugin_choices.evaluator import ChoiceEvaluator
    from aisbench_plugin_choices.settings import By, ChoiceSettings

    draw = random.Random(5)
    words = [
        "fox",
        "two grey owls",
        "no",
        "some moths are here",
        "北京",
        "北京和上海",
        "naïve",
        "π",
    ]
    rows = []
    for _ in range(400):
        texts = draw.sample(words, draw.choice((2, 4, 5)))
        rows.append(
            {
                "question": "Which?",
                "choices": texts,
                "gold": draw.randrange(len(texts)),
                # About as improbable as they are long, so that each way of comparing matters.
                "given": [-draw.uniform(0.5, 1.5) * len(text) ** 0.8 for text in texts],
                "alone": [-draw.uniform(1, 2) * len(text) ** 0.8 for text in texts],
            }
        )
    theirs = reference("lm_eval", "lm_eval_likelihoods.py", rows)
    report = Report("likelihoods", "lm-eval 0.4.13's acc, acc_norm, acc_bytes, acc_mutual_info")
    pairs: tuple[tuple[By, str], ...] = (
        ("sum", "acc"),
        ("character", "acc_norm"),
        ("byte", "acc_bytes"),
        ("unconditional", "acc_mutual_info"),
    )
    for row, other in zip(rows, theirs, strict=True):
        sample = Sample(id="s", target=row["gold"])
        answer = Answer(
            prompts=tuple(
                Prompt(text=context, continuation=f" {text}")
                for context in ("Which?", "")
                for text in row["choices"]
            ),
            responses=tuple(
                Response(scored=Scored(logprobs=(one,))) for one in row["given"] + row["alone"]
            ),
        )
        for by, metric in pairs:
            settings = ChoiceSettings(by=by, target="index")
            value = ChoiceEvaluator(settings).score(sample, answer).value
            report.add(value, other[metric], f"{metric} of {row}")
    return report.end()


def prompts() -> bool:
    """Whether the same data is asked in the same words."""
    from aisbench.plugins.discovery import discover
    from aisbench_testkit.checks.snapshots import prompts_of

    catalog = discover()
    subject = "abstract_algebra"

    def mmlu(split: str) -> list[dict[str, Any]]:
        with (DATA / "mmlu" / "data" / split / f"{subject}_{split}.csv").open(newline="") as file:
            return [
                {"question": row[0], "choices": row[1:5], "answer": "ABCD".index(row[5])}
                for row in csv.reader(file)
            ]

    # The excerpt has one row twice, which we refuse.
    yes_no = list({row["idx"]: row for row in lines(DATA / "boolq" / "val.jsonl")}.values())
    folder = tempfile.TemporaryDirectory()
    Path(folder.name, "val.jsonl").write_text("".join(json.dumps(row) + "\n" for row in yes_no))
    hellaswag = lines(DATA / "hellaswag" / "hellaswag_val.jsonl")
    cases: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
        ("hellaswag", {"path": str(DATA / "hellaswag")}, "0-shot-choices-text",
         {"task": "hellaswag", "shots": 0, "test": hellaswag, "dev": []}),
        ("boolq", {"path": folder.name}, "0-shot-choices-text",
         {"task": "boolq", "shots": 0, "dev": [],
          "test": [row | {"label": int(row["label"])} for row in yes_no]}),
        ("mmlu", {"path": str(DATA / "mmlu" / "data"), "parts": [subject]}, "0-shot-choices-text",
         {"task": f"mmlu_{subject}", "shots": 0, "test": mmlu("test"), "dev": mmlu("dev")}),
        ("mmlu", {"path": str(DATA / "mmlu" / "data"), "parts": [subject]}, "5-shot-choices-text",
         {"task": f"mmlu_{subject}", "shots": 5, "test": mmlu("test"), "dev": mmlu("dev")}),
    ]  # fmt: skip
    theirs = reference("lm_eval", "lm_eval_prompts.py", [asked for _, _, _, asked in cases])
    report = Report("prompts", "lm-eval 0.4.13's hellaswag, boolq, mmlu (question and choices)")
    at = 0
    for name, settings, variant, asked in cases:
        dataset = open_dataset(name, settings)
        samples = dataset.samples()
        assert len(samples) == len(asked["test"])
        for prompt in prompts_of(dataset.variants()[variant], dataset, samples, catalog):
            ours = {
                (prompt.text if one.context is None else one.context, one.continuation)
                for one in prompt.choices
            }
            other = {(context, choice) for context, choice in theirs[at]["prompts"]}
            asked_here, asked_there = sorted(ours - other)[:1], sorted(other - ours)[:1]
            report.add(asked_here, asked_there, f"{name}, {variant}, {samples[0].part} {at}")
            at += 1
    return report.end()
