"""Whether a question asks for the option that is wrong. Pure."""

from __future__ import annotations

import re

_FALSE = (
    r"(?:not|except|incorrect|false|wrong|untrue|least|inaccurate|isn't|aren't|exception|never)"
)
_WRONG = re.compile(
    r"\b(?:which|what|who|whom|where|when|select|choose|identify|find|pick|mark|all|each|every|one|"
    rf"following)\b[^.?!\n]{{0,200}}\b{_FALSE}\b|\bexcept\b[\s:.]*$"
    r"|(?:错误|不正确|不对|有误|不属于|不符合|不恰当|不包括|不可能|不当)(?:的|是|有)|除外|选非"
    r"|不[^,，。?？]{0,24}的(?:一项)?[是为有]"
)


def wants_the_wrong_one(question: str) -> bool:
    """Whether a question asks for what is false, or the exception."""
    return _WRONG.search(question.lower()) is not None
