"""Answers with several choices: ``n`` of them, for each of several prompts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import attrs
import orjson

from aisbench_plugin_simulator.dialect import Writer
from aisbench_plugin_simulator.event_script import group
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.prefilling import look_up
from aisbench_plugin_simulator.refusal import simulated
from aisbench_plugin_simulator.reply import SimulatedReply, compose
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.simulator import Simulator

Choice = tuple[ParsedRequest, SimulatedReply]


@runtime_checkable
class ManyWriter(Writer, Protocol):
    """A writer of a protocol whose answers may have several choices."""

    def choice(self, asked: ParsedRequest, index: int) -> Writer:
        """Encodes the events of one choice."""

    def whole_of(self, choices: Sequence[Choice]) -> bytes:
        """The body of an answer that is not streamed."""


def compose_all(simulator: Simulator, asked: ParsedRequest, digest: str) -> list[Choice]:
    """The choices of each prompt, in the order of their numbers. The first choice of the first
    prompt is what a request for one would get; choice ``k`` of a prompt is answered as if the
    request had come with a seed that is greater by ``k``, and the setting ``vary``. Raises
    Refusal."""
    settings = simulator.settings
    varied = attrs.evolve(settings, vary=True) if asked.n > 1 else settings
    found: list[Choice] = []
    for prompt in (attrs.evolve(asked, others=()), *asked.others):
        for number in range(asked.n):
            one, about = prompt, digest if not found else f"{digest}/{len(found)}"
            if number:
                one = attrs.evolve(prompt, seed=(prompt.seed or 0) + number)
            mine = varied if number else settings
            found.append((one, compose(mine, simulator.book, one, about)))
    return found


def look_up_all(
    simulator: Simulator,
    asked: ParsedRequest,
    body: bytes,
    choices: Sequence[Choice],
    record: Record,
    schedule: Schedule,
) -> tuple[list[Choice], Schedule]:
    """Each prompt is looked up in the prefix cache once: the choices that tell of it, and the
    schedule with the prefill of all of them."""
    settings = simulator.settings
    if not settings.block_size and not settings.prefill_ms:
        return list(choices), schedule
    found, cached = [], 0
    for at, (one, answer) in enumerate(choices):
        if at % asked.n == 0:
            alone = {"prompt": one.question, "model": one.model}
            mine = orjson.dumps(alone) if asked.others else body
            answer, schedule = look_up(simulator, mine, answer, record, schedule)
            cached += record.cached_tokens or 0
        found.append((one, answer))
    if settings.block_size:
        record.cached_tokens = cached
    return found, schedule


class ChoiceEvent(NamedTuple):
    """An event of the choice with the number ``choice``; ``tokens`` of it were made then, and
    ``sent`` of all choices."""

    text: str
    reasoning: bool
    tokens: int
    choice: int
    sent: int


class ChoicesScript:
    """The events of all choices, those of the same step beside each other."""

    def __init__(
        self, wire: ManyWriter, choices: Sequence[Choice], size: int, failure: str | None
    ) -> None:
        self.content_type = wire.content_type
        self._wire = wire
        self._choices = choices
        self._wires = [wire.choice(one, at) for at, (one, _) in enumerate(choices)]
        events = [
            (event.tokens, at, event)
            for at, (_, answer) in enumerate(choices)
            for event in group(answer, size)
        ]
        events.sort(key=lambda one: one[:2])
        self._last = {at: place for place, (_, at, _) in enumerate(events)}
        made = [0] * len(choices)
        sent = 0
        listed: list[ChoiceEvent] = []
        for tokens, at, event in events:
            sent += tokens - made[at]
            made[at] = tokens
            listed.append(ChoiceEvent(*event, at, sent))
        self.events: Sequence[ChoiceEvent] = listed
        self._whole = True
        self._ending = b""
        self._malformed = -1
        half = max(1, len(events) // 2)
        if failure == "malformed":
            self._malformed = half
        elif failure in ("reset", "truncate", "error-in-stream"):
            self.events = self.events[:half]
            self._whole = False
            if failure == "error-in-stream":
                self._ending = wire.failing(simulated(500))

    def encode(self, numbers: Iterable[int]) -> bytes:
        """The bytes of the events with these numbers."""
        return b"".join(map(self._event, numbers))

    def _event(self, number: int) -> bytes:
        event = self.events[number]
        writer, answer = self._wires[event.choice], self._choices[event.choice][1]
        data = b""
        if number == 0:
            opened = zip(self._wires, self._choices, strict=True)
            data = b"".join(one.opening(choice[1]) for one, choice in opened)
        ends = number == self._last[event.choice]
        if number == self._malformed:
            broken = writer.event(event.text, event.reasoning, event.tokens)
            data += broken[: len(broken) // 2] + b"\n\n"
        elif ends and (answer.finish == "length" or not event.text):
            data += writer.last(event.text, event.reasoning, answer)
        else:
            data += writer.event(event.text, event.reasoning, event.tokens)
            if ends:
                data += writer.last("", False, answer)
        if number < len(self.events) - 1:
            return data
        return data + (self._wire.closing(self._total()) if self._whole else self._ending)

    def _total(self) -> SimulatedReply:
        """What the usage tells of."""
        answers = [answer for _, answer in self._choices]
        told = [one.cached for one in answers if one.cached is not None]
        return SimulatedReply(
            tokens=sum(one.tokens for one in answers), cached=sum(told) if told else None
        )
