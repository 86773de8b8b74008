"""The evaluator ``search``: a search among all documents by their vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aisbench.api import Answer, DataError, Sample, Score, Vectors
from aisbench_plugin_retrieval.judged import documents_of, grades_of, without_own
from aisbench_plugin_retrieval.measures import MAIN, in_order, score_of
from aisbench_plugin_retrieval.settings import Likeness, SearchSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SearchEvaluator:
    """Documents are the samples that are not scored: the field ``documents`` names those of each,
    in the order of its vectors. Every document is compared with every query: nothing is left out
    as a search index does."""

    def __init__(self, settings: SearchSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError for a target that is no grades."""
        grades_of(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError: one answer alone says nothing of a search."""
        raise DataError(
            "a search needs the vectors of all documents at once",
            hint="run the whole data set; the evaluator `similarity` compares two texts",
        )

    def score_together(
        self,
        answered: Sequence[tuple[Sample, Answer]],
        beside: Sequence[tuple[Sample, Answer | None]],
    ) -> Sequence[Score]:
        """See :class:`aisbench.api.TogetherEvaluator`. Raises DataError where a document has no
        vector: measures would be too low, or too high."""
        import numpy as np

        if not answered:
            return []
        names: list[str] = []
        blocks: list[NDArray[np.float32]] = []
        _check_there(beside)
        for sample, answer in beside:
            assert answer is not None
            block = _matrix(sample, answer)
            names += documents_of(sample, len(block))
            blocks.append(block)
        if not names:
            raise DataError(
                "there are no documents to search",
                hint="documents are rows with scored = false and the field `documents`",
            )
        if len(set(names)) != len(names):
            raise DataError("a document stands in two requests")
        widths = {block.shape[1] for block in blocks}
        queries = [_matrix(sample, answer) for sample, answer in answered]
        widths |= {one.shape[1] for one in queries}
        if len(widths) != 1:
            raise DataError(f"vectors have different lengths: {sorted(widths)} numbers")
        asked = np.concatenate(
            [_single(sample, query) for (sample, _), query in zip(answered, queries, strict=True)]
        )
        asked = prepared(asked, self._settings.likeness, [sample.id for sample, _ in answered])
        best = self._best(asked, blocks, names)
        return [
            self._score(sample, found, names)
            for (sample, _), found in zip(answered, best, strict=True)
        ]

    def _best(
        self,
        asked: NDArray[np.float64],
        blocks: Sequence[NDArray[np.float32]],
        names: Sequence[str],
    ) -> list[_Best]:
        """The documents most like each query. Compared are some thousands of them at once, in
        double precision: all of them would take four times what their vectors do."""
        # One more, as the query's own document may be among them; equal ones beyond the cut too.
        most = max(*self._settings.cuts, MAIN) + 1
        best = [_Best(most) for _ in asked]
        place = 0
        for rows in _pieces(blocks):
            table = prepared(rows, self._settings.likeness, names[place : place + len(rows)])
            for one, likes in zip(best, asked @ table.T, strict=True):
                one.add(likes, place)
            place += len(rows)
        return best

    def _score(self, sample: Sample, best: _Best, names: Sequence[str]) -> Score:
        scores = {
            names[place]: like
            for place, like in zip(best.places.tolist(), best.likes.tolist(), strict=True)
        }
        ranked = without_own(in_order(scores), sample, self._settings.ignore_identical_ids)
        return score_of(ranked, grades_of(sample), self._settings.cuts)


PIECE = 8192
"""Documents that are compared at once."""


def _pieces(blocks: Sequence[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    import numpy as np

    waiting: list[NDArray[np.float32]] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if count >= PIECE:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if waiting:
        yield np.concatenate(waiting)


class _Best:
    """The ``most`` documents of the highest likeness so far, and those that equal the last."""

    def __init__(self, most: int) -> None:
        import numpy as np

        self._most = most
        self.likes: NDArray[np.float64] = np.empty(0)
        self.places: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def add(self, likes: NDArray[np.float64], begin: int) -> None:
        """Documents from the place ``begin`` on."""
        import numpy as np

        places = np.arange(begin, begin + len(likes))
        if len(self.likes) >= self._most:
            chosen = likes >= self.likes.min()
            likes, places = likes[chosen], places[chosen]
        likes = np.concatenate((self.likes, likes))
        places = np.concatenate((self.places, places))
        if len(likes) > self._most:
            chosen = likes >= np.partition(likes, -self._most)[-self._most]
            likes, places = likes[chosen], places[chosen]
        self.likes, self.places = likes, places


def _single(sample: Sample, query: NDArray[np.float32]) -> NDArray[np.float32]:
    if len(query) != 1:
        raise DataError(f"sample {sample.id} has {len(query)} vectors, and one query")
    return query


def _check_there(beside: Sequence[tuple[Sample, Answer | None]]) -> None:
    missing = [
        sample.id
        for sample, answer in beside
        if answer is None or answer.response.fault is not None
    ]
    if missing:
        raise DataError(
            f"{len(missing)} of {len(beside)} requests for documents are not answered (the first: "
            f"{missing[0]}): a search without them would find others",
            hint="ask them again: aisbench run --resume RUN",
        )


def _matrix(sample: Sample, answer: Answer) -> NDArray[np.float32]:
    """The vectors of one answer. Raises DataError for an answer without."""
    vectors = answer.response.vectors
    if vectors is None:
        raise DataError(
            f"sample {sample.id} was answered without vectors",
            hint="ask a backend of embeddings, such as openai-embeddings",
        )
    return table_of(vectors)


def table_of(vectors: Vectors) -> NDArray[np.float32]:
    """Rows of numbers."""
    import numpy as np

    return np.frombuffer(vectors.data, dtype="<f4").reshape(-1, vectors.width)


def prepared(
    rows: NDArray[np.float32], likeness: Likeness, names: Sequence[str]
) -> NDArray[np.float64]:
    """In double precision; for the cosine of length 1. Raises DataError for vectors of nothing but
    0, which have none."""
    import numpy as np

    found = rows.astype(np.float64)
    if likeness == "dot":
        return found
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if not lengths.all():
        nothing = names[int(np.flatnonzero(lengths[:, 0] == 0)[0])]
        raise DataError(f"the vector of {nothing} is 0 in all its numbers: it has no cosine")
    made: NDArray[np.float64] = found / lengths
    return made
