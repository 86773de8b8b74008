"""How the simulated model words its answers: varied, with the answer always said last."""

from __future__ import annotations

import re
import string
from decimal import Decimal, InvalidOperation

from aisbench_plugin_simulator.chance import bits

STATEMENTS = (
    "#### {}",
    "The answer is {}.",
    "**{}**",
    "\\boxed{{{}}}",
    "So the final answer is **{}**.",
    "Answer: {}",
    "The final answer is $\\boxed{{{}}}$.",
    "Therefore, the answer is {}",
)
AMOUNTS = (
    "The answer is ${}.",
    "So she makes **${}** every day.",
    "Answer: {} dollars",
    "In total that is ${}.",
    "So it comes to {} altogether.",
)
"""Ways to say an amount; odd for what is negative or not a number."""

CHINESE = (
    "答案是{}。",
    "答案：{}",
    "故选{}。",
    "正确答案为 **{}**",
    "\\boxed{{{}}}",
    "因此，本题应选{}。",
)
"""Ways to answer a question in Chinese whose answer is not a number."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_STEPS = (
    "First, {a} + {b} = {c}.",
    "There are {a} groups of {b}, so {a} x {b} = {d}.",
    "That leaves {c} - {b} = {a}.",
    "We start with {d} and look at {a} of them at a time.",
    "Half of {e} is {c}.",
    "Adding the {a} from before gives {c} in this step.",
    "Per week that is {a} times {b}, which makes {d}.",
)
_OPENINGS = (
    "Let's solve this step by step.",
    "Let's think about what is asked.",
    "We can work this out as follows.",
    "To solve the problem, we go through the numbers.",
)


def number_of(answer: str) -> Decimal | None:
    """The number that ``answer`` is, with or without thousands separators; None if none."""
    try:
        number = Decimal(answer.replace(",", "").replace("$", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def wrong_answer(answer: str, chance: int) -> str:
    """An answer that is never equal to ``answer``; ``chance`` is 64 bits."""
    number = number_of(answer)
    if number is not None:
        return format(number + 1 + chance % 9, "f")
    letters = string.ascii_uppercase[:4]
    if len(answer) == 1 and answer.upper() in letters:
        return letters[(letters.index(answer.upper()) + 1 + chance % 3) % 4]
    return "unknown" if answer.lower() != "unknown" else "none"


def phrase(answer: str, *about: object) -> str:
    """A worked explanation and ``answer`` at its end, chosen by the hash of ``about``."""
    chance = bits("phrase", *about)
    if "\n" in answer:
        # A program, a letter: of several lines, it stands as it is.
        return f"{_explanation(chance >> 16)}\n\n{answer}"
    number = number_of(answer)
    if number is None and any(_CHINESE.search(str(one)) for one in about):
        return f"{_explanation(chance >> 16)}\n{CHINESE[chance % len(CHINESE)].format(answer)}"
    ways = STATEMENTS if number is None or number < 0 else STATEMENTS + AMOUNTS
    way = ways[chance % len(ways)]
    said = answer if number is None else _written(number, way, chance >> 8)
    # Single line breaks only: a few-shot prompt may stop at a blank line.
    return f"{_explanation(chance >> 16)}\n{way.format(said)}"


def _written(number: Decimal, way: str, chance: int) -> str:
    text = format(number, "f")
    whole = number == number.to_integral_value()
    forms = [text, text]
    if abs(number) >= 1000:
        forms.append(f"{number:,f}")
    # "#### 18.00" is right, but no reference is written so.
    if whole and "." not in text and way in AMOUNTS:
        forms.append(f"{text}.00")
    return forms[chance % len(forms)]


def _explanation(chance: int) -> str:
    lines = [_OPENINGS[chance % len(_OPENINGS)]]
    for step in range(2 + chance % 3):
        part = chance >> (9 * step)
        a, b = 2 + part % 37, 2 + (part >> 3) % 23
        numbers = {"a": a, "b": b, "c": a + b, "d": a * b, "e": 2 * (a + b)}
        lines.append(_STEPS[(part >> 1) % len(_STEPS)].format(**numbers))
    return "\n".join(lines)
