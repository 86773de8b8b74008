"""The data set ``reranking``: each query with its candidates."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError, JsonValue, Sample, Variant
from aisbench_plugin_retrieval.beir import BeirFolder
from aisbench_plugin_retrieval.settings import RerankingSettings

SOURCE = "query and documents as they stand in the files"


class Reranking:
    """One query a row."""

    def __init__(self, settings: RerankingSettings) -> None:
        self.settings = settings
        self._folder = BeirFolder(settings.path, settings.split)

    def variants(self) -> Mapping[str, Variant]:
        prompt: dict[str, JsonValue] = {"query": "{query}", "documents": ["{texts}"]}
        return {"rerank": Variant(template="rerank", prompt=prompt, source=SOURCE)}

    def files(self) -> Sequence[Path]:
        run = self.settings.run
        if run is not None and not run.is_file():
            raise DataError(f"{run} does not exist", hint="run names a file of candidates")
        return [*self._folder.files(), *(() if run is None else (run,))]

    def samples(self) -> Sequence[Sample]:
        documents, queries = self._folder.documents(), self._folder.queries()
        judged = self._folder.judged(documents, queries)
        run = None if self.settings.run is None else read_run(self.settings.run)
        found = []
        for name, grades in judged.items():
            if run is None:
                chosen = self._drawn(name, grades, documents)
            else:
                chosen = self._from_run(name, run, documents)
            text, place = queries[name]
            texts: list[JsonValue] = [documents[one] for one in chosen]
            fields: dict[str, JsonValue] = {
                "query": text, "query_id": name, "texts": texts, "documents": list(chosen),
            }  # fmt: skip
            target: dict[str, JsonValue] = dict(grades)
            found.append(Sample(id=f"query-{name}", fields=fields, target=target, place=place))
        return found

    def examples(self) -> Sequence[Sample]:
        raise DataError("reranking: there are no few-shot examples", hint="set shots = 0")

    def _drawn(
        self, query: str, grades: Mapping[str, float], documents: Mapping[str, str]
    ) -> list[str]:
        """The judged documents and others, in an order that tells nothing."""
        draw = random.Random(f"{self.settings.seed}/{query}")
        most = self.settings.candidates
        best = sorted(grades, key=lambda name: (-grades[name], name))[:most]
        others = [name for name in documents if name not in grades]
        chosen = [*best, *draw.sample(others, min(len(others), most - len(best)))]
        draw.shuffle(chosen)
        return chosen

    def _from_run(
        self, query: str, run: Mapping[str, Sequence[str]], documents: Mapping[str, str]
    ) -> list[str]:
        chosen = run.get(query, ())[: self.settings.candidates]
        if not chosen:
            raise DataError(
                f"{self.settings.run}: has no candidates of query {query!r}",
                hint="a run has a line for each document of each query",
            )
        for name in chosen:
            if name not in documents:
                raise DataError(f"{self.settings.run}: corpus.jsonl has no document {name!r}")
        return list(chosen)


def read_run(path: Path) -> dict[str, list[str]]:
    """The documents of each query by falling score, of a TREC run. Raises DataError."""
    scored: dict[str, dict[str, float]] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        cells = line.split()
        if not cells:
            continue
        try:
            query, _, document, _, score, *_ = cells
            scored.setdefault(query, {})[document] = float(score)
        except ValueError:
            raise DataError(
                f"{path}:{number}: no line of a TREC run: {line[:80]!r}",
                hint="write: query Q0 document rank score tag",
            ) from None
    return {
        query: sorted(scores, key=lambda name: (scores[name], name), reverse=True)
        for query, scores in scored.items()
    }
