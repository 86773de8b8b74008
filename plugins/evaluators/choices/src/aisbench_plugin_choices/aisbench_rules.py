"""AISBench 3.1's rules for letters, kept so that old and new figures can be compared. Pure.

Behaviour after its ``utils/postprocess/text_postprocessors.py`` (``last_option_postprocess``,
``first_capital_postprocess``): the last letter among the options' anywhere, also as the article
of a sentence; the first capital letter of any kind. Its list of some fifty phrases
(``first_option_postprocess``) is not kept: ``strict`` reads the same statements.
"""

from __future__ import annotations

import re


def last_letter(text: str, count: int) -> str | None:
    """The last of the options' letters anywhere in the text."""
    letters = re.findall(f"[A-{chr(ord('A') + count - 1)}]", text)
    return letters[-1] if letters else None


def first_capital(text: str) -> str | None:
    """The first capital letter, be it an option's or not."""
    match = re.search("[A-Z]", text)
    return match.group(0) if match else None
