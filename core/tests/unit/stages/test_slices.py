"""Figures of rows apart by a field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.config.open_offer import open_dataset
from aisbench.stages.slices import (
    check_slices,
    labels_of,
    labels_of_value,
    slice_figures,
    values_of,
)
from aisbench.types.figure import Figure
from aisbench.types.offer import PartGroup, Slicing
from aisbench.types.sample import Sample
from aisbench.types.score import Score, ScoreGroup, Verdict

ROWS = [  # part, length, right
    ("cat", 100, 1), ("cat", 3999, 0), ("cat", 4000, 1), ("dog", 50, 1), ("dog", "9000.5", 0),
    ("dog", None, 1),
]  # fmt: skip
SAMPLES = [
    Sample(id=str(place), fields={"at": {"length": length}}, part=part)
    for place, (part, length, _) in enumerate(ROWS)
]
SCORES = [
    ScoreGroup(
        sample_id=str(place),
        scores=(Score(value=float(right), verdict=Verdict.RIGHT),),
        part=part,
    )
    for place, (part, _, right) in enumerate(ROWS)
]
LENGTH = Slicing(by="at.length", edges=(4000, 8000), name="length")


class Share:
    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        value = 100 * mean(group.scores[0].value for group in groups)
        return [Figure(name="share", value=value, unit="%", n=len(groups))]


def sliced(slicing: Slicing, groups: Sequence[PartGroup] = (), **tokens: int) -> dict[str, Any]:
    value_of = values_of(slicing, SAMPLES, {name[1:]: many for name, many in tokens.items()})
    found = slice_figures(Share(), SCORES, groups, slicing, value_of)
    return {figure.part: (round(figure.value, 4), figure.n) for figure in found}


def test_values_that_no_label_names_come_in_their_order() -> None:
    values = ("level 10", "hard", "level 9", "easy", "level 9.5", "2")
    samples = [Sample(id=str(at), fields={"level": one}) for at, one in enumerate(values)]
    scores = [
        ScoreGroup(sample_id=one.id, scores=(Score(value=1.0, verdict=Verdict.RIGHT),))
        for one in samples
    ]
    slicing = Slicing(by="level", labels=("hard", "none"), name="")
    found = slice_figures(Share(), scores, (), slicing, values_of(slicing, samples, {}))
    assert [figure.part.strip().removeprefix("level ") for figure in found] == [
        "hard", "2", "easy", "level 9", "level 9.5", "level 10",
    ]  # fmt: skip


def test_values_are_checked_before_anything_is_asked() -> None:
    check_slices([LENGTH, Slicing(by="prompt tokens", edges=(5,))], SAMPLES)
    wrong = Sample(id="w", fields={"at": {"length": "long"}})
    with pytest.raises(DataError, match=r"sample w: slices by at\.length .* 'long' is no"):
        check_slices([LENGTH], [*SAMPLES, wrong])


def test_edges_begin_slices() -> None:
    assert sliced(LENGTH) == {
        "length <4k": (66.6667, 3),
        "length 4k-8k": (100.0, 1),
        "length 8k+": (0.0, 1),
        "length unknown": (100.0, 1),
    }


def test_a_slice_is_made_as_the_whole_set_is() -> None:
    macro = PartGroup(name="", members=("cat", "dog"), mean="members")
    assert sliced(LENGTH, [macro]) == {
        "length <4k": (75.0, 3),
        "length 4k-8k (1 of 2)": (100.0, 1),
        "length 8k+ (1 of 2)": (0.0, 1),
        "length unknown (1 of 2)": (100.0, 1),
    }


def test_parts_by_slice() -> None:
    found = sliced(Slicing(by="at.length", edges=(4000,), labels=("short", "long"), parts=True))
    assert found["cat, at.length short"] == (50.0, 2)
    assert found["dog, at.length long"] == (0.0, 1)
    assert found["at.length short"] == (66.6667, 3)


def test_values_and_tokens() -> None:
    assert list(sliced(Slicing(by="at.length", labels=("50", "100")))) == [
        "at.length 50", "at.length 100", "at.length 3999", "at.length 4000", "at.length 9000.5",
        "at.length unknown",
    ]  # fmt: skip
    by_tokens = Slicing(by="prompt tokens", edges=(1000,))
    assert sliced(by_tokens, s0=10, s2=1000) == {
        "prompt tokens <1k": (100.0, 1),
        "prompt tokens 1k+": (100.0, 1),
        "prompt tokens unknown": (50.0, 4),
    }
    assert labels_of(Slicing(by="n", edges=(0.5, 4096, 2_000_000))) == (
        "<0.5", "0.5-4096", "4096-2M", "2M+",
    )  # fmt: skip


def test_a_row_with_several_values_is_in_each_of_their_slices() -> None:
    skills = Slicing(by="skills")
    assert labels_of_value(skills, ["logic", "algebra", "logic"], "s") == ["logic", "algebra"]
    assert labels_of_value(skills, "logic", "s") == ["logic"]
    with pytest.raises(DataError, match=r"sample s: slices by skills: .* is no text or number"):
        labels_of_value(skills, [["logic"]], "s")


def test_what_cannot_be_sliced() -> None:
    with pytest.raises(DataError, match=r"slices by at: .* is no text or number"):
        sliced(Slicing(by="at"))
    with pytest.raises(DataError, match=r"sample 0: slices by at with edges: .* is no number"):
        sliced(Slicing(by="at", edges=(1,)))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"by": "n", "edges": (2, 1)}, "edges must rise"),
        ({"by": "n", "edges": (1, 2), "labels": ("a", "b")}, "2 edges make 3 slices"),
        ({"by": "prompt tokens"}, "need edges"),
        ({"by": " "}, "must name a field"),
    ],
)
def test_slices_that_are_none(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Slicing(**wrong)


def test_a_declared_set_tells_a_field_that_no_row_has(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        '{"question": "q", "answer": "a", "My length": 3}\n', encoding="utf-8"
    )
    file = tmp_path / "own.toml"
    text = (
        'summary = "x"\nfiles.test = "rows.jsonl"\n'
        'columns.answer = "answer"\nevaluator = "exact"\n'
        '[[slices]]\nby = "BY"\n[variants.0-shot-chat]\ntemplate = "chat"\n'
        'prompt.user = "{question}"\n'
    )
    file.write_text(text.replace("BY", "My length"), encoding="utf-8")
    (sample,) = open_dataset(str(file)).samples()
    assert values_of(Slicing(by="My length"), [sample], {})(sample.question) == 3
    file.write_text(text.replace("BY", "lenght"), encoding="utf-8")
    with pytest.raises(DataError, match=r"slices\[0\]\.by: no row has 'lenght'"):
        open_dataset(str(file)).samples()
