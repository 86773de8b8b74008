"""One whole body that has an entry for each text of a request."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from aisbench.api import Fault, FaultKind, Response, Usage
from aisbench.codec import FaultCollector, dumps, is_error, number_of, whole
from aisbench_plugin_endpoints.service import input_tokens


class MalformedError(ValueError):
    """An answer that cannot be told from a wrong one: it fails its request."""


@define(eq=False)
class BatchCollector(FaultCollector):
    """Takes a body; a subclass says which ones are its own and what they hold.

    Entries are in the order of the request, whatever order the server sent them in. Another
    number of them, an index that is missing, doubled or out of range, and what is no number fail
    the request: a figure made of the rest would be wrong.
    """

    count: int
    _body: Any = field(init=False, default=None)

    @property
    def ended(self) -> bool:
        """See :class:`aisbench.codec.Collector`."""
        return self.begun

    def take(self, event: Any) -> int:
        """See :class:`aisbench.codec.Collector`. No tokens are counted: none are made."""
        if type(event) is dict and is_error(event.get("error")):
            self.fail(event, _text(event))
        elif self.is_answer(event):
            self.begun = True
            self._body = event
        else:
            self.alien = True
        return 0

    def is_answer(self, body: Any) -> bool:
        """Whether a body is one of this protocol."""
        raise NotImplementedError

    def read(self, body: Any) -> dict[str, Any]:
        """The attributes of the Response. Raises MalformedError."""
        raise NotImplementedError

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """See :class:`aisbench.codec.Collector`."""
        fault = self.fault or fault
        body, found = self._body, {}
        told = body if type(body) is dict else {}
        if fault is None:
            try:
                found = self.read(body)
            except MalformedError as problem:
                fault = Fault(
                    kind=FaultKind.PROTOCOL, message=str(problem), body=_text(body)[:2000]
                )
        model = told.get("model")
        return Response(
            usage=Usage(prompt_tokens=_input(told), items=self.count),
            model=whole(model) if isinstance(model, str) and model else None,
            fault=fault,
            **found,
        )


def _input(told: dict[str, Any]) -> int | None:
    """Cohere tells its count under ``meta``."""
    known = input_tokens(told.get("usage"))
    if known is not None or type(meta := told.get("meta")) is not dict:
        return known
    tokens = meta.get("tokens")
    value = number_of(tokens.get("input_tokens")) if type(tokens) is dict else None
    return int(value) if value is not None and 0 <= value < 1e12 else None


def _text(event: Any) -> str:
    try:
        return dumps(event).decode("utf-8", "replace")
    except RecursionError:
        return ""


def in_order(entries: Sequence[Any], count: int, what: str) -> list[dict[str, Any]]:
    """The entries by their ``index``. Raises MalformedError."""
    if len(entries) != count:
        raise MalformedError(f"the answer has {len(entries)} {what} for {count} texts")
    found: list[dict[str, Any] | None] = [None] * count
    for entry in entries:
        place = entry.get("index") if type(entry) is dict else None
        if type(place) is not int:
            raise MalformedError(f"one of the {what} has no index")
        if not 0 <= place < count:
            raise MalformedError(f"one of the {what} has the index {place} of {count} texts")
        if found[place] is not None:
            raise MalformedError(f"two of the {what} have the index {place}")
        found[place] = entry
    return [one for one in found if one is not None]


def number(value: Any, what: str) -> float:
    """A finite number. Raises MalformedError."""
    if type(value) not in (int, float):
        raise MalformedError(f"{what} is {_shown(value)}, and no number")
    try:
        made = float(value)
    except OverflowError:
        made = math.inf
    if not math.isfinite(made):
        raise MalformedError(f"{what} is {made}")
    return made


def _shown(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
