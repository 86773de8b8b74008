"""How answers to questions about pictures are made comparable: the normalisation of VQA's official
code (A. Agrawal et al. 2015, arXiv:1505.00468; github.com/GT-Vision-Lab/VQA), and what those who
ported it do otherwise. Pure.
"""

from __future__ import annotations

import re
from typing import Literal

Dialect = Literal["mmf", "vlmevalkit", "official"]

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"none": "0"}
_ARTICLES = frozenset(("a", "an", "the"))
_MARKS = ';/[]"{}()=+\\_-><@`,?!'

# Contractions as they should be written. Each is also known with one of its apostrophes missing;
# "she's" and "let's" are not, and "somebody'd" loses its own, as the official table has it.
_CONTRACTIONS = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't
    haven't he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't
    mightn't've might've mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've
    should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've
    someone'll someone's something'd something'd've something'll that's there'd there'd've
    there're there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't
    what'll what're what's what've when's where'd where's where've who'd who'd've who'll who's
    who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd
    you'd've you'll you're you've
"""


def _misspelt() -> dict[str, str]:
    found = {"somebody'd": "somebodyd"}
    for right in _CONTRACTIONS.split():
        for at in (place for place, letter in enumerate(right) if letter == "'"):
            found[right[:at] + right[at + 1 :]] = right
    return found


_MISSPELT = _misspelt()
# "(?!<=\d)" is what the official code has where "(?<!\d)" was meant: it never forbids anything, so
# that "3." loses its full stop. VLMEvalKit has it as it was meant.
_STOPS = {
    "mmf": re.compile(r"\.(?!\d)"),
    "official": re.compile(r"\.(?!\d)"),
    "vlmevalkit": re.compile(r"(?<!\d)\.(?!\d)"),
}
_MOST_STOPS = 32  # re.UNICODE, handed over as the count of substitutions in all three
_THOUSANDS = re.compile(r"\d,\d")


def normalised(text: str, dialect: Dialect) -> str:
    """An answer in the form in which it is compared.

    All three put marks away (``-`` and ``/`` between letters become blanks, ``,`` in a number
    goes), then articles, and write numbers up to ten in digits and contractions with their
    apostrophes. "mmf" (TextVQA's authors, and lmms-eval's copy of it) removes ``,`` and ``?``
    before all else and sets ``'s`` apart.
    """
    if dialect == "mmf":
        text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    text = text.replace("\n", " ").replace("\t", " ").strip()
    return in_words(without_marks(text, dialect))


def without_marks(text: str, dialect: Dialect) -> str:
    """Without punctuation; full stops stay inside numbers."""
    found = text
    for mark in _MARKS:
        apart = f"{mark} " in text or f" {mark}" in text
        found = found.replace(mark, "" if apart or _THOUSANDS.search(text) else " ")
    return _STOPS[dialect].sub("", found, count=_MOST_STOPS)


def in_words(text: str) -> str:
    """Lower case, single blanks, no articles, digits for numbers, right contractions."""
    words = (_NUMBERS.get(word, word) for word in text.lower().split())
    return " ".join(_MISSPELT.get(word, word) for word in words if word not in _ARTICLES)
