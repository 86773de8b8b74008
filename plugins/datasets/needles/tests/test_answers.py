"""Answers of their kind, read right; and files that only some layouts have."""

from __future__ import annotations

import json
import random
import re
import shutil
import time
import zipfile
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Verdict, open_dataset
from aisbench_plugin_needles.matching import MatchSettings, NeedleMatch
from aisbench_plugin_needles.mrcr import grade
from aisbench_plugin_needles.talks import TalkTemplate, prompt

DATA = Path(__file__).parent / "data"
BOXED: dict[str, Any] = {"rule": "boxed", "exact_case": True}


@pytest.mark.parametrize(
    ("target", "fields", "text", "value"),
    [
        (["4071523"], {}, " 4071523.", 1.0),
        (["4071523"], {}, "The number is 40715230", 1.0),  # a part of a word counts, as in RULER
        (["4071523"], {}, "4,071,523", 0.0),
        (["1", "2", "3", "4"], {}, "1, 3", 0.5),
        (["ABCDE", "FGHIJ"], {}, "abcde and fghij", 1.0),
        (["no", "yes"], {"rule": "any"}, "Yes, it is.", 1.0),
        (["Stardust Shard"], {"exact_case": True}, "It is the stardust shard.", 0.0),
        (["铜钟"], {"exact_case": True}, "琥珀岛上藏着铜钟。", 1.0),
        (["Ann Oak"], BOXED, r"So it is \boxed{Ann Oak}.", 1.0),
        (["Ann Oak"], BOXED, r"\boxed{Bo Elm}, no: \boxed{\text{Ann  Oak}}", 1.0),
        (["Ann Oak"], BOXED, r"\boxed{{Ann Oak}}", 1.0),
        (["Ann Oak"], BOXED, r"\boxed{ann oak}", 0.0),
        (["Ann Oak"], BOXED, "It is Ann Oak.", 0.0),
        (["Ann Oak"], BOXED, r"\boxed{Ann Oak", 0.0),
        (["7"], BOXED, r"The distance is \boxed{7}", 1.0),
    ],
)
def test_answers(target: list[str], fields: dict[str, Any], text: str, value: float) -> None:
    sample = Sample(id="s", fields=fields, target=target)
    score = NeedleMatch(MatchSettings()).score(sample, Answer.of(text))
    assert score.value == value
    unboxed = fields == BOXED and not re.search(r"\\boxed\{.*\}", text)
    wrong = Verdict.UNPARSED if unboxed else Verdict.WRONG
    assert score.verdict is {1.0: Verdict.RIGHT, 0.5: Verdict.GRADED}.get(value, wrong)


def test_what_cannot_be_looked_for() -> None:
    evaluator = NeedleMatch(MatchSettings())
    for target in (None, [], ["a", " "]):
        with pytest.raises(DataError, match="nothing to look for"):
            evaluator.check(Sample(id="s", target=target))
    with pytest.raises(DataError, match="its field rule is 'some'"):
        evaluator.check(Sample(id="s", fields={"rule": "some"}, target="a"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("X1yRain falls\non roofs.", 1.0),
        ("Rain falls\non roofs.", 0.0),
        (" X1yRain falls\non roofs.", 0.0),
        ("X1yRain falls.", SequenceMatcher(None, "Rain falls.", "Rain falls\non roofs.").ratio()),
        ("X1y", 0.0),
    ],
)
def test_mrcr(text: str, value: float) -> None:
    fields: Any = {"random_string_to_prepend": "X1y"}
    sample = Sample(id="s", fields=fields, target="X1yRain falls\non roofs.")
    assert grade(sample, Answer.of(text)).value == pytest.approx(value)


def test_mrcr_as_difflib() -> None:
    """Also of answers longer than the reference; and of a runaway one quickly."""
    draw = random.Random(5)
    fields: Any = {"random_string_to_prepend": ""}
    for length in (300, 900):
        reference = "".join(draw.choice("abcde fgh.\n") for _ in range(300))
        said = "".join(draw.choice("abcde fgh.\n") for _ in range(length)) + reference[:100]
        score = grade(Sample(id="s", fields=fields, target=reference), Answer.of(said))
        assert score.value == pytest.approx(SequenceMatcher(None, said, reference).ratio())
    begin = time.process_time()
    long = grade(Sample(id="s", fields=fields, target="rain " * 400), Answer.of("rain " * 60_000))
    assert time.process_time() - begin < 2
    assert 0 < long.value < 0.02


