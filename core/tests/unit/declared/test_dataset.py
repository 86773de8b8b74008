"""Data sets that a TOML file declares: what it may say, and what is wrong with files."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import tomli_w

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.declared.dataset import DeclaredDataset
from aisbench.declared.offers import offer_of_file, read_package
from aisbench.declared.settings import DeclaredSettings

BASE: dict[str, Any] = {
    "summary": "Made up.",
    "evaluator": "choice",
    "split": "test",
    "examples": "dev",
    "card": {"task": "multiple choice", "licence": "MIT", "source": "https://example.org/made-up"},
    "files": {"test": "test.jsonl", "dev": "dev.jsonl"},
    "columns": {"choices": "options", "answer": "label", "answer_is": "index"},
    "variants": {"0-shot-chat": {"template": "chat", "source": "own", "prompt": {"user": "{q}"}}},
}
ROW = {"q": "Which?", "options": ["x", "y", "z"], "label": 1}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose package ``declared_here`` holds declarations, and whose ``data`` rows."""
    (tmp_path / "declared_here").mkdir()
    (tmp_path / "declared_here" / "__init__.py").write_text("")
    (tmp_path / "data").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("declared_here", None)


def declare(home: Path, changes: dict[str, Any] | None = None, **settings: Any) -> DeclaredDataset:
    table = {**BASE, **(changes or {})}
    (home / "declared_here" / "made-up.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    (offer,) = read_package("declared_here").offers
    return DeclaredDataset(offer, DeclaredSettings(path=home / "data", **settings))


def rows(home: Path, name: str, *lines: dict[str, Any]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (home / "data" / name).write_text(text, encoding="utf-8")


def test_options_in_the_forms_that_prompts_need(home: Path) -> None:
    rows(home, "test.jsonl", ROW)
    (sample,) = declare(home).samples()
    assert (sample.id, sample.target) == ("test-0", "B")
    assert sample.fields["options"] == "A. x\nB. y\nC. z"
    assert (sample.fields["letters"], sample.fields["target_text"]) == ("A, B, C", "y")
    assert sample.fields["choices"] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("kind", "label"),
    [("index", 1), ("index", "1"), ("index1", 2), ("letter", "b"), ("text", "y")],
)
def test_forms_of_the_reference(home: Path, kind: str, label: Any) -> None:
    rows(home, "test.jsonl", {**ROW, "label": label})
    changes = {"columns": {**BASE["columns"], "answer_is": kind}}
    assert declare(home, changes).samples()[0].target == "B"


@pytest.mark.parametrize(
    ("columns", "cell", "target"),
    [
        ({"answer": "label"}, 12, "12"),
        ({"answer": "label"}, " twelve ", "twelve"),
        ({"answer": "label"}, ["a", "b"], ["a", "b"]),
        ({"answer": "label", "answers": {"true": "yes", "false": "no"}}, True, "yes"),
        ({"answer": "label", "answer_pattern": "#### (.+)"}, "so\n#### 5", "5"),
        ({"answer": "label"}, None, None),
        ({"answer": "label"}, "", None),
        ({}, "x", None),
    ],
)
def test_answers_that_are_no_choice(
    home: Path, columns: dict[str, Any], cell: Any, target: Any
) -> None:
    rows(home, "test.jsonl", {"q": "?", "label": cell})
    assert declare(home, {"columns": columns}).samples()[0].target == target


def test_fields_are_made_after_cleaning(home: Path) -> None:
    rows(home, "test.jsonl", {**ROW, "q": "[title] Who", "options": ["[x] one", "two", "three"]})
    changes = {
        "clean": [{"fields": ["q", "options"], "pattern": r"\[.*?\]\s*"}],
        "fields": {"whole": "Q: {q}", "more": "{whole}?"},
    }
    (sample,) = declare(home, changes).samples()
    assert sample.fields["more"] == "Q: Who?"
    assert sample.fields["choices"] == ["one", "two", "three"]


def test_a_made_field_is_cleaned_before_another_holds_it(home: Path) -> None:
    rows(home, "test.jsonl", {**ROW, "q": " Who "})
    changes = {
        "clean": [{"fields": ["whole"], "strip": True}],
        "fields": {"whole": "{q}", "more": "<{whole}>"},
    }
    (sample,) = declare(home, changes).samples()
    assert (sample.fields["q"], sample.fields["more"]) == (" Who ", "<Who>")


def test_blanks_of_choices_are_scored_but_not_shown(home: Path) -> None:
    rows(home, "test.jsonl", {**ROW, "options": [" one", "two", "three"]})
    (sample,) = declare(home).samples()
    assert sample.fields["choices"] == [" one", "two", "three"]
    assert "A. one\n" in str(sample.fields["options"])


PARTS: dict[str, Any] = {
    "files": {"test": "{part}.csv", "dev": "dev/{part}.csv"},
    "parts": ["red_fox", "owl", "bee"],
    "titles": {"bee": "the bee"},
    "groups": [
        {"name": "fur", "members": ["red_fox"]},
        {"name": "all", "members": ["fur", "owl", "bee"], "mean": "members"},
    ],
    "columns": {"names": ["q", "a", "b", "label"], "choices": ["a", "b"], "answer": "label",
                "answer_is": "letter"},
}  # fmt: skip


def animals(home: Path) -> None:
    (home / "data" / "dev").mkdir()
    for name in PARTS["parts"]:
        (home / "data" / f"{name}.csv").write_text("1?,x,y,A\n2?,x,y,B\n", encoding="utf-8")
        (home / "data" / "dev" / f"{name}.csv").write_text(f"{name}?,x,y,A\n", encoding="utf-8")


def test_parts(home: Path) -> None:
    animals(home)
    dataset = declare(home, PARTS)
    found = dataset.samples()
    assert [one.id for one in found][:3] == ["red_fox/test-0", "red_fox/test-1", "owl/test-0"]
    assert [one.part for one in found] == ["red_fox"] * 2 + ["owl"] * 2 + ["bee"] * 2
    titles = {one.part: one.fields["title"] for one in found}
    assert titles == {"red_fox": "red fox", "owl": "owl", "bee": "the bee"}
    assert [one.part for one in dataset.examples()] == ["red_fox", "owl", "bee"]
    assert len(dataset.files()) == 6


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (("owl",), ["owl"]),
        (("fur", "bee"), ["red_fox", "bee"]),
        (("all",), ["red_fox", "owl", "bee"]),
        (("*e*",), ["red_fox", "bee"]),
    ],
)
def test_parts_are_chosen(home: Path, parts: tuple[str, ...], wanted: list[str]) -> None:
    animals(home)
    (home / "data" / "owl.csv").unlink(missing_ok="owl" not in wanted)
    if "owl" in wanted:
        (home / "data" / "owl.csv").write_text("1?,x,y,A\n", encoding="utf-8")
    found = declare(home, PARTS, parts=parts).samples()
    assert list(dict.fromkeys(one.part for one in found)) == wanted


