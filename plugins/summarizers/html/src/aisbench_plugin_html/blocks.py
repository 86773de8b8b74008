"""What a page is put together from: sections of markup and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from markupsafe import Markup

Spec = Mapping[str, Any]
"""A Vega-Lite specification."""


@frozen
class Order:
    """An order in which the rows of a chart may stand."""

    title: str
    rows: Sequence[str]
    """The values of ``encoding.y``, from the top."""


@frozen(kw_only=True)
class Chart:
    """One chart.

    ``spec`` is Vega-Lite without ``$schema``, ``width``, ``background`` and ``config``: these are
    the page's. Its data stand in it, as ``data.values``. Colours in it are names such as
    ``"@right"`` or ``"@series2"`` (:mod:`.charts.colours`), which become those of the light or
    the dark theme when it is drawn. ``id`` is unique in the page, and the name of its files.
    """

    id: str
    title: str
    spec: Spec
    caption: str = ""
    """What is shown of how many, in a sentence; under the title."""
    height: int = 260
    """Pixels of the plot."""
    wide: bool = False
    """As wide as the page; otherwise two stand beside each other where there is room."""
    orders: Sequence[Order] = ()
    """Among which the reader may choose; the first is that of ``spec``."""


Block = Markup | Chart
"""Markup is safe: text is put into it by ``Markup(...).format(...)``, which escapes."""


@frozen(kw_only=True)
class PageSection:
    """A part of the page, with a place in its table of contents."""

    id: str
    title: str
    blocks: Sequence[Block]
    group: str = ""
    """The heading above it in the table of contents: that of the part it belongs to."""
    folded: bool | None = None
    """Whether it lies under its title until somebody opens it; None: it cannot be folded."""
    brief: str = ""
    """What it comes to, beside the title of one that can be folded."""
