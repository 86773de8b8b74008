"""What a plugin offers: light descriptors, whose code is imported only when a suite uses it."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

from attrs import field, frozen

from aisbench.types.download import Download
from aisbench.types.json import JsonObject


class Capability(str, enum.Enum):
    """What a backend can do and a data set may need."""

    TEXT = "text"
    """Continue a plain string."""
    CHAT = "chat"
    """Answer a list of messages."""
    TOKENS = "tokens"
    """Continue a list of token ids."""
    STREAM = "stream"
    """Send tokens as they are made."""
    USAGE = "usage"
    """Count the tokens of prompt and answer."""
    TOOLS = "tools"
    """Be offered functions, and call them."""
    IMAGES = "images"
    """Look at pictures in messages."""
    AUDIO = "audio"
    """Listen to sounds in messages."""
    VIDEO = "video"
    """Look at films in messages."""
    LOGPROBS = "logprobs"
    """Return the log-probabilities of a given text after a prompt."""
    EMBED = "embed"
    """Make a vector of each of several texts. (1.3)"""
    RERANK = "rerank"
    """Say how well each of several documents fits a query. (1.3)"""
    CLASSIFY = "classify"
    """Give each of several texts one of the model's labels. (1.3)"""
    TRANSCRIBE = "transcribe"
    """Write down what is said in a sound. (1.3)"""


class Support(str, enum.Enum):
    """To what degree a backend has a capability."""

    FULL = "full"
    DEPENDS = "depends"
    """The protocol has it; whether it works depends on the server."""


@frozen(kw_only=True)
class Offer:
    """One thing that a plugin adds.

    ``name`` is unique in its kind, kebab case. ``target`` is ``"module:attribute"`` of a class
    that is called with one argument, its settings; ``settings`` is ``"module:attribute"`` of an
    attrs class made of :func:`aisbench.api.setting` fields. Without ``settings`` the target is
    called with no argument.
    ``summary`` is one line for ``aisbench plugins list``.
    """

    kind: ClassVar[str] = ""
    name: str
    summary: str
    target: str
    settings: str | None = None


@frozen(kw_only=True)
class BackendOffer(Offer):
    """A way to reach a model. The target is a :class:`~aisbench.api.ServiceBackend`; with
    ``local`` a :class:`~aisbench.api.LocalBackend`; with the ``transport`` "own" a
    :class:`~aisbench.api.TransportBackend`.

    ``schemes`` are what the urls of a suite begin with, the plain one first: ``("ws", "wss")``
    for a transport of its own. One that has an "s" more than another is one of TLS.
    """

    kind: ClassVar[str] = "backend"
    local: bool = False
    transport: Literal["http", "own"] = "http"
    schemes: tuple[str, ...] = ("http", "https")
    capabilities: Mapping[Capability, Support] = field(factory=dict)


@frozen(kw_only=True)
class Published:
    """A figure that somebody published of a well-known model, to hold one's own against.

    ``value`` is in the unit of its source, usually percent; ``how`` says with which prompt
    ("5-shot CoT"); ``source`` where it stands.
    """

    model: str
    value: float
    source: str
    metric: str = "accuracy"
    how: str = ""


@frozen(kw_only=True)
class Card:
    """What a reader of the catalogue wants to know about a data set before using it.

    ``task`` is its kind in a few words ("multiple choice", "mathematics"); ``rows`` the number
    of rows of each split as published; ``licence`` that of the data; ``source`` where the
    official files are, ``layout`` which of them are read and in what layout; ``citation`` the
    paper; ``published`` figures of well-known models.
    """

    task: str
    rows: Mapping[str, int] = field(factory=dict)
    languages: tuple[str, ...] = ("en",)
    licence: str = ""
    source: str = ""
    layout: str = ""
    citation: str = ""
    published: tuple[Published, ...] = ()


@frozen(kw_only=True)
class PartGroup:
    """Parts of a data set with a common figure.

    ``members`` are names of parts, or of groups that stand before it. ``mean`` says what has the
    same weight: each sample, or each member, unless ``weights`` gives the members' own.
    "harmonic" is the harmonic mean of the members' figures, to each of which ``plus`` is added, in
    the figure's own unit: 1 is one per cent point of an accuracy, with which BIG-Bench Extra Hard
    keeps a member at 0 from making all 0. A group called "" is the data set's own figure, in place
    of the mean over all samples. Raises ValueError for what does not go together.
    """

    name: str
    members: tuple[str, ...]
    mean: Literal["samples", "members", "harmonic"] = "samples"
    weights: tuple[float, ...] = ()
    plus: float = 0.0

    def __attrs_post_init__(self) -> None:
        problem = ""
        if self.weights and self.mean == "samples":
            problem = 'weights need mean = "members" or "harmonic": samples are counted alike'
        elif self.weights and len(self.weights) != len(self.members):
            problem = f"{len(self.weights)} weights for {len(self.members)} members"
        elif self.weights and not (min(self.weights) >= 0 and 0 < sum(self.weights) < math.inf):
            problem = "weights must be 0 or more, and not all 0"
        elif self.plus and self.mean != "harmonic":
            problem = 'plus needs mean = "harmonic"'
        elif not 0 <= self.plus < math.inf:
            problem = f"plus must be 0 or more, got {self.plus}"
        if problem:
            raise ValueError(f"group {self.name!r}: {problem}")


