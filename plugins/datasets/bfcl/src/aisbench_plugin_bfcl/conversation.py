"""A conversation of several turns, each of as many steps as the model takes.

After ``inference_multi_turn_FC`` and ``inference_multi_turn_prompting`` of bfcl-eval: calls are
executed by simulated services and their results told; a turn ends with an answer without calls,
the conversation is given up after too many steps of one turn.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs

from aisbench.api import Message, Prompt, Response
from aisbench_plugin_bfcl.calls import UnreadableCall, native_steps, written_steps
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.services import Services
from aisbench_plugin_bfcl.templates import messages_of, tools_of


def walk(
    entry: dict[str, Any], first: Prompt, services: Services
) -> Generator[Prompt, Response, list[list[list[str]]] | None]:
    """Yields the prompt of each step and receives its response; returns the executed calls by
    turn and step, or None when it was given up. The same responses lead to the same prompts."""
    shared = library()
    native = bool(first.tools)
    hinted = shared.hinted(entry)
    functions: list[dict[str, Any]] = hinted["function"]
    later: dict[str, list[dict[str, Any]]] = hinted.get("missed_function") or {}
    prompt = first
    done: list[list[list[str]]] = []
    for turn, asked in enumerate(entry["question"]):
        if turn:
            added = later.get(str(turn))
            said = messages_of(asked)
            if added is not None:
                functions = [*functions, *added]
                told = shared.added_functions(added, tools=native)
                said = (Message(role="user", content=told),)
            prompt = attrs.evolve(
                prompt,
                messages=(*(prompt.messages or ()), *said),
                tools=tools_of(functions) if native else (),
            )
        steps: list[list[str]] = []
        done.append(steps)
        while True:
            response = yield prompt
            calls = calls_of(response, native=native)
            answer = Message(
                role="assistant",
                content=response.text,
                tool_calls=response.tool_calls if native else (),
            )
            prompt = attrs.evolve(prompt, messages=(*(prompt.messages or ()), answer))
            if not calls:
                break
            results = services.execute(calls)
            steps.append(calls)
            prompt = _told(prompt, response, results, native=native)
            if len(steps) > shared.most_steps:
                return None
    return done


def calls_of(response: Response, *, native: bool) -> list[str]:
    """What is to be executed; [] when the answer holds no calls."""
    try:
        return native_steps(response) if native else written_steps(response.text)
    except UnreadableCall:
        return []


def _told(prompt: Prompt, response: Response, results: list[str], *, native: bool) -> Prompt:
    before = prompt.messages or ()
    if native:
        told = [
            Message(role="tool", content=result, tool_call_id=call.id)
            for call, result in zip(response.tool_calls, results, strict=False)
        ]
        return attrs.evolve(prompt, messages=(*before, *told))
    # The form of bfcl-eval's prompting handlers: one message with all results.
    text = repr([{"role": "tool", "content": result} for result in results])
    return attrs.evolve(prompt, messages=(*before, Message(role="user", content=text)))
