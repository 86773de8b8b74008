"""Reading a model's answer. Public: plugins import it beside ``aisbench.api``.

:meth:`WrittenAnswer.read` removes what is not the answer (tokens of chat formats, a next
exercise, bold marks and LaTeX's styles); :meth:`WrittenAnswer.backwards` gives its statements,
with what each of them does and how it is marked as the answer; :func:`polarity` says whether a
stretch of a statement is stated, denied, doubted, or called right or wrong. Evaluators know the
form of their values.

One rule holds for everything here: a marked answer plus any noise may become unparsed, but never
another value.
"""

from aisbench.answers.boxes import Box, boxes
from aisbench.answers.dress import plain_characters, without_emphasis, without_latex_dress
from aisbench.answers.exercises import resembles, until_next_exercise
from aisbench.answers.marks import SURE, Kind, Mark
from aisbench.answers.overlap import token_f1
from aisbench.answers.places import read_span
from aisbench.answers.polarity import Polarity, polarity
from aisbench.answers.question import question_of
from aisbench.answers.statements import LONGEST, Act, Statement, WrittenAnswer, lower_case
from aisbench.answers.turns import one_turn

Answer = WrittenAnswer
"""Its name in contract 1.0, where `aisbench.api` had no class of that name."""

__all__ = [
    "LONGEST",
    "SURE",
    "Act",
    "Answer",
    "Box",
    "Kind",
    "Mark",
    "Polarity",
    "Statement",
    "WrittenAnswer",
    "boxes",
    "lower_case",
    "one_turn",
    "plain_characters",
    "polarity",
    "question_of",
    "read_span",
    "resembles",
    "token_f1",
    "until_next_exercise",
    "without_emphasis",
    "without_latex_dress",
]