def parts_of(names: Iterable[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Names of parts and of groups (name -> members) as parts alone: a group stands for its
    members, and those of groups in it. Inside a group its own name is that of a part."""
    found: list[str] = []
    for name in names:
        if name in groups:
            others = {key: members for key, members in groups.items() if key != name}
            found += parts_of(groups[name], others)
        else:
            found.append(name)
    return found


PROMPT_TOKENS = "prompt tokens"
"""What a :class:`Slicing` names in place of a field: the tokens of a sample's prompt, as the
server counted them."""


@frozen(kw_only=True)
class Slicing:
    """Rows apart by one of their fields, across the parts of the data set: figures by length, by
    level, by year.

    ``by`` is the field, or a path into one, or "prompt tokens": as the server counted them.
    ``edges`` are numbers in rising order, of which each begins a slice: two of them make three.
    Without them each value is a slice. ``labels`` name the slices in their order; ``name`` stands
    before them, the field's where it is empty. With ``parts`` each part and group has
    figures by slice as well. Raises ValueError for what does not go together.
    """

    by: str
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    name: str = ""
    parts: bool = False

    def __attrs_post_init__(self) -> None:
        problem = ""
        if list(self.edges) != sorted(set(self.edges)):
            problem = f"edges must rise, got {list(self.edges)}"
        elif self.edges and self.labels and len(self.labels) != len(self.edges) + 1:
            problem = (
                f"{len(self.edges)} edges make {len(self.edges) + 1} slices, but labels names "
                f"{len(self.labels)}"
            )
        elif self.by == PROMPT_TOKENS and not self.edges:
            problem = "prompt tokens need edges"
        elif not self.by.strip():
            problem = "by must name a field"
        if problem:
            raise ValueError(f"slices by {self.by!r}: {problem}")

    @property
    def title(self) -> str:
        """What stands before the labels."""
        return self.name or self.by


@frozen(kw_only=True)
class PartEvaluator:
    """Who scores the answers of some parts or rows of a data set, where not all are scored alike.

    ``parts`` are names of parts or of groups of them; empty: all. ``where`` (contract 1.3) are
    conditions on a sample's fields, as ``rows.where`` of a declared data set has them: all of them
    must hold. The first evaluator with conditions that hold scores a sample, before those of
    whole parts. ``evaluation`` are the evaluator's settings. ``postprocess`` are steps before it,
    in place of those of all parts; None leaves those.
    """

    parts: tuple[str, ...] = ()
    evaluator: str
    where: JsonObject = field(factory=dict)
    evaluation: JsonObject = field(factory=dict)
    postprocess: tuple[str | JsonObject, ...] | None = None


@frozen(kw_only=True)
class DatasetOffer(Offer):
    """A data set. The target is a :class:`~aisbench.api.Dataset`.

    ``evaluator`` and ``metrics`` are what a suite gets when it names none. A workload without
    references offers no evaluator, and an accuracy suite must name one. With "auto" the target
    is a :class:`~aisbench.api.ChoosingDataset`, which chooses it by the files. ``evaluators``
    score parts that need another one; a suite that names an evaluator has it score all parts.
    ``slices`` are figures of rows apart by a field.
    ``downloads`` is ``"module:attribute"`` of a tuple of :class:`~aisbench.api.Download`, for
    ``aisbench datasets fetch``, and ``groups`` of a tuple of :class:`PartGroup`; either may be
    the tuple itself.
    ``version`` counts changes of the data set's prompts, rows and scoring, where its authors do:
    it goes into the keys of requests, so that answers to an older version are asked anew, and
    into results.
    """

    kind: ClassVar[str] = "dataset"
    evaluator: str | None = None
    metrics: tuple[str, ...] = ("accuracy",)
    needs: frozenset[Capability] = frozenset()
    downloads: str | tuple[Download, ...] | None = None
    dialogue: bool = False
    """Samples are conversations of several turns."""
    play_cost: Literal["light", "wait"] = "wait"
    """What a step of a dialogue's ``play`` takes: "light" where it computes for a small part of a
    millisecond and waits for nothing, so that it is taken between two requests; "wait": any time,
    in a thread, so that it delays no other request."""
    groups: str | tuple[PartGroup, ...] | None = None
    card: Card | None = None
    submits: bool = False
    """The target is a :class:`~aisbench.api.SubmittingDataset`."""
    version: int | str | None = None
    evaluators: tuple[PartEvaluator, ...] = ()
    slices: tuple[Slicing, ...] = ()


@frozen(kw_only=True)
class TemplateOffer(Offer):
    """A prompt template. The target is a :class:`~aisbench.api.Template`."""

    kind: ClassVar[str] = "template"
    form: Capability
    """What the prompts need of a backend: TEXT, TOKENS, CHAT, EMBED, RERANK, CLASSIFY or
    TRANSCRIBE."""
    needs: frozenset[Capability] = frozenset()
    """What else they need, such as LOGPROBS to score choices."""


@frozen(kw_only=True)
class RetrieverOffer(Offer):
    """A way to choose few-shot examples. The target is a :class:`~aisbench.api.Retriever`."""

    kind: ClassVar[str] = "retriever"


@frozen(kw_only=True)
class EvaluatorOffer(Offer):
    """A way to score one answer. The target is a :class:`~aisbench.api.Evaluator`.

    ``cost`` says how answers are scored: "light" ones one after the other, those that "compute"
    for milliseconds in a process for each core, those that "wait" for other programs in a thread
    for each core. With ``judged`` the target is a :class:`~aisbench.api.JudgedEvaluator`, which
    lets another model judge.

    ``reference`` says what becomes of samples whose target is None. "needed": core makes them
    unjudged, without the evaluator. "optional": the evaluator gets their answers too, and makes
    them unjudged (or unparsed) itself, for files to hand in. "unused": the target does not
    matter, and samples without one are scored like all others.

    ``metrics`` are what a suite gets of it where neither it nor the data set names others than
    "accuracy": of an evaluator whose value is no share of right answers.
    """

    kind: ClassVar[str] = "evaluator"
    cost: Literal["light", "compute", "wait"] = "light"
    judged: bool = False
    reference: Literal["needed", "optional", "unused"] = "needed"
    metrics: tuple[str, ...] = ()


@frozen(kw_only=True)
class PostprocessorOffer(Offer):
    """A step between an answer and its evaluator, named in a suite's ``postprocess``. The target
    is a :class:`~aisbench.api.Postprocessor`."""

    kind: ClassVar[str] = "postprocessor"


@frozen(kw_only=True)
class ReducerOffer(Offer):
    """A way to make figures of scores. The target is a :class:`~aisbench.api.Reducer`.

    A name that ends in ``@k`` or ``@n`` is a family: a suite's ``pass@5`` is this offer with
    the settings ``{k = 5}`` (``{n = 5}``). A second parameter follows an underscore:
    ``g-pass@8_0.5`` names the offer ``g-pass@k_tau`` with ``{k = 8, tau = 0.5}``.
    """

    kind: ClassVar[str] = "reducer"


@frozen(kw_only=True)
class LoadShapeOffer(Offer):
    """A shape of load: when requests are sent. The target is a :class:`~aisbench.api.LoadShape`.

    ``strength`` names the setting that makes the load heavier (``"rate"``, ``"concurrency"``),
    which searches vary; empty when there is none.
    """

    kind: ClassVar[str] = "load-shape"
    strength: str = ""


@frozen(kw_only=True)
class SummarizerOffer(Offer):
    """A form of report. The target is a :class:`~aisbench.api.Summarizer`.

    ``default`` ones are used when a suite names no summarizer.
    """

    kind: ClassVar[str] = "summarizer"
    default: bool = False


@frozen(kw_only=True)
class ObserverOffer(Offer):
    """What is told how a run goes, such as a tracker of experiments. The target is a
    :class:`~aisbench.api.Observer`. (1.2)"""

    kind: ClassVar[str] = "observer"


@frozen(kw_only=True)
class DeviceSamplerOffer(Offer):
    """What reads power, memory and the like of devices beside a load. The target is a
    :class:`~aisbench.api.DeviceSampler`. (1.3)"""

    kind: ClassVar[str] = "sampler"


@frozen(kw_only=True)
class TunerOffer(Offer):
    """A way to search settings of a server for the best ones. The target is a
    :class:`~aisbench.api.Tuner`. (1.3)"""

    kind: ClassVar[str] = "tuner"


@frozen(kw_only=True)
class CommandOffer(Offer):
    """A sub-command of ``aisbench``. The target is called with the list of arguments that
    follow the command's name and returns the exit code."""

    kind: ClassVar[str] = "command"
