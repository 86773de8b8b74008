"""The row of an attempt: every value in the column of its name."""

from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import Any

import pytest

from aisbench.loadgen.attempt_rows import row
from aisbench.store.recording.columns import (
    ABSENT,
    COLUMNS,
    FAULTS,
    FIELDS,
    FINISHES,
    AttemptOutcome,
    ColumnKind,
    Phase,
)
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, Usage
from aisbench.types.vectors import Vectors

TEXT = Prompt(text="?")


def attempt(**changes: Any) -> Any:
    """Every number differs from every other."""
    values: dict[str, Any] = {
        "active": SimpleNamespace(row=11, number=12, conversation=SimpleNamespace(repeat=13)),
        "request": SimpleNamespace(turn=14, generation={"max_tokens": 15}, prompt=TEXT),
        "number": 16, "phase": Phase.COOL_DOWN, "scheduled": 17, "dispatched": 18, "sent": 19,
        "first_byte": 20, "first_answer": 22, "done": 24, "connect": 25,
        "upload": 26, "uploaded": 27,
        "reads": array("q", [21, 3, 23, 4]),
    }  # fmt: skip
    return SimpleNamespace(**{**values, **changes})


def named(made: Any) -> dict[str, int]:
    return dict(zip(FIELDS, made, strict=True))


def test_every_value_is_in_its_column() -> None:
    usage = Usage(prompt_tokens=31, completion_tokens=32, cached_tokens=33, reasoning_tokens=34)
    response = Response(text="", usage=usage, finish_reason=FinishReason.LENGTH)
    fault = Fault(kind=FaultKind.HTTP, message="", status=503)
    found = named(row(attempt(), response, fault, AttemptOutcome.CANCELLED, True, 7, 41, 42))
    assert found == {
        "row": 11, "repeat": 13, "turn": 14, "conversation": 12, "attempt": 16, "final": 1,
        "phase": 2, "worker": 41, "replica": 42, "outcome": 2,
        "fault": FAULTS.index(FaultKind.HTTP), "status": 503,
        "finish": FINISHES.index(FinishReason.LENGTH), "scheduled": 17, "dispatched": 18,
        "sent": 19, "first_byte": 20, "first_token": 21, "first_answer": 22, "last_token": 23,
        "done": 24, "connect": 25, "asked_tokens": 15, "prompt_tokens": 31,
        "completion_tokens": 32, "cached_tokens": 33, "reasoning_tokens": 34,
        # Counted after the run.
        "counted_prompt": ABSENT, "counted_completion": ABSENT, "events": 7, "reads": 2,
        "labels": ABSENT, "items": ABSENT, "generates": ABSENT, "audio": ABSENT,
        "upload": 26, "uploaded": 27, "pictures": ABSENT, "pixels": ABSENT, "frames": ABSENT,
        "film": ABSENT,
    }  # fmt: skip


def test_what_is_not_known_is_absent() -> None:
    bare = attempt(
        request=SimpleNamespace(turn=0, generation={}, prompt=TEXT), reads=array("q"), sent=None,
        first_byte=None, first_answer=None, done=None, connect=0, upload=0, uploaded=0,
    )  # fmt: skip
    found = named(row(bare, Response(text=""), None, AttemptOutcome.FAILED, False, 0, 0, 0))
    known = {name for name, value in found.items() if value != ABSENT}
    assert known == {
        "row", "repeat", "turn", "conversation", "attempt", "final", "phase", "worker", "replica",
        "outcome", "scheduled", "dispatched", "connect", "events", "reads",
    }  # fmt: skip
    # The next row begins anew.
    other = named(row(attempt(), Response(text=""), None, AttemptOutcome.FAILED, False, 0, 0, 0))
    assert (other["sent"], found["sent"]) == (19, ABSENT)


def test_what_is_no_conversation() -> None:
    """Vectors have no output tokens at all; a transcript has, and a length of its sound."""
    vectors = Response(vectors=Vectors.of([[1.0], [2.0]]), usage=Usage(items=2))
    found = named(row(attempt(), vectors, None, AttemptOutcome.SUCCESS, True, 0, 0, 0))
    assert (found["items"], found["generates"], found["audio"]) == (2, 0, ABSENT)
    heard = Response(text="", usage=Usage(items=1, audio_ns=2_500_000_000))
    found = named(row(attempt(), heard, None, AttemptOutcome.SUCCESS, True, 0, 0, 0))
    assert (found["items"], found["generates"], found["audio"]) == (1, 1, 2_500_000_000)


@pytest.mark.parametrize(
    ("generation", "tokens"),
    [
        ({"max_completion_tokens": 9}, 9),
        ({"max_tokens": "9"}, ABSENT),
        ({"max_tokens": True}, ABSENT),
    ],
)
def test_the_limit_that_was_sent(generation: dict[str, Any], tokens: int) -> None:
    one = attempt(request=SimpleNamespace(turn=0, generation=generation, prompt=TEXT))
    found = named(row(one, Response(text=""), None, AttemptOutcome.SUCCESS, True, 0, 0, 0))
    assert found["asked_tokens"] == tokens


def test_the_table_of_columns() -> None:
    assert len(set(FIELDS)) == len(FIELDS) == 41
    assert [one.key for one in COLUMNS if one.key != one.name] == [
        "scheduled_ns", "dispatched_ns", "sent_ns", "first_byte_ns", "first_token_ns",
        "first_answer_ns", "last_token_ns", "done_ns", "connect_ns", "audio_ns", "upload_ns",
        "film_ns",
    ]  # fmt: skip
    assert all(bool(one.words) == (one.kind is ColumnKind.CODE) for one in COLUMNS)
    words = {one.name: one.words for one in COLUMNS if one.words}
    assert words["phase"] == ("warm_up", "measured", "cool_down")
    assert words["outcome"] == ("success", "failed", "cancelled")


def test_what_a_request_holds_to_see_and_to_hear() -> None:
    contents = (
        Media(kind="image", path="a", pixels=100), Media(kind="image", path="b", pixels=50),
        Media(kind="video", path="c", shows=24, lasts=3), Media(kind="audio", path="d", lasts=7),
    )  # fmt: skip
    parts = tuple(ContentPart(media=one) for one in contents)
    prompt = Prompt(messages=(Message(role="user", content=parts),))
    one = attempt(request=SimpleNamespace(turn=0, generation={}, prompt=prompt))
    found = named(row(one, Response(text=""), None, AttemptOutcome.SUCCESS, True, 0, 0, 0))
    named_so = ("pictures", "pixels", "frames", "film", "audio", "upload", "uploaded")
    assert [found[name] for name in named_so] == [2, 150, 24, 3, 7, 26, 27]
    unknown = ContentPart(media=Media(kind="image", path="e"))
    prompt = Prompt(messages=(Message(role="user", content=(*parts, unknown)),))
    one = attempt(request=SimpleNamespace(turn=0, generation={}, prompt=prompt))
    found = named(row(one, Response(text=""), None, AttemptOutcome.SUCCESS, True, 0, 0, 0))
    assert (found["pictures"], found["pixels"]) == (3, ABSENT)  # a sum of some is no sum
