"""Reading conversations: what becomes a turn, what is left out, what each fault is told like."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import DataError, Sample
from aisbench_plugin_conversations.choosing import log
from aisbench_plugin_conversations.files import read_objects
from aisbench_plugin_conversations.settings import ShareGptSettings
from aisbench_plugin_conversations.sharegpt import ShareGpt
from aisbench_plugin_conversations.talk import Unusable, make_talk

DATA = Path(__file__).parent / "data"


def dataset(path: Path = DATA / "sharegpt.json", **settings: Any) -> ShareGpt:
    return ShareGpt(ShareGptSettings(path=path, **settings))


def samples(path: Path = DATA / "sharegpt.json", **settings: Any) -> dict[str, Sample]:
    return {sample.id: sample for sample in dataset(path, **settings).samples()}


def written(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "talks.json"
    file.write_text(json.dumps(rows))
    return file


def said(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"conversations": [{"from": who, "value": what} for who, what in pairs], **more}


def test_conversations_become_turns_and_answers() -> None:
    found = samples()
    assert list(found) == ["tea_0", "pilot_0", "pilot_0#2", "row-4"]
    tea = found["tea_0"]
    assert tea.fields["first"] == "Which tea goes with rain?"
    assert tea.fields["turns"] == [
        "Which tea goes with rain?",
        "And with snow?",
        "What if {weather} is unknown?",
    ]
    assert tea.fields["answers"] == [
        "A smoky one, such as Lapsang.",
        "Ginger.",
        "Then black tea, with a slice of lemon.",
    ]
    assert tea.target == "Then black tea, with a slice of lemon."
    assert samples(turns=2)["tea_0"].target == "Ginger."
    pilot = found["pilot_0"]
    assert pilot.fields["system"] == "You answer like a ship's pilot."
    assert pilot.fields["answers"] == ["Aye, with the tide.", None]
    assert pilot.target is None
    assert found["pilot_0#2"].fields["turns"] == ["One\n\nmore?"]


def test_function_calls_are_answers_and_their_results_turns() -> None:
    assert samples()["row-4"].fields["turns"] == ["Is the ferry late?", '{"delay": 5}']
    assert "row-4" not in samples(tools="drop")


def test_chat_messages_are_read_alike() -> None:
    found = samples(DATA / "messages.jsonl")
    assert list(found) == ["row-0", "7"]
    assert found["row-0"].fields["system"] == "Be brief."
    assert found["row-0"].fields["turns"] == ["Name a river.", "And\na lake?"]
    answers: Any = found["7"].fields["answers"]
    assert json.loads(answers[0])[0]["function"]["name"] == "depth"
    assert answers[1] == "31 metres."


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    """Our records, also where core's own logging has been set up in this process."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    log.addHandler(handler)
    with caplog.at_level(logging.INFO, log.name):
        yield records
    log.removeHandler(handler)


def test_what_is_left_out_is_counted_by_reason(
    tmp_path: Path, told: list[logging.LogRecord]
) -> None:
    file = written(
        tmp_path,
        said(("human", "hello"), ("gpt", "hi")),
        said(),
        said(("gpt", "a"), ("human", "b")),
        said(("human", "a"), ("gpt", "b"), ("system", "c"), ("human", "d")),
        said(("human", " "), ("gpt", "b")),
        said(("human", "a"), ("gpt", ""), ("human", "b")),
        said(("human", "a"), ("oracle", "b")),
    )
    assert list(samples(file)) == ["row-0"]
    (record,) = told
    assert record.levelno == logging.WARNING
    text = record.getMessage()
    assert "6 of 7 conversations are left out" in text
    assert "2 do not begin with a human turn" in text
    assert "2 have an empty message" in text
    assert "1 have a system message in the middle" in text
    assert "1 have the unknown speaker 'oracle'" in text


def test_filters_are_told_as_information(tmp_path: Path, told: list[logging.LogRecord]) -> None:
    file = written(tmp_path, said(("human", "hello"), ("gpt", "hi")), said(("human", "a")))
    assert len(samples(file)) == 2
    assert not told
    assert list(samples(file, max_prompt_characters=1)) == ["row-1"]
    (record,) = told
    assert record.levelno == logging.INFO
    assert "1 of 2 conversations are left out: 1 are longer than max_p" in record.getMessage()


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"min_turns": 2}, ["tea_0", "pilot_0", "row-4"]),
        ({"max_turns": 1}, ["pilot_0#2"]),
        # The whole conversation counts, also where only one turn is played.
        ({"min_turns": 3, "turns": 1}, ["tea_0"]),
        ({"turns": 1, "max_prompt_characters": 10}, ["pilot_0#2"]),
        ({"min_prompt_characters": 60}, ["tea_0", "pilot_0", "row-4"]),
        ({"take": 2}, ["tea_0", "pilot_0"]),
    ],
)
def test_filters(settings: dict[str, Any], names: list[str]) -> None:
    assert list(samples(**settings)) == names


