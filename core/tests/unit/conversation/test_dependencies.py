"""Conversations that build on others: the order, the waiting, and what a failure takes along."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.conversation.asking import Later
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.dependencies import EarlierTranscripts, Queue
from aisbench.types.answer import Transcript
from aisbench.types.prompt import Prompt
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.sample import Sample


def talk(sample: Sample, repeat: int = 0, before: Sequence[Transcript] = ()) -> Conversation:
    """It asks for its own name and all that it builds on."""
    text = "".join([*(one.response.text for one in before), sample.id])
    return Conversation(
        sample=sample, repeat=repeat, model="m", identity={}, generation={}, stream=False,
        seed=1, turns=None, next_prompt=Prompt(text=text), keyed=False,
    )  # fmt: skip


class Asker:
    def begin(self, sample: Sample, repeat: int, before: Sequence[Transcript]) -> Conversation:
        return talk(sample, repeat, before)


@define
class Source:
    conversations: Iterator[Conversation | Later]
    earlier: EarlierTranscripts
    dropped: list[tuple[str, str]] = field(factory=list)


def source(rows: dict[str, str], repeats: int = 1) -> Source:
    """Rows by name, each with the names of those that it builds on."""
    samples = [Sample(id=name, after=tuple(after)) for name, after in rows.items()]
    return Source(
        iter(
            [
                Later(one, repeat, Asker()) if one.after else talk(one, repeat)  # type: ignore[arg-type]
                for repeat in range(repeats)
                for one in samples
            ]
        ),
        EarlierTranscripts(frozenset(name for one in samples for name in one.after)),
    )


def queue_of(*sources: Source) -> Queue[Source]:
    return Queue(
        sources, lambda where, later, failed: where.dropped.append((later.sample.id, failed))
    )


def answer(conversation: Conversation, *, fail: bool = False) -> str:
    prompt = conversation.next_prompt
    assert prompt is not None
    text = prompt.text or ""
    fault = Fault(kind=FaultKind.HTTP, message="no") if fail else None
    conversation.take(Response(text=text, fault=fault))
    return text


def test_each_is_given_out_when_all_it_builds_on_is_over() -> None:
    one = source({"a": "", "b": "a", "c": "ab", "d": ""})
    queue = queue_of(one)
    first, other = list(iter(queue.take, None))
    assert (first[1].sample.id, other[1].sample.id) == ("a", "d")
    answer(first[1])
    queue.over(*first)
    ((_, second),) = list(iter(queue.take, None))
    assert answer(second) == "ab"
    queue.over(one, second)
    ((_, third),) = list(iter(queue.take, None))
    assert answer(third) == "aabc"
    assert queue.take() is None


def test_a_failure_takes_all_along_that_builds_on_it_and_no_other() -> None:
    one = source({"a": "", "b": "a", "c": "b", "d": "ac", "e": ""}, repeats=2)
    queue = queue_of(one)
    asked = []
    while (item := queue.take()) is not None:
        conversation = item[1]
        asked.append((conversation.sample.id, conversation.repeat))
        answer(conversation, fail=asked[-1] == ("b", 0))
        queue.over(*item)
    assert sorted(asked) == sorted(
        [("a", 0), ("b", 0), ("e", 0), *((name, 1) for name in "abcde")]
    )
    # The last of them builds on a row that was not asked either.
    assert one.dropped == [("c", "b"), ("d", "c")]


def test_waiting_ends_with_what_it_waits_for() -> None:
    async def scenario() -> list[str]:
        one = source({"a": "", **dict.fromkeys("bcdefgh", "a")})
        queue = queue_of(one)
        begun: list[str] = []
        most = now = 0

        async def worker() -> None:
            nonlocal now, most
            while (item := await queue.wait(lambda: False)) is not None:
                begun.append(item[1].sample.id)
                now += 1
                most = max(most, now)
                await asyncio.sleep(0.001)
                answer(item[1])
                now -= 1
                queue.over(*item)

        await asyncio.gather(*(worker() for _ in range(4)))
        # All of them went on waiting while one was asked, and were there for the rest.
        assert most == 4
        return begun

    assert asyncio.run(scenario()) == list("abcdefgh")


def test_waiting_ends_when_told_to_stop() -> None:
    async def scenario() -> None:
        one = source({"a": "", "b": "a"})
        queue = queue_of(one)
        item = await queue.wait(lambda: False)
        assert item is not None
        stopping = False
        waiting = asyncio.create_task(queue.wait(lambda: stopping))
        await asyncio.sleep(0)
        assert not waiting.done()
        stopping = True
        queue.over(*item)  # given up before its end
        assert await waiting is None

    asyncio.run(scenario())


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_order_of_answers_asks_all_once_and_in_order(data: st.DataObject) -> None:
    names = "abcdefgh"[: data.draw(st.integers(1, 8))]
    rows = {
        name: "".join(sorted(data.draw(st.sets(st.sampled_from(names[:place]))))) if place else ""
        for place, name in enumerate(names)
    }
    failing = data.draw(st.sets(st.sampled_from(names), max_size=2))
    one = source(rows)
    queue = queue_of(one)
    flying: list[tuple[Source, Conversation]] = []
    over: list[str] = []
    while True:
        flying += list(iter(queue.take, None))
        if not flying:
            break
        item = flying.pop(data.draw(st.integers(0, len(flying) - 1)))
        name = item[1].sample.id
        assert set(rows[name]) <= set(over) - failing
        answer(item[1], fail=name in failing)
        over.append(name)
        queue.over(*item)
    dropped = [name for name, _ in one.dropped]
    assert sorted(over + dropped) == list(names)
    lost = set(failing)
    for name in names:
        if set(rows[name]) & lost:
            lost.add(name)
            assert name in dropped
    assert set(dropped) == {name for name in lost if set(rows[name]) & lost}
