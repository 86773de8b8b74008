"""Summaries, translations and long contexts in one run: what a server said word for word, and the
figures that it must get for it, by part, length and depth."""

from __future__ import annotations

from typing import Any

import pytest
from knowing_server import knowing_server
from live import ROOT, Project

from aisbench.api import Sample, open_dataset

PLUGINS = ROOT / "plugins" / "datasets"
TOKENIZER = PLUGINS / "needles" / "tests" / "data" / "tokenizer.json"
RULER = {"tokenizer": str(TOKENIZER), "lengths": [2000, 3000], "rows": 2,
         "tasks": ["niah_single_1", "fwe"]}  # fmt: skip
NEEDLES = {"tokenizer": str(TOKENIZER), "lengths": [2500], "depths": [0, 100], "rows": 1,
           "languages": ["en"], "tasks": ["single", "atc"], "atc_needles": [2]}  # fmt: skip


def table(name: str, dataset: str, settings: dict[str, Any]) -> str:
    keys = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    return f'[datasets.{name}]\ndataset = "{dataset}"\n{keys}'


def figures(project: Project, name: str) -> dict[str, float]:
    """By part; the figure of all is called by its name."""
    found = project.result("made", "m", name)["figures"]
    return {one["part"] or one["name"]: one["value"] for one in found}


def wanted(sample: Sample) -> list[str]:
    assert isinstance(sample.target, list)
    return [str(one) for one in sample.target]


@pytest.mark.not_quick
def test_exact_figures(project: Project) -> None:
    folder = PLUGINS / "summaries" / "tests" / "data"
    answers = {}
    for sample in open_dataset("ruler", RULER).samples():
        right, row = wanted(sample), sample.id[-1]
        # Of the shorter prompts the first is answered rightly; of fwe only one word of three.
        said = right[:1] if sample.fields["length"] == 2000 and row == "0" else ["none"]
        answers[str(sample.fields["prompt"])] = f"They are {said[0].upper()}."
    for sample in open_dataset("needlebench", NEEDLES).samples():
        right = wanted(sample)
        said_at = {
            0: f"It is {right[0]}.",
            100: "It is not told.",
            "atc": f"\\boxed{{{right[0]}}}",
        }
        answers[str(sample.fields["prompt"])] = said_at[sample.fields["depth"]]  # type: ignore[index]
    answers |= {
        "阅读以下文章，并给出简短的摘要：昨天": "“吊机落水致江城港关闭。”\n以上是摘要。",
        "阅读以下文章，并给出简短的摘要：北桥": "今天天气",
        "Translate the following English": "Der Hafen ist heute geschlossen.",
    }
    suite = [
        table("ruler", "ruler", RULER),
        table("needles", "needlebench", NEEDLES),
        table("lcsts", "lcsts", {"path": str(folder / "lcsts")}),
        table("flores", "flores", {"path": str(folder / "flores"), "parts": ["deu_Latn"],
                                   "limit": 1}),
    ]  # fmt: skip
    with knowing_server(answers) as url:
        project.write(
            "s.toml",
            f'[suite]\nname = "made"\n[models.m]\nbackend = "openai-chat"\nurl = "{url}"\n'
            "concurrency = 16\nstream = false\n" + "".join(suite),
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    ruler = figures(project, "ruler")
    assert ruler["accuracy"] == pytest.approx(100 * (1 + 1 / 3) / 8)
    assert ruler["niah_single_1"] == 25
    assert ruler["length 2000"] == pytest.approx(100 * (1 + 1 / 3) / 4)
    assert ruler["fwe, length 2000"] == pytest.approx(100 / 6)
    assert ruler["length 3000"] == 0
    needles = figures(project, "needles")
    assert (needles["single-en"], needles["atc-2-en"]) == (50, 100)
    assert [value for part, value in needles.items() if part.startswith("cell 2500 x 0 %")] == [
        100
    ]
    assert [value for part, value in needles.items() if part.startswith("depth 100")] == [0]
    lcsts = figures(project, "lcsts")
    assert lcsts["rougeL"] == pytest.approx(50, abs=1e-4)
    assert figures(project, "flores")["corpus-chrf"] == pytest.approx(100)


@pytest.mark.not_quick
def test_judged_sets_ask_their_authors_questions(project: Project) -> None:
    """The judge of AA-LCR says one word; that of CorpusQA one in double brackets."""
    folder = PLUGINS / "needles" / "tests" / "data"
    answers = {
        "BEGIN INPUT DOCUMENTS\n\nBEGIN DOCUMENT 1:\nBrimo": "Alda grew.",
        "BEGIN INPUT DOCUMENTS\n\nBEGIN DOCUMENT 1:\nThe first": "The second.",
        "Assess whether the following CANDIDATE ANSWER is CORRECT or INCORRECT. For the CANDIDATE "
        "ANSWER to be correct, it must be consistent with the OFFICIAL ANSWER.\n\nThe question, "
        'for reference only: Which firm grew, "Alda" or Brimo?\nThe OFFICIAL ANSWER: Alda\n'
        "CANDIDATE ANSWER TO ASSESS: Alda grew.\n\nReply only with CORRECT or INCORRECT.": (
            "CORRECT"
        ),
        "Assess whether": "INCORRECT",
        "Documents ...\n\nQuestion: how many firms are above 0": "Let me see.\nThe answer is: 3",
        "Documents ...\n\nQuestion: how many firms are above 1": "I see two.",
        "\nProblem: how many firms are above 0?\nAnswer 1: Let me see.\nThe answer is: 3\n"
        "Answer 2: 3\n": "Equal. [[YES]]",
        "\nProblem: how many firms are above 1?\nAnswer 1: I see two.\nAnswer 2: []\n": "[[NO]]",
    }
    judge = {"evaluation": "JUDGE"}
    suite = "".join(
        table(name, name, {"path": str(folder / name), **judge}) for name in ("aa-lcr", "corpusqa")
    ).replace("'JUDGE'", '{ judge = "m" }')
    with knowing_server(answers) as url:
        project.write(
            "s.toml",
            f'[suite]\nname = "made"\n[models.m]\nbackend = "openai-chat"\nurl = "{url}"\n'
            f"concurrency = 16\nstream = false\n{suite}",
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    lcr = figures(project, "aa-lcr")
    assert (lcr["accuracy"], lcr["Reports"], lcr["Laws"]) == (50, 100, 0)
    corpora = figures(project, "corpusqa")
    assert corpora["accuracy"] == 50
    assert corpora["domain real_estate_en"] == 50
