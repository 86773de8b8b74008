"""Charts as files, for papers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.colours import LATIN, coloured, config, of_theme

WIDTH = 640
"""Pixels; twice of them in a PNG."""
SCALE = 2.0
FAR_EASTERN = "\u2e80"
"""From here on letters are those of fonts for Chinese, Japanese and Korean."""


def write_images(charts: Sequence[Chart], folder: Path) -> list[Path]:
    """Each chart as ``ID.svg`` and ``ID.png``, in the light theme."""
    import vl_convert

    paths = []
    if charts:
        folder.mkdir(parents=True, exist_ok=True)
    for chart in charts:
        spec = complete(chart)
        drawn = vl_convert.vegalite_to_svg(spec)
        svg = folder / f"{chart.id}.svg"
        svg.write_text(drawn, encoding="utf-8")
        png = folder / f"{chart.id}.png"
        png.write_bytes(vl_convert.svg_to_png(drawn, scale=SCALE))
        paths += [svg, png]
    return paths


def complete(chart: Chart) -> dict[str, Any]:
    """The specification as it stands alone: with size, title and the light theme."""
    spec = dict(coloured(chart.spec, "light"))
    spec["title"] = {"text": chart.title, **_lines(chart.caption)}
    if not {"hconcat", "vconcat", "concat", "facet"} & set(spec) and "column" not in spec.get(
        "encoding", {}
    ):
        spec.setdefault("width", WIDTH)
        spec.setdefault("height", chart.height)
    return {**spec, "config": {**config(of_theme("light")), **_font(spec)}}


def _font(spec: Mapping[str, Any]) -> dict[str, str]:
    text = json.dumps(spec, ensure_ascii=False)
    return {"font": LATIN} if max(text, default="") < FAR_EASTERN else {}


def _lines(caption: str) -> dict[str, Any]:
    words, lines = caption.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 100:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return {"subtitle": lines} if words else {}
