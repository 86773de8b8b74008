"""The authors' responses with the authors' verdicts, where this checkout has them beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path

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
