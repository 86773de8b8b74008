"""Files of answers that somebody already has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.data import tables
from aisbench.given.answer_file import read_answer_file
from aisbench.given.backend import AnswerFiles, GivenBackend, GivenSettings
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import FaultKind, FinishReason
from aisbench.types.tools import Tool


def write(folder: Path, *rows: Any) -> Path:
    file = folder / "answers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def request(sample: str, repeat: int = 0, turn: int = 0, prompt: Prompt | None = None) -> Request:
    return Request(
        key="", sample_id=sample, repeat=repeat, turn=turn, model="", stream=False, seed=None,
        prompt=prompt or Prompt(text="?"), generation={},
    )  # fmt: skip


def texts(file: Path, *asked: Request, **settings: Any) -> list[str]:
    backend = GivenBackend(GivenSettings(file=file, **settings))
    return [
        one.text if one.fault is None else f"{one.fault.kind.value}: {one.fault.message}"
        for _, one in backend.answer(asked)
    ]


def test_repeats_turns_and_calls(tmp_path: Path) -> None:
    call = {"function": {"name": "f", "arguments": {"x": 1}}, "id": "c"}
    file = write(
        tmp_path,
        {"id": "a", "text": ["one", "two"]},
        {"id": "b", "text": "three"},
        {"id": "b", "text": "four", "finish_reason": "length", "reasoning": "why"},
        {"id": 7, "turns": ["hello", {"text": "bye", "calls": [call]}], "repeat": 0},
        {"id": 7, "turns": ["ho"], "repeat": 1},
    )
    asked = [request("a"), request("a", 1), request("b", 1), request("7", turn=1)]
    assert texts(file, *asked) == ["one", "two", "four", "bye"]
    backend = GivenBackend(GivenSettings(file=file))
    (_, cut), (_, called) = backend.answer([request("b", 1), request("7", turn=1)])
    assert (cut.finish_reason, cut.reasoning) == (FinishReason.LENGTH, "why")
    (one,) = called.tool_calls
    assert (one.name, json.loads(one.arguments), one.id) == ("f", {"x": 1}, "c")
    assert backend.read().repeats == 2
    assert backend.describe().fingerprint.keys() == {"answers.jsonl"}


def test_what_is_missing_fails_alone(tmp_path: Path) -> None:
    file = write(tmp_path, {"id": "a", "text": "one"})
    asked = [request("b"), request("a", 1), request("a", turn=1), request("a")]
    found = texts(file, *asked)
    assert found == [
        "local: answers.jsonl has no answer to it",
        "local: answers.jsonl has no answer to it",
        "local: answers.jsonl has only 1 turns of it",
        "one",
    ]
    assert FaultKind.LOCAL.value == "local"


def test_log_probabilities_of_choices(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {
            "id": "a",
            "resps": [["-1.5", "False"], ["-0.5", "True"]],
            "unconditional": [-2, [-1, -3]],
        },
    )
    settings = GivenSettings(file=file, fields={"logprobs": "resps[*][0]"})

    def asked(choice: int, unconditional: str = "") -> Prompt:
        return Prompt(text="q", continuation="x", choice=choice, unconditional=unconditional)

    prompts = [asked(1), asked(0), asked(1, "A:"), asked(2)]
    requests = [request("a", turn=n, prompt=one) for n, one in enumerate(prompts)]
    *found, (_, missing) = GivenBackend(settings).answer(requests)
    assert [one.scored.total for _, one in found if one.scored] == [-0.5, -1.5, -4]
    assert missing.fault is not None
    assert "only 2 choices" in missing.fault.message
    with pytest.raises(DataError, match="logprobs must be numbers"):
        read_answer_file(write(tmp_path, {"id": "a", "logprobs": [None]}), {})


def test_prompts_instead_of_ids(tmp_path: Path) -> None:
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "q2"}]
    file = write(
        tmp_path,
        {"prompt": " q1\n", "text": "one"},
        {"prompt": chat, "text": "two"},
        {"prompt": "q3", "text": "three"},
    )
    messages = tuple(Message(role=one["role"], content=one["content"]) for one in chat)
    user = (Message(role="system", content="other"), Message(role="user", content="q3"))
    asked = [Prompt(text="q1"), Prompt(messages=messages), Prompt(messages=user)]
    assert texts(file, *(request("x", prompt=one) for one in asked)) == ["one", "two", "three"]


def test_models_columns_and_csv(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {"task": {"id": "a"}, "model": "m1", "outs": ["x", "y"]},
        {"task": {"id": "a"}, "model": "m2", "outs": ["z"]},
    )
    fields = {"id": "task.id", "text": "outs[0]"}
    assert texts(file, request("a"), fields=fields, model="m2") == ["z"]
    assert list(read_answer_file(file, fields)) == ["m1", "m2"]
    with pytest.raises(DataError, match="there are no answers of ''"):
        texts(file, request("a"), fields=fields)
    table = tmp_path / "a.csv"
    table.write_text('id,repeat,text,calls\na,1,,"[{""name"": ""f""}]"\na,0,hi,\n')
    backend = GivenBackend(GivenSettings(file=table))
    found = dict(backend.answer([request("a"), request("a", 1)]))
    assert found[0].text == "hi"
    assert [one.name for one in found[1].tool_calls] == ["f"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"text": "x"}], "neither id, row nor prompt"),
        ([{"id": "a"}], "has no answer"),
        ([{"id": "a", "text": None}], "its text is null: leave the row out"),
        ([{"id": "a", "text": 3}], "text must be a string"),
        ([{"id": "a", "text": "x", "repeat": -1}], "repeat must be"),
        ([{"id": "a", "text": "x", "finish_reason": "done"}], "finish_reason 'done'"),
        ([{"id": "a", "calls": [{"arguments": 1}]}], "a call must be"),
        ([{"id": "a", "turns": "x"}], "turns must be"),
        (
            [{"id": "a", "text": "x", "repeat": 0}, {"id": "a", "text": "y", "repeat": 0}],
            r"answers\.jsonl:2: is a second answer to 'a', repeat 0, after .*answers\.jsonl:1",
        ),
        (
            [{"id": "a", "text": "x"}, {"id": "b", "text": "x"}, {"id": "a", "text": "y"}],
            "'b' has 1 answers, and 'a' has 2",
        ),
    ],
)
def test_rows_that_cannot_be(tmp_path: Path, rows: list[Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_answer_file(write(tmp_path, *rows), {})


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    file = write(tmp_path, {"id": "a", "text": "x"})
    with pytest.raises(DataError, match="text: there is no 'out'"):
        read_answer_file(file, {"text": "out"})
    with pytest.raises(DataError, match="'answer' is nothing"):
        read_answer_file(file, {"answer": "out"})
    with pytest.raises(DataError, match="no such file"):
        read_answer_file(tmp_path / "none.jsonl", {})


def test_calls_by_the_names_that_functions_have_of_their_own(tmp_path: Path) -> None:
    """Names of tools have no dots, and names of functions in files of answers do."""
    calls = [{"name": name, "arguments": "{}"} for name in ("math.root", "math_sum", "cos.h")]
    file = write(tmp_path, {"id": "a", "calls": calls})
    tools = tuple(Tool(name=name) for name in ("math_root", "math_sum"))
    asked = request("a", prompt=Prompt(messages=(), tools=tools))
    ((_, answer),) = GivenBackend(GivenSettings(file=file)).answer([asked])
    assert [one.name for one in answer.tool_calls] == ["math_root", "math_sum", "cos.h"]


def test_a_file_of_many_models_is_read_once_and_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "read_text", None)  # which holds a whole file
    file = write(tmp_path, *({"id": "a", "model": name, "text": name} for name in "xyz"))
    held: AnswerFiles = {}
    backends = [GivenBackend(GivenSettings(file=file, model=name)) for name in "xyz"]
    backends[0].read(held)
    file.unlink()
    for backend, name in zip(backends, "xyz", strict=True):
        ((answer,),) = (one.values() for one in backend.read(held).held.values())
        assert answer.turns[0].text == name
