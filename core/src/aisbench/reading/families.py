"""How models mark their reasoning.

Forms after the reasoning parsers of `vLLM <https://docs.vllm.ai/en/latest/features/
reasoning_outputs.html>`_ and the chat templates of the models that are named here.
"""

from __future__ import annotations

import re

from attrs import frozen

_TAG = (
    r"(?:[a-z0-9]+[_.:|-])*"
    r"(?:(?:ant)?think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|scratchpad)"
    r"(?:[_.:|-][a-z0-9]+)*"
)
"""Names of XML-like tags: think, thinking, thought, reasoning, reflection, seed:think, mm:think,
longcat_think, ifm|think_fast, inner_thoughts."""
_ATTRIBUTES = r"(?:\s+[\w:-]+=[^<>\n]{0,200})?"

_WORD = r"(?:think[a-z]*|thought|reason[a-z]*)"
_NO_TYPE = r"(?:(?<![a-z0-9_])|(?!<(?-i:[A-Z][a-z])))"
"""``List<Thought>`` is a type in a program."""


@frozen
class Family:
    """One pair of marks, as regular expressions that ignore case.

    ``close`` may hold ``{tag}``, which stands for what the group ``tag`` of ``open`` matched.
    ``closing`` is the mark that ends reasoning whose opening mark stood in the prompt; empty
    where that mark is an ordinary part of other texts.
    """

    open: str
    close: str
    closing: str


def _pair(open_: str, close: str) -> Family:
    return Family(open_, close, close)


KNOWN_FAMILIES: tuple[Family, ...] = (
    # DeepSeek, Qwen, GLM, MiniMax, Seed-OSS, EXAONE Deep, Reflection, LongCat, K2 and all others
    # whose marks are XML-like tags.
    Family(
        rf"{_NO_TYPE}<(?P<tag>{_TAG}){_ATTRIBUTES}\s*>", r"</\s*{tag}\s*>", rf"</\s*{_TAG}\s*>"
    ),
    # Magistral.
    _pair(r"\[THINK(?:ING)?\]", r"\[/THINK(?:ING)?\]"),
    # Cohere Command A Reasoning; OpenThinker and Sky-T1.
    _pair(
        rf"<\|(?:start|begin)(?:_of)?_{_WORD}\|>",
        rf"<\|end(?:_of)?_{_WORD}\|>(?:\s*<\|(?:START_RESPONSE|begin_of_solution)\|>)?",
    ),
    _pair(rf"<\|{_WORD}_start\|>", rf"<\|{_WORD}_end\|>"),
    # Solar Open, whose reasoning ends as any of its messages does; with a slash elsewhere.
    Family(
        rf"<\|{_WORD}\|>",
        rf"<\|end\|>(?:\s*<\|begin\|>\s*assistant\s*<\|content\|>)?|<\|/{_WORD}\|>",
        rf"<\|/{_WORD}\|>",
    ),
    # Gemma 4: a channel that is called "thought".
    _pair(r"<\|channel>\s*(?:thought|thinking|analysis)?", r"<channel\|>"),
    # Kimi K3.
    _pair(
        r"<\|open\|>\s*think\s*<\|sep\|>",
        r"<\|close\|>\s*think\s*<\|sep\|>(?:\s*<\|open\|>\s*response\s*<\|sep\|>)?",
    ),
    # Inkling: what is no longer thinking is text.
    _pair(r"<\|content_thinking\|>", r"<\|content_text\|>"),
    # Apertus.
    _pair(r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),
    # MedGemma.
    _pair(r"<unused94>\s*(?:thought)?", r"<unused95>"),
    # Kimi-VL Thinking.
    _pair("◁\\s*think\\s*▷", "◁\\s*/\\s*think\\s*▷"),
    # Open WebUI, for display.
    Family(r"<details\s+type=.reasoning.[^<>\n]{0,200}>", r"</details\s*>", ""),
    # Granite 3.2: in words, and at the beginning only.
    Family(r"\A\s*Here(?:'s| is) my thought process:", r"Here(?:'s| is) my response:", ""),
)


def own_family(start: str, end: str) -> Family:
    """The suite's own pair, to the letter."""
    close = f"(?-i:{re.escape(end)})" if end else "(?!)"
    return Family(f"(?-i:{re.escape(start)})" if start else "(?!)", close, close)
