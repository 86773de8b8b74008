"""What is stored of a task: answers by sample and repeat."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from attrs import frozen

from aisbench.config.plan import Task
from aisbench.stages.tally import TokenTally
from aisbench.store.journal import read_rows
from aisbench.store.rows import converter
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.score import Transcript
from aisbench.understanding import understood


@frozen(kw_only=True)
class Answer:
    """What is stored for one repeat of one sample."""

    prompts: tuple[Prompt, ...]
    responses: tuple[Response, ...]

    @property
    def transcript(self) -> Transcript:
        """The same, as evaluators get it."""
        return Transcript(prompts=self.prompts, responses=self.responses)


def read_answers(
    task: Task, predictions: Path, tally: TokenTally | None = None
) -> dict[tuple[str, int], Answer]:
    """Answers by (sample, repeat); of several tries at one turn the good one, else the last.
    The tokens of all are added to ``tally``."""
    turns: dict[tuple[str, int], dict[int, tuple[Prompt, Response]]] = defaultdict(dict)
    for row in read_rows(predictions):
        response = converter().structure(row["response"], Response)
        place = turns[row["sample"], row["repeat"]]
        held = place.get(row["turn"])
        prompt = converter().structure(row["prompt"], Prompt)
        if held is None or held[1].fault is not None:
            place[row["turn"]] = (prompt, understood(response, task.model.common))
        if tally is not None:
            tally.add(prompt, response)
    return {
        key: Answer(
            prompts=tuple(place[turn][0] for turn in sorted(place)),
            responses=tuple(place[turn][1] for turn in sorted(place)),
        )
        for key, place in turns.items()
    }
