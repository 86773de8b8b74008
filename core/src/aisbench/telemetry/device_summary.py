"""From the readings of devices beside a load to its figures and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from attrs import evolve

from aisbench.telemetry.device_energy import (
    Point,
    energy_between,
    level_at,
    mean_level,
    power_of,
)
from aisbench.telemetry.device_files import DeviceRecord, SamplerRows
from aisbench.types.devices import (
    QUANTITIES,
    DeviceReading,
    DevicesResult,
    LevelSpread,
    SampledDevice,
    SamplerReport,
)
from aisbench.types.figure import Figure
from aisbench.types.performance import Population
from aisbench.types.series import DeviceLine

SHOWN_ERRORS = 5
METHOD = "bounds of the readings"


def summarize_devices(record: DeviceRecord, begin_ns: int, end_ns: int) -> DevicesResult:
    """Every device over a stretch of a load, both instants of the readings' clock."""
    seen: set[str] = set()
    devices: list[SampledDevice] = []
    for sampler in record.samplers:
        for name in sampler.devices:
            one = _device(record, sampler, name, (begin_ns, end_ns))
            if one.uuid:
                one = evolve(one, counted=one.counted and one.uuid not in seen)
                if one.energy_j is not None:
                    seen.add(one.uuid)
            devices.append(one)
    return DevicesResult(
        samplers=tuple(_report(one) for one in record.samplers), devices=tuple(devices)
    )


def _report(sampler: SamplerRows) -> SamplerReport:
    errors: dict[str, int] = {}
    for row in sampler.rows:
        if row.error:
            errors[row.error] = errors.get(row.error, 0) + 1
    told = [f"{text} ({n} times)" if n > 1 else text for text, n in errors.items()]
    if not sampler.rows:
        told.append("it ended without a word")
    last = sampler.rows[-1] if sampler.rows else None
    share = None
    if last is not None and last.cpu_ns is not None and len(sampler.rows) > 1:
        wall = last.until_ns - sampler.rows[0].at_ns
        share = last.cpu_ns / wall if wall > 0 else None
    return SamplerReport(
        label=sampler.label,
        sampler=sampler.sampler,
        counted=sampler.counted,
        errors=tuple(told[:SHOWN_ERRORS]),
        reads=sum(1 for row in sampler.rows if row.readings),
        cpu_share=share,
        longest_read_ms=None if last is None or last.longest_ns is None else last.longest_ns / 1e6,
    )


def _points(found: Sequence[tuple[int, DeviceReading]], quantity: str) -> list[Point]:
    values = ((at, getattr(one, quantity)) for at, one in found)
    return [(at, float(value)) for at, value in values if value is not None]


def _device(
    record: DeviceRecord, sampler: SamplerRows, name: str, span: tuple[int, int]
) -> SampledDevice:
    found = sampler.of_device(name)
    begin_ns, end_ns = span
    counter, power = _points(found, "energy_j"), _points(found, "power_w")
    energy = energy_between(counter, power, begin_ns, end_ns) if end_ns > begin_ns else None
    levels = {
        quantity: _spread(points, begin_ns, end_ns)
        for quantity in QUANTITIES
        if (points := _points(found, quantity))
    }
    totals = [one.memory_total_bytes for _, one in found if one.memory_total_bytes is not None]
    return SampledDevice(
        sampler=sampler.label,
        device=name,
        name=next((one.name for _, one in found if one.name), ""),
        uuid=next((one.uuid for _, one in found if one.uuid), ""),
        counted=sampler.counted,
        readings=sum(1 for at, _ in found if begin_ns <= at <= end_ns),
        energy_j=None if energy is None else energy.joules,
        energy_error_j=None if energy is None else energy.error,
        energy_by="" if energy is None else energy.by,
        idle_w=_idle(counter, power, record.asked.idle_from_ns, record.asked.idle_until_ns),
        memory_total_bytes=max(totals, default=None),
        levels=levels,
    )


