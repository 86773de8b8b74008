"""Meaningless text and token ids of an exact length: the prompts of performance workloads.

Text that is decoded from random ids does not keep its length: encoded again, it has fewer or more
tokens. Here text is made of words that are one token each, in any order. Where a tokenizer does
not allow that, the text is encoded and corrected until the count is right.
"""

from __future__ import annotations

import hashlib
import re
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import overload

from aisbench.base.errors import AisbenchError
from aisbench.tokens.tokenizer import TextTokenizer
from aisbench.types.sample import Sample

Part = tuple[str, int]
"""A key, and how many tokens (or words) of its text are wanted."""

_WORD = re.compile(r"[a-z]{2,10}")
# A token with a letter and the space after it: words cannot be counted one by one.
_ACROSS_WORDS = re.compile(r"[A-Za-z]\s")
_CANDIDATES = 16_384
_POOL = 8_192
_FEWEST = 32
"""With fewer words of one token, texts would be too alike; they are corrected instead."""
_TABLE = 1 << 16
_KEPT_TOKENS = 8_000_000
"""Some 100 MB as text and as ids."""
_LEADS = 8_192
"""Texts of blocks that are kept: an agent's prompt of 100,000 tokens has some 1,500 of 64, and
its next one the same. Some 25 MB of blocks of 512."""
_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
# Common words, for counting by words and for tokenizers without whole words.
_PLAIN_TEXT = """
about above across action after again against air all almost also always among amount and
animal another answer any appear area around art ask away back bank base be became because bed
been before began behind being best better between big bird black blue boat body book both box
boy bring brought build business but buy by call came can cannot car care carry cause centre
certain change check child city class clear close cold colour come common complete could
country course cover cut dark day decide deep did different direct do does dog done door down
draw drive dry during each early earth east easy eat end enough even ever every example eye
face fact fall family far farm fast father feel few field figure fill final find fine fire
first fish five fly follow food for force form found four free friend from front full game gave
general get girl give glass go gold good got great green ground group grow had half hand happen
hard has have he head hear heart heat heavy help here high hill history hold home horse hot
hour house how hundred idea if in inch interest is island just keep kind king knew know land
language large last late laugh law lead learn leave left less let letter life light like line
list listen little live long look lot love low machine made main make man many map mark may
mean measure men might mile mind minute miss money moon more morning most mother mountain move
much music must name near need never new next night no north nose note nothing notice now
number object ocean of off often oil old on once one only open or order other our out over own
page paper part pass past pattern people perhaps person picture piece place plain plan plant
play point poor port possible power press problem product pull put question quick quiet race
rain ran reach read ready real record red remember rest right river road rock room round rule
run same saw say school science sea second see seem sentence serve set several shape ship short
should show side simple since sing sit six size sleep slow small snow so soft some song soon
sound south space special spell stand star start state stay step still stone stood stop story
street strong study such summer sun sure surface system table tail take talk teach tell ten
test than that the their them then there these they thing think this those though thought three
through time to together told too took top toward town travel tree true turn two under unit
until up use usual valley very voice vowel wait walk want war warm was watch water way we week
weight well went were west what wheel when where which while white who whole why wide wild will
wind winter with wonder wood word work world would write year yes yet you young your
"""
PLAIN_WORDS = tuple(_PLAIN_TEXT.split())
"""Common words: nearly every vocabulary has each of them as one token."""


class LazyRows(Sequence[Sample]):
    """Rows that are made each time they are read, so that a large workload is never in memory."""

    def __init__(self, numbers: range, make: Callable[[int], Sample]) -> None:
        self._numbers = numbers
        self._make = make

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> LazyRows: ...

    def __getitem__(self, index: int | slice) -> Sample | LazyRows:
        if isinstance(index, slice):
            return LazyRows(self._numbers[index], self._make)
        return self._make(self._numbers[index])


def make_rows(count: int, make: Callable[[int], Sample], tokens: int) -> Sequence[Sample]:
    """``make(0)`` to ``make(count - 1)``: made now, or where they are many, when they are read.

    ``make`` must give the same row each time. ``tokens`` is the length of all prompts together.
    """
    rows = LazyRows(range(count), make)
    return list(rows) if tokens <= _KEPT_TOKENS else rows


