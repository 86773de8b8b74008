"""Fragments of the changelog are such that towncrier takes them up; it is silent about others."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
FRAGMENTS = [one for one in sorted((ROOT / "changes").iterdir()) if one.name != "README.md"]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = [one["directory"] for one in SETTINGS["tool"]["towncrier"]["type"]]


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment(fragment: Path) -> None:
    kinds = "|".join(KINDS)
    assert re.fullmatch(rf"(\+[a-z0-9-]+|\d+)\.({kinds})\.md", fragment.name), (
        f"{fragment}: is called +SOME-WORDS.KIND.md or NUMBER.KIND.md; KIND is one of {KINDS}"
    )
    text = fragment.read_text(encoding="utf-8").strip()
    assert text.endswith((".", "`", ")")) and "\n\n" not in text


def test_the_rule_names_every_kind() -> None:
    rule = (ROOT / "changes" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", rule, re.MULTILINE) == KINDS


def test_the_changelog_has_a_place_for_the_next_entry() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.count("<!-- towncrier release notes start -->") == 1
