"""A named way to put a data set to a model."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.types.json import JsonObject


@frozen(kw_only=True)
class Variant:
    """Data, not code: which template with which texts, how many examples, chosen how.

    ``prompt`` are the settings of ``template`` and ``retrieval`` those of ``retriever``;
    a suite can override each key. ``generation`` are defaults that the suite's own win over, and
    so are ``evaluation``, settings of the data set's evaluator that fit this way of asking.
    ``source`` says where the prompt comes from.
    """

    template: str
    prompt: JsonObject
    source: str
    shots: int = 0
    retriever: str = "fixed"
    retrieval: JsonObject = field(factory=dict)
    generation: JsonObject = field(factory=dict)
    evaluation: JsonObject = field(factory=dict)