def test_a_column_tells_the_part(home: Path) -> None:
    rows(home, "test.jsonl", {**ROW, "kind": "owl"}, {**ROW, "kind": "bee"})
    changes = {"columns": {**BASE["columns"], "part": "kind"}}
    assert [one.part for one in declare(home, changes).samples()] == ["owl", "bee"]
    assert [one.part for one in declare(home, changes, parts=("bee",)).samples()] == ["bee"]


FAULTS = [
    (b"", "the file is empty"),
    (b'{"q": "?", "options": ["x"], "label": 0}\n', ":1: 1 options"),
    (
        b'{"q": "?", "options": ["x", "y"], "label": 2}\n',
        ":1: the answer '2' is the number of none",
    ),
    (b'{"q": "?", "label": 2}\n', r":1: no column 'options' \(columns: q, label\)"),
    (b'{"q": "?", "options": "x, y", "label": 0}\n', ":1: 'options' is not a list of options"),
    (b'{"q": "\xff"}\n', ":1: not UTF-8"),
    (b'{"q": "cut', ":1: not JSON"),
]


@pytest.mark.parametrize(("content", "message"), FAULTS)
def test_a_fault_names_the_place(home: Path, content: bytes, message: str) -> None:
    (home / "data" / "test.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        declare(home).samples()
    assert "https://example.org/made-up" in str(caught.value)


def test_a_line_of_names_where_none_belongs(home: Path) -> None:
    animals(home)
    (home / "data" / "owl.csv").write_text("question,A,B,answer\n1?,x,y,A\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"owl\.csv:1: the answer 'answer' is the letter of none"
    ) as c:
        declare(home, PARTS).samples()
    assert "seems to name the columns" in str(c.value)


def test_a_wrong_number_of_cells(home: Path) -> None:
    animals(home)
    (home / "data" / "bee.csv").write_text("1?,x,A\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bee\.csv:1: 3 cells, and a row has 4 columns"):
        declare(home, PARTS).samples()


def test_ids_that_are_there_twice(home: Path) -> None:
    rows(home, "test.jsonl", {**ROW, "n": 5}, {**ROW, "n": 6}, {**ROW, "n": 5})
    changes = {"columns": {**BASE["columns"], "id": "n"}}
    with pytest.raises(DataError, match=r":3: the id '5' is that of .*:1 already"):
        declare(home, changes).samples()


def test_files_that_are_not_there(home: Path) -> None:
    animals(home)
    (home / "data" / "owl.csv").unlink()
    for call in ("samples", "files"):
        with pytest.raises(DataError, match=r"owl\.csv does not exist") as caught:
            getattr(declare(home, PARTS), call)()
        assert "list it as `parts`" in str(caught.value)


def test_what_a_suite_may_not_ask(home: Path) -> None:
    animals(home)
    for settings, message in (
        ({"parts": ("wol",)}, "'wol' is not a part.*\n.*owl"),
        ({"split": "train"}, "there is no split 'train'"),
    ):
        with pytest.raises(DataError, match=message):
            declare(home, PARTS, **settings).samples()
    with pytest.raises(DataError, match="cannot be asked and be few-shot examples at once"):
        declare(home, PARTS, split="dev").examples()
    rows(home, "test.jsonl", ROW)
    with pytest.raises(DataError, match="no split to take few-shot examples from"):
        declare(home, {"examples": ""}).examples()


def test_answers_to_hand_in(home: Path) -> None:
    animals(home)
    dataset = declare(home, {**PARTS, "submission": "out.json"})
    pairs = [(sample, None if sample.part == "bee" else "A") for sample in dataset.samples()]
    written = dataset.submission(pairs)
    assert json.loads(written["out.json"]) == {
        "red_fox": {"0": "A", "1": "A"}, "owl": {"0": "A", "1": "A"}, "bee": {"0": "", "1": ""},
    }  # fmt: skip


def test_answers_are_handed_in_by_made_ids_and_in_the_order_of_the_file(home: Path) -> None:
    rows(home, "test.jsonl", *({"q": "?", "options": ["a", "b", "c"], "nr": nr} for nr in (7, 8)))
    changes = {
        "columns": {"id": "row-{nr}", "choices": "options"},
        "choices": {"permute": 3}, "unanswered": ["test"], "submission": "out.json",
    }  # fmt: skip
    dataset = declare(home, changes)
    samples = dataset.samples()
    assert len(samples) == 6
    # The option "b" is said each time, wherever it is shown.
    shown = [cast("list[str]", sample.fields["choices"]) for sample in samples]
    pairs = [(one, "ABC"[own.index("b")]) for one, own in zip(samples, shown, strict=True)]
    for answers in (pairs, pairs[::-1]):
        written = dataset.submission(answers)
        assert json.loads(written["out.json"]) == {"row-7": "B", "row-8": "B"}
    assert json.loads(dataset.submission(pairs[1:2])["out.json"]) == {"row-7": "B"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"splitt": "x"}, "splitt: is not a key here"),
        ({"columns": {"answer_is": "word"}}, "columns.answer_is: must be one of"),
        ({"split": "nowhere"}, "there is no split 'nowhere' under files"),
        ({"variants": {"a": {"template": "chat"}}}, "variants.a.source: is missing"),
    ],
)
def test_wrong_declarations(home: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message) as caught:
        declare(home, changes)
    assert "made-up.toml" in str(caught.value)


