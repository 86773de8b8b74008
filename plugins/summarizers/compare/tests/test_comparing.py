"""Sides in memory: what is paired, what is fair, what the figures are."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import attrs
import numpy as np
import pytest
from rich.console import Console

from aisbench.api import AisbenchError, wording
from aisbench_plugin_compare.comparing.comparison import SideComparison, compare
from aisbench_plugin_compare.comparing.pairing import pair
from aisbench_plugin_compare.gates.deciding import decide
from aisbench_plugin_compare.gates.grammar import parse_gate
from aisbench_plugin_compare.showing.document import document
from aisbench_plugin_compare.showing.markdown import markdown
from aisbench_plugin_compare.showing.page import Quote
from aisbench_plugin_compare.showing.report import ReportOptions, report
from aisbench_plugin_compare.showing.terminal import show
from aisbench_plugin_compare.sides.repeated import together
from aisbench_plugin_compare.sides.side import (
    ComparedSide,
    Facts,
    HeldAnswers,
    Load,
    LoadLabel,
    Quantity,
    SideAnswer,
    SideMeasure,
    SideRow,
    SideTask,
    ToldFigure,
)
from aisbench_plugin_compare.statistics.paired_counts import mcnemar

FACTS: Facts = {
    "model": {"model": "m"},
    "prompt": {"variant": "v"},
    "settings": {"generation.temperature": "0"},
    "scoring": {"evaluator": "e"},
}


def row(name: str, value: float | None, place: int, **changes: object) -> SideRow:
    values: dict[str, object] = {
        "keys": {"content": f"content of {name}", "prompt": f"prompt of {name}", "id": name},
        "id": name, "question": name, "value": value, "place": place,
        "outcome": "failed" if value is None else "right" if value == 1 else "wrong", **changes,
    }  # fmt: skip
    return SideRow(**values)  # type: ignore[arg-type]


def task(rows: Sequence[SideRow], **changes: object) -> SideTask:
    score = np.array([0.0 if one.value is None else one.value for one in rows])
    values: dict[str, object] = {
        "model": "m", "dataset": "d", "rows": rows,
        "measures": [SideMeasure(name="accuracy", values=score, unit="%", is_share=True)],
        "facts": FACTS,
        "answers": HeldAnswers([SideAnswer(prompt="2 + 2?", text=f"It is {i}.")
                                for i in range(len(rows))]), **changes,
    }  # fmt: skip
    return SideTask(**values)  # type: ignore[arg-type]


def side(label: str, *tasks: SideTask, **changes: object) -> ComparedSide:
    values: dict[str, object] = {
        "label": label, "source": label, "tool": "aisbench", "tasks": tasks, **changes,
    }  # fmt: skip
    return ComparedSide(**values)  # type: ignore[arg-type]


def scores(values: Mapping[str, float | None] | Sequence[float | None]) -> SideTask:
    named = values if isinstance(values, Mapping) else {str(i): v for i, v in enumerate(values)}
    return task([row(name, value, place) for place, (name, value) in enumerate(named.items())])


def compared(left: SideTask, right: SideTask, **changes: str) -> SideComparison:
    tools = {"left_tool": "aisbench", "right_tool": "aisbench", **changes}
    return compare(
        side("a", left, tool=tools["left_tool"]), side("b", right, tool=tools["right_tool"])
    )


def text_of(found: SideComparison, flips: int = 0) -> str:
    return markdown(report(found, [], ReportOptions(flips=flips), wording("none", "en")))


def test_rows_in_another_order_are_paired_by_content() -> None:
    left = scores({"x": 1, "y": 0, "z": 1})
    right = scores({"z": 1, "x": 0, "y": 0})
    (found,) = compared(left, right).tasks
    assert found.pairs.kind == "content"
    assert found.pairs.rows == [(0, 1), (1, 2), (2, 0)]
    assert (found.figures[0].gained, found.figures[0].lost) == (0, 1)
    assert found.fairness.weight == "fair"


def test_rows_without_a_partner_are_named_and_in_no_difference() -> None:
    left = scores({"x": 1, "y": 0, "only left": 0})
    right = scores({"x": 1, "y": 1, "only right": 0})
    found = compared(left, right)
    (one,) = found.tasks
    assert list(one.pairs.left_only) == ["only left"]
    assert list(one.pairs.right_only) == ["only right"]
    assert one.fairness.weight == "unfair"
    assert (one.figures[0].n, one.figures[0].left, one.figures[0].right) == (2, 50, 100)
    text = text_of(found)
    assert "1 rows are in a alone, and in no difference: only left" in text


def test_a_row_whose_reference_was_mended_is_another_row() -> None:
    left = scores({"x": 1, "y": 0})
    rows = [row("x", 1, 0), attrs.evolve(row("y", 1, 1), keys={"content": "mended", "id": "y"})]
    (found,) = compared(left, task(rows)).tasks
    assert list(found.pairs.changed) == ["y"]
    assert found.pairs.questions == 1


def test_two_rows_of_one_content_are_paired_by_their_ids() -> None:
    same = {"content": "twice", "id": ""}
    left = task([row("p", 1, 0, keys=same), row("q", 0, 1, keys=same)])
    right = task([row("q", 0, 0, keys=same), row("p", 1, 1, keys=same)])
    pairs = pair(left, right)
    assert pairs.rows == [(0, 1), (1, 0)]
    assert pairs.doubled == 2


def test_between_tools_the_key_that_pairs_most_is_taken() -> None:
    left = task([row(str(i), 1, i) for i in range(4)])
    right = task(
        [row(str(i), 0, i, keys={"content": f"other {i}", "prompt": f"prompt of {i}"})
         for i in range(4)]
    )  # fmt: skip
    (found,) = compared(left, right, right_tool="lm-eval").tasks
    assert (found.pairs.kind, found.pairs.questions) == ("prompt", 4)


def test_ids_alone_pair_between_tools_and_never_between_runs() -> None:
    left = scores({"1": 1, "2": 0})
    right = task([row(name, 1, i, keys={"id": name}) for i, name in enumerate("12")])
    assert pair(left, right, one_tool=False).kind == "id"
    assert not pair(left, right).samples


def test_right_and_wrong_are_tested_by_mcnemar() -> None:
    left = scores([0] * 12 + [1] * 3 + [1] * 35)
    right = scores([1] * 12 + [0] * 3 + [1] * 35)
    (found,) = compared(left, right).tasks
    one = found.figures[0]
    assert one.p == pytest.approx(mcnemar(12, 3))
    assert one.test == "exact McNemar"
    assert one.verdict == "better"
    assert one.change == pytest.approx(18)
    assert one.low is not None and one.high is not None and one.low < 18 < one.high
    assert (len(found.flips.gained), len(found.flips.lost), found.flips.same) == (12, 3, 35)


def test_marks_are_tested_by_signs() -> None:
    rng = np.random.default_rng(0)
    left = [float(one) for one in rng.random(60)]
    (found,) = compared(scores(left), scores([min(1, one + 0.1) for one in left])).tasks
    assert found.figures[0].test.startswith("paired permutation")
    assert found.figures[0].verdict == "better"
    (lower,) = compared(scores(left), scores([one * 0.8 for one in left])).tasks
    assert lower.figures[0].verdict == "worse"


def test_repeats_of_a_question_are_one_question() -> None:
    """Ten questions with fifty answers each, all of which agree: n is 10, and not 500."""

    def answers(right: int) -> SideTask:
        return task(
            [row(str(i), float(i < right), i * 50 + k, repeat=k)
             for i in range(10) for k in range(50)]
        )  # fmt: skip

    (found,) = compared(answers(5), answers(8)).tasks
    one = found.figures[0]
    assert one.n == 10
    assert one.p == pytest.approx(0.25)
    assert one.verdict == "no difference"


def test_samples_that_ask_one_question_are_one_cluster() -> None:
    def answers(value: float) -> SideTask:
        return task([row(f"{q}-{v}", value, 0, question=q) for q in "abcd" for v in range(3)])

    (found,) = compared(answers(0), answers(1)).tasks
    assert found.figures[0].n == 4
    assert found.figures[0].p == pytest.approx(2 / 2**4)


def test_pass_at_k_is_compared_where_both_tell_it() -> None:
    told = ToldFigure(name="pass@2", value=0, unit="%", measure="accuracy", reduction="pass@2")

    def answers(right: int) -> SideTask:
        rows = [row(str(i), float(k < right), i * 4 + k, repeat=k)
                for i in range(6) for k in range(4)]  # fmt: skip
        return task(rows, figures=[told])

    (found,) = compared(answers(1), answers(2)).tasks
    (one,) = [one for one in found.figures if one.figure == "pass@2"]
    assert one.left == pytest.approx(50)
    assert one.right == pytest.approx(100 * 5 / 6)


def test_holm_is_over_all_data_sets() -> None:
    left = scores([0] * 6 + [1] * 30)
    right = scores([1] * 6 + [1] * 30)
    alone = compared(left, right).tasks[0].figures[0]
    assert alone.verdict == "better"
    sets = [attrs.evolve(left, dataset=name) for name in "xyz"]
    others = [attrs.evolve(right, dataset="x"), *sets[1:]]
    found = compare(side("a", *sets), side("b", *others))
    one = found.tasks[0].figures[0]
    assert one.p == alone.p
    assert one.adjusted == pytest.approx(3 * 0.03125)
    assert one.verdict == "no difference"
    assert found.tasks[1].figures[0].verdict == "same"


def test_failed_answers_are_bounds() -> None:
    left = scores([1.0] * 20 + [0.0] * 20)
    right = scores([1.0] * 18 + [None] * 4 + [0.0] * 18)
    found = compared(left, right)
    one = found.tasks[0].figures[0]
    assert one.change == pytest.approx(-5)
    assert one.bounds == pytest.approx((-5, 5))
    assert one.open
    assert "leave open who is ahead: they could make it -5.00 to +5.00 pp" in text_of(found)


def test_parts_are_a_family_of_their_own() -> None:
    rows = [row(str(i), float(i % 2), i, part="odd" if i % 2 else "even") for i in range(20)]
    others = [attrs.evolve(one, value=1.0) for one in rows]
    (found,) = compared(task(rows), task(others)).tasks
    assert [(one.part, one.verdict) for one in found.parts] == [
        ("even", "better"),
        ("odd", "same"),
    ]
    assert found.parts[0].name == "d/even.accuracy"


def test_a_mean_of_parts_is_compared_as_one() -> None:
    def uneven(first: float) -> SideTask:
        rows = [row(f"s{i}", first, i, part="small") for i in range(2)]
        rows += [row(f"l{i}", 1.0, 2 + i, part="large") for i in range(8)]
        value = 100 * (first + 1) / 2
        return task(rows, figures=[ToldFigure(name="accuracy", value=value, unit="%",
                                              measure="accuracy")])  # fmt: skip

    (found,) = compared(uneven(0), uneven(1)).tasks
    assert (found.figures[0].left, found.figures[0].right) == (50, 100)


def test_weighted_measures_are_ratios_of_sums() -> None:
    def measured(values: Sequence[float]) -> SideTask:
        measure = SideMeasure(
            name="instructions",
            unit="%",
            values=np.array(values),
            weights=np.array([1.0, 3.0, 2.0]),
        )
        rows = [row(str(i), 0.0, i) for i in range(3)]
        return task(rows, measures=[measure])

    (found,) = compared(measured([0, 50, 100]), measured([100, 50, 100])).tasks
    (one,) = found.figures
    assert one.left == pytest.approx(350 / 6)
    assert one.right == pytest.approx(450 / 6)
    assert one.difference_unit == "pp"


def test_figures_that_are_no_means_are_told_with_what_is_known() -> None:
    left = attrs.evolve(scores([1, 0]), figures=[ToldFigure(name="bleu", value=20.0)])
    right = attrs.evolve(scores([1, 0]), figures=[ToldFigure(name="bleu", value=23.0)])
    one = compared(left, right).tasks[0].figures[-1]
    assert (one.figure, one.change, one.verdict) == ("bleu", 3.0, "not tested")


def test_groups_are_compared_by_their_own_intervals() -> None:
    def with_group(label: str, value: float) -> ComparedSide:
        group = ToldFigure(
            name="knowledge", part="m", value=value, unit="%", better="up",
            low=value - 1, high=value + 1,
        )  # fmt: skip
        return side(label, scores([1, 0]), groups=[group])

    found = compare(with_group("a", 60), with_group("b", 64))
    (one,) = found.groups
    assert (one.name, one.change, one.verdict) == ("knowledge", 4, "better")
    assert (one.low, one.high) == pytest.approx((4 - 2**0.5, 4 + 2**0.5))
    (decision,) = decide(parse_gate("knowledge rises > 3pp"), "b", found.figures)
    assert decision.failed and decision.straddles
    assert "knowledge: b is better" in text_of(found)


def changed(one: SideTask, **topics: Mapping[str, str]) -> SideTask:
    return attrs.evolve(one, facts={**one.facts, **topics})


def test_one_thing_that_differs_is_fair_and_two_are_not() -> None:
    left = scores([1, 0, 1])
    only_model = compared(left, changed(left, model={"model": "n"})).tasks[0].fairness
    assert (only_model.weight, list(only_model.deciding)) == ("fair", ["model"])
    both = compared(left, changed(left, model={"model": "n"}, settings={"temperature": "1"}))
    assert both.tasks[0].fairness.weight == "unfair"
    assert "unfair as a comparison of one thing: model, settings differ" in text_of(both)


def test_what_was_sent_decides_whatever_was_configured() -> None:
    left = scores([1, 0, 1])
    named = changed(left, prompt={"variant": "w"})
    assert not compared(left, named).tasks[0].fairness.deciding
    rows = [attrs.evolve(one, keys={**one.keys, "prompt": "other"}) for one in left.rows]
    found = compared(left, attrs.evolve(left, rows=rows)).tasks[0].fairness
    assert list(found.deciding) == ["prompt"]
    assert (found.prompts.known, found.prompts.equal) == (3, 0)


def test_a_side_that_does_not_tell_is_unknown() -> None:
    left = scores([1, 0])
    silent = attrs.evolve(left, facts={"model": {"model": "m"}})
    found = compared(left, silent).tasks[0].fairness
    assert found.weight == "unknown"
    assert set(found.unknown) == {"settings", "scoring"}


def test_a_seed_is_no_difference_that_decides() -> None:
    left, right = scores([1, 0]), scores([1, 0])
    found = compare(
        side("a", left, facts={"settings": {"seed": "1"}}),
        side("b", right, facts={"settings": {"seed": "2"}}),
    )
    assert found.tasks[0].fairness.weight == "fair"
    assert [one.name for one in found.tasks[0].fairness.found] == ["seed"]


def test_models_are_matched_by_name_where_a_side_has_several() -> None:
    one = scores([1, 0])
    several = [attrs.evolve(one, model=name) for name in ("m", "n")]
    found = compare(side("a", *several), side("b", *several))
    assert [each.name for each in found.tasks] == ["m/d", "n/d"]
    with pytest.raises(AisbenchError, match="several models") as caught:
        compare(side("a", *several), side("b", attrs.evolve(one, model="x")))
    assert "a:m" in caught.value.hint


def test_data_sets_of_other_names_are_matched_by_their_rows() -> None:
    one = scores([1, 0, 1])
    found = compare(side("a", one), side("b", attrs.evolve(one, dataset="renamed")))
    assert len(found.tasks) == 1
    other = task([row(f"else {i}", 1, i) for i in range(3)], dataset="else")
    with pytest.raises(AisbenchError, match="nothing in common"):
        compare(side("a", one), side("b", other))


def test_what_a_model_said_is_no_markup() -> None:
    nasty = "</details>\n````\n# big <script>alert(1)</script> @everyone | a"
    left = attrs.evolve(scores([1]), answers=HeldAnswers([SideAnswer(prompt="q|<b>", text=nasty)]))
    right = attrs.evolve(scores([0]), answers=left.answers)
    text = text_of(compared(left, right), flips=1)
    before, _, rest = text.partition("`````text\n")
    assert "q|<b>" in before
    assert nasty in text
    assert "<script>" not in rest.partition("`````")[2].replace(nasty, "")


def load(values: Sequence[float], **changes: object) -> Load:
    fields: dict[str, object] = {
        "model": "m", "dataset": "w", "label": "rate=8", "counts": {"total": 100, "failed": 0},
        "quantities": [Quantity(name="ttft", unit="ms", values=np.array(values))],
        "figures": [ToldFigure(name="request_throughput", value=8.0, unit="requests/s",
                               better="up", low=7.8, high=8.2)], **changes,
    }  # fmt: skip
    return Load(**fields)  # type: ignore[arg-type]


def test_loads_are_compared_and_gated() -> None:
    rng = np.random.default_rng(0)
    loads = [[load(rng.normal(mean + 2 * i, 10, 300)) for i in range(4)] for mean in (100, 130)]
    found = compare(side("a", loads=loads[0]), side("b", loads=loads[1]))
    (one,) = found.loads
    assert one.replicated
    by_name = {each.figure: each for each in one.figures}
    assert by_name["ttft.mean"].verdict == "worse"
    assert by_name["request_throughput"].verdict == "same"
    (decision,) = decide(parse_gate("ttft.p99 rises > 10 %"), "b", found.figures)
    assert decision.failed
    assert "4 loads against 4" in text_of(found)


def labelled(name: str, **means: float) -> LoadLabel:
    told = {"unit": "ms", "better": "down"}
    return LoadLabel(
        name=name,
        requests={value: place + 10 for place, value in enumerate(means)},
        figures=[
            ToldFigure(name="ttft.mean", value=one, part=value, low=one - 1, high=one + 1, **told)  # type: ignore[arg-type]
            for value, one in means.items()
        ],
    )


def test_labels_of_a_load_are_set_side_by_side() -> None:
    names = dict.fromkeys("abcdef", 20.0)
    groups = labelled("group", one=1.0)
    rare = attrs.evolve(groups, name="rare", requests={"one": 9})
    left = load([1.0] * 30, labels=[groups, rare, labelled("adapter", **names, old=1.0)])
    right = load([1.0] * 30, labels=[groups, rare, labelled("adapter", **{**names, "f": 50.0})])
    found = compare(side("a", loads=[left]), side("b", loads=[right]))
    first, second = found.loads[0].labels
    assert (first.name, second.name) == ("adapter", "group")
    # Those with the most requests, as the load has them.
    assert [(one.part, one.verdict) for one in first.figures] == [
        ("c", "no difference"), ("d", "no difference"), ("e", "no difference"), ("f", "worse"),
    ]  # fmt: skip
    assert first.figures[-1].name == "w/rate=8/adapter.ttft.mean"
    assert (first.others, first.left_only, first.right_only) == (2, ["old"], [])
    text = text_of(found)
    assert "requests by adapter" in text and "f: ttft.mean" in text
    assert "only a has: old" in text
    told = document([found], [])["comparisons"][0]["loads"][0]["labels"]
    assert [len(one["figures"]) for one in told] == [4, 1]


def test_one_load_a_side_is_said_to_be_about_two_loads() -> None:
    rng = np.random.default_rng(0)
    left, right = load(rng.normal(100, 10, 300)), load(rng.normal(100, 10, 300))
    found = compare(side("a", loads=[left]), side("b", loads=[right]))
    assert not found.loads[0].replicated
    assert "a verdict is about these two loads" in text_of(found)


def test_a_load_asked_otherwise_is_unfair() -> None:
    left = load([1.0] * 50, facts={"load": {"rate": "8"}, "client": {}})
    right = load([1.0] * 50, facts={"load": {"rate": "9"}, "client": {}}, label="rate=9")
    found = compare(side("a", loads=[left]), side("b", loads=[right]))
    assert "unfair as a comparison of servers: rate differ" in text_of(found)


def test_two_servers_may_be_at_two_addresses() -> None:
    left = load([1.0] * 50, facts={"client": {"url": "http://a"}, "settings": {"seed": "1"}})
    right = load([1.0] * 50, facts={"client": {"url": "http://b"}, "settings": {"seed": "2"}})
    found = compare(side("a", loads=[left]), side("b", loads=[right]))
    assert "unfair" not in text_of(found)
    assert "| client | url | http://a | http://b |" in text_of(found)


@pytest.mark.parametrize(("width", "apart"), [(200, False), (60, True)])
def test_nothing_is_cut_in_a_narrow_terminal(width: int, apart: bool) -> None:
    found = compared(scores([1, 0] * 20), scores([1, 1] * 20))
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    show(report(found, [], ReportOptions(), wording("none", "en")), console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("verdict better" in " ".join(text.split())) is apart
    assert all(len(line) <= width for line in text.splitlines())
    assert "100.00 %" in text and "d.accuracy" in text


def test_control_characters_are_shown_and_not_obeyed() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=True, color_system=None)
    show([Quote("said", "a\x1b[31mred\x07\ttab")], console)
    assert "a\\x1b[31mred\\x07    tab" in console.file.getvalue()  # type: ignore[attr-defined]


def test_runs_together_are_repeats_of_one_another() -> None:
    runs = [side("x", scores([1, 0]), loads=[load([1.0])]), side("y", scores([1, 1]))]
    one = together(runs, "x,y")
    (joined,) = one.tasks
    assert [(each.id, each.repeat) for each in joined.rows] == [
        ("0", 0), ("1", 0), ("0", 1), ("1", 1),
    ]  # fmt: skip
    assert [text.text for _, text in sorted(joined.answers.read([0, 3]))] == [
        "It is 0.",
        "It is 1.",
    ]
    found = compare(one, side("z", scores([1, 1])))
    assert found.tasks[0].figures[0].left == 75
    assert found.tasks[0].figures[0].n == 2


def test_the_document_holds_no_infinity() -> None:
    import json

    found = compare(side("a", loads=[load([1.0])]), side("b", loads=[load([2.0])]))
    text = json.dumps(document([found], []), allow_nan=False)
    assert json.loads(text)["version"] == 1


def test_figures_that_the_second_side_lost_are_known() -> None:
    left = side("a", scores([1, 0]), attrs.evolve(scores([1]), dataset="gone"))
    assert compare(left, side("b", scores([1, 1]))).lost == ["gone.accuracy"]
    assert compare(side("b", scores([1, 1])), left).lost == []


def test_between_tools_what_one_side_alone_tells_is_unknown() -> None:
    left = task([row("x", 1, 0)], facts={**FACTS, "model": {"served as": "org/m", "path": "/v1"}})
    facts = {"model": {"served as": "m"}, "settings": {"until": "Q"}, "scoring": {"metric": "x"}}
    right = task([row("x", 1, 0)], facts=facts)
    (found,) = compared(left, right, right_tool="evalscope").tasks
    assert (found.fairness.weight, found.fairness.deciding) == ("unknown", [])
    assert found.fairness.unknown == ["settings", "scoring"]
    (ours,) = compared(left, right).tasks
    assert "model" in ours.fairness.deciding
    text = text_of(compared(left, right, right_tool="evalscope"))
    assert "things are told by one side alone" in text and "not told" not in text


def test_gaps_are_not_set_beside_means_of_gaps() -> None:
    gaps = Quantity(
        name="itl", unit="ms", values=np.tile([1.0, 9.0], 30), requests=np.arange(60) // 2
    )
    means = attrs.evolve(gaps, values=np.full(30, 5.0), requests=None)
    loads = [Load(model="m", dataset="d", label="l", quantities=[one]) for one in (gaps, means)]
    found = compare(side("a", loads=loads[:1]), side("b", loads=loads[1:], tool="aiperf"))
    p90 = next(one for one in found.figures if one.figure == "itl.p90")
    assert (p90.left, p90.right) == (5.0, 5.0)
    same = compare(side("a", loads=loads[:1]), side("b", loads=loads[:1]))
    assert next(one for one in same.figures if one.figure == "itl.p90").left == 9.0