class PlainWords:
    """Text of a number of words, for models without a tokenizer: its tokens are not known."""

    def __init__(self, seed: int = 0) -> None:
        self._stream = _Stream(seed, PLAIN_WORDS, PLAIN_WORDS)

    def text(self, key: str, count: int, prefix: str = "") -> str:
        """See :meth:`ExactText.text`, with words for tokens."""
        have = len(prefix.split())
        if have > count:
            raise AisbenchError(f"a text of {count} words cannot begin with {have} words")
        own = self._stream.words(key, count - have, first=not prefix)
        return " ".join([prefix, *own] if prefix else own)

    def chain(self, parts: Sequence[Part]) -> str:
        """See :meth:`ExactText.chain`, with words for tokens."""
        return self._stream.chain(parts)


class ExactText:
    """Text that has exactly so many tokens when ``tokenizer`` encodes it.

    The same seed, key and count give the same text in any process. A shorter text of a key is the
    beginning of its longer ones (except for the last tokens, if it had to be corrected). Texts of
    two keys differ by chance, with a choice of all words of :attr:`pool` for each token: texts of
    ten tokens and more are never equal.
    """

    def __init__(self, tokenizer: TextTokenizer, seed: int = 0) -> None:
        self._tokenizer = tokenizer
        self._seed = seed
        self._allowed: list[int] = []
        starters, pool, apart = _single_words(tokenizer)
        enough = len(starters) >= _FEWEST
        self.pool: Sequence[str] = pool if enough else PLAIN_WORDS
        self._stream = _Stream(seed, starters if enough else PLAIN_WORDS, self.pool)
        self.exact_by_words = enough and apart and self._holds()
        """Each word is one token wherever it stands, so that no text needs to be encoded."""
        self._exact_lead = lru_cache(maxsize=_LEADS)(self.text)

    def count(self, text: str) -> int:
        """How many tokens ``text`` has."""
        return self._tokenizer.count(text)

    def text(self, key: str, count: int, prefix: str = "") -> str:
        """Text of ``count`` tokens in all, beginning with ``prefix``.

        No white space at its ends: chat templates would cut it. Raises AisbenchError where no
        text has so many tokens.
        """
        if not prefix and self.exact_by_words:
            return " ".join(self._stream.words(key, count))
        return self._corrected(key, count, prefix)

    def chain(self, parts: Sequence[Part]) -> str:
        """The texts of several keys one after the other, of as many tokens as all their counts.

        Chains that begin with the same parts begin with the same text.
        """
        parts = [part for part in parts if part[1] > 0]
        if self.exact_by_words:
            return self._stream.chain(parts)
        if not parts:
            return ""
        lead = " ".join(self._exact_lead(key, count) for key, count in parts[:-1])
        return self._corrected(parts[-1][0], sum(count for _, count in parts), lead)

    def token_chain(self, parts: Sequence[Part]) -> list[int]:
        """Like :meth:`chain`, but token ids drawn at random from all that are not special.

        Their number is exact; decoded and encoded again they would be others.
        """
        if not self._allowed:
            special = self._tokenizer.special
            self._allowed = [one for one in range(self._tokenizer.size) if one not in special]
        allowed, size = self._allowed, len(self._allowed)
        return [
            allowed[number % size]
            for key, count in parts
            for number in _numbers(self._seed, f"ids/{key}", count, "I")
        ]

    def _holds(self) -> bool:
        """Whether the whole pool has one token for each word, in its order and shuffled."""
        words = list(self.pool)
        mixed = self._stream.words("probe", 2 * len(words))
        return self.count(" ".join(words)) == len(words) and self.count(" ".join(mixed)) == len(
            mixed
        )

    def _corrected(self, key: str, count: int, prefix: str) -> str:
        """Words until the count is nearly right, then pieces for what is missing."""
        have = self.count(prefix)
        if have > count:
            raise AisbenchError(
                f"a text of {count} tokens cannot begin with a prefix of {have} tokens"
            )
        lead = [prefix] if prefix else []
        number, text, tokens, shrunk = count - have, prefix, have, False
        while number > 0:
            text = " ".join([*lead, *self._stream.words(key, number, first=not prefix)])
            tokens = self.count(text)
            if tokens == count or (tokens < count and shrunk):
                break
            if tokens < count:
                number += count - tokens
            else:
                # Nearly in proportion, and always fewer.
                number = min(number - 1, number * (count - have) // (tokens - have))
                shrunk = True
                text, tokens = prefix, have
        while tokens < count:
            text, tokens = self._one_more(text, tokens, count, key)
        return text

    def _one_more(self, text: str, tokens: int, count: int, key: str) -> tuple[str, int]:
        """``text`` with something at its end that brings it nearer to ``count``."""
        words = self._stream.words(f"end/{key}", 64)
        # Letters appended to the last word come last, as they make it look less like a word.
        tails = [f" {word}" if text else word for word in words] + list(_LETTERS)
        tails += [f" {letter}" for letter in _LETTERS if text]
        tails += [f" {a}{b}" for a in _LETTERS[:8] for b in _LETTERS[:8]]
        for tail in tails:
            grown = self.count(text + tail)
            if tokens < grown <= count:
                return text + tail, grown
        raise AisbenchError(
            f"no text of exactly {count} tokens was found for the tokenizer "
            f"{self._tokenizer.name!r}: it stays at {tokens} whatever is added",
            hint="use another length, or token ids, which are exact with every tokenizer",
        )


class _Stream:
    """Endless words for each key."""

    def __init__(self, seed: int, starters: Sequence[str], pool: Sequence[str]) -> None:
        self._seed = seed
        # An entry for each number of 16 bits, so that a word takes a single look-up.
        self._first = [starters[number % len(starters)] for number in range(_TABLE)]
        self._table = [pool[number % len(pool)] for number in range(_TABLE)]
        # Beginnings are shared by many texts: prefixes, blocks of a trace.
        self._lead: Callable[[str, int], str] = lru_cache(maxsize=_LEADS)(self._joined)

    def words(self, key: str, count: int, first: bool = True) -> list[str]:
        """``count`` words; the first one may stand at the beginning of a text."""
        numbers = _numbers(self._seed, key, count, "H")
        found = list(map(self._table.__getitem__, numbers))
        if found and first:
            found[0] = self._first[numbers[0]]
        return found

    def chain(self, parts: Sequence[Part]) -> str:
        """The words of all parts."""
        parts = [part for part in parts if part[1] > 0]
        texts = [self._lead(key, count) for key, count in parts[:-1]]
        texts += [self._joined(key, count) for key, count in parts[-1:]]
        return " ".join(texts)

    def _joined(self, key: str, count: int) -> str:
        return " ".join(self.words(key, count))


def _numbers(seed: int, key: str, count: int, kind: str) -> array[int]:
    """Pseudo-random numbers; ``kind`` is "H" (16 bits) or "I" (32 bits).

    SHAKE128 (FIPS 202) is fast, the same everywhere, and a longer output continues a shorter.
    """
    numbers = array(kind)
    digest = hashlib.shake_128(f"{seed}/{key}".encode("utf-8", "surrogatepass"))
    numbers.frombytes(digest.digest(count * numbers.itemsize))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _single_words(tokenizer: TextTokenizer) -> tuple[list[str], list[str], bool]:
    """Words that are one token at the beginning of a text and after a space; those that are it
    after a space; and whether no token reaches from one word into the next.

    If none does, counts add up: a text has as many tokens as its words have together, in any
    order.
    """
    special = tokenizer.special
    apart = True
    found: dict[str, None] = {}
    for number in range(tokenizer.size):
        if number in special:
            continue
        piece = tokenizer.decode([number])
        if apart and _ACROSS_WORDS.search(piece):
            apart = False
        word = piece.strip()
        if _WORD.fullmatch(word):
            found[word] = None
    # Common words have low ids.
    words = list(found)[:_CANDIDATES]
    if not words:
        return [], [], False
    anchor = words[0]
    alone = tokenizer.counts([anchor, *words])
    after = tokenizer.counts([f"{anchor} {word}" for word in words])
    single = [
        (word, begins == 1)
        for word, begins, both in zip(words, alone[1:], after, strict=True)
        if both == alone[0] + 1
    ][:_POOL]
    return [word for word, begins in single if begins], [word for word, _ in single], apart