def test_a_file_that_discovery_cannot_read_takes_only_itself_away(home: Path) -> None:
    declare(home)
    folder = home / "declared_here"
    for name, text, message in (
        ("bad", "a = ", "bad.toml: "),
        ("bare", 'summary = "x"', "bare.toml: has no card"),
        ("lines", 'summary = "x\\ny"', "summary: must be one line"),
        ("Upper", 'summary = "x"', "its name is the data set's"),
        ("again", 'extends = "again"', r"extends itself \(again.toml > again.toml\)"),
        ("far", 'extends = "_no"', "there is no _no.toml beside it"),
    ):
        file = folder / f"{name}.toml"
        file.write_text(text)
        found = read_package("declared_here")
        assert [one.name for one in found.offers] == ["made-up"]
        (broken,) = found.broken
        assert (broken.name, broken.place) == (name, str(file))
        assert re.search(message, broken.reason) and str(file) in broken.reason
        file.unlink()
    (folder / "made-up.toml").unlink()
    with pytest.raises(ValueError, match=r"holds no \.toml file"):
        read_package("declared_here")


def test_a_family_has_a_common_part(home: Path) -> None:
    folder = home / "declared_here"
    common = {key: value for key, value in BASE.items() if key != "summary"}
    (folder / "_common.toml").write_text(tomli_w.dumps({**common, "metrics": ["a", "b"]}))
    (folder / "one.toml").write_text(
        'extends = "_common"\nsummary = "One."\nmetrics = ["c"]\nversion = 2\n'
        'columns.id = "n"\ncard.task = "other"\n'
    )
    (offer,) = read_package("declared_here").offers
    assert (offer.name, offer.metrics, offer.version) == ("one", ("c",), 2)
    assert offer.card is not None and (offer.card.task, offer.card.licence) == ("other", "MIT")
    rows(home, "test.jsonl", {**ROW, "n": "x"})
    (sample,) = DeclaredDataset(offer, DeclaredSettings(path=home / "data")).samples()
    assert (sample.id, sample.target) == ("test-x", "B")
    assert offer_of_file(folder / "one.toml").table == offer.table


def test_every_error_is_one_that_users_are_shown() -> None:
    assert issubclass(DataError, AisbenchError)
    assert issubclass(PluginError, AisbenchError)
