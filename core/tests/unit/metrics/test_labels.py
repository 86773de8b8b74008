"""Figures of a load's requests by their labels."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import MS, Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.labels import MOST_VALUES, by_label
from aisbench.settings.slo import parse_slo
from aisbench.store.recording.columns import AttemptOutcome, Phase


def test_each_value_has_the_figures_of_its_requests_alone() -> None:
    maker = Maker()
    for at, (group, ttft) in enumerate((("b", 50), ("a", 10), ("b", 70), ("a", 20))):
        maker.simple(100 * at, ttft, 5, 3, prompt=40, cached_tokens=10 if group == "a" else 30)
        maker.label(group=group)
    maker.simple(400, 30, 5, 3)  # of no group
    maker.add(sent=450 * MS, done=460 * MS, outcome=int(AttemptOutcome.FAILED), final=1)
    maker.label(group="a")
    maker.simple(500, 1, 5, 3, phase=int(Phase.WARM_UP))
    maker.label(group="c")
    slo = parse_slo({"ttft_ms": 15})
    (found,) = by_label(maker.recording(), MetricOptions(slo=slo))
    assert (found.name, found.distinct, found.unlabelled) == ("group", 2, 1)
    first, second = found.values
    assert [first.value, second.value] == ["a", "b"]
    assert (first.counts.total, first.counts.success, first.counts.failed) == (3, 2, 1)
    means = {one.name: one.mean for one in first.statistics}
    assert means["ttft"] == pytest.approx(15) and means["tpot"] == pytest.approx(5)
    assert means["cached_tokens"] == 10
    figures = {one.name: one.value for one in first.figures}
    assert figures["cached_share"] == 0.25 and figures["total_output_tokens"] == 6
    # One good request of three, over the 460 ms from the first one sent to the last one done.
    assert figures["slo_attainment"] == pytest.approx(1 / 3)
    assert figures["goodput"] == pytest.approx(1 / 0.46)
    assert {one.name: one.mean for one in second.statistics}["ttft"] == pytest.approx(60)


def test_of_many_values_those_with_the_most_requests_are_measured() -> None:
    maker = Maker()
    for number in range(MOST_VALUES + 20):
        for turn in range(2 if number < 110 else 3):
            maker.simple(number * 10 + turn, 5, 1, 2)
            maker.label(session=f"s{number}", size="small")
    sessions, sizes = by_label(maker.recording(), MetricOptions())
    assert sessions.distinct == MOST_VALUES + 20 and len(sessions.values) == MOST_VALUES
    names = [one.value for one in sessions.values]
    assert names == sorted(names, key=lambda one: int(one[1:])) and "s119" in names
    assert [one.counts.total for one in sizes.values] == [250]


def test_a_load_without_labels_has_none() -> None:
    maker = Maker()
    assert by_label(maker.recording(), MetricOptions()) == ()
    maker.simple(0, 1, 1, 2)
    assert by_label(maker.recording(), MetricOptions(), np.array([3])) == ()
