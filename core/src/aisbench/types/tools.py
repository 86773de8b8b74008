"""Functions that a chat model may call, and its calls."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.types.json import JsonObject


@frozen(kw_only=True)
class Tool:
    """A function. ``parameters`` is the JSON schema of its arguments (an object)."""

    name: str
    description: str = ""
    parameters: JsonObject = field(factory=dict, hash=False)


@frozen(kw_only=True)
class ToolCall:
    """A call as the model wrote it: ``arguments`` should be JSON, but need not be."""

    name: str
    arguments: str
    id: str = ""
