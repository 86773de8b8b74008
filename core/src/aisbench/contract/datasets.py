"""Rows of a benchmark, and conversations about them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from aisbench.types.answer import Transcript
from aisbench.types.figure import Figure
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.score import ScoreGroup
from aisbench.types.variant import Variant


class Dataset(Protocol):
    """Rows of a benchmark. Constructed with its settings; no file is read before a method is
    called."""

    def variants(self) -> Mapping[str, Variant]:
        """The ways to prompt it; the first is the default. Reads no data file."""

    def files(self) -> Sequence[Path]:
        """The data files that it reads, for the run's checksums. Raises DataError for a missing
        one."""

    def samples(self) -> Sequence[Sample]:
        """The rows to evaluate, in the order of the files, with unique ids.

        Raises DataError, naming file and line, for data that cannot be read.
        """

    def examples(self) -> Sequence[Sample]:
        """The pool of few-shot examples, from another split than :meth:`samples`."""


class ChoosingDataset(Dataset, Protocol):
    """A data set whose files decide how answers are scored; ``DatasetOffer(evaluator="auto")``."""

    def evaluator_name(self) -> str:
        """The name of the evaluator that fits. Raises DataError for files that cannot be read,
        or that hold no reference to score by."""


class SubmittingDataset(Dataset, Protocol):
    """A data set whose reference answers somebody else keeps; ``DatasetOffer(submits=True)``."""

    def submission(self, answers: Sequence[tuple[Sample, str | None]]) -> Mapping[str, bytes]:
        """Files to hand in, by name, made of the extracted answers (None: none was found) to rows
        without a reference."""


@runtime_checkable
class VaryingDataset(Dataset, Protocol):
    """A data set that asks each question in several ways, such as with its options in other
    orders. Optional, and recognised by the property's name."""

    @property
    def variations(self) -> int:
        """How many samples ask one question (:attr:`Sample.question_id`), at most. They count as
        repeats of it."""


@runtime_checkable
class SummingDataset(Dataset, Protocol):
    """A data set that makes figures of its own of the scores, beside those of the suite's
    metrics: where its authors sum up otherwise than by means of samples. Optional, and recognised
    by the method's name."""

    def figures(self, samples: Sequence[Sample], groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Called once for a whole task, with all samples that were scored and their scores, both
        in the order of the data set; ``Figure.part`` names what a figure is of. It reads no data
        file: a run is also evaluated where there is none. What it needs of an answer, its
        evaluator puts into :attr:`Score.details`.

        Raises ValueError with a sentence for the user when the scores do not suffice.
        """


class DialogueDataset(Dataset, Protocol):
    """A data set of conversations; offered with ``DatasetOffer(dialogue=True)``."""

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        """Yield the prompt of each turn and receive its response; ends with the conversation.

        ``first`` is what the template made of the sample. Must yield the same prompts for the
        same responses: a resumed run plays stored turns again.

        Each generator runs in a thread of its own, so that a step that waits delays no other
        request, unless :attr:`DatasetOffer.play_cost` says that its steps are light. (Python runs
        one thread at a time: what computes for long should do so in another process.) What it
        raises fails its sample alone.
        """


class AsyncDialogueDataset(Dataset, Protocol):
    """A data set of conversations whose part is asynchronous; offered in the same way."""

    def play(self, sample: Sample, first: Prompt) -> AsyncGenerator[Prompt, Response]:
        """As :meth:`DialogueDataset.play`, of all conversations in one event loop that is theirs
        alone."""


class FollowingDataset(DialogueDataset, Protocol):
    """A data set of conversations of which some build on others (``Sample.after``)."""

    def follow(
        self, sample: Sample, first: Prompt, before: Sequence[Transcript]
    ) -> Generator[Prompt, Response, None]:
        """Like :meth:`play`, for a sample with ``after``: ``before`` are those conversations,
        in its order. Must yield the same prompts for the same transcripts and responses."""


class AsyncFollowingDataset(AsyncDialogueDataset, Protocol):
    """An asynchronous data set of conversations of which some build on others."""

    def follow(
        self, sample: Sample, first: Prompt, before: Sequence[Transcript]
    ) -> AsyncGenerator[Prompt, Response]:
        """As :meth:`FollowingDataset.follow`."""
