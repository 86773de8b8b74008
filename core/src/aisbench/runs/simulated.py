"""Answers that no model gave, made of a sample's reference: how an evaluator reads them shows
whether a data set and its evaluator fit each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial

from attrs import define, frozen

from aisbench.base.errors import AisbenchError, PluginError
from aisbench.config.plan import Task
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows
from aisbench.stages.outcome import score_answer
from aisbench.types.answer import Answer
from aisbench.types.request import Request
from aisbench.types.response import FinishReason, Response, Scored
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict

HOLE = "\0"
"""Stands for the reference in a wording."""
WORDINGS = (
    f"The answer is {HOLE}.",
    HOLE,
    f"\\boxed{{{HOLE}}}",
    f"#### {HOLE}",
    f"Answer: {HOLE}",
    f"答案是{HOLE}。",
    f"```python\n{HOLE}\n```",
)
"""Ways to say a reference, the first that is read as right is taken."""
MOST_TURNS = 32
"""Of a dialogue that would never end."""
MOST_WRONG = 20
"""Wrong answers that are tried."""

Reply = Callable[[Request], Response]


@frozen(kw_only=True)
class SimulatedAnswer:
    """What was said, and what became of it. ``what`` is "right" or "wrong" as it was meant,
    "any" where neither can be meant, or "given". ``failure`` is what the evaluator raised, else
    there is a score; neither for answers that a judge would score."""

    what: str
    text: str
    answer: Answer
    score: Score | None = None
    failure: str = ""

    @property
    def as_meant(self) -> bool:
        """Whether a right answer was found right, and a wrong one not."""
        if self.score is None:
            return False
        if self.what == "right":
            return self.score.verdict is Verdict.RIGHT or self.score.value == 1
        return self.score.verdict is not Verdict.RIGHT and self.score.value < 1


@define
class StandIn:
    """Plays the model for the samples of one task."""

    task: Task
    rows: Rows
    seed: int

    def requests(self, sample: Sample) -> list[Request]:
        """All requests of a conversation in which every answer is empty."""
        return self._conversation(sample, partial(_said, ""))[0]

    def answers(self, sample: Sample) -> list[SimulatedAnswer]:
        """A right and a wrong one, as far as they can be made. Raises AisbenchError."""
        if self.task.evaluator is None:
            return []
        requests = self.requests(sample)
        first = requests[0].prompt if requests else None
        if first is not None and first.continuation is not None:
            return list(self._chosen(sample, requests))
        if self.task.judged_evaluator is not None or sample.target is None:
            text = references(sample)[0] if sample.target is not None else "An answer."
            return [self._scored("any", sample, text, partial(_said, text))]
        right = self._first(sample, "right", references(sample), WORDINGS)
        if right is None:
            return []
        wordings = [right.text.replace(one, HOLE) for one in references(sample)]
        wording = next((one for one in wordings if one.count(HOLE) == 1), HOLE)
        wrong = self._first(sample, "wrong", self._wrong(sample), (wording,))
        return [right, *([wrong] if wrong else [])]

    def given(self, sample: Sample, text: str) -> SimulatedAnswer:
        """The answer whose text is this, in every turn."""
        return self._scored("given", sample, text, partial(_said, text))

    def _first(
        self, sample: Sample, what: str, texts: Sequence[str], wordings: Sequence[str]
    ) -> SimulatedAnswer | None:
        """The first answer that is scored as it is meant, or else the first of all."""
        first = None
        for one in texts:
            for wording in wordings:
                text = wording.replace(HOLE, one)
                found = self._scored(what, sample, text, partial(_said, text))
                first = first or found
                if found.as_meant or found.failure:
                    return found
        return first

    def _wrong(self, sample: Sample) -> list[str]:
        """Things that are not the reference: those of other rows come first, as they are of the
        same kind."""
        own = references(sample)
        others = [text for one in self.rows.samples for text in references(one)[:1]]
        found = [one for one in dict.fromkeys(others) if one not in own][:MOST_WRONG]
        return [*found, *_not(own[0])] if own else found

    def _chosen(self, sample: Sample, requests: Sequence[Request]) -> Iterator[SimulatedAnswer]:
        """Each choice is made the likeliest in turn: one of them is right."""
        found = []
        for number in range(len({one.prompt.choice for one in requests})):
            said = next(
                (one.prompt.continuation for one in requests if one.prompt.choice == number), ""
            )

            def reply(request: Request, best: int = number) -> Response:
                return _likely(request, request.prompt.choice in (None, best))

            found.append(self._scored("right", sample, f"likeliest: {said!r}", reply))
        right = next((one for one in found if one.as_meant), found[0])
        yield right
        for one in found:
            meant = SimulatedAnswer(
                what="wrong", text=one.text, answer=one.answer, score=one.score,
                failure=one.failure,
            )  # fmt: skip
            if one is not right and meant.as_meant:
                yield meant
                return

    def _scored(self, what: str, sample: Sample, text: str, reply: Reply) -> SimulatedAnswer:
        answer = self._conversation(sample, reply)[1]
        score, failure = None, ""
        if self.task.judged_evaluator is None:
            try:
                score = score_answer(self.task.scoring_of(sample), sample, answer)
            except AisbenchError as error:
                failure = str(error)
            except Exception as error:  # noqa: BLE001 - an evaluator may raise anything
                failure = f"{self.task.scoring_of(sample).evaluator.owner} raises {_told(error)}"
        return SimulatedAnswer(what=what, text=text, answer=answer, score=score, failure=failure)

    def _conversation(self, sample: Sample, reply: Reply) -> tuple[list[Request], Answer]:
        """The requests of a conversation, and what is scored at its end.

        Raises AisbenchError where code of a plugin breaks at this sample.
        """
        name = self.task.model.service.model
        asker = Asker(self.task, self.rows, name, self.seed, keyed=False)
        conversation = asker.begun(sample)
        requests: list[Request] = []
        while not conversation.finished and len(requests) < MOST_TURNS:
            requests.append(conversation.request())
            conversation.take(reply(requests[-1]))
            conversation.play()
        if conversation.broken is not None:
            raise conversation.cause or PluginError(conversation.broken.message)
        return requests, conversation.answer_to_score


def references(sample: Sample) -> list[str]:
    """The texts that a sample's target holds."""
    target = sample.target
    if isinstance(target, (list, tuple)):
        texts = [str(one) for one in target if isinstance(one, (str, int, float))]
        # Letters of several right options belong together; other texts stand for each other.
        letters = len(texts) > 1 and all(len(one) == 1 for one in texts)
        return [", ".join(texts)] if letters else texts or [str(target)]
    return [] if target is None else [str(target)]


def _not(reference: str) -> Iterator[str]:
    """Something of the same kind that is something else."""
    try:
        number = Decimal(reference.replace(",", "").strip("$% "))
        if number.is_finite():
            yield format(number + 1, "f")
    except InvalidOperation:
        pass
    if len(reference) == 1 and reference.isalpha() and reference.isascii():
        yield from (one for one in "ABCD" if one != reference.upper())
    yield "unknown" if reference != "unknown" else "none"


def _said(text: str, request: Request) -> Response:
    if request.prompt.continuation is not None:
        return _likely(request, likely=True)
    return Response(text=text, finish_reason=FinishReason.STOP)


def _likely(request: Request, likely: bool) -> Response:
    text = request.prompt.continuation or ""
    # Without the question all are alike.
    value = -5.0 if request.prompt.unconditional else -0.5 if likely else -9.0
    scored = Scored(logprobs=(value,), tokens=(text,), greedy=likely)
    return Response(scored=scored, finish_reason=FinishReason.STOP)


def _told(error: Exception) -> str:
    """An exception with the place in the code at which it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
    return f"{type(error).__name__}: {error}{place}"
