"""The events of one streamed answer, in order, with what a failure makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from aisbench_plugin_simulator.dialect import Writer
from aisbench_plugin_simulator.refusal import simulated
from aisbench_plugin_simulator.reply import SimulatedReply


class Event(NamedTuple):
    """Some tokens sent together; ``tokens`` were made when it is sent, these included."""

    text: str
    reasoning: bool
    tokens: int

    @property
    def sent(self) -> int:
        """The tokens that were sent with it and before."""
        return self.tokens


def group(answer: SimulatedReply, size: int, ends: Sequence[int] = ()) -> list[Event]:
    """The events of ``answer``, at least one: one token first, then ``size`` tokens each; with
    ``ends``, those of each step of decoding together.

    The first stands alone, as with servers that decode several tokens a step, so that the time
    to the first token does not depend on ``size``.
    """
    events: list[Event] = []
    made = 0
    step = 0
    for tokens, reasoning in _parts(answer):
        at = 0
        if size == 1 and not ends:
            events += [Event(one, reasoning, at) for at, one in enumerate(tokens, made + 1)]
            made += len(tokens)
            continue
        while at < len(tokens):
            if ends:
                while step < len(ends) - 1 and ends[step] <= made:
                    step += 1
                part = tokens[at : at + max(1, ends[step] - made)]
            else:
                part = tokens[at : at + (size if events else 1)]
            at += len(part)
            made += len(part)
            events.append(Event("".join(part), reasoning, made))
    # A stop string that is cut off was generated before the stream could end.
    last = events.pop() if events else Event("", False, 0)
    return [*events, last._replace(tokens=answer.tokens)]


def _parts(answer: SimulatedReply) -> Iterator[tuple[Sequence[str], bool]]:
    """What no event may reach across: reasoning, the text, each call."""
    yield answer.reasoning, True
    if not answer.calls:
        yield answer.content, False
    for call in answer.calls:
        yield call.arguments, False


class Script:
    """What is sent: ``events``, encoded when they are due, the last with the stream's end.

    Some protocols' events hold all the text so far, so they are encoded in their order, once.
    """

    def __init__(
        self,
        wire: Writer,
        answer: SimulatedReply,
        size: int,
        failure: str | None,
        ends: Sequence[int] = (),
    ) -> None:
        self._wire = wire
        self.content_type = wire.content_type
        self._answer = answer
        self._malformed = -1
        self._ending = b""
        self._whole = True
        self.events: Sequence[Event] = group(answer, size, ends)
        half = max(1, len(self.events) // 2)
        if failure == "malformed":
            self._malformed = half if half < len(self.events) else 0
        elif failure in ("reset", "truncate", "error-in-stream"):
            self.events = self.events[:half]
            self._whole = False
            if failure == "error-in-stream":
                self._ending = wire.failing(simulated(500))

    def encode(self, numbers: Iterable[int]) -> bytes:
        """The bytes of the events with these numbers."""
        events, one_event, special = self.events, self._wire.event, self._event
        odd = (0, len(events) - 1, self._malformed)
        # Between its ends, a stream is nothing but texts.
        return b"".join(
            [special(one) if one in odd else one_event(*events[one]) for one in numbers]
        )

    def _event(self, number: int) -> bytes:
        event = self.events[number]
        data = self._wire.opening(self._answer) if number == 0 else b""
        last = number == len(self.events) - 1
        if number == self._malformed:
            broken = self._wire.event(event.text, event.reasoning, event.tokens)
            data += broken[: len(broken) // 2] + b"\n\n"
        elif last and self._whole and (self._answer.finish == "length" or not event.text):
            data += self._wire.last(event.text, event.reasoning, self._answer)
        else:
            data += self._wire.event(event.text, event.reasoning, event.tokens)
            if last and self._whole:
                # The end-of-sequence token is an event of its own, without text.
                data += self._wire.last("", False, self._answer)
        if not last:
            return data
        return data + (self._wire.closing(self._answer) if self._whole else self._ending)
