"""The authors' responses with the authors' verdicts, where this checkout has them beside it."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from aisbench_plugin_ifeval.checks import followed

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "ifeval"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="no IFEval files; set AISBENCH_SHARED to the folder of data"
    ),
]

# The authors' checker replaces a letter outside a to z by a random one.
EXPLAINED = {("keywords:letter_frequency", "#")}


def test_every_verdict_is_the_authors_or_explained() -> None:
    lines = (FOLDER / "input_data.jsonl").read_text(encoding="utf-8").splitlines()
    inputs = {row["prompt"]: row for row in map(json.loads, lines)}
    scored = (FOLDER / "gpt4_responses_scored.jsonl").read_text(encoding="utf-8").splitlines()
    count, disagreements = 0, set()
    for row in map(json.loads, scored):
        given = inputs[row["prompt"]]["kwargs"]
        for place, name in enumerate(row["instruction_id_list"]):
            arguments = {key: one for key, one in given[place].items() if one is not None}
            for mode in ("strict", "loose"):
                count += 1
                ours = followed(name, row["response"], arguments, loose=mode == "loose")
                if ours != row[mode][place]:
                    disagreements.add((name, arguments.get("letter")))
    assert count == 1664
    assert disagreements == EXPLAINED


def rows(file: Path) -> list[Any]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.skipif(not (SHARED / "data2" / "ifbench").is_dir(), reason="no IFBench files")
def test_every_verdict_of_ifbench_is_the_authors_or_explained() -> None:
    folder = SHARED / "data2" / "ifbench"
    lines = (folder / "data" / "IFBench_test.jsonl").read_text(encoding="utf-8").splitlines()
    asked = {row["prompt"].strip(): row["kwargs"] for row in map(json.loads, lines)}
    file = folder / "model_outputs" / "sample_output_scored.jsonl.gz"
    count, disagreements = 0, []
    for row in rows(file):
        given = asked.get(row["prompt"].strip(), [{}])
        for place, name in enumerate(row["instruction_id_list"]):
            arguments = {key: one for key, one in given[place].items() if one is not None}
            for mode in ("strict", "loose"):
                count += 1
                ours = followed(name, row["response"], arguments, loose=mode == "loose")
                if ours != row[mode][place]:
                    disagreements.append(name)
    assert count == 670
    # Their tagger takes three verbs for names; their first version cut one sentence otherwise.
    assert sorted(disagreements) == ["ratio:sentence_type"] * 2 + ["words:start_verb"] * 6
