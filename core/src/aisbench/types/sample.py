"""One row of a data set."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.labels import checked_labels


@frozen(kw_only=True)
class Sample:
    """One question with everything that prompts and evaluators may need of it.

    ``id`` is unique within a data set and stays the same whenever it is read. ``fields`` holds
    what prompt templates may name (in a run a mapping that reads long texts when they are asked
    for). ``part`` is the subset of the data set that it belongs to (a
    subject, a task), which has separate figures and few-shot examples. ``target`` is the
    reference, in a form that the data set and its evaluator agree on; None: it is not known.
    ``generation`` are sampling settings of this row (such as its ``max_tokens``), which win over
    the suite's. ``arrival_ns`` is when a trace recorded it, in ns after the trace's origin.

    Several samples may ask one question in different ways, such as with its options in other
    orders: ``question_id`` is the same for them, and figures count them as repeats of one sample
    of that name. Empty: the sample asks a question of its own.

    ``after`` are ids of samples that stand before it in the data set: its conversation begins when
    theirs are over, and may build on them (see :class:`~aisbench.api.FollowingDataset`). A sample
    that is not ``scored`` is only asked because others build on it, and is in no figure.

    ``labels`` say of which kind its requests are ("group": "a"; "modality": "image"): a load has
    figures for each value of each of them. They decide nothing about the answer, and are not part
    of a request's key. (1.3)

    ``session`` names the session that it is a step of, such as an agent's work with its
    sub-agents: rows of one session, and rows that ``after`` ties together, are one unit of a
    load, which begins once for all of them. ``pauses`` are how long a step waits in a load, in ns
    by kind ("think", "tool"), when the last of its ``after`` is over, or, without any, when its
    session has begun. A step with an ``arrival_ns`` begins no earlier, after the beginning of its
    session, than it came after the session's first row. (1.3)

    ``place`` says where it stands, file and line, for messages before a run. It does not count
    when samples are compared, and is not kept in the run.
    """

    id: str
    fields: JsonObject = field(factory=dict)
    target: JsonValue = None
    part: str = ""
    generation: JsonObject = field(factory=dict)
    arrival_ns: int | None = None
    after: tuple[str, ...] = ()
    scored: bool = True
    question_id: str = ""
    labels: Mapping[str, str] = field(factory=dict, converter=checked_labels)
    session: str = ""
    pauses: Mapping[str, int] = field(factory=dict)
    place: str = field(default="", eq=False)

    @property
    def question(self) -> str:
        """What is the same for all samples that ask one question, and for no other."""
        return self.question_id or self.id
