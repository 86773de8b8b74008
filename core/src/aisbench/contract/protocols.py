"""The interfaces that plugins implement. Structural: no base class is needed."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from attrs import frozen

from aisbench.types.figure import Figure
from aisbench.types.http import HttpRequest
from aisbench.types.json import JsonObject
from aisbench.types.load import LoadContext, Schedule
from aisbench.types.local import ModelDescription
from aisbench.types.prompt import Prompt
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.results import SuiteResult
from aisbench.types.sample import Sample
from aisbench.types.score import Score, ScoreGroup, Transcript
from aisbench.types.served import ServedModel
from aisbench.types.variant import Variant


class Decoder(Protocol):
    """Turns the bytes of one HTTP response into a Response. Sans-I/O: it has no clock."""

    @property
    def answer_begun(self) -> bool:
        """Whether an event of the answer itself was fed, and not of the reasoning alone.

        Tells the first answer token from the first reasoning token, where the protocol does.
        """

    def start(self, status: int, content_type: str) -> None:
        """The response's head has arrived. Called once, before any :meth:`feed`."""

    def feed(self, data: bytes) -> int:
        """Take bytes of the body, cut anywhere; return how many events carried output tokens.

        The engine stamps the time once per call and counts on the number: role-only, empty,
        usage-only and keep-alive events are none. Must not raise on what a server sent.
        """

    def finish(self) -> Response:
        """The body is complete, or was cut. Called once.

        Must not raise: an error status, an error inside the answer, bytes that are not the
        protocol's and an answer without its end become a Response with a Fault.
        """


@runtime_checkable
class StreamDecoder(Decoder, Protocol):
    """A decoder that knows the end of its protocol's streams, and what it keeps of them.

    Optional, and found by the attributes' names. Both are looked at after each read: keep them
    as plain attributes, or cheap.
    """

    @property
    def complete(self) -> bool:
        """Whether the last thing that this protocol sends was fed: what may follow is no part of
        the answer, which ends here even if the connection stays open."""

    @property
    def pending(self) -> int:
        """Bytes kept of an event that is not whole yet."""


class ServiceBackend(Protocol):
    """A protocol spoken over HTTP. Core's engine owns sockets, clocks, retries, time-outs."""

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this protocol cannot express: name -> what to do.

        Everything not refused must reach the server; nothing is silently dropped.
        """

    def encode(self, request: Request) -> HttpRequest:
        """The request on the wire."""

    def decoder(self, request: Request) -> Decoder:
        """A fresh decoder for one attempt at ``request``."""

    def models_request(self) -> HttpRequest | None:
        """How to ask the server which models it serves; None when the protocol cannot."""

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The names in the answer to :meth:`models_request`.

        Raises ValueError when the body is not such an answer.
        """


@runtime_checkable
class RoutedBackend(ServiceBackend, Protocol):
    """A protocol whose routes are known before a request: optional, found by the method's name.

    A url that holds one of them is refused, with the url that was meant.
    """

    def routes(self) -> Sequence[str]:
        """The paths to which requests are sent, such as ``/v1/completions``; the usual first."""


@runtime_checkable
class TellingBackend(ServiceBackend, Protocol):
    """A protocol that tells more of its models than their names. Optional, found by the methods'
    names; :meth:`ServiceBackend.parse_models` is then not called."""

    @property
    def open_ended(self) -> bool:
        """Whether servers go on to the end of the context where no longest answer is sent."""

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """What the answer to :meth:`models_request` tells. Raises ValueError when the body is
        not such an answer."""

    def context_request(self, body: bytes) -> HttpRequest | None:
        """How to ask for the context's length, where ``body``, the answer to
        :meth:`models_request`, shows that there is a way, and does not tell it."""

    def parse_context(self, body: bytes) -> int | None:
        """The length in the answer to :meth:`context_request`, in tokens; None when it is not
        there."""


@runtime_checkable
class WatchedBackend(ServiceBackend, Protocol):
    """A protocol whose servers can be asked whether they are there. Optional, found by the
    method's name; others are asked for their models."""

    def health_requests(self) -> Sequence[HttpRequest]:
        """Questions of which a server knows one or another: 2xx means that it is there, 5xx that
        it is not (or not yet), and all else that it does not know the question."""


