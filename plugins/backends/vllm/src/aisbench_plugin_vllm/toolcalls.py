"""Tool calls as they come: whole, or in fragments of a stream."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from aisbench.api import ToolCall
from aisbench.codec import dumps, whole


@define
class _Call:
    id: str = ""
    name: list[str] = field(factory=list)
    arguments: list[str] = field(factory=list)


@define
class ToolCalls:
    """Puts fragments together by their ``index``, see
    https://platform.openai.com/docs/guides/function-calling#streaming.

    A fragment without an index belongs to the call with its id, or to the last one; one that
    begins another id at the same index begins another call (some servers number none).
    """

    _calls: list[_Call] = field(factory=list)
    _places: dict[int, _Call] = field(factory=dict)

    def take(self, fragments: Any) -> bool:
        """Add the ``tool_calls`` of a delta or of a message; whether there were any."""
        if type(fragments) is not list:
            return False
        taken = False
        for fragment in fragments:
            if type(fragment) is dict:
                self._add(fragment)
                taken = True
        return taken

    def take_old(self, call: Any) -> bool:
        """Add a ``function_call``, the API's form before tools."""
        if type(call) is not dict:
            return False
        self._add({"index": -1, "function": call})
        return True

    def made(self) -> tuple[ToolCall, ...]:
        """All calls, in the order in which they began."""
        return tuple(
            ToolCall(
                id=one.id, name=whole("".join(one.name)), arguments=whole("".join(one.arguments))
            )
            for one in self._calls
            if one.name or one.arguments
        )

    def _add(self, fragment: dict[str, Any]) -> None:
        name = fragment.get("id")
        own = name if isinstance(name, str) else ""
        call = self._find(fragment.get("index"), own)
        call.id = call.id or own
        function = fragment.get("function")
        if type(function) is dict:
            if isinstance(text := function.get("name"), str) and not (
                # Some servers repeat the name in each fragment.
                call.name and text == "".join(call.name)
            ):
                call.name.append(text)
            arguments = function.get("arguments")
            if isinstance(arguments, str):
                call.arguments.append(arguments)
            elif arguments is not None:
                call.arguments.append(dumps(arguments).decode())

    def _find(self, index: Any, own: str) -> _Call:
        if type(index) is int:
            call = self._places.get(index)
            if call is None or (own and call.id and own != call.id):
                call = self._places[index] = self._new()
            return call
        for call in self._calls:
            if own and call.id == own:
                return call
        return self._new() if own or not self._calls else self._calls[-1]

    def _new(self) -> _Call:
        self._calls.append(_Call())
        return self._calls[-1]
