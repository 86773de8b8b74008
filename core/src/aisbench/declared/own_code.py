"""Functions of a data set in the places of components: a reader of rows, an evaluator, a template.

What a declaration names as ``"module:function"`` is called with what the docstrings below say, and
what it returns is checked where it enters core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import AisbenchError, DataError, PluginError
from aisbench.data.row import Row
from aisbench.types.answer import Answer
from aisbench.types.prompt import Message, Prompt
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict


@frozen
class RowsFunction:
    """``f(file: Path, split: str, part: str) -> Iterable[Mapping[str, JsonValue] | Row]``: the
    rows of a file; a :class:`aisbench.data.Row` also says where it stands."""

    name: str
    call: Callable[[Path, str, str], Iterable[Mapping[str, Any] | Row]]

    def read(self, file: Path, split: str, part: str) -> list[Row]:
        """The rows. Raises DataError, also for whatever else the function raises."""
        rows: list[Row] = []
        try:
            for number, given in enumerate(self.call(file, split, part), 1):
                place = given.place if isinstance(given, Row) else f"{file}: row {number}"
                cells = given.cells if isinstance(given, Row) else given
                if not _is_row(cells):
                    raise PluginError(
                        f"{self.name} gives {cells!r:.80} as a row: it must be a dict with texts "
                        "as keys"
                    )
                rows.append(Row(place, dict(cells)))
        except AisbenchError:
            raise
        except Exception as error:
            raise DataError(
                f"{file}: {self.name} fails at row {len(rows) + 1}: "
                f"{type(error).__name__}: {error}",
                hint="the file is of another version or layout than it reads, or it has a fault",
            ) from error
        if not rows:
            raise DataError(f"{file}: {self.name} finds no rows")
        return rows


def _is_row(cells: object) -> bool:
    return isinstance(cells, Mapping) and all(isinstance(key, str) for key in cells)


@frozen
class FunctionEvaluator:
    """``f(sample: Sample, answer: Answer) -> Score | bool | float | None``: right or wrong, a
    value in 0..1, or None for an answer that holds none."""

    name: str
    call: Callable[[Sample, Answer], Score | bool | float | None]

    def score(self, sample: Sample, answer: Answer) -> Score:
        """What the function says, as a score. Raises what it raises."""
        said = self.call(sample, answer)
        if isinstance(said, Score):
            return said
        text = answer.text
        if said is None:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason=f"{self.name} found none")
        if isinstance(said, bool):
            verdict = Verdict.RIGHT if said else Verdict.WRONG
            return Score(value=float(said), verdict=verdict, extracted=text)
        if not isinstance(said, (int, float)):
            raise PluginError(
                f"{self.name} returns {said!r:.80}: it must be a Score, true or false, a number "
                "in 0..1, or None"
            )
        return Score(value=float(said), verdict=Verdict.GRADED, extracted=text)


@frozen
class FunctionTemplate:
    """``f(sample: Sample, shots: Sequence[Sample]) -> Prompt | str``; a text is the user's
    message where ``chat``, else the whole prompt."""

    name: str
    call: Callable[[Sample, Sequence[Sample]], Prompt | str]
    chat: bool

    def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
        """The prompt. Raises DataError, also for whatever else the function raises."""
        try:
            made = self.call(sample, shots)
        except AisbenchError:
            raise
        except Exception as error:
            raise DataError(
                f"sample {sample.id}: {self.name} fails: {type(error).__name__}: {error}"
            ) from error
        if isinstance(made, str):
            if self.chat:
                return Prompt(messages=(Message(role="user", content=made),))
            return Prompt(text=made)
        if not isinstance(made, Prompt):
            raise PluginError(f"{self.name} returns {made!r:.80}: it must be a Prompt or a text")
        if (made.messages is not None) is not self.chat:
            form = "messages" if self.chat else "text or tokens"
            raise PluginError(f"{self.name} returns a prompt without {form}, which its form needs")
        return made
