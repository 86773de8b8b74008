"""What a declared data set brings to its tasks: settings, steps and functions; and that what is
wrong in its file is told with the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from declaring import LEAST
from unit_fakes import catalog, listed, plan_of

from aisbench.api import PostprocessorOffer
from aisbench.base.errors import ConfigError
from aisbench.config.effective import resolved_tables
from aisbench.config.plan import Plan
from aisbench.declared.own_code import FunctionEvaluator, FunctionTemplate

SUITE = '[models.m1]\nbackend = "chatty"\nurl = "http://127.0.0.1:8000"\n[datasets.d1]\n'
STEP = listed(PostprocessorOffer(name="upper", summary="Upper case.", target="declaring:Upper"))
CODE = """
def right(sample, answer): return True
def ask(sample, shots): return "?"
"""


def plan(folder: Path, keys: dict[str, Any], *lines: str) -> Plan:
    own = {**LEAST, "evaluator": "same", **keys}
    (folder / "mine.toml").write_text(tomli_w.dumps(own))
    (folder / "own.py").write_text(CODE)
    suite = "\n".join([SUITE + 'dataset = "./mine.toml"', *lines, ""])
    return plan_of(suite, catalog(STEP), base=folder)


def problems(folder: Path, keys: dict[str, Any], *lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        plan(folder, keys, *lines)
    return "\n".join(caught.value.problems)


def variant(**keys: Any) -> dict[str, Any]:
    return {"variants": {"chat": {"template": "chat", "prompt": {"user": "{q}"}, **keys}}}


FUNCTIONS = {"evaluator": "own:right", **variant(prompt="own:ask")}


def test_functions_are_components(tmp_path: Path) -> None:
    made = plan(tmp_path, FUNCTIONS)
    (task,) = made.tasks
    assert isinstance(task.template.instance, FunctionTemplate)
    assert isinstance(task.required_evaluator.instance, FunctionEvaluator)
    assert task.required_evaluator.listed.dist == "file"
    tables = resolved_tables(made)["datasets"]["d1"]
    assert tables["evaluator"] == "own:right"
    again = plan(tmp_path, FUNCTIONS, 'evaluator = "own:right"')
    assert isinstance(again.tasks[0].required_evaluator.instance, FunctionEvaluator)


@pytest.mark.parametrize(
    ("keys", "lines", "message"),
    [
        (FUNCTIONS, ("prompt.user = 'x'",), "prompt.user: has no effect: the prompt is own:ask"),
        (
            FUNCTIONS,
            ("evaluation.x = 1",),
            "evaluation.x: has no effect: the evaluator is own:right",
        ),
        ({}, ('evaluator = "own:right"',), "'own:right' is a function, and only a declared data"),
        ({"evaluator": "own:gone"}, (), "mine.toml: evaluator: 'own:gone': .*own.py has none"),
        (variant(prompt="own:gone"), (), "mine.toml: variants.chat.prompt: 'own:gone'"),
    ],
)
def test_functions_in_vain(
    tmp_path: Path, keys: dict[str, Any], lines: tuple[str, ...], message: str
) -> None:

    found = problems(tmp_path, keys, *lines)
    assert re.search(message, found), found


def test_steps_of_the_data_set_of_a_variant_and_of_the_suite(tmp_path: Path) -> None:
    def steps(keys: dict[str, Any], *lines: str) -> list[str]:
        return [
            one.listed.offer.name for one in plan(tmp_path, keys, *lines).tasks[0].postprocessors
        ]

    common = {"postprocess": ["upper"]}
    assert steps({}) == []
    assert steps(common) == ["upper"]
    assert steps({**common, **variant(postprocess=[])}) == []
    assert steps(variant(postprocess=[{"use": "upper"}, "upper"])) == ["upper", "upper"]
    assert steps(common, "postprocess = []") == []
    assert steps({}, 'postprocess = ["upper"]') == ["upper"]


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        (
            variant(prompt={"user": "{q}", "sytem": "x"}),
            "variants.chat.prompt.sytem: is not a key",
        ),
        (variant(prompt={}), "variants.chat.prompt.user: is missing"),
        (variant(template="chta"), "variants.chat.template: no installed plugin offers"),
        (variant(evaluation={"x": 1}), "variants.chat.evaluation.x: is not a key here"),
        ({"evaluation": {"x": 1}}, "evaluation.x: is not a key here"),
        ({"evaluator": "exakt"}, "evaluator: no installed plugin offers the evaluator"),
        ({"postprocess": ["uper"]}, "postprocess[0]: no installed plugin offers"),
        ({"postprocess": [{"use": "upper", "x": 1}]}, "postprocess[0].x: upper has no settings"),
        (variant(postprocess=[{"x": 1}]), "variants.chat.postprocess[0]: names no post-processor"),
    ],
)
def test_what_is_wrong_in_a_declaration_is_told_with_its_file(
    tmp_path: Path, keys: dict[str, Any], where: str
) -> None:
    found = problems(tmp_path, keys)
    assert f"{tmp_path / 'mine.toml'}: {where}" in found
    assert found.count("mine.toml: ") == 1


def test_the_suites_own_keys_are_told_with_the_suite(tmp_path: Path) -> None:
    found = problems(tmp_path, variant(), "prompt.sytem = 'x'", "evaluation.y = 1")
    assert "datasets.d1.prompt.sytem: is not a key here" in found
    assert "mine.toml" not in found
