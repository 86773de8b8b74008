"""What servers published, as lines over time."""

from __future__ import annotations

from aisbench.telemetry.over_time import server_lines
from aisbench.telemetry.reading import Scrape
from aisbench.types.series import ServerLine

S = 1_000_000_000


def page(running: float, cache: float, asked: float, hits: float, drafts: float) -> str:
    return (
        f"vllm:num_requests_running {running}\n"
        f"vllm:kv_cache_usage_perc {cache}\n"
        f"vllm:prefix_cache_queries_total {asked}\n"
        f"vllm:prefix_cache_hits_total {hits}\n"
        f"vllm:generation_tokens_total {asked * 2}\n"
        f"vllm:spec_decode_num_drafts_total {drafts}\n"
        f"vllm:spec_decode_num_draft_tokens_total {drafts * 3}\n"
        f"vllm:spec_decode_num_accepted_tokens_total {drafts * 2}\n"
    )


def lines(scrapes: list[Scrape]) -> dict[str, ServerLine]:
    return {one.name: one for one in server_lines(scrapes, zero_ns=10 * S)}


def test_levels_are_as_read_and_counters_are_what_came_since_the_reading_before() -> None:
    found = lines(
        [
            Scrape(10 * S, "a", page(1, 0.1, 100, 0, 10)),
            Scrape(12 * S, "a", page(5, 0.5, 300, 100, 20)),
            Scrape(14 * S, "a", page(3, 0.4, 300, 100, 20)),
        ]
    )
    assert found["running_requests"].values == (1, 5, 3)
    assert found["running_requests"].times_ns == (0, 2 * S, 4 * S)
    assert found["cache_usage"].values == (0.1, 0.5, 0.4)
    assert found["generation_tokens"].values == (None, 200.0, 0.0)
    assert found["prefix_cache_hit_rate_percent"].values == (None, 50.0, None)
    assert found["acceptance_length"].values == (None, 3.0, None)


def test_servers_are_added_up_shares_averaged_and_a_lost_reading_leaves_a_hole() -> None:
    found = lines(
        [
            Scrape(10 * S, "a", page(1, 0.1, 0, 0, 0)),
            Scrape(10 * S, "b", page(2, 0.3, 0, 0, 0)),
            Scrape(11 * S, "a", page(1, 0.1, 10, 5, 0)),
            Scrape(11 * S, "b", error="refused"),
            Scrape(12 * S, "a", page(1, 0.1, 20, 10, 0)),
            Scrape(12 * S, "b", page(2, 0.5, 20, 0, 0)),
        ]
    )
    assert found["running_requests"].values == (3, None, 3)
    assert found["cache_usage"].values == (0.2, None, 0.3)


def test_a_counter_that_fell_began_anew() -> None:
    found = lines(
        [
            Scrape(10 * S, "a", page(1, 0, 100, 0, 0)),
            Scrape(11 * S, "a", page(1, 0, 20, 0, 0)),
        ]
    )
    assert found["generation_tokens"].values == (None, 40.0)


def test_nothing_read_is_no_line() -> None:
    assert server_lines([], 0) == ()
    assert server_lines([Scrape(1, "a", error="refused")], 0) == ()
