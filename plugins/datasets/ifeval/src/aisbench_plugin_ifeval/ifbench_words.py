"""IFBench's instructions about words and letters, after V. Pyatkin et al. 2025 (arXiv:2507.02833)
and the behaviour of the authors' checkers (github.com/allenai/IFBench, 357d098)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from aisbench_plugin_ifeval.language import (
    count_words,
    starts_with_verb,
    syllables,
    word_tokens,
)

Arguments = Mapping[str, Any]
Check = Callable[[str, Arguments], bool]

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_EDGES = string.punctuation + " "
_VOWELS = frozenset("aeiou")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxyz]{2}")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_PRIMES = frozenset(one for one in range(2, 100) if all(one % other for other in range(2, one)))
_CONJUNCTIONS = frozenset(["and", "but", "for", "nor", "or", "so", "yet"])
_NAMES = """
    Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander
    Amelia Benjamin Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella
    Jacob Scarlett Nathan Victoria Elijah Layla Nicholas Audrey David Hannah Christopher Penelope
    Thomas Nora Andrew Aria Joseph Claire Ryan Stella Jonathan
"""
"""The names that the instruction lists."""
_PRONOUNS = """
    i me we us you he him she her it they them my mine our ours your yours his hers its their
    theirs myself ourselves yourself yourselves himself herself itself themselves this that these
    those
    who whom whose which what whoever whomever whatever whichever anybody anyone anything everybody
    everyone everything nobody nothing somebody someone something each either neither both all some
    any none
"""
_STOP_WORDS = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she
    her hers herself it its itself they them their theirs themselves what which who whom this that
    these those am is are was were be been being have has had having do does did doing a an the and
    but if or because as until while of at by for with about against between into through during
    before after above below to from up down in out on off over under again further then once here
    there when where why how all any both each few more most other some such no nor not only own
    same so than too very s t can will just don should now d ll m o re ve y ain aren couldn didn
    doesn hadn hasn haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn
"""
"""Those of NLTK's English list that can be a run of letters, as words are counted here."""


@lru_cache(maxsize=4)
def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


def bare(text: str) -> str:
    """Without ASCII punctuation."""
    return text.translate(_PUNCTUATION)


def _word_range(text: str, given: Arguments) -> bool:
    return bool(given["min_words"] <= count_words(text) <= given["max_words"])


def _unique_words(text: str, given: Arguments) -> bool:
    return bool(len({word.strip(_EDGES) for word in text.lower().split()}) >= given["N"])


def _stop_words(text: str, given: Arguments) -> bool:
    words, stop_words = re.findall(r"\w+", text.lower()), _split(_STOP_WORDS)
    found = sum(word in stop_words for word in words)
    return bool(words) and 100 * found / len(words) <= given["percentage"]


def _conjunctions(text: str, given: Arguments) -> bool:
    # As there, "and" and "And," are two.
    found = {word for word in text.split() if word.strip(_EDGES).lower() in _CONJUNCTIONS}
    return bool(len(found) >= given["small_n"])


def _person_names(text: str, given: Arguments) -> bool:
    found = [name for name in _NAMES.split() if re.search(rf"\b{name}\b", text)]
    return bool(len(found) >= given["N"])


def _overlap(text: str, given: Arguments) -> bool:
    """Of runs of three characters, as the authors' checker compares them."""
    ours, theirs = ({one[at : at + 3] for at in range(len(one) - 2)}
                    for one in (text, given["reference_text"]))  # fmt: skip
    if not ours:
        return False
    return bool(abs(100 * len(ours & theirs) / len(ours) - given["percentage"]) <= 2)


def _numbers(text: str, given: Arguments) -> bool:
    return bool(len(re.findall(r"\d+", bare(text))) == given["N"])


def _alphabet(text: str, given: Arguments) -> bool:
    letters = [word[0].lower() for word in bare(text).split()]
    if not letters or letters[0] not in string.ascii_lowercase:
        return False
    start = string.ascii_lowercase.index(letters[0])
    wanted = (string.ascii_lowercase[(start + at) % 26] for at in range(len(letters)))
    return all(one == other for one, other in zip(letters, wanted, strict=True))


def _vowels(text: str, given: Arguments) -> bool:
    text = text.strip()
    return "\n" not in text and len(_VOWELS & set(text.lower())) <= 3


def _consonants(text: str, given: Arguments) -> bool:
    return all(_CONSONANTS.search(word) for word in text.lower().split())


