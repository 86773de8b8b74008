"""From recorded intervals to what waits for what.

An agent's requests and the sub-agents that it starts are items of its thread, each with the time
that it took. An item waits for those items of its own thread that had ended before it began, as
far as no other of them lies between (the order of intervals): what ran side by side stays side by
side, and what one thread does never waits for what happened to end earlier in another. Whoever
waits for a sub-agent waits for the last requests of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

THINK, TOOL = "think", "tool"


@define(eq=False)
class SessionCall:
    """One request. Times in ns; ``tools`` are the intervals of the tools that ran."""

    name: str
    begin: int
    end: int
    agent: str = ""
    depth: int = 0
    tool_result: bool = False
    """Whether it brings a tool's result, where no interval of the tool says so."""
    pause: int | None = None
    """How long it was waited before it, where that is told."""
    after: tuple[SessionCall, ...] = ()
    pauses: Mapping[str, int] = field(factory=dict)

    @property
    def kind(self) -> str:
        """The label: whose request it is, and whether it brings a tool's result."""
        if self.depth:
            return "sub-agent"
        return "tool" if self.tool_result or self.pauses.get(TOOL) else "main"


@define(eq=False)
class Thread:
    """An agent's items. Nobody waits for one that is not ``joined``."""

    items: list[Item] = field(factory=list)
    joined: bool = True
    until: int | None = None
    """When whoever started it went on, where that was before its last item ended."""

    @property
    def begin(self) -> int:
        return min(one.begin for one in self.items)

    @property
    def end(self) -> int:
        last = max(one.end for one in self.items)
        return last if self.until is None else min(last, self.until)


Item = SessionCall | Thread


@frozen
class _Waited:
    """What the first calls of an item wait for."""

    calls: tuple[SessionCall, ...]
    end: int | None


def connect(thread: Thread, tools: Sequence[tuple[int, int]] = ()) -> list[SessionCall]:
    """Tie all calls of a session together. Returns them in an order in which each stands behind
    those that it waits for."""
    found: list[SessionCall] = []
    _connect(thread, _Waited((), None), tools, found)
    return found


def _connect(
    thread: Thread, outer: _Waited, tools: Sequence[tuple[int, int]], found: list[SessionCall]
) -> None:
    items = sorted(
        (one for one in thread.items if isinstance(one, SessionCall) or one.items),
        key=lambda one: (one.begin, one.end),
    )
    for place, item in enumerate(items):
        before = [
            one
            for one in items[:place]
            if one.end <= item.begin and not (isinstance(one, Thread) and not one.joined)
        ]
        # Those that end when a later one has begun say nothing that the later one does not.
        latest = max((one.begin for one in before), default=0)
        last = [one for one in before if one.end > latest or one.begin == latest]
        waited = outer
        if last:
            calls = tuple(call for one in last for call in _sinks(one))
            waited = _Waited(calls, max(one.end for one in last))
        if isinstance(item, Thread):
            _connect(item, waited, tools, found)
        else:
            item.after = waited.calls
            item.pauses = _pauses(item, waited.end, tools)
            found.append(item)


def _sinks(item: Item) -> Iterator[SessionCall]:
    """The calls of an item for which none of its other calls waits."""
    if isinstance(item, SessionCall):
        yield item
        return
    inner = [
        one for one in item.items if isinstance(one, SessionCall) or (one.items and one.joined)
    ]
    latest = max((one.begin for one in inner), default=0)
    for one in inner:
        if one.end > latest or one.begin == latest:
            yield from _sinks(one)


def _pauses(
    call: SessionCall, waited_until: int | None, tools: Sequence[tuple[int, int]]
) -> dict[str, int]:
    """The time between what it waited for and itself: tools' as far as one ran, thinking else."""
    if waited_until is None:
        return {}
    pause = call.pause if call.pause is not None else call.begin - waited_until
    if pause <= 0:
        return {}
    if call.tool_result:
        return {TOOL: pause}
    ran, reached = 0, call.begin - pause
    for begin, end in sorted(tools):
        begin, end = max(begin, reached), min(end, call.begin)
        if end > begin:
            ran += end - begin
            reached = end
    return {name: ns for name, ns in ((TOOL, ran), (THINK, pause - ran)) if ns}
