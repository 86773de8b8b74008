"""The program in an answer. Pure: nothing of it is parsed or run here."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n`]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.S | re.M)
_CODE = re.compile(r"^(?:def|class|import|from|@|async def)\b|^@", re.MULTILINE)


def find_program(answer: str, prompt: str, entry_point: str) -> str | None:
    """The whole program that an answer means, without tests; None when there is no code.

    Of fenced blocks the last that defines ``entry_point`` counts, else the last of all. An
    answer that defines the function follows the prompt's imports and helpers; another continues
    the prompt where it ends.
    """
    blocks = [str(block) for _, block in _FENCE.findall(answer)]
    defining = [block for block in blocks if _defines(block, entry_point)]
    fenced = defining[-1] if defining else (blocks[-1] if blocks else None)
    code = answer if fenced is None else fenced
    if not code.strip():
        return None
    if _defines(code, entry_point):
        if fenced is None and (first := _CODE.search(code)):
            code = code[first.start() :]  # words before an unfenced program
        return f"{_preamble(prompt, entry_point)}\n{code}"
    if not code.startswith((" ", "\t", "\n")) and not prompt.endswith((" ", "\t")):
        body = code.split("\n")
        code = "\n".join(f"    {line}" if line.strip() else line for line in body)
    return f"{prompt}{code}" if prompt.endswith("\n") else f"{prompt}\n{code}"


def _defines(code: str, entry_point: str) -> bool:
    pattern = rf"^(?:async\s+)?(?:def|class)\s+{re.escape(entry_point)}\b"
    return re.search(pattern, code, re.MULTILINE) is not None


def _preamble(prompt: str, entry_point: str) -> str:
    """What a prompt says before the function that is asked for: imports, helpers."""
    match = re.search(rf"^(?:async\s+)?def\s+{re.escape(entry_point)}\b", prompt, re.MULTILINE)
    return "" if match is None else prompt[: match.start()]
