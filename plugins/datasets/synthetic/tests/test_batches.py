"""Requests of several texts, and of a query with documents."""

from __future__ import annotations

import pytest

from aisbench.api import DataError
from aisbench_plugin_synthetic.batches import Batch
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import Lengths
from aisbench_plugin_synthetic.prefixes import Prefix
from aisbench_plugin_synthetic.settings import SyntheticSettings, TurnsSettings
from aisbench_plugin_synthetic.turns import SyntheticTurns


def made(**settings: object) -> Synthetic:
    values: dict[str, object] = {"unit": "words", "rows": 5, "input": 12, **settings}
    return Synthetic(SyntheticSettings(**values))  # type: ignore[arg-type]


def test_texts_have_lengths_of_their_own() -> None:
    lengths = Lengths(method="uniform", min=3, max=40)
    data = made(batch=Batch(texts=4), input=lengths)
    assert list(data.variants()) == ["embed", "classify"]
    samples = list(data.samples())
    assert samples == list(made(batch=Batch(texts=4), input=lengths).samples())
    found = [text for one in samples for text in one.fields["texts"]]  # type: ignore[union-attr]
    counts = [len(str(text).split()) for text in found]
    assert len(found) == len(set(map(str, found))) == 20
    assert 3 <= min(counts) < max(counts) <= 40
    assert not samples[0].generation
    assert sum(counts[:4]) == samples[0].fields["input_length"]


def test_a_query_makes_documents_of_them() -> None:
    data = made(batch=Batch(texts=3, query=5))
    assert list(data.variants()) == ["rerank"]
    first, second, *_ = data.samples()
    assert len(str(first.fields["query"]).split()) == 5
    assert first.fields["query"] != second.fields["query"]
    assert "embed" not in made().variants()


def test_what_does_not_go_together() -> None:
    with pytest.raises(DataError, match="prefix and batch"):
        made(batch=Batch(), prefix=Prefix(tokens=4)).samples()
    with pytest.raises(DataError, match="a batch has no turns"):
        SyntheticTurns(TurnsSettings(unit="words", batch=Batch())).samples()
