"""Photographs with text, documents, charts, boxes and edited pictures, on a server that knows some
answers: the figures follow from those."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from live import ROOT, Project, simulator

VQA = ROOT / "plugins" / "datasets" / "vqa" / "tests" / "data"
REFCOCO = ROOT / "plugins" / "datasets" / "refcoco" / "tests" / "data"
DOCUMENTS = ROOT / "plugins" / "datasets" / "documents" / "tests" / "data"
GEDIT = ROOT / "plugins" / "datasets" / "gedit" / "tests" / "data"

PAGE = """# A short report

Sales rose in the first half of the year, and fell again.

| 2023 | 5 |
| --- | --- |
| 2024 | 8 |

$$a^2 + b^2 = c^2$$
"""

KNOWN = {
    "without adding any extra explanations or comments.": PAGE,
    "What is written in the image?": "It says centre",
    "Which option? A. x B. y": "(B)",
    "How many words?": "about 8 words",
    'Where is "SALE"?': "[100, 100, 300, 250]",
    "Spot all text.": '[[10, 10, 110, 60, "hello"]]',
    "Give the table as HTML.": "<table><tr><td>a</td><td>c</td></tr></table>",
    "Give company and total as JSON.": '{"company": "acme", "total": "13"}',
    "选哪个？": "A",
    "Give the page as Markdown.": "# Title\n\nFirst paragraph.\n",
    "what word is on the sign?": "Stop.",  # of ten: seven "stop", one "Stop!"
    "what colour is the sign?": "red",  # two
    "What is the total?": "12,50",  # DocVQA: one letter of five; OCRBench: not in it
    "Who signed?": "Ann  Lee",
    "Which share is green?": "60 %",
    "How many drinks are shown?": "three",
    "How high is the first bar?": "43",
    "Is red above green?": "yes",
    "What was the share in 2014?": "3%",
    "what is written in the image?": "It says centre",
    "Write the expression as LaTeX.": "$x^2$",
    "red square": "[62, 125, 375, 625]",
    "left thing": "[500, 500, 600, 600]",
    "round one": "[562, 250, 875, 750]",
    "a red shape with four corners": "I see none",
    "Make the car blue": "score = [9, 4]",
    "output score = [naturalness, artifacts]": "score = [9, 10]",
}

SUITE = """
[suite]
name = "sets"
[models.m]
backend = "vllm-chat"
url = "{url}"
[datasets.textvqa]
dataset = "textvqa"
path = "{vqa}"
[datasets.docvqa]
dataset = "docvqa"
path = "{vqa}"
[datasets.infovqa]
dataset = "infovqa"
path = "{vqa}"
[datasets.chartqa]
dataset = "chartqa"
path = "{vqa}"
[datasets.ocrbench]
dataset = "ocrbench"
path = "{vqa}"
[datasets.refcoco]
dataset = "refcoco"
path = "{refcoco}"
[datasets.plus]
dataset = "refcoco-plus"
path = "{refcoco}"
variant = "internvl-chat"
[datasets.g]
dataset = "refcocog"
path = "{refcoco}"
[datasets.v2]
dataset = "ocrbench-v2"
path = "{documents}"
[datasets.pages]
dataset = "omnidocbench"
path = "{documents}"
"""

EDITS = """
[suite]
name = "edits"
max_failed = 1
[models.ours]
backend = "edited-pictures"
folder = "edited"
[models.critic]
backend = "vllm-chat"
url = "{url}"
role = "judge"
[datasets.gedit]
dataset = "gedit"
path = "{gedit}"
evaluation = {{ judge = "critic", edited = "edited" }}
"""

ACCURACY = {
    "textvqa": 100 * (1.0 + 0.6) / 2,
    "docvqa": 100 * (0.8 + 1.0) / 2,
    "infovqa": 100 * (0.75 + 0.0) / 2,
    "chartqa": 100.0,
    "ocrbench": 100 * 2 / 3,
    "refcoco": 50.0,
    "plus": 100.0,
    "g": 0.0,
    # Of nine tasks: words, a choice, a number, a box, a word with its box, a table, entries, a
    # choice, a page with blank lines.
    "v2": 100 * (1 + 1 + 0.8 + 2 / 3 + 1 + (1 - 1 / 3) + 0.5 + 0 + 2 / 3) / 9,
    # The texts and their order are right; the formula has no braces, the table's cells have spans.
    "pages": 100 * (1 - (0 + 6 / 17 + 97 / 213 + 0) / 4),
}


@pytest.fixture
def known(project: Project) -> Path:
    lines = [{"question": name, "answer": said} for name, said in KNOWN.items()]
    text = "".join(json.dumps(one) + "\n" for one in lines)
    return project.write("known.jsonl", text)


def _whole(document: dict[str, Any]) -> dict[str, Any]:
    """The figures of a whole data set, by name."""
    return {one["name"]: one for one in document["figures"] if not one["part"]}


def test_known_answers(project: Project, known: Path) -> None:
    with simulator("--answers", str(known), "--bare") as server:
        folders = {"vqa": VQA, "refcoco": REFCOCO, "documents": DOCUMENTS}
        project.write("s.toml", SUITE.format(url=server.url, **folders))
        done = project.run("run", "s.toml")
        stats = server.stats()
    assert done.code == 0, done.out + done.err
    for name, wanted in ACCURACY.items():
        found = _whole(project.result("sets", "m", name))
        assert found["accuracy"]["value"] == pytest.approx(wanted), name
    # Every request showed its picture, and the server could read each.
    rows = 2 + 2 + 2 + 3 + 3 + 2 + 1 + 1 + 9 + 1
    assert stats["media"]["image"]["items"] == rows
    assert stats["media"]["image"]["refused"] == 0
    scores = {row["sample"]: row for row in project.scores("sets", "m", "g")}
    assert scores["val-4"]["score"]["verdict"] == "unparsed"


@pytest.mark.slow
def test_edited_pictures_are_judged(project: Project, known: Path) -> None:
    shutil.copytree(GEDIT / "edited", project.path / "edited")
    with simulator("--answers", str(known), "--bare") as server:
        project.write("e.toml", EDITS.format(url=server.url, gedit=GEDIT))
        done = project.run("run", "e.toml")
        stats = server.stats()
    assert done.code == 0, done.out + done.err
    document = project.result("edits", "ours", "gedit")
    found = _whole(document)
    # Two of three pictures are there; of one the judge knows the instruction: sqrt(4 x 9) = 6.
    assert found["accuracy"]["value"] == pytest.approx(100 * 0.6 / 3)
    assert found["G_O"]["value"] == pytest.approx(3.0)
    # Both pictures, and the edited one alone.
    assert stats["media"]["image"]["items"] == 2 * 3
