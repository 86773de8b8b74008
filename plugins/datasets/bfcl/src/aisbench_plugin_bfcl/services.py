"""The simulated services of a conversation, and the calls that are made of them.

bfcl-eval evaluates calls as Python text, in the module where its services live. Here a call is
read (``aisbench.literals``) and its method is called: one of the public methods of the entry's own
services, with literals, or with the results of further such calls. Results, and the words of
errors, are those of its ``execute_multi_turn_func_call``; only what it would have evaluated
besides (builtins, attributes, whatever its module knows) is unknown here.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from decimal import localcontext
from pathlib import Path
from typing import Any

from aisbench.literals import (
    Attribute,
    Call,
    Display,
    Expression,
    LiteralError,
    MappingDisplay,
    Name,
    Subscript,
    Unary,
    parse,
    source_of,
    value_of,
)
from aisbench_plugin_bfcl.guards import checked
from aisbench_plugin_bfcl.library import Library, library

_BLANK_BEFORE_CALL = re.compile(r"\b([a-zA-Z_]\w*)\s*(?=\()")
_FORBIDDEN = frozenset({"kill", "exit", "quit", "remove", "unlink", "popen", "Popen", "run"})


class Services:
    """The services of an entry, in the state in which it begins."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.instances: dict[str, Any] = {}
        self._methods: dict[str, Callable[..., Any]] = {}
        long = any(word in entry["id"] for word in ("long_context", "composite"))
        for kind in entry["involved_classes"]:
            service, has_state = library().service(kind)
            if has_state:
                begin = copy.deepcopy(entry["initial_config"].get(kind, {}))
                service._load_scenario(begin, long_context=long)
            self.instances[kind] = service
            for name, method in inspect.getmembers(service, inspect.ismethod):
                if not name.startswith("_"):
                    self._methods[name] = checked(service, name, method)

    def execute(self, calls: Sequence[str]) -> list[str]:
        """Results of calls written as Python, in order; what fails says so in its result."""
        with _own_precision():
            return [self._result(call) for call in calls]

    def _result(self, call: str) -> str:
        try:
            # Its replacement of names takes blanks before a bracket away, within texts too.
            call = _BLANK_BEFORE_CALL.sub(r"\1", call)
            _allowed(call)
            result = self._value(parse(call))
            if isinstance(result, str):
                return result
            if type(result) is dict:
                return _written(result)
            return str(result)
        except Exception as error:  # noqa: BLE001 - the model reads whatever a service raises
            return f"Error during execution: {error}"

    def _value(self, node: Expression) -> Any:
        if isinstance(node, Call):
            return self._called(node)
        if isinstance(node, Name):
            raise _unknown(node)
        if isinstance(node, (Attribute, Subscript)):
            raise _unknown(_root(node))
        if isinstance(node, Unary) and not isinstance(node.operand, (Call, Name)):
            return value_of(node)
        if isinstance(node, Display):
            values = [self._value(one) for one in node.elements]
            return {"list": list, "tuple": tuple, "set": set}[node.kind](values)
        if isinstance(node, MappingDisplay):
            return {self._value(_key(key)): self._value(value) for key, value in node.entries}
        return value_of(node)

    def _called(self, node: Call) -> Any:
        function = node.function
        if not isinstance(function, Name) or function.name not in self._methods:
            raise _unknown(_root(function))
        positional = [self._value(one) for one in node.positional]
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.name is None:
                raise LiteralError("'**' in a call")
            if keyword.name in named:
                raise LiteralError(f"keyword argument repeated: {keyword.name}")
            named[keyword.name] = self._value(keyword.value)
        return self._methods[function.name](*positional, **named)


class Memory(Services):
    """What a model writes down in one conversation and reads in others."""

    def __init__(self, entry: Mapping[str, Any], folder: Path) -> None:
        """As ``folder`` has it, for the conversation of an entry. Raises AisbenchError where its
        code needs what is not installed."""
        (kind,) = entry["involved_classes"]
        library().load_memory(kind)
        where = {
            "model_result_dir": folder, "scenario": entry["scenario"], "test_id": entry["id"]
        }  # fmt: skip
        super().__init__({**entry, "initial_config": {kind: where}})
        self._service = self.instances[kind]

    @property
    def content(self) -> str:
        """The part of it that stands in the prompt."""
        return str(self._service._dump_core_memory_to_context())

    def keep(self) -> None:
        """Write it into its folder, for the next conversation."""
        self._service._flush_memory_to_local_file()


def check_turns(
    shared: Library,
    done: Sequence[Sequence[Sequence[str]]],
    answers: Sequence[Sequence[str]],
    entry: Mapping[str, Any],
) -> tuple[bool, str]:
    """Whether each turn leaves the services as the reference does, and says what it says; after
    ``multi_turn_checker``. The reason where it does not."""
    services, reference = Services(entry), Services(entry)
    results: list[str] = []
    for turn, (steps, wanted) in enumerate(zip(done, answers, strict=False)):
        for step in steps:
            results += services.execute(step)
        told = reference.execute(wanted)
        if not wanted:
            continue
        if not any(steps):
            return False, f"Model response list is empty for turn {turn}"
        right, reason = shared.same_state(services.instances, reference.instances)
        if right:
            right, reason = shared.same_results(results, told, turn)
        if not right:
            return False, reason
    return True, ""


def _allowed(call: str) -> None:
    name = call.partition("(")[0] if "(" in call else call
    name = name.split(".")[1] if "." in name else name
    if name in _FORBIDDEN:
        raise PermissionError(f"Function call {name} is not allowed.")


def _root(node: Expression) -> Expression:
    while isinstance(node, (Attribute, Subscript, Call)):
        node = node.function if isinstance(node, Call) else node.value
    return node


def _unknown(node: Expression) -> Exception:
    if isinstance(node, Name):
        return NameError(f"name {node.name!r} is not defined")
    return LiteralError(f"{source_of(node)[:80]} is not a function")


def _key(key: Expression | None) -> Expression:
    if key is None:
        raise LiteralError("'**' in a dictionary")
    return key


def _written(result: dict[Any, Any]) -> str:
    try:
        return json.dumps(result)
    except Exception:  # noqa: BLE001 - as there: numbers of other kinds, keys that are not texts
        return str(result)


def _own_precision() -> AbstractContextManager[object]:
    """Services set the precision of two libraries for the whole process: not beyond a call."""
    import mpmath  # type: ignore[import-untyped]

    stack = ExitStack()
    stack.enter_context(localcontext())
    stack.enter_context(mpmath.workdps(mpmath.mp.dps))
    return stack
