"""Each data set declares what the catalogue is to tell of it."""

from __future__ import annotations

import json

import pytest

from aisbench.cli import main
from aisbench.cli.catalogue import describe
from aisbench.plugins.catalog import Listed
from aisbench.plugins.discovery import discover

CATALOG = discover()
LISTED = CATALOG.of_kind("dataset")
DECIDED_BY_A_SUITE = {"lm-eval"}
"""Data sets whose variants depend on a key that a suite must set."""


@pytest.mark.parametrize("listed", LISTED, ids=[one.offer.name for one in LISTED])
def test_every_data_set_is_described(listed: Listed) -> None:
    found = describe(listed)
    for key in ("task", "licence", "source"):
        assert found[key], key
    assert found["variants"] or listed.offer.name in DECIDED_BY_A_SUITE
    for name, variant in found["variants"].items():
        assert variant["source"], name


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    out = capsys.readouterr().out
    assert "mmlu" in out and "dev 285, val 1,531, test 14,042" in out
    assert main(["datasets", "list", "--json"]) == 0
    names = {one["name"] for one in json.loads(capsys.readouterr().out)}
    assert {"ceval", "gsm8k", "humaneval", "ifeval", "math500", "mtbench", "hellaswag"} <= names
    assert main(["datasets", "show", "ceval"]) == 0
    out = capsys.readouterr().out
    assert "5-shot-cot-chat (chat, 5 shots)" in out
    assert "CC BY-NC-SA 4.0" in out
