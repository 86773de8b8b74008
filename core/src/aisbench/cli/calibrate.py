"""`aisbench calibrate`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.base.libraries import INSTALL_LOADS, LOADS, missing, not_installed
from aisbench.cli import options
from aisbench.wording.spoken import say

if TYPE_CHECKING:
    from aisbench.calibration.levels import Level


def main(words: Sequence[str]) -> int:
    """Find the load up to which this machine's client can be trusted, and keep that for later."""
    parser = options.parser(
        "calibrate",
        "Measure this machine's client against an embedded server whose truth is known: the "
        "highest event rate and concurrency at which its figures are still right. Takes less than "
        "a minute; later performance runs that go beyond say so.",
    )
    parser.parse_args(words)
    if lacking := missing(LOADS):
        raise AisbenchError(f"calibrate needs {not_installed(lacking)}", hint=INSTALL_LOADS)

    import os
    import platform

    import orjson

    from aisbench.base.clock import wall_time
    from aisbench.calibration import levels
    from aisbench.settings.fields import data_home
    from aisbench.stages.measure import CALIBRATION
    from aisbench.store.files import write_atomically

    say(f"client and server share this machine's {os.cpu_count()} cores; one worker process\n")
    rate = levels.flat_out()
    say(f"flat out: {rate:,.0f} stream events/s\n")
    say("100 tokens/s for each request in flight (truth: TTFT 50 ms):")
    fast = list(_told(levels.fast_tokens()))
    say("\n4 tokens/s for each request in flight (truth: TTFT 1000 ms):")
    slow = list(_told(levels.many_connections()))
    good = [level for level in fast if level.true]
    many = [level for level in (*fast, *slow) if level.true]
    if not good:
        raise levels.refusal(
            f"at {fast[0].in_flight} requests in flight",
            "not even the lightest load was measured correctly: something else uses this machine",
        )
    limits = {
        "events_per_s": max((level.events_per_s for level in good), default=0.0),
        "in_flight": max((level.in_flight for level in many), default=0),
        "flat_out_events_per_s": rate,
    }
    path = data_home() / CALIBRATION
    write_atomically(
        path,
        orjson.dumps(
            {"made": wall_time(), "host": platform.node(), "limits": limits},
            option=orjson.OPT_INDENT_2,
        ),
    )
    say(
        f"\nfigures are true here up to {limits['events_per_s']:,.0f} events/s arriving one by "
        f"one and {limits['in_flight']} requests in flight per worker process\nkept in {path}"
    )
    return ExitCode.OK


def _told(levels: Iterable[Level]) -> Iterable[Level]:
    for level in levels:
        verdict = "true" if level.true else "NOT true"
        say(
            f"  {level.in_flight:>6} in flight  {level.events_per_s:>9,.0f} events/s  "
            f"TTFT {level.mean_gap_ms:+.2f} ms mean, {level.tail_gap_ms:+.2f} ms p99 from the "
            f"truth  CPU {level.cpu_share:.0%}  {verdict}"
        )
        yield level
