"""The kinds of plugins that can be written, and what is particular to each."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class ScaffoldKind:
    """A kind of plugin.

    ``noun`` is what it is called, ``module`` the module that holds its class, and ``suffix`` the
    end of the class's name.
    """

    noun: str
    module: str
    suffix: str


KINDS: Mapping[str, ScaffoldKind] = {
    "declared": ScaffoldKind(noun="data set declared in TOML", module="", suffix="Set"),
    "dataset": ScaffoldKind(noun="data set", module="dataset", suffix="Dataset"),
    "template": ScaffoldKind(noun="prompt template", module="template", suffix="Template"),
    "retriever": ScaffoldKind(
        noun="retriever of few-shot examples", module="retriever", suffix="Retriever"
    ),
    "evaluator": ScaffoldKind(noun="evaluator", module="evaluator", suffix="Evaluator"),
    "judge": ScaffoldKind(
        noun="evaluator that asks a judging model", module="judge", suffix="Judge"
    ),
    "postprocessor": ScaffoldKind(
        noun="post-processor of answers", module="postprocessor", suffix="Postprocessor"
    ),
    "reducer": ScaffoldKind(noun="reducer of scores", module="reducer", suffix="Reducer"),
    "backend": ScaffoldKind(noun="backend of a model server", module="backend", suffix="Backend"),
    "local-backend": ScaffoldKind(
        noun="backend of a model in the same process", module="backend", suffix="Backend"
    ),
    "transport": ScaffoldKind(
        noun="backend with a transport of its own", module="transport", suffix="Transport"
    ),
    "load-shape": ScaffoldKind(noun="load shape", module="shape", suffix="Shape"),
    "summarizer": ScaffoldKind(noun="summarizer", module="summarizer", suffix="Summarizer"),
    "observer": ScaffoldKind(noun="observer of runs", module="observer", suffix="Observer"),
    "tuner": ScaffoldKind(noun="tuner of servers", module="tuner", suffix="Tuner"),
    "device-sampler": ScaffoldKind(noun="sampler of devices", module="sampler", suffix="Sampler"),
    "command": ScaffoldKind(noun="command", module="command", suffix="Command"),
}
"""By the word that ``aisbench plugins new`` takes."""
