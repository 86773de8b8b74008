"""The question of a row, and a prompt as one text, however a tool keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_NAMES = (
    "question", "problem", "query", "prompt", "instruction", "input", "goal", "premise", "context",
    "question_stem", "ctx", "sentence", "text", "statement", "passage", "content", "turns",
)  # fmt: skip
"""What data sets call the question, the most telling name first."""
_ROLES = {"HUMAN": "user", "BOT": "assistant", "SYSTEM": "system"}
"""What OpenCompass and AISBench call the roles."""


def question_in(fields: Any) -> str:
    """The question among the fields of a data set's row; "" where none is known."""
    if not isinstance(fields, Mapping):
        return fields if isinstance(fields, str) else ""
    plain = {str(name).casefold(): value for name, value in fields.items()}
    for name in _NAMES:
        value = plain.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            return "\n".join(value)
    return ""


def rendered(prompt: Any) -> str:
    """A prompt as one text: a text is itself, and so is the content of a single message of the
    user; of several messages each begins with its role.

    Knows messages as OpenAI's protocol has them, OpenCompass' ``{"role": "HUMAN", "prompt": ...}``
    and the JSON text that lm-eval logs.
    """
    if isinstance(prompt, str):
        inner = _as_messages(prompt)
        return prompt if inner is None else rendered(inner)
    if isinstance(prompt, Mapping):
        return rendered([prompt])
    if not isinstance(prompt, Sequence):
        return "" if prompt is None else str(prompt)
    parts = [_message(one) for one in prompt]
    if len(parts) == 1 and parts[0][0] in ("user", ""):
        return parts[0][1]
    return "\n".join(f"{role}: {text}" if role else text for role, text in parts)


def _as_messages(text: str) -> list[Any] | None:
    """The messages that a text is the JSON of."""
    if not text.startswith('[{"role"'):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _message(one: Any) -> tuple[str, str]:
    if not isinstance(one, Mapping):
        return "", rendered(one)
    role = str(one.get("role", ""))
    content = one.get("content", one.get("prompt", one.get("text", "")))
    if isinstance(content, list):  # parts: text, images
        content = "\n".join(_part(part) for part in content)
    return _ROLES.get(role, role), str(content or "")


def _part(part: Any) -> str:
    if not isinstance(part, Mapping):
        return str(part)
    return part["text"] if isinstance(part.get("text"), str) else f"[{part.get('type', 'part')}]"
