"""IFBench's twelve instructions that are a task of their own (see :mod:`.ifbench_words`)."""

from __future__ import annotations

import csv
import io
import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

from aisbench_plugin_ifeval.ifbench_words import Arguments, Check, bare
from aisbench_plugin_ifeval.language import sentence_list

_CAPITALS = """
    Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin
    Amsterdam Warsaw London Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz
    Chisinau Bern Ljubljana Zagreb
"""
"""Europe's capitals north of 45 degrees, from the north."""
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w")
_QUESTION = re.compile(r"Question \d+[.|):;]?")
_DAYS = dict.fromkeys((0, 1, 3, 5, 7, 8, 10, 12), 31) | {4: 30, 6: 30, 9: 30, 11: 30, 2: 29}


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _multiples(text: str, given: Arguments) -> bool:
    return re.findall(r"\d+", text) == ["14", "21", "28", "35", "42", "49"]


def _questions(text: str, given: Arguments) -> bool:
    """Four, each longer than the one before, each with five options."""
    if not text.startswith("Question"):
        return False
    parts = [part.strip() for part in _QUESTION.split(text) if part.strip()]
    lengths = []
    for part in parts:
        lines = [line.strip() for line in part.split("\n")]
        options = [bool(_OPTION.match(line)) for line in lines]
        if sum(options) != 5:
            return False
        lengths.append(len(" ".join(lines[: options.index(True)]).strip()))
    return len(parts) == 4 and all(one < other for one, other in pairwise(lengths))


def _reverse_newline(text: str, given: Arguments) -> bool:
    """52 lines or more from the first with Zimbabwe on, none after a lesser one."""
    edges = string.punctuation + " "
    lines = [line.strip(edges) for line in text.split("\n")]
    lines = [line for line in lines if line]
    start = next((at for at, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    listed = [_ascii(line) for line in lines[start:]]
    return len(listed) >= 52 and all(one >= other for one, other in pairwise(listed))


def _word_reverse(text: str, given: Arguments) -> bool:
    words = " ".join(reversed(bare(text.lower().strip()).split()))
    return "bald eagle" in words and words in sentence_list(words)


def _character_reverse(text: str, given: Arguments) -> bool:
    return "elgae dlab" in text.lower()


def _sentence_alphabet(text: str, given: Arguments) -> bool:
    letters = [sentence.lstrip()[:1].lower() for sentence in sentence_list(text)]
    return letters == list(string.ascii_lowercase)


def _capitals(text: str, given: Arguments) -> bool:
    listed = [one.strip() for one in _ascii(text).split(",") if one.strip()]
    return listed == _CAPITALS.split()


def _table(text: str, delimiter: str = ",") -> Sequence[Sequence[str]]:
    """The rows of a CSV text; none where it cannot be read as one."""
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return ()


def _headed(text: str, names: Sequence[str], gap: str) -> bool:
    """Whether the first line names the columns, in quotes or not."""
    pattern = gap.join(f'(?:{name}|"{name}")' for name in names)
    return re.fullmatch(pattern, text.split("\n", 1)[0].strip()) is not None


def _csv_city(text: str, given: Arguments) -> bool:
    rows = _table(text)
    header = ["ID", "Country", "City", "Year", "Count"]
    return len(rows) == 8 and rows[0] == header and all(len(row) == 5 for row in rows)


def _special(field: str) -> bool:
    """In quotes, with a character that is no letter, digit or blank."""
    line = field.split("\n", 1)[0]
    end = line.rfind('"')
    return line.startswith('"') and any(
        not (char.isalnum() or char.isspace() or char == "_") for char in line[1:end]
    )


def _csv_special(text: str, given: Arguments) -> bool:
    names = ["ProductID", "Category", "Brand", "Price", "Stock"]
    if not _headed(text, names, r",[ \t]*"):
        return False
    # Doubled quotes stay in the fields, so that they can be looked at.
    rows = _table(text.replace('"', '"""'))
    if len(rows) != 15:
        return False
    for row in rows[1:]:
        if len(row) != 5:
            return False
        if any(map(_special, row)):
            return True
    return False


def _csv_quotes(text: str, given: Arguments) -> bool:
    names = ["StudentID", "Subject", "Grade", "Semester", "Score"]
    if not _headed(text, names, r"\t *"):
        return False
    rows = _table(text.replace('"', '"""'), "\t")
    fields = [field.strip() for row in rows for field in row]
    return (
        len(rows) == 4
        and all(len(row) == 5 for row in rows)
        and all(field[:1] == '"' and field[-1:] == '"' for field in fields)
    )


def _dates(text: str, given: Arguments) -> bool:
    """Days of Napoleon's life as YYYY-MM-DD."""
    for date in text.strip().split(","):
        match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date.strip())
        if match is None:
            return False
        year, month, day = map(int, match.groups())
        if not 1769 <= year <= 1821 or day > _DAYS.get(month, 0):
            return False
    return True


TASKS: Mapping[str, Check] = {
    "custom:multiples": _multiples,
    "custom:mcq_count_length": _questions,
    "custom:reverse_newline": _reverse_newline,
    "custom:word_reverse": _word_reverse,
    "custom:character_reverse": _character_reverse,
    "custom:sentence_alphabet": _sentence_alphabet,
    "custom:european_capitals_sort": _capitals,
    "custom:csv_city": _csv_city,
    "custom:csv_special_character": _csv_special,
    "custom:csv_quotes": _csv_quotes,
    "custom:date_format_list": _dates,
}
