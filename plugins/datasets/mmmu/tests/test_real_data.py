"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from aisbench.api import Prompt, Sample, open_dataset
from aisbench.plugins.discovery import discover
from aisbench_testkit.checks.snapshots import prompts_of

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
DATA = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="no published rows; set AISBENCH_SHARED to the folder of data2",
    ),
]


def asked(name: str, **settings: object) -> list[Sample]:
    return list(open_dataset(name, {"path": str(DATA / "mmmu_pro"), **settings}).samples())


def test_rows_of_mmmu() -> None:
    """Questions with options and without, pictures in their places."""
    subjects = ["Biology", "Clinical_Medicine", "Energy_and_Power", "Math", "Music"]
    rows = open_dataset("mmmu", {"path": str(DATA / "mmmu"), "parts": subjects}).samples()
    assert len(rows) == 10
    assert {one.part for one in rows} == set(subjects)
    assert [one.target for one in rows if one.fields["has_options"] is False] == [
        "7",
        ["4", "four"],
    ]
    pictures = [sum(bool(one) for one in row.fields["pictures"]) for row in rows]  # type: ignore[union-attr]
    assert (min(pictures), max(pictures)) == (1, 2)


def test_rows_of_mmmu_pro_in_both_layouts() -> None:
    """The same question is the same in Parquet and in VLMEvalKit's table."""
    rows = {one.fields["id"]: one for one in asked("mmmu-pro")}
    table = {
        one.fields["id"]: one for one in asked("mmmu-pro", files={"test": "MMMU_Pro_10c.tsv"})
    }
    assert (len(rows), len(table)) == (11, 8)
    for name in set(rows) & set(table):
        one, two = rows[name], table[name]
        for field in ("question", "choices"):
            assert one.fields[field] == two.fields[field], name
        assert (one.target, one.part) == (two.target, two.part)
    shown = rows["test_Music_251"]
    assert sum(bool(one) for one in shown.fields["pictures"]) == 5  # type: ignore[union-attr]
    vision = asked("mmmu-pro-vision")
    both = asked("mmmu-pro-vision", files={"test": "MMMU_Pro_V.tsv"})
    assert [one.target for one in vision] == [one.target for one in both]
    assert len(vision) == 4


DIRECT = "Answer with the option letter from the given choices directly."
LAST = (
    "The last line of your response should be of the following format: 'Answer: $LETTER' (without "
    "quotes) where LETTER is one of options."
)


def text_of(prompt: Prompt) -> str:
    """A turn's text, a picture as the mark that stood there."""
    (turn,) = prompt.messages or ()
    parts = turn.content if isinstance(turn.content, tuple) else ()
    return "".join("<image>" if one.media else one.text or "" for one in parts)


@pytest.mark.parametrize(
    ("variant", "end"),
    [
        ("0-shot-chat", DIRECT),
        (
            "0-shot-cot-chat",
            f"Answer the preceding multiple choice question. {LAST} Think step by step before "
            "answering.",
        ),
    ],
)
def test_prompts_of_mmmu_pro_are_the_authors(variant: str, end: str) -> None:
    """As infer_gpt.py puts them together, of all rows; a picture stands for its first mark."""
    dataset = open_dataset("mmmu-pro", {"path": str(DATA / "mmmu_pro")})
    samples = dataset.samples()
    prompts = prompts_of(dataset.variants()[variant], dataset, samples, discover())
    for sample, prompt in zip(samples, prompts, strict=True):
        options = sample.fields["choices"]
        listed = "\n".join(f"{chr(65 + at)}. {one}" for at, one in enumerate(options))  # type: ignore[arg-type]
        wanted = re.sub(r"<image \d>", "<image>", f"{sample.fields['question']}\n{listed}\n{end}")
        assert text_of(prompt) == wanted