@runtime_checkable
class SettingBackend(ServiceBackend, Protocol):
    """A protocol that tells which of its settings sends a key. Optional, found by the method's
    name: where a server refuses keys, the user is told how each is stopped."""

    def setting_of(self, key: str) -> str | None:
        """Such as ``usage = false`` for ``stream_options``; None for keys of no setting."""


@runtime_checkable
class DoubtingBackend(ServiceBackend, Protocol):
    """A protocol whose servers take settings of any name, and ignore what they do not know.
    Optional, found by the method's name."""

    def doubted(self, generation: JsonObject) -> Mapping[str, str]:
        """Settings that no known server has: name -> what was probably meant. They are sent, and
        the user is warned."""


class LocalBackend(Protocol):
    """A model in this process. Offered with ``BackendOffer(local=True)``.

    Constructed with its settings; loads nothing before :meth:`open`.
    """

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this backend cannot express: name -> what to do."""

    def files(self) -> Sequence[Path]:
        """Small files that say which model it is (configuration, index of the weights), as far
        as they are here: their checksums are part of a run's record."""

    def open(self) -> str:
        """Load the model, and return how it is called. Raises AisbenchError with a sentence for
        the user when it cannot be loaded."""

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[int, Response]]:
        """Answer all, yielding each request's place in ``requests`` and its response as soon as
        it is known, in any order.

        Media with a path are files to open; nothing is loaded ahead. What is wrong with one
        request is a Response with a Fault; an exception ends the run.
        The caller may stop before the end.
        """

    def close(self) -> None:
        """Free what :meth:`open` took; also called when it failed."""


@runtime_checkable
class DescribedBackend(LocalBackend, Protocol):
    """A model in this process that tells which one it is, beyond its name.

    Optional, and found by the methods' names. Without it stored answers are found by the name
    that :meth:`LocalBackend.open` gives, and a checkpoint that was replaced under it goes unseen.
    """

    def check(self, prompts: Sequence[Prompt]) -> None:
        """Before a run begins: raises AisbenchError for what can be told without loading the
        weights, such as a model that is not there, or chats without a chat template.

        ``prompts`` are the first ones of all tasks of the model.
        """

    def describe(self) -> ModelDescription:
        """Called after :meth:`LocalBackend.open`. Raises AisbenchError."""


class Dataset(Protocol):
    """Rows of a benchmark. Constructed with its settings; reads no file before it is asked."""

    def variants(self) -> Mapping[str, Variant]:
        """The ways to prompt it; the first is the default. Reads no data file."""

    def files(self) -> Sequence[Path]:
        """The data files that it reads, for the run's checksums. Raises DataError if absent."""

    def samples(self) -> Sequence[Sample]:
        """The rows to evaluate, in the order of the files, with unique ids.

        Raises DataError, naming file and line, for data that cannot be read.
        """

    def examples(self) -> Sequence[Sample]:
        """The pool of few-shot examples, from another split than :meth:`samples`."""


class ChoosingDataset(Dataset, Protocol):
    """A data set whose files decide how it is judged; ``DatasetOffer(evaluator="auto")``."""

    def judged_by(self) -> str:
        """The name of the evaluator that fits. Raises DataError for files that cannot be read,
        or hold nothing to judge by."""


class SubmittingDataset(Dataset, Protocol):
    """A data set whose reference answers somebody else keeps; ``DatasetOffer(submits=True)``."""

    def submission(self, answers: Sequence[tuple[Sample, str | None]]) -> Mapping[str, bytes]:
        """Files to hand in, by name: made of the answers found (None: none) for rows that have
        no reference."""


class DialogueDataset(Dataset, Protocol):
    """A data set of conversations; offered with ``DatasetOffer(dialogue=True)``."""

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """Yield the prompt of each turn and receive its response; ends with the conversation.

        ``first`` is what the template made of the sample. Must yield the same prompts for the
        same responses: a resumed run plays stored turns again.
        """


