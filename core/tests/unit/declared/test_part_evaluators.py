"""[[evaluators]]: what is wrong with them is told with file and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import open_dataset
from aisbench.base.errors import DataError, PluginError
from aisbench.config.plan import RowsScoring
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


ROWS = """
summary = "s"
files.test = "rows.jsonl"
columns = { answer = "answer", question = "base" }
evaluator = "exact"
variants.0-shot-chat = { template = "chat", prompt.user = "{question}" }

[fields]
base = { of = "index", pattern = '^\\d*?0*?([1-9]\\d{0,5}|0)$' }

[[evaluators]]
where = { kind = "number", unit = { present = false } }
evaluator = "numeric"
"""


def test_rows_by_their_fields(tmp_path: Path) -> None:
    """A condition on fields says who scores a row; rows of one question bear its name."""
    (tmp_path / "set.toml").write_text(ROWS)
    rows = [
        {"index": "7", "question": "q", "answer": "1", "kind": "number"},
        {"index": "1000007", "question": "q", "answer": "1", "kind": "number", "unit": "m"},
        {"index": "2000007", "question": "q", "answer": "a", "kind": "text"},
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    samples = open_dataset(str(tmp_path / "set.toml"), {}).samples()
    assert [one.question for one in samples] == ["test-7"] * 3
    assert len({one.id for one in samples}) == 3
    (own,) = offer_of_file(tmp_path / "set.toml").evaluators
    common: Any = None
    rule = RowsScoring(scoring=common, parts=frozenset(own.parts), where=own.where)
    assert [rule.fits(one) for one in samples] == [True, False, False]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("{ kind = { near = 1 } }", "evaluators[0].where.kind: must have one of not, matches"),
        ("{ kind = { matches = '(' } }", "matches must be a regular expression"),
        ("{ kid = 1 }", "evaluators[0].where: no row has 'kid'"),
    ],
)
def test_wrong_conditions(tmp_path: Path, where: str, message: str) -> None:
    text = ROWS.replace('{ kind = "number", unit = { present = false } }', where)
    (tmp_path / "set.toml").write_text(text)
    row = {"index": "7", "question": "q", "answer": "1", "kind": "number"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises((PluginError, DataError)) as caught:
        open_dataset(str(tmp_path / "set.toml"), {}).samples()
    assert message in str(caught.value)
