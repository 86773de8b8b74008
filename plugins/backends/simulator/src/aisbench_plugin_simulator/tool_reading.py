"""The functions that a request offers, and its choice among them."""

from __future__ import annotations

from typing import Any

from aisbench_plugin_simulator.checking import missing, wrong_type
from aisbench_plugin_simulator.parsed_request import NO_TOOLS, Function, ToolChoice
from aisbench_plugin_simulator.refusal import Refusal


def read_tools(data: dict[str, Any]) -> ToolChoice:
    """From ``tools``, ``tool_choice`` and ``parallel_tool_calls`` of a chat. Raises Refusal."""
    tools, choice = data.get("tools"), data.get("tool_choice")
    if tools == []:
        said = "`tools` must not be an empty array. Either provide at least one tool or omit the "
        raise Refusal(400, said + "field entirely.", param="tools")
    if tools is None:
        if choice not in (None, "none"):
            said = "When using `tool_choice`, `tools` must be set."
            raise Refusal(400, said, param="tool_choice")
        return NO_TOOLS
    functions = tuple(_function(tool, f"tools.{at}") for at, tool in enumerate(tools))
    parallel = data.get("parallel_tool_calls") is not False
    if choice in (None, "auto", "required"):
        return ToolChoice(functions=functions, must=choice == "required", parallel=parallel)
    if choice == "none":
        return NO_TOOLS
    if not isinstance(choice, dict):
        raise Refusal(
            400,
            f"Invalid value for `tool_choice`: {choice}! Only named tools, "
            '"none", "auto" or "required" are supported.',
            param="tool_choice",
        )
    if choice.get("type") == "allowed_tools":
        return _allowed(choice, functions, parallel)
    named = tuple(one for one in functions if one.name == _named(choice))
    if not named:
        raise _no_match()
    return ToolChoice(functions=named[:1], must=True, named=True, parallel=False)


def _function(tool: Any, place: str) -> Function:
    if not isinstance(tool, dict):
        raise wrong_type(place, "dict", tool)
    if tool.get("type", "function") != "function":
        said = f"tools of the type {tool['type']!r} are not supported by the simulator."
        raise Refusal(400, said, param=f"{place}.type")
    function = tool.get("function")
    if function is None:
        raise missing(tool, f"{place}.function")
    if not isinstance(function, dict):
        raise wrong_type(f"{place}.function", "model", function)
    name, parameters = function.get("name"), function.get("parameters")
    if name is None:
        raise missing(function, f"{place}.function.name")
    if not isinstance(name, str):
        raise wrong_type(f"{place}.function.name", "str", name)
    if parameters is not None and not isinstance(parameters, dict):
        raise wrong_type(f"{place}.function.parameters", "dict", parameters)
    return Function(name, parameters)


_USAGE = 'Correct usage: `{"type": "function", "function": {"name": "my_function"}}`'


def _named(choice: dict[str, Any]) -> str:
    function = choice.get("function")
    if not isinstance(function, dict):
        raise Refusal(
            400,
            f"Invalid value for `function`: `{function}` in `tool_choice`! {_USAGE}",
            param="tool_choice.function",
        )
    name = function.get("name")
    if not isinstance(name, str) or not name:
        said = f"Expected field `name` in `function` in `tool_choice`! {_USAGE}"
        raise Refusal(400, said, param="tool_choice.function.name")
    return name


def _allowed(
    choice: dict[str, Any], functions: tuple[Function, ...], parallel: bool
) -> ToolChoice:
    """OpenAI's ``allowed_tools``: some of the tools, and whether one must be called."""
    inner = choice.get("allowed_tools")
    allowed = inner if isinstance(inner, dict) else choice
    tools = allowed.get("tools")
    names = {_name_in(tool) for tool in tools} if isinstance(tools, list) else set()
    if not names or not names <= {one.name for one in functions}:
        raise _no_match()
    return ToolChoice(
        functions=tuple(one for one in functions if one.name in names),
        must=allowed.get("mode") == "required",
        parallel=parallel,
    )


def _name_in(tool: Any) -> str | None:
    """The name of a function, which stands in ``function`` or beside the type."""
    inner = tool.get("function", tool) if isinstance(tool, dict) else None
    name = inner.get("name") if isinstance(inner, dict) else None
    return name if isinstance(name, str) else None


def _no_match() -> Refusal:
    return Refusal(
        400,
        "The tool specified in `tool_choice` does not match any of the specified `tools`",
        param="tool_choice",
    )