def _palindromes(text: str, given: Arguments) -> bool:
    words = bare(text).lower().split()
    return sum(len(word) >= 5 and word == word[::-1] for word in words) >= 10


def _punctuation(text: str, given: Arguments) -> bool:
    if not any(mark in text for mark in ("!?", "?!", "‽")):
        return False
    rest = text.replace("?!", "", 1) if "?!" in text else text.replace("!?", "", 1)
    return set(".,!?;:") <= set(rest)


def _parentheses(text: str, given: Arguments) -> bool:
    """Five levels or more, of which one is closed by its own kind."""
    levels: list[str] = []
    deepest = 0
    for char in text:
        if char in "([{":
            levels.append(char)
            deepest = max(deepest, len(levels))
        elif char in _CLOSING:
            if levels and levels[-1] == _CLOSING[char]:
                levels.pop()
                if deepest >= 5:
                    return True
            else:
                levels, deepest = [], 0
    return False


def _quotes(text: str, given: Arguments) -> bool:
    """Three levels, as the authors' checker counts them: apostrophes are quotes to it."""
    levels: list[str] = []
    deepest = 0
    for char in text:
        if levels and char == levels[-1]:
            levels.pop()
            if deepest - len(levels) >= 3:
                return True
        elif char in "\"'":
            levels.append(char)
            deepest = max(deepest, len(levels))
    return False


def _primes(text: str, given: Arguments) -> bool:
    return all(len(word) in _PRIMES for word in bare(text).split())


def _japanese(text: str, given: Arguments) -> bool:
    step = int(given["N"])
    every = text.split()[step - 1 :: step]
    words = [word.strip(_EDGES) for word in every]
    return all(_JAPANESE.search(word) for word in words if word and not word.isdigit())


def _start_verb(text: str, given: Arguments) -> bool:
    return starts_with_verb(text)


def _repeats(text: str, given: Arguments) -> bool:
    counts = Counter(bare(text.lower()).split())
    return bool(max(counts.values(), default=0) <= given["small_n"])


def _pronouns(text: str, given: Arguments) -> bool:
    pronouns = _split(_PRONOUNS)
    found = sum(word in pronouns for word in word_tokens(text.replace("/", " ").lower()))
    return bool(found >= given["N"])


def _differ(values: Iterable[object]) -> bool:
    return all(one != other for one, other in pairwise(values))


def _syllables(text: str, given: Arguments) -> bool:
    return _differ(syllables(word) % 2 for word in bare(text).lower().split())


def _no_consecutive(text: str, given: Arguments) -> bool:
    return _differ(word[0] for word in bare(text.lower()).split())


def _paragraph_ends(text: str, given: Arguments) -> bool:
    lines = (line.strip().lower().strip(_EDGES).split() for line in text.split("\n"))
    return all(words[0] == words[-1] for words in lines if words)


def _keywords_multiple(text: str, given: Arguments) -> bool:
    text = text.lower()
    wanted = {1: 1, 2: 2, 3: 3, 4: 5, 5: 7}
    return all(
        text.count(given[f"keyword{number}"].strip().lower()) == times
        for number, times in wanted.items()
    )


def _words_position(text: str, given: Arguments) -> bool:
    words = [word.lower() for word in word_tokens(text)]
    last = 3 if words and words[-1] in string.punctuation else 2
    return len(words) >= last and words[1] == words[-last] == given["keyword"].strip().lower()


WORDS: Mapping[str, Check] = {
    "count:word_count_range": _word_range,
    "count:unique_word_count": _unique_words,
    "ratio:stop_words": _stop_words,
    "count:conjunctions": _conjunctions,
    "count:person_names": _person_names,
    "ratio:overlap": _overlap,
    "count:numbers": _numbers,
    "words:alphabet": _alphabet,
    "words:vowel": _vowels,
    "words:consonants": _consonants,
    "words:palindrome": _palindromes,
    "count:punctuation": _punctuation,
    "format:parentheses": _parentheses,
    "format:quotes": _quotes,
    "words:prime_lengths": _primes,
    "count:words_japanese": _japanese,
    "words:start_verb": _start_verb,
    "words:repeats": _repeats,
    "count:pronouns": _pronouns,
    "words:odd_even_syllables": _syllables,
    "words:no_consecutive": _no_consecutive,
    "words:paragraph_last_first": _paragraph_ends,
    "count:keywords_multiple": _keywords_multiple,
    "words:words_position": _words_position,
}
