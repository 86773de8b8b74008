"""Answers to BIG-Bench Extra Hard, read and compared as its authors do: ``bbeh/evaluate.py`` in
github.com/google-deepmind/bbeh (M. Kazemi et al. 2025, arXiv:2502.19187)."""

from __future__ import annotations

from aisbench.api import Answer, DataError, Reading, Sample, Score, Verdict

_PREFIXES = ("The answer is:", "The final answer is ", "The final answer is: ", "The answer is ")
"""In the order in which the authors look: the text behind the last one, then within that."""
_MARKS = ' .*`"'
_WRAPPERS = ("boxed{", "text{", "texttt{")


def score(sample: Sample, answer: Answer) -> Score:
    """Raises DataError when the sample has no reference text."""
    if not isinstance(sample.target, str):
        raise DataError(f"sample {sample.id} has no text to compare with")
    text = answer.text
    if not text.strip():
        return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
    said, wanted = read(text), sample.target.strip().lower().replace(", ", ",")
    right = alike(said, wanted)
    # The authors take a full stop from the answer alone, and leave marks around it.
    bare = said.strip(_MARKS)
    lenient = right or alike(bare, wanted.strip(_MARKS))
    marked = any(prefix in text for prefix in _PREFIXES)
    return Score(
        value=float(right),
        verdict=Verdict.RIGHT if right else Verdict.WRONG,
        extracted=said,
        readings={"lenient": Reading(value=float(lenient), extracted=bare or said)},
        reason='what follows "the answer is"' if marked else "the whole answer",
    )


def read(text: str) -> str:
    """The answer in a text: what follows the last prefix, without LaTeX around it, bold marks and
    all lines but the first; in lower case, without blanks behind commas."""
    said = text.strip()
    for prefix in _PREFIXES:
        if prefix in said:
            said = said.rpartition(prefix)[2].strip()
    said = _bare(said.removesuffix(".")).lower().replace(", ", ",").replace("**", "")
    return said.partition("\n")[0].removesuffix(".")


def _bare(said: str) -> str:
    if said.startswith("$") and said.endswith("$"):
        said = said[1:-1]
    for wrapper in _WRAPPERS:
        if wrapper in said and said.endswith("}"):
            said = said[:-1].split(wrapper)[1]
    return said


def alike(said: str, wanted: str) -> bool:
    """Whether they are the same, but for brackets around a letter or a list, single quotes, a
    question mark, and the form of a number."""
    if said == wanted:
        return True
    if _in_brackets(said):
        return said[1] == wanted
    if _in_brackets(wanted):
        return wanted[1] == said
    return (
        _same_number(said, wanted)
        or said.replace("'", "") == wanted.replace("'", "")
        or f"[{wanted}]" == said
        or f"[{said}]" == wanted
        or (said.endswith("?") and said[:-1] == wanted)
    )


def _in_brackets(text: str) -> bool:
    return len(text) == 3 and text[0] == "(" and text[-1] == ")"


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False
