"""Words, sentences and languages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

# What ends in a full stop in English without ending a sentence. The authors use NLTK's trained
# Punkt model, which is a download of its own; the same algorithm with these alone agrees with it
# on the responses that they published (tests/test_real_data.py).
_ABBREVIATIONS = """
    dr mr mrs ms prof st jr sr vs etc e.g i.e inc ltd co corp u.s u.k a.m p.m no fig vol dept gen
    rep sen gov jan feb mar apr jun jul aug sep sept oct nov dec
"""

# Words that are usual in lower case: with a capital they begin a sentence, also after an initial.
_COMMON = """
    a after all also an and are as at be because before but by can did do each even every first for
    from get had has have he her here his how however if in is it its just last let like make many
    may more most my next no not now of on once one or other our out please second she so some such
    take thank that the their then there these they this those to today under until up use was we
    what when where which while who why will with would yes you your
"""
_LOWER_AND_BEGINNING = (1 << 5) | (1 << 1)
"""Punkt's flags for a word seen in lower case inside, and with a capital at the beginning."""


_PIECE = 20_000
"""Characters of a text that NLTK gets at once: five times the longest response of the authors."""
_DETECTED = 100_000
"""Characters of a text that langdetect gets; it looks at ten thousand, addresses left out."""


@lru_cache(maxsize=1)
def _splitter() -> Any:
    from nltk.tokenize.punkt import (
        PunktParameters,
        PunktSentenceTokenizer,
    )

    parameters = PunktParameters()
    parameters.abbrev_types = set(_ABBREVIATIONS.split())
    for word in _COMMON.split():
        parameters.ortho_context[word] = _LOWER_AND_BEGINNING
    return PunktSentenceTokenizer(parameters)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    return NLTKWordTokenizer()


def _sentences(text: str) -> Iterator[str]:
    """By the Punkt algorithm (Kiss and Strunk 2006)."""
    return (one for piece in _pieces(text) for one in _splitter().tokenize(piece))


def _pieces(text: str) -> Iterator[str]:
    """A text of usual length as it is; a longer one in pieces, cut at blanks. NLTK's time grows
    with the square of a text's sentences, and it raises TimeoutError after five seconds."""
    start = 0
    while len(text) - start > _PIECE:
        blank = max(text.rfind(one, start, start + _PIECE) for one in " \n")
        end = blank + 1 if blank > start else start + _PIECE
        yield text[start:end]
        start = end
    yield text[start:]


def sentences(text: str, most: int) -> int:
    """How many sentences, counted up to ``most``; a text of more than twenty thousand characters
    counts piece by piece."""
    return sum(1 for _ in islice(_sentences(text), most))


def sentence_list(text: str) -> list[str]:
    """All sentences; a text of more than twenty thousand characters is cut piece by piece."""
    return list(_sentences(text))


def word_tokens(text: str) -> list[str]:
    """Tokens of the Penn Treebank's kind, sentence by sentence."""
    return [token for one in _sentences(text) for token in _tokenizer().tokenize(one)]


def starts_with_verb(text: str) -> bool:
    """Whether the first token is tagged as a verb, in any form. The authors ask NLTK's tagger,
    whose trained weights are a download of their own; TextBlob brings its lexicon along."""
    from textblob.en import tag

    sentence = next(_sentences(text), "")
    with warnings.catch_warnings():
        # It leaves the file of its lexicon to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        tags = tag(sentence[:_PIECE])
    return bool(tags) and "VB" in tags[0][1]


def syllables(word: str) -> int:
    """As syllapy counts them, by a list of words, else by rules."""
    import syllapy

    return int(syllapy.count(word))


def is_emoji(char: str) -> bool:
    """Of Unicode's emoji."""
    import emoji

    return bool(emoji.is_emoji(char))


def count_words(text: str) -> int:
    r"""Runs of ``\w``."""
    return len(re.findall(r"\w+", text))


def capital_words(text: str, most: int) -> int:
    """How many tokens (of the Penn Treebank's kind) in capitals alone, counted up to ``most``."""
    found = (
        token
        for sentence in _sentences(text)
        if sentence != sentence.lower()  # a tokenizer for every other sentence is time for nothing
        for token in _tokenizer().tokenize(sentence)
        if token.isupper()
    )
    return sum(1 for _ in islice(found, most))


def is_language(text: str, code: str) -> bool:
    """Whether langdetect takes ``text`` for the language; true where it cannot tell, as the
    authors count it. Its random draws begin anew for each text, so that the answer is the same
    every time."""
    from langdetect import (
        DetectorFactory,
        LangDetectException,
        detect,
    )

    DetectorFactory.seed = 0
    try:
        return bool(detect(text[:_DETECTED]) == code)
    except LangDetectException:
        return True
