"""Conditions: their grammar, what they decide, and how that is told."""

from __future__ import annotations

from xml.etree import ElementTree

import attrs
import pytest

from aisbench.api import AisbenchError
from aisbench_plugin_compare.comparing.difference import Difference
from aisbench_plugin_compare.gates.deciding import decide
from aisbench_plugin_compare.gates.grammar import Gate, parse_gate
from aisbench_plugin_compare.gates.junit import junit

ACCURACY = Difference(
    name="gsm8k.accuracy", subject="gsm8k", figure="accuracy", unit="%", better="up",
    left=80.0, right=78.0, low=-3.5, high=-0.5, p=0.01, adjusted=0.02, n=100,
)  # fmt: skip
OTHER = attrs.evolve(ACCURACY, name="mmlu.accuracy", subject="mmlu", right=80.5, low=-1, high=2)
PART = attrs.evolve(ACCURACY, name="mmlu/law.accuracy", part="law")
TTFT = Difference(
    name="work/load.ttft.p99", subject="work/load", figure="ttft.p99", unit="ms", better="down",
    left=200.0, right=230.0, low=10.0, high=50.0, p=0.2, adjusted=0.4,
)  # fmt: skip
ALL = [ACCURACY, OTHER, TTFT, PART]


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("gsm8k.accuracy drops > 1pp", ("gsm8k.accuracy", "drops", ">", 1.0, "pp", False)),
        ("ttft.p99 rises > 10 %", ("ttft.p99", "rises", ">", 10.0, "%", False)),
        ("ttft.p99 rises>=10%", ("ttft.p99", "rises", ">=", 10.0, "%", False)),
        ("a differs 2.5e-1 ms", ("a", "differs", ">", 0.25, "ms", False)),
        ("a drops .5", ("a", "drops", ">", 0.5, "", False)),
        ("accuracy drops significantly", ("accuracy", "drops", ">", None, "", True)),
        ("a drops > 1 pp significantly", ("a", "drops", ">", 1.0, "pp", True)),
        ("x.accuracy (strict) drops > 1", ("x.accuracy (strict)", "drops", ">", 1.0, "", False)),
        ("output_token_throughput drops > 5 tokens/s",
         ("output_token_throughput", "drops", ">", 5.0, "tokens/s", False)),
    ],
)  # fmt: skip
def test_what_is_a_gate(text: str, gate: tuple[object, ...]) -> None:
    figure, change, sign, amount, unit, significantly = gate
    assert parse_gate(text) == Gate(
        text=text, figure=figure, change=change, sign=sign, amount=amount, unit=unit,
        significantly=significantly,
    )  # type: ignore[arg-type] # fmt: skip


@pytest.mark.parametrize(
    ("text", "caret", "message"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("drops > 1", 0, "a figure is missing"),
        ("> 1", 0, "a figure is missing"),
        ("a", 1, "drops, rises or differs is missing"),
        ("a falls > 1", 2, "'falls' is none of"),
        ("a drops", 7, "a number is missing"),
        ("a drops >", 9, "a number is missing"),
        ("a drops < 1", 8, "'<' cannot be"),
        ("a drops = 1", 8, "'=' cannot be"),
        ("a drops > -1", 10, "must not be negative"),
        ("a drops > x", 10, "is no number"),
        ("a drops > nan", 10, "is no number"),
        ("a drops > inf", 10, "is no number"),
        ("a drops > 1 pp more", 15, "'more' is too much"),
        ("a drops > 1..2", 10, "is no unit"),
        ("a drops > 1e999", 10, "too large"),
        ("a drops > 1,5", 10, "is no unit"),
        ("a drops > 1 2", 10, "is no unit"),
        ("a drops significantly > 1", 8, "is no number"),
        ("a drops __import__('os')", 8, "is no number"),
    ],
)
def test_what_is_none_is_told_with_its_place(text: str, caret: int, message: str) -> None:
    with pytest.raises(AisbenchError) as caught:
        parse_gate(text)
    lines = caught.value.message.splitlines()
    assert message in lines[0]
    assert lines[2] == " " * (4 + caret) + "^"
    assert "drops|rises|differs" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "failed", "straddles"),
    [
        ("gsm8k.accuracy drops > 1pp", True, True),
        ("gsm8k.accuracy drops > 3pp", False, True),
        ("gsm8k.accuracy drops > 4pp", False, False),
        ("gsm8k.accuracy drops > 2pp", False, True),
        ("gsm8k.accuracy drops >= 2pp", True, True),
        ("gsm8k.accuracy drops > 2 %", True, True),  # 2 of 80 are 2.5 %
        ("gsm8k.accuracy drops > 0.3", True, False),
        ("gsm8k.accuracy rises > 0", False, False),
        ("gsm8k.accuracy differs > 1", True, True),
        ("gsm8k.accuracy differs > 0.3", True, False),
        ("gsm8k.accuracy drops significantly", True, False),
        ("mmlu.accuracy drops significantly", False, True),
        ("ttft.p99 rises > 10 %", True, True),
        ("ttft.p99 rises > 10 % significantly", False, True),
        ("ttft.p99 rises > 20 ms", True, True),
        ("ttft.p99 rises > 0.02 s", True, True),
        ("mmlu/law.accuracy drops > 1", True, True),
    ],
)
def test_what_is_decided(text: str, failed: bool, straddles: bool) -> None:
    (found,) = decide(parse_gate(text), "new", ALL)
    assert (found.failed, found.straddles) == (failed, straddles)


