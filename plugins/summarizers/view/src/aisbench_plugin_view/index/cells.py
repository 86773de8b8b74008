"""What the index keeps of the rows of a run's files, and which words of them can be searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

SHOWN = 200
"""Characters of a text in lists."""


def text_of_prompt(prompt: Mapping[str, Any]) -> str:
    """All words of a prompt as a journal has it, with those of its choices."""
    texts = [str(prompt.get("text") or ""), str(prompt.get("continuation") or "")]
    for message in prompt.get("messages") or ():
        content = message.get("content")
        if isinstance(content, str):
            texts.append(content)
        else:
            texts += [str(part.get("text") or "") for part in content or ()]
    return "\n".join(filter(None, texts))


def text_of_response(response: Mapping[str, Any]) -> str:
    """All words of a response: answer, reasoning, calls, and why it failed."""
    texts = [response.get("reasoning"), response.get("text"), response.get("refusal")]
    calls = response.get("tool_calls") or ()
    texts += [f"{one.get('name')} {one.get('arguments')}" for one in calls]
    texts.append((response.get("fault") or {}).get("message"))
    return "\n".join(str(one) for one in texts if one)


def brief(response: Mapping[str, Any]) -> str:
    """The end of an answer, where most conclude; or why there is none."""
    fault = response.get("fault")
    if fault is not None:
        return str(fault.get("message"))[:SHOWN]
    text = str(response.get("text") or response.get("refusal") or "").strip()
    if not text and response.get("tool_calls"):
        text = text_of_response({"tool_calls": response["tool_calls"]})
    return text if len(text) <= SHOWN else "…" + text[-SHOWN:]


def milliseconds(begin: int | None, end: int | None) -> float | None:
    """The time between two instants in ns; None where one is not known."""
    return None if begin is None or end is None else (end - begin) / 1e6


def shown(value: Any) -> str | None:
    """A value of any JSON type as a short text; None stays None."""
    if value is None:
        return None
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
