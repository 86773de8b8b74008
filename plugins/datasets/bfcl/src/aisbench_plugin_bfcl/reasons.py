"""Why an answer has no call: silence, words, a cut, or a call that cannot be read are not alike.

bfcl-eval takes them for the same, and so do the verdicts; the reasons keep them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aisbench.api import FinishReason, Response
from aisbench_plugin_bfcl.brackets import after_blanks
from aisbench_plugin_bfcl.calls import UnreadableCall

NO_CALL = "no function was called"
_MARKS = ("<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<function=", "<|tool_call",
    "<TOOLCALL>",
          "<functions>", "<function_call>", "<tool_calls>")  # fmt: skip
"""What calls begin with where a model writes them into its text."""


def why_no_call(entry: Mapping[str, Any], response: Response, error: UnreadableCall | None) -> str:
    """The reason of an answer in which no call was found; ``error`` is what its reader says."""
    text = response.text
    if response.tool_calls and error is not None:
        reason = f"a call that cannot be read: {error}"
    elif not text.strip():
        reason = f"an empty answer: {NO_CALL}"
    elif attempt := _attempt(entry, text):
        reason = f"{attempt} is written in the text and cannot be read as a call"
        reason += f": {error}" if error is not None else "; see the model's tool_parser"
    else:
        reason = NO_CALL
    if response.finish_reason is FinishReason.LENGTH:
        return f"cut at max_tokens: {reason}"
    return reason


def _attempt(entry: Mapping[str, Any], text: str) -> str:
    """What looks as a call was meant: a mark of one, or a function's name before a bracket or
    between quotation marks."""
    for mark in _MARKS:
        if mark in text:
            return mark
    for function in entry.get("function") or ():
        name = function["name"]
        for written in {name, name.replace(".", "_")}:
            if f'"{written}"' in text or f"'{written}'" in text or _called(text, written):
                return str(written)
    return ""


def _called(text: str, name: str) -> bool:
    place = text.find(name)
    while place >= 0:
        if text.startswith("(", after_blanks(text, place + len(name))):
            return True
        place = text.find(name, place + len(name))
    return False
