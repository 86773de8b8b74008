"""[[evaluators]]: what is wrong with them is told with file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import PluginError
from aisbench.declared.offers import offer_of_file
from aisbench.declared.reading import declaration_of
from aisbench.types.offer import parts_of

TABLE = """
summary = "s"
files.test = "{{part}}.jsonl"
parts = ["a", "b", "c"]
columns.answer = "answer"
groups = [
    {{ name = "both", members = ["a", "b"] }},
    {{ name = "most", members = ["both"] }},
]
{keys}
[variants.v]
template = "chat"
prompt.user = "{{question}}"
"""


def offered(tmp_path: Path, keys: str) -> Any:
    file = tmp_path / "set.toml"
    file.write_text(TABLE.format(keys=keys))
    offer = offer_of_file(file)
    declaration_of(offer)
    return offer


def test_the_first_stands_for_a_set_whose_parts_all_have_one(tmp_path: Path) -> None:
    offer = offered(
        tmp_path,
        'evaluators = [{ parts = ["both"], evaluator = "rouge", evaluation = { by = "rougeL" } },'
        ' { parts = ["c"], evaluator = "exact", postprocess = ["answer-is"] }]',
    )
    assert offer.evaluator == "rouge"
    assert [one.parts for one in offer.evaluators] == [("both",), ("c",)]
    assert offer.evaluators[1].postprocess == ("answer-is",)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('evaluators = [{ parts = ["A"], evaluator = "exact" }]', r"evaluators\[0\].parts\[0\]"),
        ('evaluators = [{ parts = ["a"], evaluator = "exact" }]', "no evaluator scores b, c"),
        ('evaluators = [{ parts = [], evaluator = "exact" }]', r"evaluators\[0\].parts"),
        ('evaluators = [{ parts = ["a"] }]', "evaluator"),
        ('evaluators = [{ parts = ["a"], evaluator = "1:f" }]', "1:f"),
        ('evaluators = [{ parts = ["a"], evaluator = "exact", by = "x" }]', "by"),
    ],
)
def test_mistakes(tmp_path: Path, keys: str, message: str) -> None:
    with pytest.raises((PluginError, ValueError), match=message):
        offered(tmp_path, keys)


def test_groups_within_groups_are_their_parts(tmp_path: Path) -> None:
    groups = {"all": ("both", "c"), "both": ("a", "b"), "c": ("c", "d")}
    assert parts_of(["all", "e"], groups) == ["a", "b", "c", "d", "e"]
    with pytest.raises(PluginError, match="no evaluator scores c"):
        offered(tmp_path, 'evaluators = [{ parts = ["most"], evaluator = "exact" }]')
