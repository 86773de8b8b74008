"""The evaluator ``search``: a search among all documents by their vectors."""

from __future__ import annotations

from collections.abc import Sequence
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
        likeness = self._settings.likeness
        table = prepared(np.concatenate(blocks), likeness, names)
        return [
            self._score(sample, query, table, names)
            for (sample, _), query in zip(answered, queries, strict=True)
        ]

    def _score(
        self,
        sample: Sample,
        query: NDArray[np.float32],
        table: NDArray[np.float64],
        names: Sequence[str],
    ) -> Score:
        import numpy as np

        if len(query) != 1:
            raise DataError(f"sample {sample.id} has {len(query)} vectors, and one query")
        one = prepared(query, self._settings.likeness, [sample.id])[0]
        likes = table @ one
        # One more, as the query's own document may be among them; equal ones beyond the cut too.
        most = max(*self._settings.cuts, MAIN) + 1
        if most < len(names):
            least = np.partition(likes, -most)[-most]
            places = np.flatnonzero(likes >= least).tolist()
        else:
            places = list(range(len(names)))
        scores = {names[place]: float(likes[place]) for place in places}
        ranked = without_own(in_order(scores), sample, self._settings.ignore_identical_ids)
        return score_of(ranked, grades_of(sample), self._settings.cuts)


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
