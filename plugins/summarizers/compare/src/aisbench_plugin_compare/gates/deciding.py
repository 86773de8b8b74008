"""Whether a condition holds for a comparison."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence

from attrs import frozen

from aisbench.api import AisbenchError
from aisbench_plugin_compare.comparing.difference import LEVEL, Difference
from aisbench_plugin_compare.gates.grammar import Gate


@frozen(kw_only=True)
class Decision:
    """What a gate says of one figure of one comparison.

    The change that was measured decides. It ``straddles`` where its interval holds the limit:
    another run might be decided the other way. ``significantly`` asks besides that the adjusted
    p is below 5 %.
    """

    gate: Gate
    against: str
    """The label of the side that is compared with the baseline."""
    difference: Difference
    change: float
    """In the gate's unit, in its direction: a drop of 2 is 2 for ``drops``."""
    low: float | None
    high: float | None
    unit: str
    failed: bool
    straddles: bool

    @property
    def limit(self) -> float:
        """In ``unit``."""
        return self.gate.amount or 0.0


def decide(
    gate: Gate, against: str, figures: Sequence[Difference], lost: Sequence[str] = ()
) -> list[Decision]:
    """The gate for every figure that it names. Raises AisbenchError where it names none, or one
    of those that are ``lost``: that only the baseline has; or its unit is not the figure's."""
    found = named(gate.figure, figures, gate)
    ends = (f".{gate.figure}", f"/{gate.figure}")
    missing = [one for one in lost if one == gate.figure or one.endswith(ends)]
    if missing and found[0].name != gate.figure:
        raise AisbenchError(
            f"--fail-if: {against} has no {', '.join(missing[:3])}, and the gate means it, too\n"
            f"    {gate.text}",
            hint=f"name those that are meant: {', '.join(one.name for one in found[:3])}",
        )
    return [_decision(gate, against, one) for one in found]


def named(name: str, figures: Sequence[Difference], gate: Gate) -> list[Difference]:
    """The figures of that whole name, else those that end in it: ``accuracy`` is that of every
    data set, ``ttft.p99`` that of every load. Raises AisbenchError."""
    exact = [one for one in figures if one.name == name]
    if exact:
        return exact
    ends = [one for one in figures if not one.part and one.name.endswith((f".{name}", f"/{name}"))]
    if ends:
        return ends
    names = list(dict.fromkeys(one.name for one in figures))
    near = difflib.get_close_matches(name, [*names, *(one.figure for one in figures)], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    shown = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    raise AisbenchError(
        f"--fail-if: there is no figure {name!r}\n    {gate.text}",
        hint=f"{hint}there are: {shown}" if names else "nothing could be compared",
    )


def _decision(gate: Gate, against: str, one: Difference) -> Decision:
    scale, unit = _scale(gate, one)
    low = -math.inf if one.low is None else one.low * scale
    high = math.inf if one.high is None else one.high * scale
    known = one.low is not None and one.high is not None
    change = one.change * scale
    if gate.change == "drops":
        change, low, high = 0.0 - change, 0.0 - high, 0.0 - low
    elif gate.change == "differs":
        low, high = _size(low, high)
        change = abs(change)
    limit = gate.amount or 0.0
    beyond = change >= limit if gate.sign == ">=" and gate.amount is not None else change > limit
    sure = one.adjusted is not None and one.adjusted < LEVEL
    failed = beyond and (sure or not gate.significantly)
    return Decision(
        gate=gate,
        against=against,
        difference=one,
        change=change,
        low=low if known else None,
        high=high if known else None,
        unit=unit,
        failed=failed,
        straddles=known and low < limit < high,
    )


def _size(low: float, high: float) -> tuple[float, float]:
    """The ends of the absolute value."""
    if low <= 0 <= high:
        return 0.0, max(-low, high)
    return min(abs(low), abs(high)), max(abs(low), abs(high))


def _scale(gate: Gate, one: Difference) -> tuple[float, str]:
    """What a change is multiplied with, and the unit that it is in then."""
    if gate.unit == "%":
        if not one.left:
            raise AisbenchError(
                f"--fail-if: {one.name} is 0 on the left side: no change is a share of it\n"
                f"    {gate.text}",
                hint=f"write the limit in {one.difference_unit or 'plain numbers'}",
            )
        return 100 / abs(one.left), "%"
    if gate.unit in ("", one.difference_unit):
        return 1.0, one.difference_unit
    if (gate.unit, one.unit) == ("s", "ms"):
        return 1e-3, "s"
    if (gate.unit, one.unit) == ("ms", "s"):
        return 1e3, "ms"
    allowed = dict.fromkeys(filter(None, (one.difference_unit, "%")))
    raise AisbenchError(
        f"--fail-if: {one.name} is not in {gate.unit!r}\n    {gate.text}",
        hint=f"it is in {one.unit or 'plain numbers'}; the limit may be in {' or '.join(allowed)}",
    )
