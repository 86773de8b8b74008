"""MGSM's worked examples, as the authors publish them: a dictionary in a Python file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError

_NAME = "MGSM_EXEMPLARS"
_HINT = "exemplars.py is in the folder mgsm of github.com/google-research/url-nlp"


def examples(file: Path, split: str, part: str) -> Iterator[Mapping[str, str]]:
    """The examples of all languages in ``exemplars.py``, which is read and never run:
    ``question`` begins with the language's word for it, ``worked`` is the answer without such a
    word, ``answer`` its last number. Raises DataError for a file that is not as published."""
    try:
        for language, known in _exemplars(file).items():
            for number, one in known.items():
                # "Step-by-Step Answer: ..." in the language's own words and signs.
                worked = re.split("[:：]", one["a"], maxsplit=1)[1].strip()
                row = {"question": one["q"], "worked": worked, "answer": _last(worked)}
                yield {"language": language, "number": number, **row}
    except (KeyError, IndexError, TypeError, SyntaxError, ValueError, AttributeError) as error:
        raise DataError(f"{file}: not MGSM's examples ({error!r})", hint=_HINT) from error


def _last(text: str) -> str:
    found: list[str] = re.findall(r"\d+", text)
    return found[-1]


def _exemplars(file: Path) -> Any:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == _NAME:
            return ast.literal_eval(node.value)
    raise DataError(f"{file}: there is no {_NAME}", hint=_HINT)
