"""Series of loads against sums and brute force over recordings made by chance."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from recordings import MS, Maker

from aisbench.metrics import gap_bins
from aisbench.metrics.bins import SHOWN, place_of, time_bins
from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.measure import measure
from aisbench.metrics.requests import request_metrics
from aisbench.metrics.series import SeriesLabels, load_series
from aisbench.metrics.timeline import timeline
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Phase, Recording
from aisbench.types.performance import Population
from aisbench.types.series import LoadSeries

LABELS = SeriesLabels(model="m", dataset="d", load="load", open_loop=True)
SEEDS = range(8)


def by_chance(seed: int, requests: int = 90) -> Recording:
    """Warm-up, failures, retries, cut, empty and never sent requests; reads of several events."""
    chance = random.Random(seed)
    maker = Maker(per_block=chance.choice([2, 7, 40]))
    spread = chance.choice([200, 5_000, 400_000])
    for _ in range(requests):
        due = chance.randrange(-spread // 5, spread) * MS + chance.randrange(MS)
        phase = Phase.WARM_UP if due < 0 else chance.choice([Phase.MEASURED] * 9 + [*Phase])
        sent = due + chance.randrange(3 * MS)
        kind = chance.random()
        known = {"scheduled": due, "dispatched": due, "phase": int(phase)}
        if kind < 0.06:
            maker.add(outcome=int(AttemptOutcome.CANCELLED), final=1, **known)
            continue
        time = sent + chance.randrange(1, spread // 4 + 2) * MS // 3
        reads = []
        for _ in range(chance.choice([0, 1, 2, 5, 30])):
            reads.append((time, chance.choice([1, 1, 1, 3])))
            time += chance.randrange(1, spread * MS // 50)
        outcome = AttemptOutcome.SUCCESS
        if kind > 0.8:
            outcome = chance.choice([AttemptOutcome.FAILED, AttemptOutcome.CANCELLED])
        tokens = sum(count for _, count in reads) + chance.choice([0, 0, 2])
        again = outcome is AttemptOutcome.FAILED and chance.random() < 0.4
        maker.add(
            reads,
            outcome=int(outcome),
            sent=sent,
            done=max(time, sent + 1),
            final=int(not again),
            completion_tokens=tokens if outcome is AttemptOutcome.SUCCESS else ABSENT,
            prompt_tokens=chance.choice([10, 400]),
            **known,
        )
    return maker.recording()


def of(recording: Recording) -> tuple[LoadSeries, Population]:
    options = MetricOptions()
    return load_series(recording, options, LABELS), measure(recording, options)[0]


def value(part: Population, name: str) -> float:
    return next(one.value for one in part.figures if one.name == name)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sums_of_the_bins_are_the_figures_of_the_load(seed: int) -> None:
    recording = by_chance(seed)
    series, run = of(recording)
    counts = series.counts
    assert sum(counts.answered) == value(run, "success_requests")
    assert sum(counts.failed) == value(run, "failed_requests")
    assert sum(counts.cancelled) == value(run, "cancelled_requests")
    assert sum(counts.asked) == value(run, "total_requests")
    assert sum(counts.sent) == np.count_nonzero(
        recording.columns.requests & recording.columns.was_sent
    )
    assert round(sum(counts.output_tokens)) == value(run, "total_output_tokens")
    assert round(sum(counts.input_tokens)) == value(run, "total_input_tokens")
    assert {len(column) for column in vars_of(series)} == {series.bins.count}


def vars_of(series: LoadSeries) -> list[tuple[object, ...]]:
    now, counts = series.concurrency, series.counts
    columns = [now.queued, now.prefill, now.decode, now.apart, now.peak]
    columns += [counts.asked, counts.sent, counts.answered, counts.output_tokens]
    return [*columns, *(column for one in series.over_time for column in one.percentiles.values())]


def states_of(recording: Recording) -> dict[str, list[tuple[int, int]]]:
    """When each attempt was in which state: one after the other, in plain integers."""
    columns = recording.columns
    found: dict[str, list[tuple[int, int]]] = {
        "queued": [], "prefill": [], "decode": [], "apart": [], "flight": [],
    }  # fmt: skip
    names = ("scheduled", "sent", "first_token", "done")
    for row in range(columns.rows):
        due, sent, first, done = (int(columns[name][row]) for name in names)
        if sent == ABSENT:
            continue
        if columns["phase"][row] != Phase.MEASURED:
            found["apart"].append((sent, done))
            continue
        found["flight"].append((sent, done))
        found["queued"].append((due, sent))
        found["prefill"].append((sent, done if first == ABSENT else first))
        if first != ABSENT:
            found["decode"].append((first, done))
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrency_is_what_brute_force_says(seed: int) -> None:
    recording = by_chance(seed)
    series, run = of(recording)
    states = states_of(recording)
    flights = states.pop("flight")
    edges, width = series.bins.edges_ns, series.bins.width_ns
    for name, spans in states.items():
        expected = [
            sum(max(0, min(end, high) - max(begin, low)) for begin, end in spans) / width
            for low, high in itertools.pairwise(edges)
        ]
        assert getattr(series.concurrency, name) == pytest.approx(expected, abs=1e-6), name
    changes = sorted({time for span in flights for time in span})
    for peak, (low, high) in zip(series.concurrency.peak, itertools.pairwise(edges), strict=True):
        instants = [low, *(time for time in changes if low <= time < high)]
        assert peak == max(sum(b <= time < e for b, e in flights) for time in instants)
    assert max(series.concurrency.peak) == value(run, "max_concurrency")
    both = np.add(series.concurrency.prefill, series.concurrency.decode).sum() * width / 1e9
    assert both == pytest.approx(
        value(run, "concurrency") * value(run, "benchmark_duration"), rel=1e-9
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_percentiles_over_time_are_those_of_the_requests_sent_then(seed: int) -> None:
    recording = by_chance(seed)
    series, _ = of(recording)
    good = recording.columns.succeeded
    place = place_of(series.bins, recording.columns.started)
    metrics = request_metrics(recording)
    for one in series.over_time:
        if one.metric == "itl":
            continue
        column = metrics[one.metric]
        for at in range(series.bins.count):
            values = column[good & (place == at) & ~np.isnan(column)]
            assert one.n[at] == len(values)
            expected = np.percentile(values, SHOWN) if len(values) else [None] * 3
            for found, wanted in zip(one.percentiles.values(), expected, strict=True):
                assert found[at] == (None if wanted is None else pytest.approx(wanted))


@pytest.mark.parametrize("seed", SEEDS)
def test_curves_pass_through_the_percentiles_of_the_summary(seed: int) -> None:
    series, run = of(by_chance(seed))
    checked = 0
    for one in run.statistics:
        if (curve := series.curves.get(one.name)) is None:
            continue
        checked += 1
        assert (curve.n, sum(curve.counts)) == (one.n, one.n)
        points = dict(zip(curve.shares, curve.values, strict=True))
        for name, number in one.percentiles.items():
            assert points[float(name[1:])] == pytest.approx(number, rel=1e-12)
        assert (points[0.0], points[100.0]) == pytest.approx((one.min, one.max))
        assert list(curve.values) == sorted(curve.values)
        assert list(curve.edges) == sorted(set(curve.edges))
    assert checked >= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_many_gaps_are_counted_as_few_are(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = by_chance(seed, requests=200)
    exact, _ = of(recording)
    monkeypatch.setattr(gap_bins, "KEPT", 0)
    counted, _ = of(recording)
    assert not counted.curves["itl"].exact
    assert counted.counts.output_tokens == pytest.approx(exact.counts.output_tokens)
    few, many = (
        next(part for part in one.over_time if part.metric == "itl") for one in (exact, counted)
    )
    assert few.n == many.n
    for name in few.percentiles:
        for one, other in zip(few.percentiles[name], many.percentiles[name], strict=True):
            assert one == other or other == pytest.approx(one, rel=6e-4)
    here, there = exact.curves["itl"], counted.curves["itl"]
    assert here.n == there.n == sum(there.counts)
    assert there.values == pytest.approx(here.values, rel=6e-4)


def test_bins_are_few_have_round_lengths_and_hold_every_instant() -> None:
    for seed in SEEDS:
        recording = by_chance(seed)
        bins = time_bins(recording.columns)
        assert bins.count <= 120
        assert bins.begin_ns % bins.width_ns == 0
        done = recording.columns["done"][recording.columns.has_ended]
        assert bins.begin_ns <= done.min() and done.max() < bins.end_ns


def test_a_load_of_one_request_and_one_of_none_have_series() -> None:
    maker = Maker()
    series = load_series(maker.recording(), MetricOptions(), LABELS)
    assert (sum(series.counts.asked), series.curves, series.timeline.spans) == (0, {}, ())
    maker.simple(5, 20, 3, 4)
    series = load_series(maker.recording(), MetricOptions(), LABELS)
    assert series.curves["ttft"].counts == (1,)
    assert sum(series.counts.output_tokens) == 4


def test_answers_in_one_piece_have_no_gaps_and_no_first_tokens() -> None:
    maker = Maker()
    for index in range(30):
        maker.add(scheduled=index * MS, dispatched=index * MS, sent=index * MS,
                  done=(index + 9) * MS, completion_tokens=5, prompt_tokens=3)  # fmt: skip
    series = load_series(maker.recording(), MetricOptions(streamed=False), LABELS)
    assert {one.metric for one in series.over_time} == {"e2el", "e2el_scheduled"}
    assert not {"ttft", "itl", "tpot"} & series.curves.keys()
    assert sum(series.counts.output_tokens) == 150


def test_the_timeline_draws_evenly_and_keeps_failures_apart() -> None:
    maker = Maker()
    for index in range(1000):
        outcome = AttemptOutcome.FAILED if index % 10 == 0 else AttemptOutcome.SUCCESS
        maker.simple(index, 1, 1, 2, outcome=int(outcome))
    found = timeline(maker.recording().columns, most=90, most_failed=20)
    assert (found.total, found.failed, found.failed_shown) == (1000, 100, 20)
    failed = [one.row for one in found.spans if one.outcome == "failed"]
    assert len(found.spans) == 110 and len(failed) == 20
    assert {b - a for a, b in itertools.pairwise(failed)} == {50}
    begun = [one.sent_ns for one in found.spans if one.sent_ns is not None]
    assert begun == sorted(begun)


def test_all_phases_have_their_spans() -> None:
    maker = Maker()
    maker.simple(-50, 5, 1, 3, phase=int(Phase.WARM_UP))
    maker.simple(0, 5, 1, 3)
    maker.simple(10, 5, 1, 3, phase=int(Phase.COOL_DOWN))
    series = load_series(maker.recording(), MetricOptions(), LABELS)
    assert [(one.name, one.begin_ns, one.requests) for one in series.phases] == [
        ("warm_up", -50 * MS, 1), ("measured", 0, 1), ("cool_down", 10 * MS, 1),
    ]  # fmt: skip
