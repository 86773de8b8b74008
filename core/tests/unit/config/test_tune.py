"""[tune]: variables, their places in commands, objective, and what is wrong with them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pytest

from aisbench.base.errors import ConfigError
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.config.source import source_of_tables
from aisbench.config.tune_command import TunedVariable, command_with, shown
from aisbench.plugins.discovery import discover
from aisbench.types.tuning import TuneVariable

COMMAND = ["serve", "--port", "{port}", "--seqs={seqs}", "{chunked}"]
VARIABLES = {
    "seqs": [1, 2],
    "chunked": {"values": [True, False], "flag": "--chunked", "off": "--no-chunked"},
}


installed = functools.cache(discover)


def planned(
    tune: Mapping[str, Any] | None = None,
    command: list[str] = COMMAND,
    mode: str = "performance",
    **more: Any,
) -> Plan:
    tables: dict[str, Any] = {
        "suite": {"mode": mode},
        "servers": {"s": {"command": command}},
        "models": {"m": {"backend": "vllm-chat", "server": "s"}},
        "datasets": {"d": {"dataset": "gsm8k-demo"}},
        "load": {"requests": 4, "slo": {"ttft_ms": 100}},
        "tune": {"variables": VARIABLES} if tune is None else dict(tune),
        **more,
    }
    return make_plan(source_of_tables(tables, "suite"), installed())


def problems(*args: Any, **more: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        planned(*args, **more)
    return str(caught.value)


def test_a_plan_has_the_points_of_each_server() -> None:
    tune = planned().tune
    assert tune is not None
    assert [(one.name, one.size, list(one.variables)) for one in tune.servers] == [
        ("s", 4, ["seqs", "chunked"])
    ]
    assert (tune.objective.name, tune.objective.better, tune.objective.unit) == (
        "goodput", "up", "requests/s",
    )  # fmt: skip


def test_a_command_has_the_values_of_a_point() -> None:
    tune = planned().tune
    assert tune is not None
    variables = tune.servers[0].variables
    on = command_with(COMMAND, variables, {"seqs": 2, "chunked": True})
    off = command_with(COMMAND, variables, {"seqs": 1, "chunked": False})
    assert on == ("serve", "--port", "{port}", "--seqs=2", "--chunked")
    assert off == ("serve", "--port", "{port}", "--seqs=1", "--no-chunked")
    assert shown((*on, "a b", '{"x": 1}')) == (
        "serve --port 8000 --seqs=2 --chunked 'a b' '{\"x\": 1}'"
    )


@pytest.mark.parametrize(
    ("flag", "value", "words"),
    [
        ("--share", 0.9, ["--share", "0.9"]),
        ("", 0.9, ["0.9"]),
        ("", True, ["true"]),
        ("--on", False, []),
        ("--on", None, []),
        ("", "fp8", ["fp8"]),
    ],
)
def test_a_word_alone_becomes_the_flag_and_the_value(
    flag: str, value: Any, words: list[str]
) -> None:
    variables = {"x": TunedVariable(variable=TuneVariable(name="x"), flag=flag)}
    values = {} if value is None else {"x": value}
    assert command_with(["a", "{x}"], variables, values) == ("a", *words)
    held = [] if value is None else [f"--x={ {True: 'true', False: 'false'}.get(value, value) }"]
    assert command_with(["a", "--x={x}"], variables, values) == ("a", *held)


def variables(**more: Any) -> dict[str, Any]:
    return {"variables": {**VARIABLES, **more}}


@pytest.mark.parametrize(
    ("tune", "said"),
    [
        (variables(other=[1]), "tune.variables.other: is used by no command of [servers]"),
        ({"variables": {"seq": [1]}}, "{seqs} stands for nothing"),
        (variables(seqs=[]), "needs values, or low and high"),
        (variables(seqs=3), "must be a list of values or a table, got 3"),
        (variables(seqs=[1, 1]), "1 stands there twice"),
        (variables(seqs=[[1]]), "must be a number, a text, true or false"),
        (variables(seqs={"low": 1}), "needs values, or low and high"),
        (variables(seqs={"low": 2, "high": 1}), "must be above low = 2"),
        (variables(seqs={"low": 0, "high": 4, "log": True}), "must be above 0 where log = true"),
        (variables(seqs={"low": 1, "high": 4, "log": True, "step": 1}), "it is a factor"),
        (variables(seqs={"low": 0.1, "high": 4.0}), "has no end of values between 0.1 and 4"),
        (variables(seqs={"values": [1], "low": 1}), "stand beside a range"),
        (variables(seqs={"values": [1], "of": "-x"}), "tune.variables.seqs.of"),
        (variables(seqs={"values": [1, 2], "off": "-x"}), "has no effect without a flag"),
        (variables(seqs={"values": [1, 2], "when": {"chunked": True}}), "stands before this one"),
        (variables(chunked={"values": [True], "flag": "-c", "when": {"seqs": 3}}),
         "seqs is never 3"),
        ({**variables(), "objective": "speed"}, "'speed' is no figure of a load"),
        ({**variables(), "objective": "total_requests"}, "is no figure of a load that can"),
        ({**variables(), "objective": "ttft_p42"}, "load.percentiles has no 42"),
        ({**variables(), "objective": "output_tokens_per_joule"}, "which nothing samples"),
        ({**variables(), "tuner": "nobody"}, "no installed plugin offers the tuner 'nobody'"),
        ({**variables(), "time": "8"}, "must be a number with its unit"),
        ({**variables(), "pointz": 3}, "tune.pointz"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tune: Mapping[str, Any], said: str) -> None:
    assert said in problems(tune)


def test_what_goes_round_the_tuning_is_told_too() -> None:
    assert 'has no effect where suite.mode = "accuracy"' in problems(mode="accuracy")
    served = {"m": {"backend": "vllm-chat", "url": "http://127.0.0.1:1"}}
    assert "has no server that could be tuned" in problems(models=served, servers={
        "s": {"command": COMMAND}})  # fmt: skip
    assert "goodput needs limits" in problems(load={"requests": 4})
    two = {"s": {"command": COMMAND}, "t": {"command": ["serve", "{port}"]}}
    models = {
        "m": {"backend": "vllm-chat", "server": "s"}, "n": {"backend": "vllm-chat", "server": "t"},
    }  # fmt: skip
    assert "servers.t.command: uses no variable" in problems(servers=two, models=models)
    dangling = {"chunked": [True, False], "size": {"values": [1], "when": {"chunked": True}}}
    said = problems({"variables": dangling}, command=["serve", "{chunked}", "--size", "{size}"])
    assert "--size would stand alone where size does not matter" in said


def test_a_place_without_tuning_is_an_error_and_json_is_none() -> None:
    assert "{seqs} stands for nothing" in problems({})
    said = problems({}, command=["serve", "--key=${KEY}"])
    assert "no shell reads a command" in said
    plan = planned({}, command=["serve", '{"a": 1}', "{port}", "{python}"])
    assert plan.tune is None


def test_another_error_of_the_suite_does_not_change_its_mode() -> None:
    said = problems(suite={"mode": "performance", "name": "no name?"})
    assert "suite.name: must be letters" in said
    assert "has no effect" not in said
    assert "evaluator: is missing" not in said
