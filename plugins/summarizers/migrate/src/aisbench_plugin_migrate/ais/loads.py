"""[load] of what AISBench's model configs and flags say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench_plugin_migrate.ais.models import AskedModel
from aisbench_plugin_migrate.draft import Draft, DraftSection
from aisbench_plugin_migrate.static.values import Node, plain
from aisbench_plugin_migrate.words import words

ENDLESS = 0.001
"""Below this rate AISBench 3.1 sends without waiting (its documents say 0.1)."""


@frozen
class PressureFlags:
    """Flags of the command line that concern loads."""

    on: bool = False
    seconds: float = 15
    warm_ups: int = 1
    spec_decode: bool = False


def add_load(draft: Draft, models: Sequence[AskedModel], pressure: PressureFlags) -> None:
    """One [load] for all models; where they differ, that of the first, and the rest told."""
    section = draft.section("load")
    served = [one for one in models if one.service]
    if not models:
        return
    if not served:
        draft.leave(section, "mode", "perf", "", words().text("loads are sent to servers alone"))
        return
    first = served[0]
    _shape(draft, section, first, pressure)
    for other in served[1:]:
        if _load_of(other) != _load_of(first):
            why = words().text(
                "one [load] is for all models of a suite: a suite of its own for it"
            )
            given = {
                "request_rate": other.rate,
                "retry": other.attempts,
                "traffic_cfg": plain(other.traffic),
                "use_timestamp": other.timestamps,
            }
            draft.leave(section, f"{other.name}: load", given, other.place, why)
    section.put("warm_up", pressure.warm_ups, words().text("AISBench warms up with measured rows"))
    section.put("attempts", first.attempts, words().text("AISBench tries again in loads, too"))
    if pressure.spec_decode:
        section.put("scrape", True)


def _load_of(model: AskedModel) -> Any:
    return attrs.evolve(
        model,
        name="",
        form="",
        concurrency=1,
        tokenizer="",
        tools=None,
        place="",
        traffic=None,
        repeats=1,
    ), plain(model.traffic)


def _shape(
    draft: Draft, section: DraftSection, model: AskedModel, pressure: PressureFlags
) -> None:
    traffic = model.traffic.entries if model.traffic is not None else {}
    if model.timestamps:
        section.put("shape", "trace", words().text("use_timestamp"))
        return
    if pressure.on:
        section.put("shape", "pressure")
        if model.rate > 0:
            section.put(
                "clients_per_second", model.rate, words().text("request_rate under --pressure")
            )
        section.put("duration", pressure.seconds)
        return
    if model.rate < ENDLESS:
        _closed(draft, section, model, traffic)
        return
    if model.rate < 0.1:
        section.say(
            words().text(
                "AISBench's documents say that a rate below 0.1 sends all at once; its code "
                "paces down "
                'to 0.001, and so does this. All at once: shape = "closed".'
            )
        )
    section.put("shape", "traffic")
    section.put("request_rate", model.rate)
    _traffic(draft, section, model, traffic)
    section.put(
        "max_concurrency",
        model.concurrency,
        words().text("batch_size bounds what is in flight; what waits keeps its due time"),
    )


def _closed(draft: Draft, section: DraftSection, model: AskedModel, traffic: Any) -> None:
    section.put(
        "shape",
        "closed",
        words().text("request_rate = 0: as many in flight as the model's concurrency"),
    )
    if traffic.get("ramp_up_strategy"):
        why = words().text(
            "with request_rate = 0 AISBench leaves the ramp out, whatever its documents say; to "
            'have it: shape = "traffic" with these keys'
        )
        draft.leave(section, "traffic_cfg", model.traffic, model.place, why)


def _traffic(draft: Draft, section: DraftSection, model: AskedModel, traffic: Any) -> None:
    burstiness = traffic.get("burstiness")
    if isinstance(burstiness, (int, float)):
        section.put("burstiness", burstiness)
    else:
        section.put(
            "burstiness",
            1,
            words().text(
                "AISBench's code takes 1 (Poisson) where none is given, its documents say 0"
            ),
        )
    for key in ("ramp_up_strategy", "ramp_up_start_rps", "ramp_up_end_rps"):
        if traffic.get(key) is not None:
            section.put(key, traffic[key])
    if section.get("ramp_up_strategy") is not None:
        section.put("request_rate", 0, words().text("the ramp governs"))
    for key, value in traffic.items():
        known = ("burstiness", "ramp_up_strategy", "ramp_up_start_rps", "ramp_up_end_rps")
        if key not in known and value is not None and isinstance(model.traffic, Node):
            why = words().text("there is nothing of the kind here")
            draft.leave(section, f"traffic_cfg.{key}", value, model.traffic.where(key), why)
