"""InfiniteBench's rows, with what their prompts name and the answers in one form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError, JsonValue
from aisbench.data import Row, read_table

_HINT = "get the file again: huggingface.co/datasets/xinrongzhang2022/InfiniteBench"
_CALL = re.compile(r"func_[0-9]+\(-?[0-9]+\)")
_WANTED = re.compile(r"The .+ of")
_LETTERS = "ABCD"


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, JsonValue]]:
    """``context``, ``input`` (also as ``question``) and ``answer`` as a list; of options those as
    ``OPTION_A`` to ``OPTION_D``, and of the answer text and letter; of ``code_run`` ``func`` and
    ``func_call``; of ``math_find`` ``prefix``. Rows over one book share it. Raises DataError."""
    books: dict[str, str] = {}
    for number, row in enumerate(read_table(file, hint=_HINT)):
        cells = row.cells
        context, question = (_text(row, *names) for names in (("context", "content"), ("input",)))
        made: dict[str, JsonValue] = {
            "id": str(cells.get("id", number)),
            "context": books.setdefault(context, context),
            "input": question,
            "question": question,
            "answer": _answers(row),
        }
        if part in ("code_debug", "longbook_choice_eng"):
            made |= _options(row)
        elif part == "code_run":
            call = _found(row, _CALL, question)
            made |= {"func_call": call, "func": call.partition("(")[0]}
        elif part == "math_find":
            wanted = _found(row, _WANTED, question).lower()[:-3]
            made["prefix"] = f"What is {wanted} in the following list?"
        yield made


def _text(row: Row, *names: str) -> str:
    found = next((row.cells[name] for name in names if name in row.cells), None)
    if not isinstance(found, str):
        raise DataError(f"{row.place}: {names[0]} is no text", hint=_HINT)
    return found


def _answers(row: Row) -> list[Any]:
    found = row.cells.get("answer")
    answers = found if isinstance(found, list) else [found]
    if not answers or any(one is None or one == "" for one in answers):
        raise DataError(f"{row.place}: there is no answer", hint=_HINT)
    return answers


def _options(row: Row) -> dict[str, JsonValue]:
    """The options, and the answer's text and letter, of which the file has one or both."""
    options = row.cells.get("options")
    if not isinstance(options, list) or len(options) != len(_LETTERS):
        raise DataError(f"{row.place}: options is no list of {len(_LETTERS)}", hint=_HINT)
    answer = [str(one) for one in _answers(row)]
    if len(answer) == 1 and answer[0] in options:
        answer.append(_LETTERS[options.index(answer[0])])
    if len(answer) != 2 or answer[1] not in _LETTERS:
        raise DataError(f"{row.place}: the answer {answer!r:.80} is no option", hint=_HINT)
    named = {f"OPTION_{letter}": one for letter, one in zip(_LETTERS, options, strict=True)}
    return {**named, "answer": list(answer)}


def _found(row: Row, pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise DataError(f"{row.place}: input {text!r:.80} is not as published", hint=_HINT)
    return match[0]
