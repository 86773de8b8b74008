"""In which language a person is spoken to."""

from __future__ import annotations

import os
from typing import Literal

from aisbench.base.errors import AisbenchError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
VARIABLE = "AISBENCH_LANG"


class LanguageError(AisbenchError):
    """AISBENCH_LANG names a language that there is not."""


def language() -> Language:
    """That of AISBENCH_LANG: English where it is not set.

    ``zh``, ``zh-CN`` and ``zh_CN.UTF-8`` are one language here. Raises LanguageError.
    """
    wanted = os.environ.get(VARIABLE, "").strip()
    found = _known(wanted)
    if found is None:
        raise LanguageError(
            f"{VARIABLE}={wanted}: there is no such language",
            hint=f"one of {', '.join(LANGUAGES)}; without it, en",
        )
    return found


def _known(wanted: str) -> Language | None:
    word = wanted.lower().replace("_", "-").partition(".")[0].partition("-")[0]
    if not wanted or wanted in ("C", "POSIX"):
        return "en"
    return next((one for one in LANGUAGES if one == word), None)