def test_filters_by_tokens(words: str) -> None:
    # pilot_0's last prompt: 6 words of system text, 3 + 3 of the user, 4 of the answer.
    assert "pilot_0" in samples(tokenizer=words, min_prompt_tokens=16, max_prompt_tokens=16)
    assert list(samples(tokenizer=words, max_prompt_tokens=2)) == ["pilot_0#2"]
    assert list(samples(tokenizer=words, max_prompt_tokens=16, take=1)) == ["pilot_0"]


def test_limits_are_the_tokens_of_each_answer(words: str) -> None:
    found = samples(tokenizer=words, limit_output=True)
    assert found["tea_0"].fields["limits"] == [6, 1, 8]
    # Its second turn has no recorded answer and is not played.
    assert found["pilot_0"].fields["turns"] == ["May we enter?"]
    assert found["pilot_0"].fields["limits"] == [4]


def test_conversations_without_any_answer_cannot_be_limited(tmp_path: Path, words: str) -> None:
    file = written(tmp_path, said(("human", "only a question"), ("gpt", "")))
    assert samples(file)["row-0"].fields["answers"] == [None]
    with pytest.raises(DataError, match="1 have no recorded answer"):
        samples(file, tokenizer=words, limit_output=True)


def test_the_tokenizer_is_among_the_files(words: str) -> None:
    assert dataset(tokenizer=words).files() == [DATA / "sharegpt.json", Path(words)]
    assert dataset().files() == [DATA / "sharegpt.json"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limit_output": True}, "limit_output counts tokens, and no tokenizer"),
        ({"max_prompt_tokens": 5}, "max_prompt_tokens counts tokens"),
        ({"ignore_eos": True}, "ignore_eos without limit_output"),
        ({"min_turns": 3, "max_turns": 2}, "min_turns is above max_turns"),
    ],
)
def test_settings_that_need_each_other(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        dataset(**settings).files()
    assert caught.value.hint
    with pytest.raises(DataError, match=message):
        dataset(**settings).samples()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b'[{"conversations": []},\n{"conv', r":2: not JSON"),
        (b'{"conversations": []}\n{"conv', r":2: not a JSON object"),
        (b"[[" * 100_000, "not JSON|too deep"),
        (b"[3]", "entry 0 of the list: not a JSON object"),
        (b"3\n", ":1: not a JSON object"),
        (b'[{"items": []}]', r"entry 0 of the list: no list of messages \(keys: items\)"),
        (b'[{"conversations": "a"}]', "no list of messages"),
        (b'[{"conversations": ["a"]}]', "a message is not an object"),
        (b'[{"conversations": [{"from": "human"}]}]', "without from and value"),
        (b'{"messages": [{"role": "user", "content": 3}]}', "without role and content"),
        (b'[\n{"a": "\xff"}]', ":2: not UTF-8"),
        (b'[{"conversations": []}]', "1 of 1 conversations are left out"),
        (b"[]", "there are no conversations"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "talks.json"
    file.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        dataset(file).samples()
    assert caught.value.hint


def test_a_missing_file_is_told_with_the_ways_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"nowhere\.json does not exist") as caught:
        dataset(tmp_path / "nowhere.json").files()
    assert "aisbench datasets fetch sharegpt" in caught.value.hint
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path))
    folder = tmp_path / "sharegpt"
    with pytest.raises(DataError, match="cleaned_split"):
        ShareGpt(ShareGptSettings()).samples()
    folder.mkdir()
    (folder / ShareGpt.wanted).write_bytes((DATA / "sharegpt.json").read_bytes())
    assert len(ShareGpt(ShareGptSettings()).samples()) == 4
    assert len(dataset(folder).samples()) == 4


def test_examples_are_refused() -> None:
    with pytest.raises(DataError, match="no few-shot examples"):
        dataset().examples()


def test_half_an_emoji_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "talks.json"
    file.write_text('[{"conversations": [{"from": "human", "value": "fine \\ud83d"}]}]')
    assert samples(file)["row-0"].fields["first"] == "fine \ufffd"


@given(
    st.lists(
        st.tuples(st.sampled_from(["system", "human", "model"]), st.text("ab \n", max_size=3)),
        max_size=8,
    )
)
def test_any_messages_make_whole_turns_or_a_reason(messages: list[Any]) -> None:
    try:
        talk = make_talk("t", messages)
    except Unusable as reason:
        assert str(reason)
        return
    assert len(talk.turns) == len(talk.answers) >= 1
    assert all(text.strip() for text in talk.turns)
    assert all(text is not None and text.strip() for text in talk.answers[:-1])
    spoken = [text for side, text in messages if side == "human"]
    assert "".join("".join(talk.turns).split()) == "".join("".join(spoken).split())
    shorter = talk.cut(1)
    assert shorter.turns == talk.turns[:1]
    assert len(shorter.last_prompt) == 1 + bool(talk.system)


@given(st.lists(st.dictionaries(st.text(), st.text(), max_size=3), min_size=1, max_size=5))
def test_a_list_and_lines_are_the_same(tmp_path_factory: Any, rows: list[dict[str, str]]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    (folder / "a").write_text(json.dumps(rows, indent=2), encoding="utf-8")
    lines = "\r\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (folder / "b").write_text(lines, encoding="utf-8", newline="")
    assert [row for _, row in read_objects(folder / "a")] == rows
    assert [row for _, row in read_objects(folder / "b")] == rows
