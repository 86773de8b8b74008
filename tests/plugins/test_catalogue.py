"""The docs' page of data sets is what the installed ones declare, and each declares enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aisbench.cli import main
from aisbench.cli.catalogue import describe, page
from aisbench.plugins.catalog import Listed, discover

FILE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "datasets.md"
BEGIN = "<!-- data sets: python tests/plugins/test_catalogue.py -->\n"
CATALOG = discover()
LISTED = CATALOG.of_kind("dataset")


def test_the_page_is_up_to_date() -> None:
    """After a change: python tests/plugins/test_catalogue.py"""
    _, _, rest = FILE.read_text(encoding="utf-8").partition(BEGIN)
    assert rest == page(CATALOG) + "\n"


@pytest.mark.parametrize("listed", LISTED, ids=[one.offer.name for one in LISTED])
def test_every_data_set_is_described(listed: Listed) -> None:
    found = describe(listed)
    for key in ("task", "licence", "source", "variants"):
        assert found[key], key
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


if __name__ == "__main__":
    before = FILE.read_text(encoding="utf-8").partition(BEGIN)[0]
    FILE.write_text(before + BEGIN + page(CATALOG) + "\n", encoding="utf-8")
