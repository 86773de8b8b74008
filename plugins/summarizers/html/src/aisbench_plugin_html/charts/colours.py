"""The colours of charts and page, by name, each for the light and the dark theme.

Verdicts differ for the colour-blind, too, and are never told by colour alone. Series are in the
order of Okabe and Ito (jfly.uni-koeln.de/color), darkened where white paper needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Theme = Literal["light", "dark"]
FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
LATIN = "Helvetica, Arial, sans-serif"
"""Of pictures without a Chinese letter: to look letters up in a font of Chinese takes longer than
all the rest of drawing."""

COLOURS: Mapping[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#16181d"),
    "panel": ("#f6f7f9", "#1f2228"),
    "ink": ("#1b1f24", "#e6e8eb"),
    "quiet": ("#59626e", "#a3abb6"),
    "line": ("#d6dae0", "#3a3f48"),
    "grid": ("#e8ebef", "#2b2f37"),
    "accent": ("#3b5bdb", "#91a7ff"),
    "right": ("#0b7a75", "#3fb8b0"),
    "wrong": ("#c2410c", "#f08a5d"),
    "unparsed": ("#a16207", "#e0b040"),
    "truncated": ("#7c3aed", "#b794f6"),
    "unfinished": ("#9d4edd", "#d0a8ff"),
    "filtered": ("#64748b", "#94a3b8"),
    "refused": ("#475569", "#b6c2d1"),
    "unjudged": ("#8a94a3", "#7b8695"),
    "graded": ("#3b5bdb", "#91a7ff"),
    "failed": ("#111827", "#e5e7eb"),
    "series0": ("#0072b2", "#56b4e9"),
    "series1": ("#d55e00", "#f08a5d"),
    "series2": ("#009e73", "#3fc99b"),
    "series3": ("#cc79a7", "#e39cc4"),
    "series4": ("#b98600", "#e69f00"),
    "series5": ("#3f51a3", "#9fb0f5"),
    "series6": ("#56b4e9", "#0f86c4"),
    "series7": ("#6b7280", "#aab2bd"),
}
SERIES = tuple(f"@series{index}" for index in range(8))
"""For a nominal scale's range."""


def of_theme(theme: Theme) -> dict[str, str]:
    """Colour by name."""
    at = 0 if theme == "light" else 1
    return {name: pair[at] for name, pair in COLOURS.items()}


def coloured(value: Any, theme: Theme) -> Any:
    """A specification with the colours of ``theme`` in the place of ``"@names"``.

    Rows of data are left as they are: what a model or a user calls ``@right`` is text.
    """
    colours = of_theme(theme)

    def put(one: Any) -> Any:
        if isinstance(one, str):
            return colours.get(one[1:], one) if one.startswith("@") else one
        if isinstance(one, Mapping):
            return {key: item if key == "values" else put(item) for key, item in one.items()}
        return [put(item) for item in one] if isinstance(one, (list, tuple)) else one

    return put(value)


def config(colours: Mapping[str, str]) -> dict[str, Any]:
    """Vega-Lite's ``config``: quiet axes, the system's font, room between bars."""
    axis = {
        "domainColor": colours["line"], "tickColor": colours["line"],
        "gridColor": colours["grid"], "labelColor": colours["quiet"],
        "titleColor": colours["quiet"], "titleFontWeight": "normal", "labelFontSize": 11,
        "titleFontSize": 11, "labelLimit": 180,
    }  # fmt: skip
    legend = {
        "labelColor": colours["ink"], "titleColor": colours["quiet"],
        "titleFontWeight": "normal", "orient": "top", "labelLimit": 260, "symbolStrokeWidth": 2,
    }  # fmt: skip
    return {
        "background": colours["paper"],
        "font": FONT,
        "axis": axis,
        "legend": legend,
        "header": {"labelColor": colours["ink"], "titleColor": colours["quiet"]},
        "title": {
            "color": colours["ink"], "subtitleColor": colours["quiet"], "fontWeight": 600,
            "fontSize": 12, "anchor": "start",
        },
        "view": {"stroke": None},
        "range": {"category": [colours[name[1:]] for name in SERIES]},
        "line": {"strokeWidth": 1.75},
        "bar": {"color": colours["series0"]},
        "text": {"color": colours["ink"]},
        "rule": {"color": colours["quiet"]},
    }  # fmt: skip


def variables() -> dict[str, str]:
    """Every colour as the CSS variable that a page has for it."""
    return {name: f"var(--{name})" for name in COLOURS}
