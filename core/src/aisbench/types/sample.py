"""One row of a data set."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.types.json import JsonObject, JsonValue


@frozen(kw_only=True)
class Sample:
    """One question with everything that prompts and evaluators may need of it.

    ``id`` is unique within a data set and stable between loads. ``fields`` holds what
    prompt templates may name. ``part`` is the subset of the data set that it belongs to (a
    subject, a task), which has figures of its own and shows few-shot examples of its own.
    ``target`` is the reference, in whatever form the data set
    and its evaluator agree on; None means that the reference is not known. ``generation`` are
    sampling settings of this very row (such as its ``max_tokens``), which win over the suite's;
    ``arrival_ns`` is when a trace recorded it, in ns after the trace's origin.

    ``after`` are ids of samples that stand before it in the data set: its conversation builds on
    theirs, and begins when they are over (see :class:`~aisbench.api.FollowingDataset`). A sample
    that is not ``scored`` is asked for the sake of such others, and is in no figure.

    ``place`` says where it stands, file and line, for messages before a run; it is no part of
    what a sample is, and is not kept in the run.
    """

    id: str
    fields: JsonObject = field(factory=dict)
    target: JsonValue = None
    part: str = ""
    generation: JsonObject = field(factory=dict)
    arrival_ns: int | None = None
    after: tuple[str, ...] = ()
    scored: bool = True
    place: str = field(default="", eq=False)