class FollowingDataset(DialogueDataset, Protocol):
    """A data set of conversations some of which build on others (``Sample.after``)."""

    def follow(
        self, sample: Sample, first: Prompt, before: Sequence[Transcript]
    ) -> Generator[Prompt, Response, None]:
        """Like :meth:`play`, for a sample with ``after``: ``before`` are those conversations,
        in its order. Must yield the same prompts for the same transcripts and responses."""


class Template(Protocol):
    """Makes a prompt of a sample and its few-shot examples."""

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        """Raises DataError when the sample lacks a field that the template names."""


class Retriever(Protocol):
    """Chooses few-shot examples."""

    def pick(
        self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
    ) -> Sequence[Sample]:
        """``count`` examples for ``sample``, the same for the same arguments.

        Raises DataError when the pool cannot give them.
        """


class LoadShape(Protocol):
    """When requests are sent. Pure: the same context gives the same schedule."""

    def schedule(self, context: LoadContext) -> Schedule:
        """Raises DataError with a sentence for the user when the rows do not fit the shape."""


class Evaluator(Protocol):
    """Scores one sample's answer. Pure: the same arguments give the same score."""

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Called only for answers that arrived, finished thinking and were not withheld; and for
        samples without a target only if :attr:`EvaluatorOffer.reference` says so.

        Core checks what is returned (see :class:`~aisbench.api.Score`), and blames the evaluator
        by name for values outside 0..1 or verdicts that contradict them.
        """


class CheckingEvaluator(Evaluator, Protocol):
    """An evaluator that can tell before anything is sent that a sample cannot be scored.

    Optional, and found by the method's name: core asks every evaluator that has it, also those
    that ask a judge.
    """

    def check(self, sample: Sample) -> None:
        """Raises DataError with a sentence for the user when ``sample`` can never be scored: its
        target has a form that the evaluator cannot read, or a field is missing.

        Called once for each row that a run is to ask and score, before a request is sent. Not
        called for rows without a target, unless the offer says that none is used
        (:attr:`EvaluatorOffer.reference`). It must be as quick as scoring an answer. Core adds
        data set, file and line, so the sentence need not name them.
        """


class JudgedEvaluator(Protocol):
    """Scores answers by what another model of the suite says of them.

    Core asks the judge after all answers are there, keeps what it says in a journal of its own,
    and resumes and repeats judgements like answers. Pure, as evaluators are.
    """

    @property
    def judge(self) -> str:
        """The suite's name of the model that judges."""

    @property
    def against(self) -> str:
        """The suite's name of the model whose answers are compared; empty: none are."""

    @property
    def judgements(self) -> int:
        """How often each question is put to the judge."""

    @property
    def generation(self) -> JsonObject:
        """Sampling settings for judgements, which those of the judge's model win over."""

    def questions(
        self, sample: Sample, transcript: Transcript, rival: Transcript | None
    ) -> Sequence[Prompt]:
        """What the judge is asked about one answer, at least one prompt.

        ``rival`` is the answer of :attr:`against`. Raises DataError for a sample that cannot be
        judged.
        """

    def conclude(
        self,
        sample: Sample,
        transcript: Transcript,
        judgements: Sequence[Sequence[Response]],
    ) -> Score:
        """The score, of one or more whole sets of responses to :meth:`questions`, in their
        order. Called only when all of them succeeded."""


class Postprocessor(Protocol):
    """Makes another text of an answer, before its evaluator sees it. Pure."""

    def process(self, text: str, sample: Sample) -> str | None:
        """The text to judge; None when it holds no answer, which makes it unparsed."""


class Reducer(Protocol):
    """Makes figures of all scores of a task."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with a sentence for the user when the scores do not suffice."""


@frozen(kw_only=True)
class Summary:
    """What a summarizer made: files in the run's summary folder, and text for the terminal."""

    files: tuple[Path, ...] = ()
    text: str | None = None


class Summarizer(Protocol):
    """Shows results."""

    def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
        """Write into ``folder`` (which exists); ``width`` is the terminal's, in columns."""
