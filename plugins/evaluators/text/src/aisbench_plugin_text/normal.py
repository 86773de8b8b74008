"""Making texts comparable. Pure."""

from __future__ import annotations

import re
import string
import unicodedata

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_SEPARATORS = str.maketrans(dict.fromkeys(string.punctuation + "\u2018\u2019\u00b4", " "))
_SCRIPTS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WIDE = re.compile(f"[{_SCRIPTS}]")
_WIDE_PUNCTUATION = re.compile(r"[\u3000-\u303f\uff00-\uffef‘’“”…—·]")
_TOKENS = re.compile(rf"[{_SCRIPTS}]|[^\s{_SCRIPTS}]+")


_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# ASCII punctuation, but for a sign before a number and a point inside one.
_MARKS = re.compile(
    rf"(?!(?<!\w)-\.?\d)(?!(?<=\d)\.\d)(?!(?<!\w)\.\d)[{re.escape(string.punctuation)}]"
)


def squad(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single blanks: ``normalize_answer`` of the
    SQuAD 1.1 evaluation (P. Rajpurkar et al. 2016, arXiv:1606.05250)."""
    text = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", text).split())


def triviaqa(text: str) -> str:
    """Lower case, single blanks, no articles; ASCII punctuation and quotes separate words:
    ``normalize_answer`` of TriviaQA's evaluation (M. Joshi et al. 2017, arXiv:1705.03551)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_SEPARATORS)).split())


def words(text: str) -> str:
    """For counting shared words: :func:`squad` after Unicode's compatibility forms (full-width
    letters are letters), without the punctuation of Chinese and Japanese; signs and points of
    numbers stay, for -5 is not 5, and 1.5 not 15."""
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    text = _WIDE_PUNCTUATION.sub("", text)
    text = _THOUSANDS.sub("", text.lower())
    text = _MARKS.sub("", text)
    return " ".join(_ARTICLES.sub(" ", text).split())


def tokens(text: str) -> list[str]:
    """Words between blanks; characters of scripts that are written without blanks."""
    return _TOKENS.findall(text) if _WIDE.search(text) else text.split()
