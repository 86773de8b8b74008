"""The same questions under 26 system prompts: possible calls are right in the form asked for."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from bfcl_gold import gold, rows

from aisbench.api import (
    Answer,
    DataError,
    Response,
    Sample,
    Score,
    ScoreGroup,
    Verdict,
)
from aisbench_plugin_bfcl.categories import DEFAULT, FORMATS
from aisbench_plugin_bfcl.evaluator import FunctionCalls
from aisbench_plugin_bfcl.formats import FormatSensitivity
from aisbench_plugin_bfcl.library import installed_version, library
from aisbench_plugin_bfcl.templates import FunctionsTextTemplate, ToolsTemplate

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]

TYPES = {str: "string", int: "integer", float: "float", bool: "boolean", list: "array",
         dict: "dict", tuple: "tuple"}  # fmt: skip


def written(sample: Sample, form: str, tagged: bool) -> str:
    calls = gold(sample, optional=False)
    if form == "python":
        each = [(name, ", ".join(f"{k}={v!r}" for k, v in one.items())) for name, one in calls]
        text = "[" + ", ".join(f"{name}({given})" for name, given in each) + "]"
    elif form == "json":
        text = json.dumps([{"function": name, "parameters": one} for name, one in calls])
    else:
        text = "".join(_element(name, one, form == "verbose_xml") for name, one in calls)
        text = f"<functions>{text}</functions>"
    return f"<TOOLCALL>{text}</TOOLCALL>" if tagged else text


def judged(sample: Sample, text: str) -> float:
    prompt = FunctionsTextTemplate().render(sample, ())
    answer = Answer(prompts=(prompt,), responses=(Response(text=text),))
    return FunctionCalls().score(sample, answer).value


def _element(name: str, arguments: dict[str, Any], verbose: bool) -> str:
    parts = []
    for key, value in arguments.items():
        kind = TYPES[type(value)]
        said = value if isinstance(value, str) else repr(value)
        if verbose:
            parts.append(f"<param name={quoteattr(key)} value={quoteattr(said)} type='{kind}'/>")
        else:
            parts.append(f"<param name={quoteattr(key)} type='{kind}'>{escape(said)}</param>")
    inside = "".join(parts)
    return (
        f"<function name='{name}'>{f'<params>{inside}</params>' if verbose else inside}</function>"
    )


# Rows whose reference its checker takes in no form, and one that its JSON parser cannot read: an
# object in a list in an object.
KNOWN = {"live_multiple_905-186-2", "parallel_multiple_119", "live_multiple_69-30-0"}
KNOWN_IN_JSON = "simple_python_96"


def test_possible_calls_are_right_in_every_form() -> None:
    left = defaultdict(set)
    samples = rows(FORMATS)
    assert set(Counter(one.part for one in samples).values()) == {200}
    for sample in samples:
        form, tagged, *_ = library().format_of(sample.id)
        if judged(sample, written(sample, form, tagged)) != 1:
            left[sample.part].add(sample.id.split(":")[-1])
    assert len(left) == 26
    for part, names in left.items():
        known = KNOWN | {KNOWN_IN_JSON} if part.startswith("format json") else KNOWN
        assert names == known, part


def test_other_forms_are_not_right() -> None:
    for sample in rows(FORMATS)[:26]:
        form, tagged, *_ = library().format_of(sample.id)
        others = {"python", "json", "verbose_xml", "concise_xml"} - {form}
        assert {judged(sample, written(sample, one, tagged)) for one in others} == {0.0}
        if tagged:
            assert judged(sample, written(sample, form, False)) == 0


def test_the_prompt_asks_for_the_form() -> None:
    samples = rows(FORMATS)[:26]
    prompts = {one.part: FunctionsTextTemplate().render(one, ()) for one in samples}
    assert len(set(prompts.values())) == 26
    tagged = (prompts["format json tagged of xml"].messages or ())[0].text
    assert "<TOOLCALL>```json" in tagged
    assert "in xml format" in tagged


def test_tools_are_another_matter() -> None:
    with pytest.raises(DataError, match="about prompts that describe functions"):
        ToolsTemplate().render(rows(FORMATS)[0], ())


def test_they_are_asked_for_by_name_alone() -> None:
    assert FORMATS not in DEFAULT


def group(part: str, *values: float) -> list[ScoreGroup]:
    return [
        ScoreGroup(
            sample_id=f"{part}{n}",
            scores=(Score(value=value, verdict=Verdict.RIGHT),),
            part=part,
        )
        for n, value in enumerate(values)
    ]


def test_the_spread() -> None:
    scores = [*group("format a", 1, 1, 0, 0), *group("format b", 1, 1, 1, 0), *group("x", 0)]
    delta, std = FormatSensitivity().reduce(scores)
    # Of 50 and 75: the sample's deviation is 25 / sqrt(2).
    assert (delta.value, delta.n) == (25.0, 8)
    assert std.value == pytest.approx(17.6776695)
    assert FormatSensitivity().reduce(group("format a", 1, 0)) == []
    assert FormatSensitivity().reduce(group("x", 1)) == []
