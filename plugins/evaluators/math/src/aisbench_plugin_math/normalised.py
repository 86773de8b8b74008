"""The older way to compare: both answers as normalised texts. Pure.

After the evaluation of D. Hendrycks et al., "Measuring Mathematical Problem Solving With the MATH
Dataset" (arXiv:2103.03874), whose code is in https://github.com/hendrycks/math, and A. Lewkowycz
et al. (Minerva, arXiv:2206.14858), appendix D.1, for units; AISBench 3.1 uses both in turn.
"""

from __future__ import annotations

import re

from aisbench_plugin_math.boxes import last_box

_PHRASE = re.compile(r"final answer|answer is", re.IGNORECASE)
_LAYOUT = re.compile(r"\\(?:left|right|!|,|;|:|displaystyle|big|Big|bigg|Bigg)(?![A-Za-z])")
_DEGREES = re.compile(r"\^\s*\{?\s*\\circ\s*\}?")
_TEXT = re.compile(r"\\(?:text|mbox|mathrm|textbf|mathbf)\s*\{([^{}]*)\}")
_UNITS = re.compile(
    r"(?<=[\d})])\s*(?:square\s+|cubic\s+)?(?:degrees?|dollars?|cents?|units?|inche?s?|feet|foot|ft|"
    r"cm|mm|km|meters?|miles?|hours?|minutes?|seconds?|points?|square|percent|mph|pounds?)\b"
    r"(?:\s*\^\s*\{?\d\}?)?"
)
_FRAC = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w))")
_ROOT = re.compile(r"\\sqrt\s*(?:\{([^{}]*)\}|(\w))")
_SLASH = re.compile(r"(-?\d+)/(\d+)\Z")
_ZEROS = re.compile(r"(\d)\.0+(?!\d)")
_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def find(answer: str) -> str:
    """The last box; else the first sentence that says what the answer is; else the first."""
    boxed = last_box(answer)
    if boxed is not None:
        return boxed
    sentences = answer.split(".")
    return next((one for one in sentences if _PHRASE.search(one)), sentences[0])


def normalise(text: str) -> str:
    """Equal texts for answers that differ in dress alone."""
    text = text.replace("\n", " ").replace("\\\\", "\\").strip().rstrip(".")
    text = _LAYOUT.sub("", text)
    text = _TEXT.sub(r"\1", text)
    text = _DEGREES.sub("", text)
    text = text.replace("\\$", "").replace("$", "").replace("\\%", "").replace("%", "")
    text = _UNITS.sub("", text)
    if "=" in text:
        left, _, right = text.rpartition("=")
        if len(left.strip()) <= 2:
            text = right
    text = _COMMA.sub("", text)
    text = re.sub(r"(?<![\d.])\.(?=\d)", "0.", text)
    text = _ZEROS.sub(r"\1", text)
    before = ""
    while before != text:
        before = text
        text = _FRAC.sub(_fraction, text)
        text = _ROOT.sub(lambda m: f"sqrt({m.group(1) or m.group(2)})", text)
    text = text.replace(" ", "").replace("{", "").replace("}", "")
    if text == "0.5":
        text = "1/2"
    slash = _SLASH.match(text)
    return f"({slash.group(1)})/({slash.group(2)})" if slash else text


def _fraction(match: re.Match[str]) -> str:
    top = match.group(1) if match.group(1) is not None else match.group(2)
    bottom = match.group(3) if match.group(3) is not None else match.group(4)
    return f"({top})/({bottom})"


def same(answer: str, reference: str) -> bool:
    """Whether both are one text after normalising."""
    return normalise(answer) == normalise(reference)
