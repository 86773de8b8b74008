"""What the events of a transcript, or its whole body, add up to."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import Fault, Response, Usage
from aisbench.codec import (
    FaultCollector,
    count_of,
    cut_text,
    dumps,
    finish_reason,
    is_error,
    number_of,
    whole,
)

_NS = 1_000_000_000


@define(eq=False)
class TranscriptCollector(FaultCollector):
    """OpenAI's events (``transcript.text.delta``, ``transcript.text.done``), vLLM's
    (``transcription.chunk``, in the form of chats), and the whole bodies of both.

    ``length_ns`` is how long the sound is by its own head; where that does not tell it, what the
    server says counts, which vLLM rounds up to seconds.
    """

    length_ns: int | None = None
    _texts: list[str] = field(init=False, factory=list)
    _full: str | None = field(init=False, default=None)
    _reason: Any = field(init=False, default=None)
    _usage: dict[str, Any] = field(init=False, factory=dict)
    _told_ns: int | None = field(init=False, default=None)
    _model: Any = field(init=False, default=None)

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self._full is not None or bool(self._reason)

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        if type(event) is not dict:
            self.alien = True
            return 0
        if is_error(event.get("error")):
            self.fail(event["error"], dumps(event).decode("utf-8", "replace"))
            return 0
        if type(usage := event.get("usage")) is dict:
            self._usage.update(usage)
        self._model = event.get("model") or self._model
        kind = event.get("type")
        if kind == "transcript.text.delta":
            return self._add(event.get("delta"))
        if type(choices := event.get("choices")) is list:
            return self._take_choices(choices)
        if type(text := event.get("text")) is str and kind != "transcript.text.segment":
            self.begun = True
            self._full = text
            duration = event.get("duration")
            seconds = _seconds(duration)
            self._told_ns = None if seconds is None else round(seconds * _NS)
        elif not (type(kind) is str and kind.startswith("transcript.")):
            self.alien = True
        return 0

    def _take_choices(self, choices: list[Any]) -> int:
        tokens = 0
        for choice in choices:
            if type(choice) is not dict:
                continue
            self.begun = True
            delta = choice.get("delta")
            if type(delta) is dict:
                tokens |= self._add(delta.get("content"))
            self._reason = choice.get("finish_reason") or self._reason
        return tokens

    def _add(self, text: Any) -> int:
        self.begun = True
        if type(text) is not str or not text:
            return 0
        self._texts.append(text)
        return 1

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        text = self._full if self._full is not None else "".join(self._texts)
        text, reason = cut_text(whole(text), cut, finish_reason(self._reason))
        model = self._model
        return Response(
            text=text,
            finish_reason=reason,
            usage=self._counts(),
            model=whole(model) if isinstance(model, str) and model else None,
            fault=self.fault or fault,
        )

    def _counts(self) -> Usage:
        usage = self._usage
        told = self._told_ns
        if told is None and (seconds := _seconds(usage.get("seconds"))) is not None:
            told = round(seconds * _NS)
        made = count_of(usage, "output_tokens")
        read = count_of(usage, "input_tokens")
        return Usage(
            prompt_tokens=count_of(usage, "prompt_tokens") if read is None else read,
            completion_tokens=count_of(usage, "completion_tokens") if made is None else made,
            items=1,
            audio_ns=told if self.length_ns is None else self.length_ns,
        )


def _seconds(value: Any) -> float | None:
    """A number of seconds, which earlier vLLM writes as a text."""
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            return None
    found = number_of(value)
    return found if found is not None and 0 < found < 1e7 else None