def test_a_short_name_is_every_figure_that_ends_in_it_but_no_part() -> None:
    found = decide(parse_gate("accuracy drops > 1pp"), "new", ALL)
    assert [(one.difference.name, one.failed) for one in found] == [
        ("gsm8k.accuracy", True),
        ("mmlu.accuracy", False),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gsm8k.acuracy drops > 1", "did you mean 'gsm8k.accuracy'"),
        ("nothing drops > 1", "there are: gsm8k.accuracy"),
        ("gsm8k.accuracy drops > 1 ms", "it is in %"),
        ("ttft.p99 rises > 1 pp", "it is in ms"),
        ("accuracy drops > 1 bananas", "the limit may be in pp or %"),
    ],
)
def test_what_cannot_be_decided(text: str, words: str) -> None:
    with pytest.raises(AisbenchError) as caught:
        decide(parse_gate(text), "new", ALL)
    assert words in str(caught.value)


def test_no_share_of_nothing() -> None:
    zero = attrs.evolve(ACCURACY, left=0.0)
    with pytest.raises(AisbenchError, match="is 0 on the left side"):
        decide(parse_gate("accuracy drops > 1 %"), "new", [zero])


def test_an_untested_figure_is_decided_by_its_change() -> None:
    bare = attrs.evolve(ACCURACY, low=None, high=None, p=None, adjusted=None)
    (plain,) = decide(parse_gate("accuracy drops > 1"), "new", [bare])
    assert (plain.failed, plain.straddles, plain.low) == (True, False, None)
    (sure,) = decide(parse_gate("accuracy drops significantly"), "new", [bare])
    assert not sure.failed


def test_junit_holds_every_gate_whatever_its_text() -> None:
    gates = ["accuracy drops > 1pp", "ttft.p99 rises > 90 %"]
    found = [one for text in gates for one in decide(parse_gate(text), "a<b>\x00&", ALL)]
    root = ElementTree.fromstring(junit(found, 1.25))
    assert root.get("tests") == "3"
    assert root.get("failures") == "1"
    cases = root.findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == [gates[0], gates[0], gates[1]]
    failure = cases[0].find("failure")
    assert failure is not None
    assert "80 -> 78 %; drop 2 pp [+0.5, +3.5], limit > 1 pp" in str(failure.text)
    assert cases[0].get("classname") == "a<b>\ufffd&.gsm8k.accuracy"
    assert cases[1].find("failure") is None


def test_a_gate_that_means_a_lost_figure_is_an_error() -> None:
    gate = parse_gate("accuracy drops > 5pp")
    with pytest.raises(AisbenchError, match=r"new has no ceval\.accuracy, and the gate means it"):
        decide(gate, "new", ALL, ["ceval.accuracy", "ceval.accuracy (strict)"])
    whole = parse_gate("gsm8k.accuracy drops > 5pp")
    assert len(decide(whole, "new", ALL, ["ceval.accuracy", "x/gsm8k.accuracy"])) == 1
