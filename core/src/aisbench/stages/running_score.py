"""The accuracy so far, for the display. The evaluation afterwards scores everything."""

from __future__ import annotations

import logging

from attrs import define, field

from aisbench.base.clock import now_ns
from aisbench.conversation.blame import PLUGIN_ERRORS
from aisbench.conversation.conversation import Conversation
from aisbench.stages.assignments import Assignment
from aisbench.stages.outcome import score_answer
from aisbench.stages.scoring_together import together
from aisbench.types.offer import EvaluatorOffer

log = logging.getLogger(__name__)

SCORING_SHARE = 0.03
"""Of the time, at most so much goes into the running accuracy."""


@define
class RunningScore:
    """Of all tasks of a session together."""

    _begun: int = field(factory=now_ns)
    _spent_ns: int = 0

    def count(self, assignment: Assignment, conversation: Conversation) -> None:
        """Count a finished sample, and score it as long as that costs no throughput: of a fast
        server's answers only some are scored."""
        progress, task = assignment.progress, assignment.task
        progress.done += 1
        if conversation.responses[-1].fault is not None:
            progress.failed += 1
            return
        if task is None or not conversation.sample.scored:
            return
        begun = now_ns()
        if progress.scored < 0 or self._spent_ns > SCORING_SHARE * (begun - self._begun):
            return
        scoring = task.scoring_of(conversation.sample)
        offer = scoring.evaluator.listed.offer
        slow = isinstance(offer, EvaluatorOffer) and (offer.judged or offer.cost != "light")
        if slow or together(scoring):
            progress.scored = -1  # scoring would hold up the requests
            return
        try:
            score = score_answer(scoring, conversation.sample, conversation.answer_to_score)
        except PLUGIN_ERRORS as error:  # the answers, which cost money, go on
            if progress.scored >= 0:
                log.warning("%s: no running accuracy, the evaluator fails: %r", task.label, error)
            progress.scored = -1
            return
        self._spent_ns += now_ns() - begun
        progress.count(score)
