"""RULER's tasks of counting words and of answering questions among documents.

Definitions, wording and numbers are those of NVIDIA/RULER, as in ruler_tasks.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence
from itertools import islice

from attrs import field, frozen

from aisbench.api import DataError
from aisbench_plugin_needles.draws import Draws
from aisbench_plugin_needles.ruler_tasks import RulerRow
from aisbench_plugin_needles.words import nouns_adjectives_verbs

COMMON_TASK = (
    "Below is a numbered list of words. In these words, some appear more often than others. "
    "Memorize the ones that appear most often.\n{context}\nQuestion: What are the 10 most common "
    "words in the above list? Answer: The top 10 words that appear most often in the list are:"
)
_SHORT = 4096
"""Below this length words are repeated less often."""


@frozen
class CommonWords:
    """The task cwe. A unit is a different word; ten of them are common."""

    length: int
    more: Sequence[str] = ()
    """RULER's english_words.json, for lists longer than wonderwords has words."""
    common: int = 10
    answer_tokens: int = 120
    least: int = 11

    def row(self, key: str, units: int) -> RulerRow:
        short = self.length < _SHORT
        words, repeats = ((20, (3, 1)), (6, 1)) if short else ((40, (10, 3)), (30, 3))
        example, solved = self._pieces(Draws(key, "example"), words[0], *words[1])
        answer = " ".join(f"{number}. {word}" for number, word in enumerate(solved, 1))
        pieces, target = self._pieces(Draws(key, "row"), units, *repeats)
        return RulerRow(pieces=[*example, f" {answer}", "\n", *pieces], target=target)

    def _pieces(
        self, draws: Draws, count: int, often: int, seldom: int
    ) -> tuple[list[str], list[str]]:
        words = draws.sample(self._words(count), count)
        common, others = words[: self.common], words[self.common :]
        listed = Draws(count, "order").shuffled(common * often + others * seldom)
        head, _, tail = COMMON_TASK.partition("{context}")
        numbered = [
            piece
            for number, word in enumerate(listed, 1)
            for piece in (f" {number}." if number > 1 else "1.", f" {word}")
        ]
        return [head, *numbered, tail], common

    def _words(self, count: int) -> Sequence[str]:
        own = own_words()
        if count <= len(own):
            return own
        if count <= len(self.more):
            return self.more
        raise DataError(
            f"ruler: cwe at {self.length} tokens needs {count} words, and there are "
            f"{max(len(own), len(self.more))}",
            hint="put RULER's english_words.json (scripts/data/synthetic/json) into the folder "
            "named as path, or leave cwe out of tasks for this length",
        )


def own_words() -> list[str]:
    """All of wonderwords, each once."""
    return sorted({word for words in nouns_adjectives_verbs() for word in words})


FREQUENT_TASK = (
    "Read the following coded text and track the frequency of each coded word. Find the three "
    "most frequently appeared coded words. {context}\nQuestion: Do not provide any explanation. "
    "Please ignore the dots '....'. What are the three most frequently appeared words in the "
    "above coded text? Answer: According to the coded text above, the three most frequently "
    "appeared words are:"
)


@frozen
class FrequentWords:
    """The task fwe: coded words whose frequencies fall with the square of their rank (a zeta
    distribution of alpha 2). A unit is a word of the text."""

    length: int
    answer_tokens: int = 50
    least: int = 64

    def row(self, key: str, units: int) -> RulerRow:
        draws = Draws(key, "words")
        size = max(8, (self.length - self.answer_tokens) // 50)
        coded: dict[str, None] = {"...": None}  # the most frequent one is noise
        while len(coded) < size:
            coded[draws.letters(string.ascii_lowercase, 6)] = None
        words = list(coded)
        counts = [int(6 * units / (math.pi * rank) ** 2) for rank in range(1, size + 1)]
        text = [word for word, count in zip(words, counts, strict=True) for _ in range(count)]
        text = Draws(key, "order").shuffled(text)
        head, _, tail = FREQUENT_TASK.partition("{context}")
        # The blank before the context is that of its first word.
        return RulerRow(
            pieces=[head.rstrip(), *(f" {one}" for one in text), tail], target=words[1:4]
        )


QUESTION_TASK = (
    "Answer the question based on the given documents. Only give me the answer and do not output "
    "any other words.\n\nThe following are given documents.\n\n{context}\n\nAnswer the question "
    "based on the given documents. Only give me the answer and do not output any other words."
    "\n\nQuestion: {query} Answer:"
)


@frozen
class RulerQuestion:
    """One question: ``own`` are the documents that answer it, ``near`` others of its article."""

    text: str
    answers: Sequence[str]
    own: Sequence[int]
    near: Sequence[int] = ()


@frozen
class Questions:
    """The tasks qa_1 and qa_2. A unit is a document."""

    documents: Sequence[str]
    questions: Sequence[RulerQuestion]
    answer_tokens: int = 32
    least: int = 1
    fields: Mapping[str, str] = field(factory=lambda: {"rule": "any"})

    def row(self, key: str, units: int) -> RulerRow:
        question = self.questions[int(key.rpartition("/")[2]) % len(self.questions)]
        chosen = self._documents(question, Draws(key, "documents"), units)
        chosen = Draws(key, "order").shuffled(chosen)
        head, _, tail = QUESTION_TASK.partition("{context}")
        pieces = [head]
        for number, place in enumerate(chosen, 1):
            pieces += [f"\n\nDocument {number}:" if number > 1 else "Document 1:"]
            pieces += [f"\n{self.documents[place]}"]
        return RulerRow(
            pieces=[*pieces, tail.replace("{query}", question.text)],
            target=list(question.answers),
            fields=dict(self.fields),
        )

    def _documents(self, question: RulerQuestion, draws: Draws, units: int) -> list[int]:
        """Its own, then those of its article, then any; all of them again where they are too
        few."""
        total = len(self.documents)
        if units >= total:
            return [place % total for place in range(units)]
        own, near = list(question.own), list(question.near)
        missing = max(0, units - len(own))
        if missing <= len(near):
            return own + draws.sample(near, missing)
        taken = {*own, *near}
        others = (place for place in draws.each_place(total) if place not in taken)
        return own + near + list(islice(others, missing - len(near)))
