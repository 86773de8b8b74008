"""Quantities of what the devices took."""

from __future__ import annotations

from aisbench.metrics.metric import of_run

_DEVICES = "the devices' counters of energy, else the area under their power over time"

ENERGY = (
    of_run(
        "energy",
        "Energy",
        "J",
        "sum over the devices, between the start and the end of the run",
        _DEVICES,
        "Of the devices that [devices] reads; not of hosts, fans and networks.",
        "down",
    ),
    of_run(
        "mean_power", "Mean Power", "W", "energy / benchmark_duration", _DEVICES, better="down"
    ),
    of_run(
        "idle_power",
        "Idle Power",
        "W",
        "sum over the devices, before anything was sent",
        _DEVICES,
        "With the model loaded, where it was.",
    ),
    of_run(
        "output_tokens_per_joule",
        "Output Tokens per Joule",
        "tokens/J",
        "total_output_tokens / energy",
        _DEVICES,
        better="up",
    ),
    of_run(
        "total_tokens_per_joule",
        "Total Tokens per Joule",
        "tokens/J",
        "(total_input_tokens + total_output_tokens) / energy",
        _DEVICES,
        better="up",
    ),
    of_run(
        "joules_per_request",
        "Joules per Request",
        "J/request",
        "energy / success_requests",
        _DEVICES,
        better="down",
    ),
)
