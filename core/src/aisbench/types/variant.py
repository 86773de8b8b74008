"""A named way to ask a model about a data set."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.types.json import JsonObject


@frozen(kw_only=True)
class Variant:
    """Which template with which texts, how many examples, and how they are chosen.

    ``prompt`` are the settings of ``template`` and ``retrieval`` those of ``retriever``;
    a suite can override each key. ``generation`` and ``evaluation`` (settings of the data set's
    evaluator that fit this way of asking) are defaults, over which the suite's own settings win.
    ``postprocess`` are steps between an answer and its evaluator, as a suite writes them; those of
    a suite replace them. ``function`` names what makes the prompts of a declared variant, whose
    ``template`` then says only of which form they are. ``source`` says where the prompt comes
    from.
    """

    template: str
    prompt: JsonObject
    source: str
    shots: int = 0
    retriever: str = "fixed"
    retrieval: JsonObject = field(factory=dict)
    generation: JsonObject = field(factory=dict)
    evaluation: JsonObject = field(factory=dict)
    postprocess: tuple[str | JsonObject, ...] = ()
    function: str = ""
