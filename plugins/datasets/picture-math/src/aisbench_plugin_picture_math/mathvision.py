"""The evaluator ``mathvision``: the authors' reading and comparison.

After ``evaluation/evaluate.py`` and ``evaluation/utils.py`` of github.com/mathllm/MATH-V (K. Wang
et al. 2024, arXiv:2402.14804). Where they hand LaTeX to latex2sympy, whose versions differ,
:mod:`aisbench_plugin_picture_math.latex_value` computes it.
"""

from __future__ import annotations

import re
from string import ascii_uppercase

from aisbench.api import Answer, DataError, Reading, Sample, Score
from aisbench_plugin_picture_math.latex_value import Unreadable, value_of

_FLAGS = (
    "the final answer is", "the answer is", "the correct answer is", "the answer should be",
)  # fmt: skip
_REMOVED = (
    " ", "\\,", "\n", "\\text", "\\mbox", "\\left", "\\right", "^{\\circ}", "^\\circ", "{m}^3",
    "m^3", "{units}", "units", "{km}", "km",
)  # fmt: skip


class MathVisionEvaluator:
    """Right where the answer is the letter of the right option, its text, or the reference."""

    def check(self, sample: Sample) -> None:
        """Raises DataError for a letter that no option has."""
        _references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a letter that no option has."""
        said = model_answer(answer.text)
        right = any(equal(one, said) for one in _references(sample))
        reading = Reading(value=float(right), extracted=said or None)
        return Score.of_reading(reading, reason="" if said else "nothing is said")


def _references(sample: Sample) -> list[str]:
    target, options = str(sample.target), sample.fields.get("choices")
    if not isinstance(options, (list, tuple)) or not options:
        return [target]
    place = ascii_uppercase.find(target) if len(target) == 1 else -1
    if not 0 <= place < len(options):
        raise DataError(
            f"sample {sample.id}: the reference {target!r} is the letter of none of its "
            f"{len(options)} options"
        )
    return [target, str(options[place])]


def model_answer(text: str) -> str:
    """What an answer says, in lower case and without LaTeX's dress."""
    said = text.strip()
    for one in "ABCDE":
        if said.endswith((f" {one}.", f" ({one}).")):
            said = one
        if said.startswith((f"{one}\n", f"({one})\n", f"({one}) {one}\n")):
            said = one
    last = said.split("is ")[-1].rstrip(".")
    if _is_number(last):
        said = last
    if "oxed{" not in said:
        for flag in (form for one in _FLAGS for form in (one, one.replace("the", "The"))):
            if flag in said:
                said = said.split(flag)[-1].strip().split("\n")[0].split(". ")[0]
            else:
                said = said.strip()
    elif said.count("oxed{") > 1:
        said = "\\boxed{" + said.split("oxed{")[-1]
    said = _undressed(said)
    for one in "abcde":
        said = said.replace(f"({one})", one)
    for one in "abcde":
        said = said.replace(f"{{{one}}}", one)
    return said.rstrip(".").lstrip(":").strip()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _undressed(text: str) -> str:
    text = text.lower().replace("{}", "")
    boxed = re.findall(r"oxed{(.*)}", text, re.DOTALL)
    said = boxed[-1] if boxed else text
    close, begin = said.find("}"), said.find("{")
    if close != -1 and (begin == -1 or close < begin):
        said = said[:close]
    said = said.split("=")[-1].split("\\approx")[-1]
    said = said.replace("∞", "\\infty").replace("+\\infty", "\\infty").replace("\\\\", "\\")
    for one in _REMOVED:
        said = said.replace(one, "")
    return _stripped(said.replace("bmatrix", "pmatrix"))


def _stripped(text: str) -> str:
    for one in ("\\!", "\\$", "$", "\\%"):
        text = text.replace(one, "")
    text = text.replace("\\\\", "\\").replace("tfrac", "frac").replace("dfrac", "frac")
    text = text.replace("{.", "{0.")
    if not text:
        return text
    if text[0] == ".":
        text = f"0{text}"
    if "sqrt" in text:
        text = re.sub(r"sqrt([^{])", r"sqrt{\1}", text)
        text = re.sub(r"frac([^{])([^{])", r"frac{\1}{\2}", text)
    if text == "0.5":
        return "\\frac{1}{2}"
    slash = re.fullmatch(r"(-?(?:0|[1-9]\d*))/(-?(?:0|[1-9]\d*))", text)
    return f"\\frac{{{slash[1]}}}{{{slash[2]}}}" if slash else text


def equal(reference: str, said: str) -> bool:
    """As texts in lower case, as tuples of values, or as values rounded to two decimals."""
    reference, said = reference.lower(), said.lower()
    if not reference.replace(" ", "") or not said.replace(" ", ""):
        return False
    if reference.strip() == said.strip():
        return True
    reference, said = _valued(reference), _valued(said)
    if reference == said:
        return True
    try:
        return round(value_of(_plain(reference)), 2) == round(value_of(_plain(said)), 2)
    except Unreadable:
        return False


def _plain(text: str) -> str:
    return text.replace("$", "")


def _valued(text: str) -> str:
    """``(1/2,3)`` with each part as its value."""
    parts = text[1:-1].split(",")
    if text[:1] + text[-1:] not in ("()", "[]") or len(parts) < 2:
        return text
    found = []
    for one in parts:
        if "infty" in one or one in ("a", "-a"):
            found.append(one)
            continue
        try:
            found.append(str(round(value_of(_plain(one)), 2)))
        except Unreadable:
            return text
    return f"{text[0]}{','.join(found)}{text[-1]}"
