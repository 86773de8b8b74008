"""Answers and rows at which something fails: kept, told, and of no harm to others."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.base.errors import DataError
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.keys import derive_seed, request_key
from aisbench.conversation.playing import LightPlay
from aisbench.store.rows import VERSION, Prediction, converter, dump_row
from aisbench.types.prompt import Prompt
from aisbench.types.response import FaultKind, Response, Usage
from aisbench.types.sample import Sample
from aisbench.types.timing import Timing

HALF = "half \ud83d"


def talk(error: BaseException | None) -> Conversation:
    """A conversation whose second prompt is made of the first answer, or not."""

    def turns() -> Generator[Prompt, Response, None]:
        yield Prompt(text="first")
        if error is not None:
            raise error
        yield Prompt(text="second")

    conversation = Conversation(
        sample=Sample(id="s"), repeat=2, model="m", identity={}, generation={}, stream=False,
        seed=1, turns=LightPlay(turns(), "data set 'd'"), next_prompt=None, playing=True,
    )  # fmt: skip
    conversation.play()
    return conversation


@pytest.mark.parametrize("error", [KeyError("city"), SystemExit(3), DataError("city", hint="x")])
def test_a_data_set_that_fails_at_an_answer_fails_that_conversation(error: BaseException) -> None:
    conversation = talk(error)
    conversation.take(Response(text="Paris"))
    conversation.play()
    assert conversation.finished
    fault = conversation.responses[-1].fault
    assert fault is not None
    assert fault.kind is FaultKind.PLUGIN
    assert fault.message.startswith("data set 'd' fails: ")
    assert fault.message.endswith(", at sample s")
    request = conversation.unasked()
    assert (request.sample_id, request.repeat, request.turn) == ("s", 2, 1)
    again = talk(error)
    again.take(Response(text="Paris"))
    again.play()
    assert again.unasked().key == request.key


def test_one_that_goes_on() -> None:
    conversation = talk(None)
    conversation.take(Response(text="Paris"))
    conversation.play()
    assert not conversation.finished


def row(**parts: Any) -> Prediction:
    values: dict[str, Any] = {
        "v": VERSION, "key": "k", "sample": "s", "repeat": 0, "turn": 0, "seed": 1, "url": "",
        "session": 1, "prompt": Prompt(text="p"), "response": Response(text="t"),
        "timing": Timing(dispatched=1, sent=2, done=3),
    }  # fmt: skip
    return Prediction(**{**values, **parts})


@pytest.mark.parametrize(
    "odd",
    [
        row(response=Response(text=HALF)),
        row(prompt=Prompt(text=HALF), sample=HALF),
        row(response=Response(usage=Usage(completion_tokens=10**30))),
        row(response=Response(usage=Usage(completion_tokens=float("nan")))),  # type: ignore[arg-type]
    ],
)
def test_an_odd_row_is_written_and_read(odd: Prediction) -> None:
    line = dump_row(odd)
    assert line.endswith(b"\n")
    read = orjson.loads(line)
    assert converter().structure(read["response"], Response).text in ("t", "", "half \ufffd")
    assert read["key"] == "k"


Cell = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary()
    | st.text(st.characters(exclude_categories=())) | st.complex_numbers() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner)
    | st.tuples(inner, inner),
)  # fmt: skip


@given(Cell)
def test_any_cell_can_be_written(cell: Any) -> None:
    line = dump_row(Sample(id="1", fields={"cell": cell}))
    assert line.count(b"\n") == 1
    made = converter().structure(orjson.loads(line), Sample)
    assert made.id == "1"
    # Once written it stays what it is.
    assert dump_row(made) == dump_row(converter().structure(orjson.loads(dump_row(made)), Sample))


def test_deep_cells_and_bytes() -> None:
    deep: Any = "end"
    for _ in range(5000):
        deep = [deep]
    assert b"<list>" in dump_row(Sample(id="1", fields={"deep": deep}))
    line = dump_row(Sample(id="1", fields={"raw": b"\xffabc", "good": "é".encode()}))
    assert orjson.loads(line)["fields"] == {"raw": "\\xffabc", "good": "é"}


@given(st.text(st.characters(exclude_categories=())), st.integers())
def test_any_prompt_has_a_key(text: str, number: int) -> None:
    assert len(request_key([text, {"x": number}])) == 32
    assert request_key([text, number]) == request_key([text, number])
    assert 0 <= derive_seed(1, text, 0, 0) < 2**31