def test_mrcr_asks_the_talk_as_it_is() -> None:
    dataset = open_dataset("mrcr", {"path": str(DATA / "mrcr"), "needles": [4, 2]})
    samples = dataset.samples()
    assert [one.id for one in samples] == ["4needle-1", "4needle-2", "2needle-1", "2needle-2"]
    asked = prompt(samples[0], ()).messages or ()
    assert [one.role for one in asked] == ["user", *["user", "assistant"] * 4, "user"]
    shown = TalkTemplate().render(samples[0], [samples[2]]).messages or ()
    assert [one.text for one in shown][-len(asked) - 1 :] == [
        str(samples[2].target), *(one.text for one in asked)
    ]  # fmt: skip
    lengths = [int(str(one.fields["n_chars"])) for one in samples]
    longest: dict[str, Any] = {
        "path": str(DATA / "mrcr"),
        "needles": [4, 2],
        "longest": min(lengths),
    }
    assert {one.part for one in open_dataset("mrcr", longest).samples()} == {"2needle"}
    with pytest.raises(DataError, match="no talk has 9 characters"):
        open_dataset("mrcr", {**longest, "longest": 9}).samples()
    with pytest.raises(DataError, match=r"holds neither 8needle/\*\.parquet"):
        open_dataset("mrcr", {"path": str(DATA / "mrcr")}).samples()
    with pytest.raises(DataError, match="no list of messages"):
        prompt(Sample(id="s", fields={"prompt": "{"}), ())


def test_aa_lcr_from_its_zip(tmp_path: Path) -> None:
    """The texts in the zip as those that it unpacks to; a text that is missing is told."""
    shutil.copy(DATA / "aa-lcr" / "AA-LCR_Dataset.csv", tmp_path)
    (tmp_path / "extracted_text").mkdir()
    archive = tmp_path / "extracted_text" / "AA-LCR_extracted-text.zip"
    files = sorted((DATA / "aa-lcr" / "lcr").rglob("*.txt"))
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("__MACOSX/lcr/Laws/set_2/._c.txt", b"\x00")
        for file in files:
            made.write(file, file.relative_to(DATA / "aa-lcr").as_posix())
    packed = open_dataset("aa-lcr", {"path": str(tmp_path)})
    plain = open_dataset("aa-lcr", {"path": str(DATA / "aa-lcr")})
    assert packed.samples() == plain.samples()
    assert list(packed.files())[1:] == [archive]
    assert str(plain.samples()[0].fields["context"]).startswith("BEGIN DOCUMENT 1:\nBrimo")
    with zipfile.ZipFile(archive, "w") as made:
        made.write(files[0], files[0].relative_to(DATA / "aa-lcr").as_posix())
    with pytest.raises(DataError, match=r"AA-LCR_Dataset.csv:2: there is no text lcr/Reports"):
        open_dataset("aa-lcr", {"path": str(tmp_path)}).samples()


def test_aa_lcr_names_of_texts_beyond_ascii(tmp_path: Path) -> None:
    """The zip's names are UTF-8 that is not marked as such, and the table may write accents
    apart; a form feed does not end a row."""
    table = (DATA / "aa-lcr" / "AA-LCR_Dataset.csv").read_text(encoding="utf-8").splitlines()[0]
    row = "Re\u0301ports,set_1,1,Who\x0cgrew?,Alda,Société – 2024.txt,u,95000,90-100k"
    (tmp_path / "AA-LCR_Dataset.csv").write_text(f"{table}\n{row}\n", encoding="utf-8")
    name = "lcr/Réports/set_1/Société – 2024.txt"
    with zipfile.ZipFile(tmp_path / "AA-LCR_extracted-text.zip", "w") as made:
        made.writestr(name.encode().decode("cp437"), "Alda grew.")
    (packed,) = open_dataset("aa-lcr", {"path": str(tmp_path)}).samples()
    assert packed.fields["question"] == "Who\x0cgrew?"
    assert "Alda grew." in str(packed.fields["context"])
    unpacked = tmp_path / name
    unpacked.parent.mkdir(parents=True)
    unpacked.write_text("Alda grew.", encoding="utf-8")
    assert open_dataset("aa-lcr", {"path": str(tmp_path)}).samples() == [packed]


def test_corpusqa_lists_are_one_answer(tmp_path: Path) -> None:
    """Also an empty one, which is right where nothing meets the question."""
    row: dict[str, Any] = {"prompt": [{"role": "user", "content": "c"}], "question": "q"}
    rows = [
        {**row, "id": f"education_en_{number}", "answer": answer}
        for number, answer in enumerate(([], "[]", ["a", "b"], 12.5, 0, None))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    samples = open_dataset("corpusqa", {"path": str(tmp_path)}).samples()
    assert [one.target for one in samples] == ["[]", "[]", "['a', 'b']", "12.5", "0", None]
