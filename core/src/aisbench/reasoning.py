"""Telling a model's reasoning from its answer: one rule for every backend."""

from __future__ import annotations

import attrs

from aisbench.config.suite import Reasoning
from aisbench.types.response import Response, Thinking


def split_reasoning(response: Response, rule: Reasoning) -> Response:
    """Move inline reasoning out of ``text`` and say whether it came to an end.

    Handles reasoning that the server sent apart, tags in the text, a closing tag whose opening
    one stood in the prompt, and reasoning that never ends. Idempotent. The answer is what
    follows the last closing tag.
    """
    if response.thinking is not Thinking.NONE:
        return response
    text = response.text
    if rule.end and rule.end in text:
        inline, _, answer = text.rpartition(rule.end)
        if rule.start and answer.lstrip().startswith(rule.start):
            # It began to think again after it had finished, and never came back.
            return _with(response, "", text, Thinking.UNFINISHED)
        inline = inline.strip()
        if rule.start:
            inline = inline.removeprefix(rule.start)
        return _with(response, answer.lstrip("\n"), inline, Thinking.FINISHED)
    if rule.start and text.lstrip().startswith(rule.start):
        return _with(response, "", text.lstrip()[len(rule.start) :], Thinking.UNFINISHED)
    if rule.implied and rule.end and not response.reasoning and text:
        return _with(response, "", text, Thinking.UNFINISHED)
    if response.reasoning:
        # Reasoning apart and no word of an answer: it was still thinking when it stopped.
        answered = text.strip() or response.tool_calls
        thinking = Thinking.FINISHED if answered else Thinking.UNFINISHED
        return attrs.evolve(response, thinking=thinking)
    return response


def _with(response: Response, text: str, inline: str, thinking: Thinking) -> Response:
    parts = [part for part in (response.reasoning, inline.strip()) if part]
    return attrs.evolve(response, text=text, reasoning="\n".join(parts) or None, thinking=thinking)
