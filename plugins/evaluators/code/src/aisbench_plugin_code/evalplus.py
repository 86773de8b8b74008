"""The evaluator ``evalplus``: a function beside the canonical one, on the inputs of the original
benchmark (base) and on evalplus's many more (plus)."""

from __future__ import annotations

import json
from typing import Any

import attrs

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import EvalplusSettings

BASE, PLUS = "base_input", "plus_input"

NOT_NONE = ("check_str", "text_match_three", "text_starta_endb")
"""MBPP's functions of which only is asked whether they give anything (evalplus 0.3.1,
eval/_special_oracle.py); the next are compared as sets."""
AS_SETS = (
    "similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum",
    "intersection_array", "find_dissimilar", "Diff",
)  # fmt: skip

TESTS = """\
import copy
import json
import math

reference_names = {{}}
exec({reference!r}, reference_names)
reference = reference_names[{name!r}]
atol = {atol!r}


def close(out, wanted):
    if isinstance(wanted, (list, tuple)) or isinstance(out, (list, tuple)):
        return len(out) == len(wanted) and all(map(close, out, wanted))
    if isinstance(wanted, (str, bytes, dict, set, type(None))):
        raise TypeError("no numbers")
    if out == wanted:
        return True
    return abs(out - wanted) <= atol + 1e-07 * abs(wanted)


def floats(value):
    if isinstance(value, (list, tuple)) and value:
        return all(isinstance(one, float) for one in value)
    return isinstance(value, float)


def surface(base_edge, height):
    slant = math.sqrt((base_edge / 2) ** 2 + height**2)
    return round(base_edge**2 + 4 * (base_edge * slant) / 2)


def distance(one, other):
    longest = max(len(str(one)), len(str(other)))
    pairs = zip(str(one).zfill(longest), str(other).zfill(longest))
    return sum(abs(int(a) - int(b)) for a, b in pairs)


def size(value):
    if not isinstance(value, (list, tuple)):
        return 1
    return sum(len(one) if isinstance(one, (list, tuple)) else 1 for one in value)


def same(out, wanted, given):
    {rule}


for given in {inputs}:
    try:
        wanted = reference(*copy.deepcopy(given))
    except Exception as error:
        # As a module that is missing: it is the tests that cannot be run.
        told = f"{{type(error).__name__}}: {{error}}"
        raise ImportError(f"the canonical solution fails: {{told}}") from None
    if size(wanted) > {most}:
        continue
    out = {name}(*given)
    exact = same(out, wanted, given)
    if exact is None:
        continue
    if atol == 0 and floats(wanted):
        atol = 1e-6
    if not exact and atol != 0:
        assert type(out) == type(wanted), "another type than the reference"
        assert close(out, wanted), "not close to the reference"
    else:
        assert exact, "not what the reference gives"
"""
"""How evalplus compares (eval/__init__.py of 0.3.1); ``same`` gives None where nothing more is to
be compared. numpy's allclose is done without numpy: with its relative tolerance of 1e-07."""

MOST = 2_000_000
"""Elements of a value that are carried from one sandbox to the other. One input of Mbpp/255 asks
for 128 million; it is left out."""

RULES = {
    **dict.fromkeys(AS_SETS, "return set(out) == set(wanted)"),
    **dict.fromkeys(
        NOT_NONE,
        "return (wanted is not None) == (out if isinstance(out, bool) else out is not None)",
    ),
    "are_equivalent": "return True",
    "sum_div": "return out == wanted or out == 0",
    "surface_Area": "return out == wanted or abs(out - surface(*given)) <= atol",
    "digit_distance_nums": "return out == wanted or out == distance(*given)",
}
FIND_ZERO = (
    "assert abs(sum(c * math.pow(out, n) for n, c in enumerate(given[0]))) <= atol\n"
    "    return None"
)
"""HumanEval/32: any zero of the polynomial is right."""

