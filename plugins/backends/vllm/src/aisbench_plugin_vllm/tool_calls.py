"""Tool calls as they come: whole, or in fragments of a stream."""

from __future__ import annotations

import json
from typing import Any

from attrs import define, field

from aisbench.api import ToolCall
from aisbench.codec import dumps, whole


@define
class _Call:
    id: str = ""
    name: list[str] = field(factory=list)
    arguments: list[str] = field(factory=list)

    @property
    def complete(self) -> bool:
        """Whether its arguments are a whole object, to which nothing can be added."""
        if not self.arguments or not self.arguments[-1].rstrip().endswith("}"):
            return False
        try:
            return isinstance(json.loads("".join(self.arguments)), dict)
        except (ValueError, RecursionError):
            return False


@define
class ToolCalls:
    """Calls of one answer. A message has each as a whole, whatever its id; a stream's fragments
    are put together by their ``index``, see
    https://platform.openai.com/docs/guides/function-calling#streaming.

    Servers differ: some number no fragments, or give all the same number; some repeat the id or
    the name in each, or make a new id for each; some send each call in one piece. So a fragment
    without an index belongs to the call with its id, or to the last one, and begins another call
    where it cannot go on with the one that it belongs to: it names a function, with another id
    or another name after arguments, or it has arguments and those of the call are a whole object.
    """

    unreadable: bool = False
    """The arguments of a call were an object nested more deeply than JSON can be written."""
    _calls: list[_Call] = field(factory=list)
    _places: dict[int, _Call] = field(factory=dict)

    def take(self, fragments: Any) -> bool:
        """Add the ``tool_calls`` of a delta; whether there were any."""
        return self._take(fragments, self._find)

    def take_whole(self, calls: Any) -> bool:
        """Add the ``tool_calls`` of a message; whether there were any."""
        return self._take(calls, lambda fragment: self._new())

    def take_old(self, call: Any) -> bool:
        """Add a ``function_call``, the API's form before tools."""
        if type(call) is not dict:
            return False
        return self.take([{"index": -1, "function": call}])

    def made(self) -> tuple[ToolCall, ...]:
        """All calls, in the order in which they began."""
        return tuple(
            ToolCall(
                id=whole(one.id),
                name=whole("".join(one.name)),
                arguments=whole("".join(one.arguments)),
            )
            for one in self._calls
            if one.name or one.arguments
        )

    def _take(self, fragments: Any, find: Any) -> bool:
        if type(fragments) is not list:
            return False
        taken = False
        for fragment in fragments:
            if type(fragment) is dict:
                try:
                    self._add(find(fragment), fragment)
                except RecursionError:
                    self.unreadable = True
                taken = True
        return taken

    def _add(self, call: _Call, fragment: dict[str, Any]) -> None:
        call.id = call.id or _id(fragment)
        name, arguments = _function(fragment)
        if name and name != "".join(call.name):  # some servers repeat it in each fragment
            call.name.append(name)
        if arguments:
            call.arguments.append(arguments)

    def _find(self, fragment: dict[str, Any]) -> _Call:
        """The call that a fragment goes on with, or a new one."""
        index, own = fragment.get("index"), _id(fragment)
        if type(index) is int:
            call = self._places.get(index)
        else:
            same = [one for one in self._calls if own and one.id == own]
            call = (same or self._calls)[-1] if self._calls else None
        if call is None or self._is_another(call, fragment):
            fresh = self._new()
            if call is not None and not _function(fragment)[0]:
                # What is repeated is the name too: it came in a fragment of its own, or before.
                fresh.name = list(call.name)
            call = fresh
            if type(index) is int:
                self._places[index] = call
        return call

    def _is_another(self, call: _Call, fragment: dict[str, Any]) -> bool:
        own = _id(fragment)
        name, arguments = _function(fragment)
        if own and call.id and own != call.id and (name or call.complete):
            return True
        if name and call.arguments and name != "".join(call.name):
            return True
        return bool(arguments.strip()) and call.complete

    def _new(self) -> _Call:
        self._calls.append(_Call())
        return self._calls[-1]


def _id(fragment: dict[str, Any]) -> str:
    name = fragment.get("id")
    return name if isinstance(name, str) else ""


def _function(fragment: dict[str, Any]) -> tuple[str, str]:
    """Name and arguments of a fragment, each empty where it is not there."""
    function = fragment.get("function")
    if type(function) is not dict:
        return "", ""
    name, arguments = function.get("name"), function.get("arguments")
    if arguments is None:
        arguments = ""
    elif not isinstance(arguments, str):
        arguments = dumps(arguments).decode()
    return (name if isinstance(name, str) else ""), arguments
