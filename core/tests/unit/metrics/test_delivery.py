"""Answers that came otherwise than one token after the other: told, and in no figure as if not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import MS, Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.concurrency import completed_work
from aisbench.metrics.counts import request_counts
from aisbench.metrics.delivery import Delivery, delivery
from aisbench.metrics.goodput import good, holds
from aisbench.metrics.measure import measure
from aisbench.metrics.requests import empty, in_one_piece, request_metrics
from aisbench.metrics.token_ledger import ledger
from aisbench.settings.slo import parse_slo
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Recording
from aisbench.types.ledger import TokenTotal
from aisbench.types.performance import Population

CUT = int(AttemptOutcome.CANCELLED)


def pieces(maker: Maker, reads: list[tuple[float, int]], sent: float = 0.0, **more: int) -> None:
    """An answer whose tokens came with ``reads``: ms after ``sent``, and how many."""
    start = int(sent * MS)
    stamps = [(start + int(at * MS), count) for at, count in reads]
    fields = {
        "scheduled": start, "dispatched": start, "sent": start, "prompt_tokens": 5,
        "done": stamps[-1][0] if stamps else start + MS,
        "completion_tokens": sum(count for _, count in reads),
    }  # fmt: skip
    maker.add(stamps, **{**fields, **more})


def told(recording: Recording, streamed: bool = True, least: np.ndarray | None = None) -> Delivery:
    return delivery(recording, request_counts(recording, streamed, least), streamed)


def run_of(recording: Recording, **options: object) -> Population:
    return measure(recording, MetricOptions(**options))[0]  # type: ignore[arg-type]


def named(population: Population) -> dict[str, float]:
    return {one.name: one.mean for one in population.statistics}


def figures(population: Population) -> dict[str, float]:
    return {one.name: one.value for one in population.figures}


# -- in one piece


ONE_PIECE = [
    # reads, tokens, whether the pace of it is known
    ([(1000, 20)], 20, False),
    ([(100, 1), (1000, 19)], 20, True),
    ([(400, 8), (800, 8), (1000, 4)], 20, True),
    ([(100, 1)], 1, None),  # one token has no pace, and lacks none
    ([(100, 2)], 2, False),
    ([(100, 1), (150, 1)], 2, True),
    ([(100, 1)], 20, False),  # all in one event
    ([], 20, False),  # a body that is no stream
    ([(100, 5)], ABSENT, False),
    ([(100, 1)], ABSENT, None),
]


@pytest.mark.parametrize(("reads", "count", "known"), ONE_PIECE)
def test_the_pace_of_an_answer_in_one_read_is_unknown(
    reads: list[tuple[float, int]], count: int, known: bool | None
) -> None:
    maker = Maker()
    pieces(maker, reads, completion_tokens=count)
    recording = maker.recording()
    assert in_one_piece(recording).tolist() == [known is False]
    found = request_metrics(recording)
    has_pace = known is True
    for name in ("tpot", "decode_token_throughput"):
        assert math.isnan(found[name][0]) is not has_pace, name
    statistics = named(run_of(recording, itl="token"))
    assert ("tpot" in statistics) is has_pace
    assert ("itl" in statistics) is has_pace
    assert ("itl_token" in statistics) is has_pace
    assert all(math.isfinite(value) for value in statistics.values())
    # What is not known is not good; what has no pace is within every limit of one.
    for key in ("tpot_ms", "itl_ms"):
        slo = parse_slo({key: 1e9})
        for itl in ("event", "read", "token"):
            if count == ABSENT and known is None and itl == "token":
                continue
            assert good(recording, slo, itl).tolist() == [known is not False], (key, itl)


def test_n_of_n_streams_came_in_one_piece() -> None:
    maker = Maker()
    for number in range(24):
        pieces(maker, [(1000, 20)], sent=number)
    recording = maker.recording()
    found = told(recording)
    assert found.doubts[0].startswith("24 of 24 streams came in one piece")
    assert found.values["streams_in_one_piece"] == 24
    slo = parse_slo({"tpot_ms": 20, "itl_p99_ms": 50})
    run = run_of(recording, slo=slo)
    assert figures(run)["goodput"] == 0
    assert holds(slo, recording, run).holds is False
    assert holds(parse_slo({"itl_p99_ms": 50}), recording, run).holds is None


def test_few_in_one_piece_are_a_note_and_bend_nothing() -> None:
    maker = Maker()
    for number in range(99):
        pieces(maker, [(100 + 50 * n, 1) for n in range(20)], sent=number)
    direct = named(run_of(maker.recording()))
    pieces(maker, [(1050, 20)])
    recording = maker.recording()
    found = told(recording)
    assert not found.doubts
    assert found.notes[0].startswith("1 of 100 streams came in one piece")
    mixed = named(run_of(recording))
    for name in ("tpot", "itl", "itl_read", "decode_token_throughput"):
        assert mixed[name] == pytest.approx(direct[name])
    # One of a hundred could be the very 99th percentile, and beyond the 99.9th.
    run = run_of(recording, slo=parse_slo({"tpot_p99.9_ms": 60, "tpot_p90_ms": 60}))
    assert holds(parse_slo({"tpot_p90_ms": 60}), recording, run).holds is True
    assert holds(parse_slo({"tpot_p99.9_ms": 60}), recording, run).holds is None
    assert holds(parse_slo({"tpot_p99.9_ms": 40}), recording, run).holds is False


def test_coarse_pieces_are_doubted() -> None:
    maker = Maker()
    for number in range(10):
        pieces(maker, [(450, 8), (850, 8), (1050, 4)], sent=number)
    found = told(maker.recording())
    assert found.doubts[0].startswith("10 of 10 streams came in coarse pieces, 6.7 events")
    fine = Maker()
    for number in range(10):
        # Now and then two at once, as a network does it.
        pieces(fine, [(100 + 50 * n, 1 + (n % 5 == 0)) for n in range(20)], sent=number)
    assert told(fine.recording()) == Delivery(
        values={"streams": 10, "streams_in_one_piece": 0, "streams_coarse": 0}
    )


def test_half_of_the_streams_in_coarse_pieces() -> None:
    maker = Maker()
    for number in range(10):
        pieces(maker, [(450, 8), (850, 8), (1050, 4)], sent=number)
        pieces(maker, [(100 + 50 * n, 1) for n in range(20)], sent=number)
    assert told(maker.recording()).doubts[0].startswith("10 of 20 streams came in coarse pieces")


def test_events_of_several_tokens_are_noted() -> None:
    maker = Maker()
    for number in range(10):
        pieces(maker, [(100 + 50 * n, 1) for n in range(20)], sent=number, completion_tokens=60)
    found = told(maker.recording())
    assert not found.doubts
    assert found.notes == (
        "an event carried 3.0 tokens on average: ITL is between events; "
        'load.itl = "token" spreads it over tokens',
    )


def test_what_is_not_to_be_streamed_is_no_stream() -> None:
    maker = Maker()
    for number in range(10):
        pieces(maker, [], sent=number, completion_tokens=20)
    assert told(maker.recording(), streamed=False) == Delivery()


# -- empty and short


@pytest.mark.parametrize("counted", [0, 1, ABSENT])
def test_empty_answers_are_told_and_never_good(counted: int) -> None:
    """Servers count none, or the token that ends an answer, or not at all."""
    maker = Maker()
    for number in range(30):
        pieces(maker, [(20 + 5 * n, 1) for n in range(6)], sent=number)
        pieces(maker, [], sent=number, completion_tokens=counted)
    recording = maker.recording()
    assert empty(recording).sum() == 30
    counts = request_counts(recording)
    assert (counts.success, counts.empty) == (60, 30)
    assert told(recording).doubts[0].startswith("30 of 60 answers were empty")
    slo = parse_slo({"e2el_ms": 1e9, "ttft_ms": 1e9, "tpot_ms": 1e9})
    run = run_of(recording, slo=slo)
    assert {one.name: one.n for one in run.statistics}["e2el"] == 30
    assert named(run)["e2el"] == pytest.approx(45)
    assert figures(run)["empty_answers"] == 30
    assert figures(run)["slo_attainment"] == 0.5
    for key in ("e2el_ms", "e2el_scheduled_ms", "ttft_ms", "tpot_ms", "itl_ms"):
        assert good(recording, parse_slo({key: 1e9})).sum() == 30, key


def test_none_but_empty_answers() -> None:
    maker = Maker()
    for number in range(5):
        pieces(maker, [], sent=number, completion_tokens=0)
    run = run_of(maker.recording(), slo=parse_slo({"e2el_ms": 100}))
    assert "e2el" not in named(run)
    assert figures(run)["goodput"] == 0
    assert figures(run)["request_throughput"] > 0
    plain = run_of(maker.recording(), streamed=False)
    assert figures(plain)["empty_answers"] == 5


def test_a_run_without_empty_answers_does_not_name_them() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 5)
    assert "empty_answers" not in figures(run_of(maker.recording()))


def test_answers_shorter_than_was_demanded() -> None:
    maker = Maker()
    for number in range(20):
        pieces(maker, [(20 + n, 1) for n in range(30)], sent=number, asked_tokens=30)
        pieces(maker, [(20 + n, 1) for n in range(3)], sent=number, asked_tokens=30)
    recording = maker.recording()
    least = np.full(40, 30)
    counts = request_counts(recording, least=least)
    assert (counts.short, counts.empty) == (20, 0)
    assert told(recording, least=least).doubts[0].startswith("20 of 40 answers ended before")
    # Nothing was demanded: the model may end when it likes, and the ledger tells it all the same.
    assert told(recording) == told(recording, least=np.full(40, ABSENT))
    assert not told(recording).doubts
    assert ledger(recording).output.under_asked == 20
    # Empty ones are told once.
    pieces(maker, [], completion_tokens=0, asked_tokens=30)
    counts = request_counts(maker.recording(), least=np.full(41, 30))
    assert (counts.short, counts.empty) == (20, 1)


# -- cut by the client


def streams(
    cut_ms: float, clients: int = 8, gap: float = 20, count: int = 150, an_event: int = 1
) -> Maker:
    """Streams one after the other until ``cut_ms``, when the client cuts what is in flight."""
    maker = Maker(per_block=4)
    for client in range(clients):
        start = client * 0.5
        while start < cut_ms:
            times = [start + gap * (n + 1) for n in range(count)]
            came = [time for time in times if time <= cut_ms]
            whole = len(came) == count
            maker.add(
                [(int(time * MS), 1) for time in came],
                scheduled=int(start * MS),
                dispatched=int(start * MS),
                sent=int(start * MS),
                done=int((times[-1] if whole else cut_ms) * MS),
                completion_tokens=count * an_event if whole else ABSENT,
                outcome=0 if whole else CUT,
            )
            start = times[-1] + 0.01
    return maker


@settings(max_examples=25, deadline=None)
@given(st.floats(3300, 20_000), st.sampled_from([1, 3]))
def test_cut_at_any_instant_the_rate_is_that_of_the_server(cut_ms: float, an_event: int) -> None:
    """8 streams with a token each 20 ms: 400 tokens/s, whenever the client stops."""
    run = run_of(streams(cut_ms, an_event=an_event).recording())
    seconds = figures(run)["benchmark_duration"]
    # At both ends an event of each stream may lie on this or that side.
    slack = 2 * 8 * an_event / seconds
    rate = figures(run)["output_token_throughput"]
    assert rate == pytest.approx(400 * an_event, abs=slack)
    assert figures(run)["total_output_tokens"] == pytest.approx(rate * seconds, abs=0.51)
    if figures(run)["cancelled_requests"]:
        assert "were cut at the end" in run.note


def test_the_rate_that_is_searched_for_a_steady_part_has_what_was_cut() -> None:
    recording = streams(5000).recording()
    work = completed_work(recording, streamed=True)
    whole = figures(run_of(recording))["total_output_tokens"]
    assert work.what == "tokens"
    assert work.amount.sum() == pytest.approx(whole, abs=0.51)
    late = float(np.diff(work.by(np.array([3500.0, 4500.0]) * MS))[0])
    assert late == pytest.approx(400, rel=0.03)


def test_nothing_answered_leaves_the_tokens_of_the_cut_unknown() -> None:
    run = run_of(streams(2000).recording())
    assert "output_token_throughput" not in figures(run)
    assert "how many tokens they had brought is not known" in run.note


def test_the_ledger_keeps_the_events_of_the_cut_apart() -> None:
    found = ledger(streams(5000).recording()).output
    assert found.server == TokenTotal(total=8 * 150, known=8)
    assert found.cancelled_events == pytest.approx(8 * 99, abs=8)


def test_tokens_of_failed_requests_came_for_nothing() -> None:
    maker = streams(5000)
    kept = figures(run_of(maker.recording()))["total_output_tokens"]
    maker.simple(0, 10, 20, 100, outcome=1)
    assert figures(run_of(maker.recording()))["total_output_tokens"] == kept


# -- windows


@st.composite
def loads(draw: st.DrawFn) -> Maker:
    """Answers of all kinds: in pieces, in one, empty, cut, failed, with counts and without."""
    maker = Maker(per_block=draw(st.integers(1, 5)))
    for _ in range(draw(st.integers(1, 14))):
        time, reads = 0.0, []
        for _ in range(draw(st.integers(0, 5))):
            time += draw(st.sampled_from([0, 0.5, 7, 13]))
            reads.append((time, draw(st.integers(1, 4))))
        sent = draw(st.integers(0, 60))
        pieces(
            maker,
            reads,
            sent=sent,
            outcome=draw(st.sampled_from([0, 0, 0, 1, 2])),
            completion_tokens=draw(st.sampled_from([ABSENT, 0, 1, 2, 5, 30])),
            done=int((sent + time + draw(st.integers(0, 9))) * MS),
        )
    return maker


@settings(max_examples=80, deadline=None)
@given(loads(), st.integers(1, 40), st.booleans())
def test_windows_add_up_and_no_number_is_nan(maker: Maker, window_ms: int, streamed: bool) -> None:
    recording = maker.recording()
    populations = measure(
        recording,
        MetricOptions(
            window_ns=window_ms * MS,
            itl="token",
            streamed=streamed,
            slo=parse_slo({"tpot_ms": 5, "ttft_ms": 50, "itl_ms": 9}),
            max_concurrency=2,
        ),
    )
    run = populations[0]
    for population in populations:
        for one in population.statistics:
            numbers = [one.mean, one.min, one.max, one.stddev, *one.percentiles.values()]
            assert all(math.isfinite(value) for value in numbers), one.name
            assert one.n > 0
            assert one.min <= one.mean + 1e-9 and one.mean <= one.max + 1e-9, one.name
        for figure in population.figures:
            assert math.isfinite(figure.value), figure.name
    windows = [one for one in populations if one.name.startswith("window")]
    if not windows or "output_token_throughput" not in figures(run):
        return
    for name, unit in (("output_token_throughput", 1.0), ("request_throughput", 1.0)):
        parts = sum(
            figures(one)[name] * (one.end_ns - one.begin_ns) / 1e9
            for one in windows
            if name in figures(one)
        )
        whole = figures(run)[name] * (run.end_ns - run.begin_ns) / 1e9
        assert parts == pytest.approx(whole, abs=1e-6 * unit), name
    for name in ("total_requests", "cancelled_requests", "empty_answers"):
        if name in figures(run):
            assert sum(figures(one)[name] for one in windows) == figures(run)[name]


@settings(max_examples=40, deadline=None)
@given(loads())
def test_how_answers_came_is_told_of_every_recording(maker: Maker) -> None:
    recording = maker.recording()
    for streamed in (True, False):
        found = told(recording, streamed)
        for sentence in (*found.doubts, *found.notes):
            assert "nan" not in sentence
