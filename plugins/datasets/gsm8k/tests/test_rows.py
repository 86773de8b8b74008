"""Reading the files: what a row becomes, and what each fault is told like."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import DataError
from aisbench_plugin_gsm8k.dataset import Gsm8k
from aisbench_plugin_gsm8k.settings import Gsm8kSettings

DATA = Path(__file__).parent / "data"
GOOD = '{"question": "1+1?", "answer": "2\\n#### 2"}\n'


def dataset(path: Path, split: str = "test") -> Gsm8k:
    return Gsm8k(Gsm8kSettings(path=path, split=split))  # type: ignore[arg-type]


def test_a_row_becomes_a_sample() -> None:
    first, second, third = dataset(DATA).samples()
    assert first.id == "test-0"
    assert first.target == "4500"
    assert first.fields["answer"] == "He saves 1,500 * 3 = $4,500.\n\nThat is all."
    assert second.fields["question"] == "How much is 1.5 times 3?"
    assert (second.target, second.fields["final"]) == ("4.5", "4.5")
    assert (third.id, third.target) == ("test-2", "-2")


def test_examples_are_the_train_rows() -> None:
    examples = dataset(DATA).examples()
    assert [example.id for example in examples] == [f"train-{row}" for row in range(8)]


def test_train_rows_can_be_asked_but_not_be_examples_then() -> None:
    train = dataset(DATA, "train")
    assert len(train.samples()) == 8
    assert train.files() == [DATA / "train.jsonl"]
    with pytest.raises(DataError, match="at once") as caught:
        train.examples()
    assert "0-shot" in caught.value.hint


def test_files_name_the_pool_only_where_it_exists(tmp_path: Path) -> None:
    assert dataset(DATA).files() == [DATA / "test.jsonl", DATA / "train.jsonl"]
    (tmp_path / "test.jsonl").write_text(GOOD)
    assert dataset(tmp_path).files() == [tmp_path / "test.jsonl"]
    with pytest.raises(DataError, match=r"train\.jsonl does not exist"):
        dataset(tmp_path).examples()


def test_without_a_path_the_fetched_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gsm8k").mkdir()
    (tmp_path / "gsm8k" / "test.jsonl").write_text(GOOD)
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path))
    assert len(Gsm8k(Gsm8kSettings()).samples()) == 1


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    assert dataset(tmp_path / "nowhere").variants()


def test_a_missing_folder_is_told_with_the_ways_to_get_the_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere does not exist") as caught:
        dataset(tmp_path / "nowhere").files()
    hint = caught.value.hint
    assert "aisbench datasets fetch gsm8k" in hint
    assert f"into {tmp_path / 'nowhere'};" in hint
    assert "github.com/openai/grade-school-math" in hint


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text(GOOD)
    with pytest.raises(DataError, match="is a file, not a folder"):
        dataset(tmp_path / "test.jsonl").samples()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (GOOD.encode() + b'{"question": "1+1?", "ans', r":2: not JSON \(Unterminated"),
        (b"[]\n", ":1: not a JSON object"),
        (b'{"question": "1+1?"}\n', r":1: no text under 'answer' \(keys: question\)"),
        (b'{"answer": "#### 2"}\n', ":1: no text under 'question'"),
        (b'{"question": 3, "answer": "#### 2"}\n', ":1: no text under 'question'"),
        (b'{"question": "?", "answer": "It is 2"}\n', ":1: the answer has no line `#### NUMBER`"),
        (b'{"question": "?", "answer": "#### two"}\n', ":1: `two` after #### is not a number"),
        (b'{"question": "?", "answer": "####"}\n', ":1: `` after #### is not a number"),
        (GOOD.encode() + b'{"question": "\xff"}\n', ":2: not UTF-8"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "test.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        dataset(tmp_path).samples()
    assert "test.jsonl" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("content", [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD.rstrip()])
def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path: Path, content: str) -> None:
    (tmp_path / "test.jsonl").write_bytes(content.encode() * 1)
    (sample,) = dataset(tmp_path).samples()
    assert sample.target == "2"


def test_other_line_separators_inside_a_text_end_no_row(tmp_path: Path) -> None:
    text = '{"question": "a\u2028b", "answer": "#### 2"}\n'
    (tmp_path / "test.jsonl").write_text(text, encoding="utf-8")
    (sample,) = dataset(tmp_path).samples()
    assert sample.fields["question"] == "a\u2028b"
