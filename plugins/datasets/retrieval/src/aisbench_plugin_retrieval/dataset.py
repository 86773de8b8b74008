"""The data set ``retrieval``: documents in batches, and one query a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisbench.api import DataError, JsonValue, Sample, Variant
from aisbench_plugin_retrieval.beir import BeirFolder
from aisbench_plugin_retrieval.settings import RetrievalSettings

SOURCE = "the texts as they stand in the files; what stands before them is the settings' to say"
KIND = "prompt kind"
"""The label by which loads have figures of documents and of queries."""


class Retrieval:
    """Documents are rows that are not scored; whatever queries are chosen, all are asked."""

    def __init__(self, settings: RetrievalSettings) -> None:
        self.settings = settings
        self._folder = BeirFolder(settings.path, settings.split)

    def variants(self) -> Mapping[str, Variant]:
        return {"embed": Variant(template="embed", prompt={"texts": ["{texts}"]}, source=SOURCE)}

    def files(self) -> Sequence[Path]:
        return self._folder.files()

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        documents, queries = self._folder.documents(), self._folder.queries()
        judged = self._folder.judged(documents, queries)
        names = list(documents)
        found = []
        for begin in range(0, len(names), settings.batch):
            batch = names[begin : begin + settings.batch]
            texts: list[JsonValue] = [settings.document_prefix + documents[name] for name in batch]
            fields: dict[str, JsonValue] = {"texts": texts, "documents": list(batch)}
            found.append(
                Sample(
                    id=f"documents-{begin // settings.batch}",
                    fields=fields,
                    generation=settings.document_generation,
                    scored=False,
                    labels={KIND: "document"},
                )
            )
        for name, grades in judged.items():
            text, place = queries[name]
            shown = settings.query_prefix + text
            target: dict[str, JsonValue] = dict(grades)
            fields = {"texts": [shown], "query": text, "query_id": name}
            found.append(
                Sample(
                    id=f"query-{name}",
                    fields=fields,
                    target=target,
                    generation=settings.query_generation,
                    labels={KIND: "query"},
                    place=place,
                )
            )
        return found

    def examples(self) -> Sequence[Sample]:
        raise DataError("retrieval: there are no few-shot examples", hint="set shots = 0")
