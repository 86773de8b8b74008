"""Numbers of any size in few characters, never cut in their meaning."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Four figures that matter, thousands apart; whole numbers whole."""
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}" if size >= 10000 else f"{value:,.1f}"
    if size >= 100:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.2e}"
