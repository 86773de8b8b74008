"""Channels of gpt-oss: https://cookbook.openai.com/articles/openai-harmony.

``<|channel|>analysis<|message|>...<|end|><|start|>assistant<|channel|>final<|message|>...``;
where a server leaves special tokens out, the names of the channels remain:
``analysis...assistantfinal...``.
"""

from __future__ import annotations

import re

from aisbench.reading.quoting import Code
from aisbench.reading.tags import Split
from aisbench.types.tools import ToolCall

_HEAD = re.compile(
    r"(?:<\|start\|>\s*assistant(?:\s+to=(?P<early>\S+?))?\s*)?"
    r"(?:<\|channel\|>|\A)\s*(?P<channel>analysis|commentary|final)\b"
    r"(?P<rest>[^\n]{0,200}?)<\|message\|>",
    re.IGNORECASE,
)
_END = re.compile(r"<\|(?:end|return|call|start|channel|endoftext)\|>")
_RECIPIENT = re.compile(r"\bto=([^\s<]+)")
_PLAIN_START = re.compile(r"\A\s*analysis(?=[A-Z\"'“(<\d*]|[^\x00-\x7f])")
_PLAIN = re.compile(r"assistant(?P<channel>analysis|commentary|final)(?P<rest>)")
_FUNCTIONS = "functions."


def split(text: str) -> Split | None:
    """The last final message and the reasoning; None when there are no channels."""
    if "<|message|>" in text:
        first = _HEAD.search(text)
        if first is not None and not Code(text).holds(0, *first.span()):
            return _messages(text)
        return None
    if text.lstrip().startswith("analysis") and (start := _PLAIN_START.match(text)):
        return _plain(text, start.end())
    return None


def first_mark(text: str) -> str | None:
    """The first channel that is not only mentioned."""
    match = _HEAD.search(text) if "<|message|>" in text else None
    return None if match is None or Code(text).holds(0, *match.span()) else match[0].strip()


def _messages(text: str) -> Split:
    heads = list(_HEAD.finditer(text))
    thoughts = [text[: heads[0].start()]]
    calls: list[ToolCall] = []
    answer: str | None = None
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        stop = len(text) if following is None else following.start()
        end = _END.search(text, head.end(), stop)
        content = text[head.end() : end.start() if end else stop]
        to = _RECIPIENT.search(head["rest"])
        recipient = to[1] if to else head["early"]
        if recipient and recipient.startswith(_FUNCTIONS):
            calls.append(ToolCall(name=recipient[len(_FUNCTIONS) :], arguments=content.strip()))
        elif head["channel"].lower() == "final":
            thoughts += [answer] if answer is not None else []
            answer = content
        else:
            thoughts.append(content)
    return Split(
        reasoning="\n".join(stripped for one in thoughts if (stripped := one.strip())),
        answer=answer or "",
        ended=answer is not None or bool(calls),
        calls=tuple(calls),
    )


def _plain(text: str, begin: int) -> Split:
    """The last name of a channel counts, as reasoning may hold such words too."""
    final = None
    for match in _PLAIN.finditer(text, begin):
        final = match
    if final is None or final["channel"] != "final":
        return Split(reasoning=text[begin:].strip(), ended=False)
    return Split(reasoning=text[begin : final.start()].strip(), answer=text[final.end() :])