def _spread(points: Sequence[Point], begin_ns: int, end_ns: int) -> LevelSpread:
    inside = [value for at, value in points if begin_ns <= at <= end_ns]
    known = inside or [level_at(points, (begin_ns + end_ns) // 2)]
    return LevelSpread(
        mean=mean_level(points, begin_ns, end_ns), min=min(known), max=max(known), n=len(inside)
    )


def _idle(
    counter: Sequence[Point], power: Sequence[Point], begin_ns: int, end_ns: int
) -> float | None:
    """Power before anything was sent; None where nothing was read then."""
    levels = [one for one in power if begin_ns <= one[0] <= end_ns]
    if levels:
        first, last = levels[0][0], levels[-1][0]
        return mean_level(levels, first, last) if last > first else levels[0][1]
    risen = [one for one in counter if begin_ns <= one[0] <= end_ns]
    made = power_of([risen[0], risen[-1]]) if len(risen) > 1 else []
    return made[0][1] if made else None


def with_energy(population: Population, devices: DevicesResult) -> Population:
    """The part of the run with figures of energy. None of them where the energy of a device that
    counts is not known: a sum without it would be wrong."""
    counted = [one for one in devices.devices if one.counted]
    joules = [one.energy_j for one in counted if one.energy_j is not None]
    if not joules or devices.unknown:
        return population
    off = fsum(one.energy_error_j or 0.0 for one in counted)
    idle = [one.idle_w for one in counted if one.idle_w is not None]
    figures = list(
        _figures(population, fsum(joules), off, fsum(idle) if len(idle) == len(counted) else None)
    )
    return evolve(population, figures=(*population.figures, *figures))


def _figures(
    population: Population, joules: float, off: float, idle: float | None
) -> Iterator[Figure]:
    known = {one.name: one.value for one in population.figures}
    n = int(known.get("success_requests", 0))
    least, most = max(0.0, joules - off), joules + off

    def made(
        name: str, unit: str, value: float, low: float | None, high: float | None, up: bool
    ) -> Figure:
        return Figure(
            name=name, value=value, unit=unit, n=n, low=low, high=high, method=METHOD,
            better="up" if up else "down",
        )  # fmt: skip

    yield made("energy", "J", joules, least, most, up=False)
    seconds = (population.end_ns - population.begin_ns) / 1e9
    yield made("mean_power", "W", joules / seconds, least / seconds, most / seconds, up=False)
    if idle is not None:
        yield Figure(name="idle_power", value=idle, unit="W", n=n)
    into, out = known.get("total_input_tokens"), known.get("total_output_tokens")
    sums = (("output_tokens_per_joule", out), ("total_tokens_per_joule", _sum(into, out)))
    for name, tokens in sums:
        if tokens is not None and joules > 0:
            best = tokens / least if least > 0 else None
            yield made(name, "tokens/J", tokens / joules, tokens / most, best, up=True)
    if n:
        yield made("joules_per_request", "J/request", joules / n, least / n, most / n, up=False)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def device_lines(record: DeviceRecord, zero_ns: int) -> tuple[DeviceLine, ...]:
    """Every level of every device over time, ns after ``zero_ns``."""
    return tuple(_lines(record, zero_ns))


def _lines(record: DeviceRecord, zero_ns: int) -> Iterator[DeviceLine]:
    for sampler in record.samplers:
        for name in sampler.devices:
            found = sampler.of_device(name)
            for quantity, unit in QUANTITIES.items():
                points = [(at, getattr(one, quantity)) for at, one in found]
                if quantity == "power_w" and all(value is None for _, value in points):
                    points = list(power_of(_points(found, "energy_j")))
                if any(value is not None for _, value in points):
                    yield DeviceLine(
                        sampler=sampler.label,
                        device=name,
                        quantity=quantity,
                        unit=unit,
                        times_ns=tuple(at - zero_ns for at, _ in points),
                        values=tuple(value for _, value in points),
                    )
