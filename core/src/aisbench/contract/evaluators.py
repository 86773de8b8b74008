"""From an answer to its score, and from scores to figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from aisbench.types.answer import Answer
from aisbench.types.figure import Figure
from aisbench.types.json import JsonObject
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import Score, ScoreGroup


class Evaluator(Protocol):
    """Scores one sample's answer. Pure: the same arguments give the same score."""

    def score(self, sample: Sample, answer: Answer, /) -> Score:
        """Called only for answers that arrived, finished thinking and were not withheld; and for
        samples without a target only if :attr:`EvaluatorOffer.reference` says so.

        Core checks the score (see :class:`~aisbench.api.Score`), and reports the evaluator by
        name for values outside 0..1 or verdicts that contradict them.
        """


class CheckingEvaluator(Evaluator, Protocol):
    """An evaluator that recognises samples that cannot be scored before anything is sent.

    Optional, and recognised by the method's name: core calls it on every evaluator that has it,
    also on those that ask a judge.
    """

    def check(self, sample: Sample) -> None:
        """Raises DataError with a sentence for the user when ``sample`` can never be scored: its
        target has a form that the evaluator cannot read, or a field is missing.

        Called once for each row that a run is to ask and score, before a request is sent. Not
        called for rows without a target, unless the offer says that none is used
        (:attr:`EvaluatorOffer.reference`). It should be as quick as scoring an answer. Core adds
        data set, file and line to the message.
        """


@runtime_checkable
class TogetherEvaluator(Protocol):
    """An evaluator that needs all answers of a data set at once, as a search needs the vectors of
    all documents. (1.3)

    Recognised by the method's name; ``score`` is then not called, and no accuracy is shown while
    a run is under way. Pure, as evaluators are.
    """

    def score_together(
        self,
        answered: Sequence[tuple[Sample, Answer]],
        beside: Sequence[tuple[Sample, Answer | None]],
        /,
    ) -> Sequence[Score]:
        """A score for each of ``answered``, in order.

        ``answered`` are one repeat's answers to samples that are scored, without those that an
        evaluator never sees; ``beside`` are the samples that are not (:attr:`Sample.scored`), all
        of them, with their answers: None where there is none yet, with a fault where it failed.
        Raises DataError when the answers do not suffice for a figure that is true; they are then
        unjudged, all of them.
        """


class JudgedEvaluator(Protocol):
    """Scores answers by the judgement of another model of the suite.

    Core asks the judge once all answers are there, keeps its judgements in a separate journal,
    and resumes and repeats them like answers. Pure, as evaluators are.
    """

    @property
    def judge(self) -> str:
        """The suite's name of the model that judges."""

    @property
    def against(self) -> str:
        """The suite's name of the model to compare answers with; empty: answers stand alone."""

    @property
    def judgements(self) -> int:
        """How often the judge is asked each question."""

    @property
    def generation(self) -> JsonObject:
        """Sampling settings for judgements; the judge's own settings win over them."""

    def questions(
        self, sample: Sample, answer: Answer, rival: Answer | None, /
    ) -> Sequence[Prompt]:
        """What the judge is asked about one answer, at least one prompt.

        ``rival`` is the answer of :attr:`against`. Raises DataError for a sample that cannot be
        judged.
        """

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]], /
    ) -> Score:
        """The score, from one or more complete sets of responses to :meth:`questions`, in their
        order. Called only when all of them succeeded."""


class Postprocessor(Protocol):
    """Makes another text of an answer, before its evaluator sees it. Pure."""

    def process(self, text: str, sample: Sample) -> str | None:
        """The text to score; None when it holds no answer, which makes it unparsed."""


class Reducer(Protocol):
    """Makes figures of all scores of a task."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with a sentence for the user when the scores do not suffice: of a
        whole data set that is an error, and a part or slice then has no figure."""