_TUPLES = {
    "each": (2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616,
             630, 726, 740, 744, 809),
    "inside": (63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
    "first-inside": (75, 413, 444, 753),
    "second": (106, 750),
    "first": (250, 405, 446, 617, 720, 763, 808, 307),
    "both": (259, 401, 445),
    "lists": (278,),
    "values": (722,),
    "all": (580, 615, 791),
}  # fmt: skip
"""MBPP's tasks whose inputs hold tuples, which JSON turned into lists (evalplus 0.3.1,
data/mbpp.py)."""
_RESTORED = {
    "each": "[tuple(one) for one in given]",
    "inside": "[[tuple(one) for one in each] for each in given]",
    "first-inside": "[[tuple(one) for one in given[0]], *given[1:]]",
    "second": "[given[0], tuple(given[1])]",
    "first": "[tuple(given[0]), *given[1:]]",
    "both": "[tuple(tuple(one) for one in each) for each in given]",
    "lists": "[tuple(tuple(one) if isinstance(one, list) else one for one in given[0])]",
    "values": "[{key: tuple(value) for key, value in given[0].items()}, *given[1:]]",
    "all": "deep(given)",
    "sets": "[[set(one) if isinstance(one, list) and one else {} for one in given[0]]]",
    "complex": "[complex(given[0])]",
    "float-complex": "[float(given[0]), complex(given[1])]",
}
_KINDS = {
    **{number: kind for kind, numbers in _TUPLES.items() for number in numbers},
    115: "sets",
    124: "float-complex",
    252: "complex",
}
_DEEP = "(deep := lambda one: tuple(map(deep, one)) if isinstance(one, list) else one)"


class Evalplus:
    """Right when the function agrees with the canonical one on all inputs; ``base`` says whether
    it does on those of the original benchmark."""

    def __init__(self, settings: EvalplusSettings) -> None:
        """Raises SandboxError where programs cannot be confined."""
        self._settings = settings
        self._tests = PythonTests(settings.tests())

    def check(self, sample: Sample) -> None:
        """Raises DataError for a sample without inputs, reference or name."""
        for name in (BASE, PLUS):
            program_text(sample, name)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a sample whose canonical solution cannot be run."""
        base = self._of(sample, answer, BASE)
        right = base.verdict is Verdict.RIGHT
        total = self._of(sample, answer, PLUS) if right else base
        reason = total.reason
        if total.verdict is Verdict.WRONG:
            reason = f"{'plus' if right else 'base'}: {reason}"
        return attrs.evolve(
            total, reason=reason, measures={"base": Measure(value=100.0 * right, unit="%")}
        )

    def _of(self, sample: Sample, answer: Answer, which: str) -> Score:
        text = program_text(sample, which)
        if not text:
            return Score(value=1.0, verdict=Verdict.RIGHT, extracted=answer.text, reason="passed")
        fields = {**sample.fields, "evalplus tests": text, "evalplus prompt": _beginning(sample)}
        return self._tests.score(attrs.evolve(sample, fields=fields), answer)


def program_text(sample: Sample, which: str) -> str:
    """The tests on base or plus inputs, in Python; "" where there are none. Raises DataError."""
    row: Any = sample.fields
    name, solution = row.get("entry_point"), row.get("canonical_solution")
    inputs = row.get(which)
    if not isinstance(name, str) or not isinstance(solution, str) or inputs is None:
        raise DataError(
            f"sample {sample.id} has no texts entry_point and canonical_solution, or no {which}",
            hint="evalplus's own layout has them (HumanEvalPlus.jsonl, MbppPlus.jsonl); rows with "
            "a column test are scored by python-tests",
        )
    inputs = inputs if isinstance(inputs, str) else json.dumps(inputs)
    if inputs in ("[]", "{}"):  # {}: as Mbpp/793 has it
        return ""
    mbpp = str(row.get("task_id", sample.id)).startswith("Mbpp/")
    rule = RULES.get(name) if mbpp else FIND_ZERO if name == "find_zero" else None
    return TESTS.format(
        reference=_beginning(sample) + solution,
        name=name,
        atol=row.get("atol") or 0,
        rule=rule or "return out == wanted",
        most=MOST,
        inputs=_inputs(inputs, str(row.get("task_id", sample.id)) if mbpp else ""),
    )


def _beginning(sample: Sample) -> str:
    """What an answer may continue: of HumanEval the prompt; MBPP's is a text."""
    prompt = str(sample.fields.get("prompt") or "")
    return prompt if f"def {sample.fields.get('entry_point')}" in prompt else ""


def _inputs(inputs: str, task: str) -> str:
    """An expression for a list of lists of arguments, which are JSON."""
    read = f"json.loads({inputs!r})"
    number = task.rpartition("/")[2]
    kind = _KINDS.get(int(number)) if number.isdigit() else None
    if kind is None:
        return read
    helper = f"[{_DEEP}] and " if kind == "all" else ""
    return f"({helper}[{_RESTORED[kind]} for given in {read}])"
