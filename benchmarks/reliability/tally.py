"""What the parts count, and the table of it."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen


@frozen
class Row:
    """One kind of attack.

    ``tried`` counts attacks, ``bad`` those after which something died, was lost, bent or leaked;
    ``faults`` names each of those, so that it can be tried again (seed and case).
    """

    part: str
    attack: str
    tried: int
    bad: int
    faults: tuple[str, ...] = field(default=(), kw_only=True)


def show(rows: Iterable[Row]) -> None:
    """Print the table, and below it every fault."""
    rows = list(rows)
    width = max((len(row.attack) for row in rows), default=6)
    print(f"{'part':<12} {'attack':<{width}} {'tried':>9} {'bad':>5}")
    for row in rows:
        print(f"{row.part:<12} {row.attack:<{width}} {row.tried:>9,} {row.bad:>5}")
    for row in rows:
        for fault in row.faults:
            print(f"  FAULT {row.part}, {row.attack}: {fault}")
