"""The words with which a load asks its rows: salted or not, and others for the warm-up."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from forged_tasks import make_task

from aisbench.config.load_keys import LoadSettings
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.prepare import Rows
from aisbench.stages.load_conversations import TaskConversations, lengthened
from aisbench.types.prompt import Message, Prompt
from aisbench.types.request import Request
from aisbench.types.sample import Sample

COUNT = 7
ROWS = Rows(samples=[Sample(id=str(i)) for i in range(COUNT)], examples=(), checksums={})


def conversations(
    *, nonce: str = "a", keyed: bool = False, fit: Any = None, **keys: Any
) -> TaskConversations:
    task = make_task("http://127.0.0.1:1", 4)
    return TaskConversations(task, ROWS, "m", LoadSettings(**keys), 3, nonce, keyed=keyed, fit=fit)


def words(conversation: Conversation) -> str:
    messages = conversation.request().prompt.messages
    assert messages is not None
    content = messages[0].content
    assert isinstance(content, str)
    return content


def test_there_are_as_many_as_rows_and_each_asks_its_own() -> None:
    source = conversations()
    assert len(source) == COUNT
    assert [source.begin(row, 0).sample.id for row in range(COUNT)] == list("0123456")
    assert source.begin(2, 5).repeat == 5


def test_salted_prompts_differ_from_each_other_and_from_another_run() -> None:
    plain, first, again, other = (
        conversations(),
        conversations(salt=True),
        conversations(salt=True),
        conversations(salt=True, nonce="b"),
    )
    assert words(plain.begin(0, 0)) == words(plain.begin(0, 1))
    assert words(first.begin(0, 0)) != words(first.begin(0, 1))
    assert words(first.begin(0, 0)) == words(again.begin(0, 0))
    assert words(first.begin(0, 0)) != words(other.begin(0, 0))
    # As many words, and the same ones but for the salt's.
    salted, real = words(first.begin(0, 0)).split(), words(plain.begin(0, 0)).split()
    assert salted[5:] == real[5:]
    assert len(salted) == len(real)


def test_the_warm_up_asks_other_words_of_the_same_length() -> None:
    source = conversations()
    warm = words(source.warm_up(COUNT - 1, 0))
    real = words(source.begin(COUNT - 1, 0))
    assert warm != real
    assert len(warm.split(" ")) == len(real.split(" "))
    assert words(source.warm_up(COUNT - 1, COUNT)) != warm


def test_a_load_sends_no_seed_unless_it_is_asked_for() -> None:
    assert conversations().begin(0, 0).request().seed is None
    assert conversations().warm_up(0, 0).request().seed is None
    assert conversations(send_seed=True).begin(0, 0).request().seed is not None


def test_the_key_of_a_request_does_not_depend_on_whether_its_seed_is_sent() -> None:
    one, other = (
        conversations(keyed=True, send_seed=seeded).begin(0, 0).request()
        for seeded in (True, False)
    )
    assert one.key == other.key != ""
    assert (one.seed is None, other.seed is None) == (False, True)
    assert conversations().begin(0, 0).request().key == ""


def test_requests_are_fitted_to_the_context_the_warm_up_too() -> None:
    def fit(request: Request) -> Request:
        return attrs.evolve(request, generation={"max_tokens": 1})

    source = conversations(fit=fit)
    for made in (source.begin(0, 0), source.warm_up(0, 0)):
        assert made.request().generation == {"max_tokens": 1}


@pytest.mark.parametrize(("text", "longer"), [("one two three four five six", 0), ("short", 2)])
def test_prompts_too_short_for_salt_are_counted(text: str, longer: int) -> None:
    class Template:
        def render(self, sample: Sample, shots: object) -> Prompt:
            return Prompt(messages=(Message(role="user", content=text),))

    task = make_task("http://h", 1)
    task = attrs.evolve(task, template=attrs.evolve(task.template, instance=Template()))
    rows = attrs.evolve(ROWS, samples=ROWS.samples[:2])
    assert lengthened(task, rows, 0) == (longer, 2)
