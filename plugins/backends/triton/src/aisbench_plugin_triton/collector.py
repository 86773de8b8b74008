"""What events, or one whole body, add up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from aisbench.api import Fault, Response, TokenLogprob, Usage
from aisbench.codec import (
    FaultCollector,
    count_of,
    cut_text,
    finish_reason,
    is_error,
    loads,
    logprob_of,
    most_probable,
    whole,
)


@define(eq=False)
class TritonCollector(FaultCollector):
    """Accumulates objects of the generate extension (the output's name beside ``model_name``)
    or of ``infer`` (a list ``outputs`` of tensors).

    ``output`` is the name of the output with text; ``prompt`` is taken away from the beginning
    of an answer that repeats it.
    """

    output: str
    prompt: str = ""
    logprobs: int | None = None
    """How many alternatives to each token of the answer are wanted; None: no log-probabilities."""
    _told: list[str] = field(factory=list)
    _texts: list[str] = field(factory=list)
    _model: str | None = None
    _reason: Any = None
    _input_tokens: int | None = None
    _output_tokens: int | None = None

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return bool(self._reason)

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`."""
        if type(event) is not dict:
            self.alien = True
            return 0
        if is_error(event.get("error")):
            self.fail(event["error"], "")
            return 0
        if type(outputs := event.get("outputs")) is list:
            values = {
                str(one.get("name")): one.get("data") for one in outputs if type(one) is dict
            }
        else:
            values = event
        if self.output not in values:
            self.alien = True
            return 0
        self.begun = True
        if type(name := event.get("model_name")) is str:
            self._model = whole(name)
        self._count(values)
        if self.logprobs is not None and (told := _text(values.get("logprobs"))):
            self._told.append(told)
        text = _text(values[self.output])
        if not text:
            return 0
        self._texts.append(text)
        return 1

    @property
    def latest(self) -> str:
        """The text of the last event that had one."""
        return self._texts[-1] if self._texts else ""

    def _count(self, values: dict[str, Any]) -> None:
        """Outputs of vLLM's backend; the counts of answer tokens are those of each event."""
        if reason := _text(values.get("finish_reason")):
            self._reason = reason
        found = _number(values, "num_input_tokens")
        self._input_tokens = self._input_tokens if found is None else found
        found = _number(values, "num_output_tokens")
        if found is not None:
            self._output_tokens = (self._output_tokens or 0) + found

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        text = whole("".join(self._texts))
        if self.prompt and text.startswith(self.prompt):
            text = text[len(self.prompt) :]
        text, reason = cut_text(text, cut, finish_reason(self._reason))
        return Response(
            text=text,
            finish_reason=reason,
            usage=Usage(
                prompt_tokens=self._input_tokens,
                completion_tokens=count_of({"n": self._output_tokens}, "n"),
            ),
            model=self._model,
            fault=self.fault or fault,
            tokens=tuple(self._tokens()),
        )

    def _tokens(self) -> Iterator[TokenLogprob]:
        """Of vLLM's backend: JSON with a table for each token, its own entry first."""
        for told in self._told:
            tables = loads(told.encode())
            for table in tables if isinstance(tables, list) else ():
                entries = table.values() if isinstance(table, dict) else ()
                pairs = [pair for one in entries if (pair := _pair(one)) is not None]
                if pairs:
                    yield TokenLogprob(*pairs[0], most_probable(pairs, self.logprobs or 0))


def _pair(entry: Any) -> tuple[str, float] | None:
    if not isinstance(entry, dict) or not isinstance(text := entry.get("decoded_token"), str):
        return None
    value = logprob_of(entry.get("logprob"))
    return None if value is None else (whole(text), value)


def _text(value: Any) -> str:
    """A text, or a tensor of texts."""
    if type(value) is str:
        return value
    if type(value) is list:
        return "".join(map(_text, value))
    return ""


def _number(values: dict[str, Any], name: str) -> int | None:
    """A count, or a tensor with one."""
    value = values.get(name)
    return count_of({name: value[0] if type(value) is list and value else value}, name)
